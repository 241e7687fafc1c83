package relational

import (
	"context"
	"database/sql"
	"fmt"

	"veille/collector"
)

// Prices are what an organisation pays for a kilowatt-hour, from month to month, the oldest first.
func (s *Store) Prices(ctx context.Context, organisation int64) ([]collector.Price, error) {
	all, err := list(ctx, s.read, scanPrice, prices+" WHERE organisation = ? ORDER BY from_month", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the prices of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const prices = "SELECT organisation, from_month, euro_per_kwh, tax, source FROM price"

func scanPrice(rows *sql.Rows) (p collector.Price, err error) {
	err = rows.Scan(&p.Organisation, &p.From, &p.EuroPerKWh, &p.Tax, &p.Source)
	return p, err
}

const putPrice = `INSERT INTO price (organisation, from_month, euro_per_kwh, tax, source) SELECT id, ?2, ?3, ?4, ?5 FROM organisation WHERE id = ?1
	ON CONFLICT (organisation, from_month) DO UPDATE SET euro_per_kwh = excluded.euro_per_kwh, tax = excluded.tax, source = excluded.source`

func priceArgs(p collector.Price) []any {
	return []any{p.Organisation, p.From, p.EuroPerKWh, p.Tax, p.Source}
}

// SetPrice keeps a price in the place of the one from the same month, if any. It answers ErrNotFound when there is no such organisation.
func (s *Store) SetPrice(ctx context.Context, p collector.Price) error {
	err := p.Validate()
	if err == nil {
		err = s.run(ctx, putPrice, priceArgs(p)...)
	}
	if err != nil {
		return fmt.Errorf("set the price from %s of organisation %d: %w", p.From, p.Organisation, err)
	}
	return nil
}

// SetPrices keeps prices as SetPrice does, all of them or none. One may leave out its organisation, and is refused where it has another.
func (s *Store) SetPrices(ctx context.Context, organisation int64, all []collector.Price) error {
	err := putAll(ctx, s, all, putPrice, func(p collector.Price) ([]any, error) {
		err := ownOr(&p.Organisation, organisation)
		if err == nil {
			err = p.Validate()
		}
		return priceArgs(p), err
	})
	if err != nil {
		return fmt.Errorf("set the prices of organisation %d: %w", organisation, err)
	}
	return nil
}

// RemovePrice deletes the price that an organisation has said from a month on, or answers ErrNotFound.
func (s *Store) RemovePrice(ctx context.Context, organisation int64, from collector.Month) error {
	err := s.run(ctx, "DELETE FROM price WHERE organisation = ? AND from_month = ?", organisation, from)
	if err != nil {
		return fmt.Errorf("remove the price from %s of organisation %d: %w", from, organisation, err)
	}
	return nil
}

// Factors are those that an organisation uses in the place of those that come with the program, by id.
func (s *Store) Factors(ctx context.Context, organisation int64) ([]collector.Factor, error) {
	all, err := list(ctx, s.read, scanFactor, factors+" WHERE organisation = ? ORDER BY id", organisation)
	if err != nil {
		return nil, fmt.Errorf("list the factors of organisation %d: %w", organisation, err)
	}
	return all, nil
}

const factors = "SELECT organisation, id, value, low, high, unit, year, source, link, licence, verified FROM factor"

func scanFactor(rows *sql.Rows) (f collector.Factor, err error) {
	err = rows.Scan(&f.Organisation, &f.ID, &f.Value, &f.Low, &f.High, &f.Unit, &f.Year, &f.Source, &f.Link, &f.Licence, &f.Verified)
	return f, err
}

const putFactor = `INSERT INTO factor (organisation, id, value, low, high, unit, year, source, link, licence, verified)
	SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM organisation WHERE id = ?1
	ON CONFLICT (organisation, id) DO UPDATE SET value = excluded.value, low = excluded.low, high = excluded.high, unit = excluded.unit, year = excluded.year,
	source = excluded.source, link = excluded.link, licence = excluded.licence, verified = excluded.verified`

func factorArgs(f collector.Factor) []any {
	return []any{f.Organisation, f.ID, f.Value, f.Low, f.High, f.Unit, f.Year, f.Source, f.Link, f.Licence, f.Verified}
}

// SetFactor keeps a factor of an organisation in the place of its own of that id, if any. It answers ErrNotFound when there is no such
// organisation; those that come with the program are not kept here.
func (s *Store) SetFactor(ctx context.Context, f collector.Factor) error {
	err := f.Validate()
	if err == nil {
		err = s.run(ctx, putFactor, factorArgs(f)...)
	}
	if err != nil {
		return fmt.Errorf("set factor %q of organisation %d: %w", f.ID, f.Organisation, err)
	}
	return nil
}

// SetFactors keeps factors as SetFactor does, all of them or none. One may leave out its organisation, and is refused where it has another.
func (s *Store) SetFactors(ctx context.Context, organisation int64, all []collector.Factor) error {
	err := putAll(ctx, s, all, putFactor, func(f collector.Factor) ([]any, error) {
		err := ownOr(&f.Organisation, organisation)
		if err == nil {
			err = f.Validate()
		}
		return factorArgs(f), err
	})
	if err != nil {
		return fmt.Errorf("set the factors of organisation %d: %w", organisation, err)
	}
	return nil
}

// RemoveFactor deletes a factor that an organisation has of its own, or answers ErrNotFound.
func (s *Store) RemoveFactor(ctx context.Context, organisation int64, id string) error {
	err := s.run(ctx, "DELETE FROM factor WHERE organisation = ? AND id = ?", organisation, id)
	if err != nil {
		return fmt.Errorf("remove factor %q of organisation %d: %w", id, organisation, err)
	}
	return nil
}

// run writes by one statement, and answers ErrNotFound where it has changed no row.
func (s *Store) run(ctx context.Context, statement string, args ...any) error {
	return s.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return one(tx.ExecContext(ctx, statement, args...)) })
}

// add writes by one statement, and answers the number that the new row has, or ErrNotFound where there is none.
func (s *Store) add(ctx context.Context, statement string, args ...any) (id int64, err error) {
	err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return missing(tx.QueryRowContext(ctx, statement+" RETURNING id", args...).Scan(&id))
	})
	return id, err
}
