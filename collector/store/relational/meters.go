package relational

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/collector"
)

// mostMeters is how many meters a site may have: a tag with another value in each line is no name of a meter.
const mostMeters = 10_000

const meterRules = `SELECT r.id, r.site, r.name, r.kind, r.measurement, r.tags, r.by_tags, r.field, r.unit, coalesce(r.machine, 0), r.added_on, r.removed_on
	FROM meter_rule r`

// barred are the rules of plugs behind machines that have become a person's own: also of a machine that was installed anew since.
const barred = `(WITH RECURSIVE behind (rule, machine) AS (
		SELECT id, machine FROM meter_rule WHERE machine IS NOT NULL
		UNION SELECT b.rule, m.replaced_by FROM behind b JOIN machine m ON m.id = b.machine WHERE m.replaced_by IS NOT NULL)
	SELECT b.rule FROM behind b JOIN machine m ON m.id = b.machine WHERE m.use NOT IN ('shared', 'server'))`

func scanMeterRule(rows *sql.Rows) (r collector.MeterRule, err error) {
	var tags, by string
	err = rows.Scan(&r.ID, &r.Site, &r.Name, &r.Kind, &r.Measurement, &tags, &by, &r.Field, &r.Unit, &r.Machine, &r.AddedOn, &r.RemovedOn)
	r.Tags = splitTags(tags)
	if by != "" {
		r.By = strings.Split(by, separator)
	}
	return r, err
}

// AddMeterRule keeps a rule, and answers it with its number. A machine behind a plug has to be a shared machine or a server of the site. It
// answers ErrNotFound when there is no such site or machine, and ErrExists when the site has a rule for the same lines and field.
func (s *Store) AddMeterRule(ctx context.Context, r collector.MeterRule) (collector.MeterRule, error) {
	err := usable(r)
	if err == nil {
		err = s.update(ctx, func(ctx context.Context, tx *sql.Tx) error { return addMeterRule(ctx, tx, &r) })
	}
	if err != nil {
		return r, fmt.Errorf("add meter %.60q: %w", r.Name, err)
	}
	return r, nil
}

// usable says why a rule cannot be kept, or nothing.
func usable(r collector.MeterRule) error {
	if err := r.Validate(); err != nil {
		return err
	}
	texts := append([]string{r.Name, r.Measurement, r.Field}, r.By...)
	for _, tag := range r.Tags {
		texts = append(texts, tag.Name, tag.Value)
	}
	for _, text := range texts {
		if text == "" || len(text) > 200 || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
			return fmt.Errorf("%.40q is empty, longer than 200 bytes, or no text", text)
		}
	}
	for _, tag := range r.Tags {
		if strings.Contains(tag.Name, "=") {
			return fmt.Errorf("the name of tag %.40q holds an equals sign", tag.Name)
		}
	}
	return nil
}

func addMeterRule(ctx context.Context, tx *sql.Tx, r *collector.MeterRule) error {
	var machine sql.NullInt64
	if r.Machine != 0 {
		machine = sql.NullInt64{Int64: r.Machine, Valid: true}
		if err := mayHavePlug(ctx, tx, *r); err != nil {
			return err
		}
	}
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM site WHERE id = ?", r.Site).Scan(&n)
	if err == nil && n == 0 {
		err = fmt.Errorf("site %d: %w", r.Site, collector.ErrNotFound)
	}
	if err != nil {
		return err
	}
	tags, by := joinTags(r.Tags), strings.Join(r.By, separator)
	err = tx.QueryRowContext(ctx, "SELECT count(*) FROM meter_rule WHERE site = ? AND measurement = ? AND tags = ? AND field = ? AND removed_on = ''",
		r.Site, r.Measurement, tags, r.Field).Scan(&n)
	if err == nil && n > 0 {
		err = fmt.Errorf("a rule for field %.40q of these lines %w", r.Field, collector.ErrExists)
	}
	if err != nil {
		return err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO meter_rule (site, name, kind, measurement, tags, by_tags, field, unit, machine, added_on)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		r.Site, r.Name, r.Kind, r.Measurement, tags, by, r.Field, r.Unit, machine, r.AddedOn).Scan(&r.ID)
	if err != nil {
		return err
	}
	return ruled(ctx, tx)
}

// ruled tells the doors that a rule has changed.
func ruled(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "UPDATE meter_state SET rules = rules + 1")
	return err
}

// mayHavePlug says why the machine of a rule may not have a plug that is read, or nothing.
func mayHavePlug(ctx context.Context, tx *sql.Tx, r collector.MeterRule) error {
	w, err := witness(ctx, tx, r.Machine)
	switch {
	case err != nil:
		return err
	case w.ReplacedBy != 0:
		return fmt.Errorf("machine %d is machine %d since it was installed anew: name that", r.Machine, w.ReplacedBy)
	case w.Site.ID != r.Site:
		return fmt.Errorf("machine %d is at %s, and a plug behind it is a meter of that site", r.Machine, w.Site.Name)
	case !w.Use.Hourly():
		return fmt.Errorf("machine %d is one person's: a plug behind it would tell when he was at his desk; shared machines and servers may have one", r.Machine)
	}
	return nil
}

// MeterRules are all rules there ever were, by site and name.
func (s *Store) MeterRules(ctx context.Context) ([]collector.MeterRule, error) {
	all, err := list(ctx, s.read, scanMeterRule, meterRules+" ORDER BY r.site, r.name, r.id")
	if err != nil {
		return nil, fmt.Errorf("list the rules of meters: %w", err)
	}
	return all, nil
}

// MeterRulesOf are the rules by which lines of a site are taken now, by number, and those of plugs by which they are dropped: that were ended, or
// whose machine is a person's now.
func (s *Store) MeterRulesOf(ctx context.Context, site int64) ([]collector.MeterRule, error) {
	all, err := list(ctx, s.read, scanMeterRule, meterRules+" WHERE r.site = ? AND (r.removed_on = '' OR r.kind = 'plug') ORDER BY r.id", site)
	if err == nil {
		err = s.bar(ctx, site, all)
	}
	if err != nil {
		return nil, fmt.Errorf("list the rules of meters of site %d: %w", site, err)
	}
	return all, nil
}

// bar says of rules of a site whether the machine behind the plug is a person's now.
func (s *Store) bar(ctx context.Context, site int64, rules []collector.MeterRule) error {
	shut, err := list(ctx, s.read, scanOne[int64], "SELECT id FROM meter_rule WHERE site = ? AND id IN "+barred, site)
	for i := range rules {
		rules[i].Barred = slices.Contains(shut, rules[i].ID)
	}
	return err
}

// RemoveMeterRule ends a rule of a site: its lines are not taken any more, and what its meters have said stays. It answers ErrNotFound when the site
// has no such rule.
func (s *Store) RemoveMeterRule(ctx context.Context, site, rule int64, on collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := one(tx.ExecContext(ctx, "UPDATE meter_rule SET removed_on = CASE removed_on WHEN '' THEN ? ELSE removed_on END WHERE id = ? AND site = ?", on, rule, site))
		if err != nil {
			return err
		}
		return ruled(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("remove rule %d of the meters of site %d: %w", rule, site, err)
	}
	return nil
}

// meters are all meters of which something may be told.
const meters = "SELECT m.id, m.rule, m.tag_values, r.site, r.name, r.kind, r.unit FROM meter m JOIN meter_rule r ON r.id = m.rule WHERE r.id NOT IN " + barred

func scanMeter(rows *sql.Rows) (collector.Meter, error) {
	x, err := scanKeyed(rows)
	return x.meter, err
}

// meterName is what a rule calls a meter.
func meterName(rule, values string) string {
	if values == "" {
		return rule
	}
	return rule + " " + strings.ReplaceAll(values, separator, " ")
}

// CreateMeterToken keeps the hash of a new token for meters.
func (s *Store) CreateMeterToken(ctx context.Context, hash [32]byte, t collector.MeterToken) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO meter_token (hash, site, note, created_on, expires_on) VALUES (?, ?, ?, ?, ?)",
			hash[:], t.Site, t.Note, t.CreatedOn, t.ExpiresOn)
		return err
	})
	if err != nil {
		return fmt.Errorf("create a token for meters: %w", err)
	}
	return nil
}

// MeterTokens are all tokens for meters ever made, the last to expire first.
func (s *Store) MeterTokens(ctx context.Context) ([]collector.MeterToken, error) {
	all, err := list(ctx, s.read, scanMeterToken, "SELECT hash, site, note, created_on, expires_on, revoked_on FROM meter_token ORDER BY expires_on DESC, hash")
	if err != nil {
		return nil, fmt.Errorf("list the tokens for meters: %w", err)
	}
	return all, nil
}

func scanMeterToken(rows *sql.Rows) (t collector.MeterToken, err error) {
	var hash []byte
	err = rows.Scan(&hash, &t.Site, &t.Note, &t.CreatedOn, &t.ExpiresOn, &t.RevokedOn)
	t.Number = hex.EncodeToString(hash[:min(4, len(hash))])
	return t, err
}

// RevokeMeterToken makes the token of that number of a site useless; what came by it stays. It answers ErrNotFound when the site has none of that
// number.
func (s *Store) RevokeMeterToken(ctx context.Context, site int64, number string, on collector.Date) error {
	err := s.update(ctx, func(ctx context.Context, tx *sql.Tx) error {
		all, err := list(ctx, tx, scanHash, "SELECT hash FROM meter_token WHERE site = ?", site)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(hash []byte) bool { return hex.EncodeToString(hash[:min(4, len(hash))]) != number })
		if len(all) == 0 {
			return collector.ErrNotFound
		}
		for _, hash := range all {
			_, err = tx.ExecContext(ctx, "UPDATE meter_token SET revoked_on = CASE revoked_on WHEN '' THEN ? ELSE revoked_on END WHERE hash = ?", on, hash)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("revoke token %.20q for meters of site %d: %w", number, site, err)
	}
	return nil
}

func scanHash(rows *sql.Rows) (hash []byte, err error) {
	err = rows.Scan(&hash)
	return hash, err
}
