package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/collector"
)

const meterRules = `SELECT r.id, r.site, r.name, r.kind, r.measurement, r.tags, r.by_tags, r.field, r.unit, coalesce(r.machine, 0), r.added_on, r.since, r.removed_on, r.barred
	FROM meter_rule r`

// onePersons holds for a machine m that is a person's, by its use or by the limits of its site. Their text is what encoding/json makes of
// collector.Limits: within a string, quotes have a backslash before them.
const onePersons = `(m.use NOT IN ('shared', 'server') OR EXISTS (SELECT 1 FROM calendar c WHERE c.site = m.site AND c.limits LIKE '%"use":"individual"%'))`

// barred are the rules of plugs of which nothing is told: those that are barred for ever, and those behind a machine that is a person's now, also
// when it was installed anew since.
const barred = `(WITH RECURSIVE behind (rule, machine) AS (
		SELECT id, machine FROM meter_rule WHERE machine IS NOT NULL
		UNION SELECT b.rule, m.replaced_by FROM behind b JOIN machine m ON m.id = b.machine WHERE m.replaced_by IS NOT NULL)
	SELECT b.rule FROM behind b JOIN machine m ON m.id = b.machine WHERE ` + onePersons + `
	UNION SELECT id FROM meter_rule WHERE barred = 1)`

func scanMeterRule(rows *sql.Rows) (r collector.MeterRule, err error) {
	var tags, by string
	var barred int
	err = rows.Scan(&r.ID, &r.Site, &r.Name, &r.Kind, &r.Measurement, &tags, &by, &r.Field, &r.Unit, &r.Machine, &r.AddedOn, &r.Since, &r.RemovedOn, &barred)
	r.Barred = barred == 1
	r.Tags = splitTags(tags)
	if by != "" {
		r.By = strings.Split(by, separator)
	}
	return r, err
}

// AddMeterRule keeps a rule, and answers it with its number. A machine behind a plug has to be a shared machine or a server of the site, and lines
// of a plug that is barred may be those of another plug only. It answers ErrNotFound when there is no such site or machine, and ErrExists when the
// site has a rule for the same lines and field.
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
	if err := beginRule(ctx, tx, r); err != nil {
		return err
	}
	if err := mayHaveLines(ctx, tx, *r); err != nil {
		return err
	}
	err := tx.QueryRowContext(ctx, `INSERT INTO meter_rule (site, name, kind, measurement, tags, by_tags, field, unit, machine, added_on, since)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		r.Site, r.Name, r.Kind, r.Measurement, joinTags(r.Tags), strings.Join(r.By, separator), r.Field, r.Unit, machine, r.AddedOn, r.Since).Scan(&r.ID)
	if err != nil {
		return err
	}
	return ruled(ctx, tx)
}

// beginRule finds the site of a rule, and since when it counts where nobody has said so: the end of the date on which it was added.
func beginRule(ctx context.Context, tx *sql.Tx, r *collector.MeterRule) error {
	var site collector.Site
	err := tx.QueryRowContext(ctx, "SELECT name, time_zone FROM site WHERE id = ?", r.Site).Scan(&site.Name, &site.TimeZone)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("site %d: %w", r.Site, collector.ErrNotFound)
	}
	if err != nil || r.Since != 0 {
		return err
	}
	zone, err := site.Zone()
	if err != nil {
		return err
	}
	begin, length, err := r.AddedOn.Extent(collector.WholeDay, zone)
	if err != nil {
		return fmt.Errorf("the date on which it was added: %w", err)
	}
	r.Since = begin.Add(length).UnixMilli()
	return nil
}

// mayHaveLines says why the lines of a rule may not be taken by it, or nothing. What a plug says is a plug's, whichever of its fields and under whatever
// other tags.
func mayHaveLines(ctx context.Context, tx *sql.Tx, r collector.MeterRule) error {
	const these = " AND r.measurement = ?"
	same, err := list(ctx, tx, scanMeterRule, meterRules+" WHERE r.site = ? AND r.removed_on = '' AND r.id NOT IN "+barred+these+" AND r.tags = ? AND r.field = ?",
		r.Site, r.Measurement, joinTags(r.Tags), r.Field)
	if err != nil {
		return err
	}
	if len(same) > 0 {
		return fmt.Errorf("a rule for field %.40q of these lines %w", r.Field, collector.ErrExists)
	}
	if r.Kind == "plug" {
		return apart(ctx, tx, r)
	}
	shut, err := list(ctx, tx, scanMeterRule, meterRules+" WHERE r.site = ? AND r.id IN "+barred+these, r.Site, r.Measurement)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(shut, r.Narrows) {
		return errors.New("these lines were of a plug whose machine became a person's or was erased: they may be of another plug, with its machine, " +
			"or their sender gives them another tag")
	}
	open, err := list(ctx, tx, scanMeterRule, meterRules+" WHERE r.site = ? AND r.removed_on = '' AND r.kind = 'plug'"+these, r.Site, r.Measurement)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(open, r.Narrows); i >= 0 {
		return fmt.Errorf("these lines are of the plug of rule %d, and no other meter takes what a plug says: end that rule first, or add this one as a plug with its machine", open[i].ID)
	}
	return nil
}

// apart says why a plug may not have the lines of other rules, or nothing: they would take none any more, and were the plug barred, what their meters said
// would go with it.
func apart(ctx context.Context, tx *sql.Tx, plug collector.MeterRule) error {
	others, err := list(ctx, tx, scanMeterRule, meterRules+" WHERE r.site = ? AND r.removed_on = '' AND r.kind <> 'plug' AND r.measurement = ?", plug.Site, plug.Measurement)
	if err != nil {
		return err
	}
	for _, r := range others {
		if r.Narrows(plug) {
			return fmt.Errorf("all lines of rule %d are of this plug, and no other meter takes what a plug says: name more tags of the plug, or end that rule first", r.ID)
		}
	}
	return nil
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
	limits, err := said[collector.Limits](ctx, tx, "limits", w.Site.ID)
	if err == nil && limits.Use == individual {
		return fmt.Errorf("the policy of %s makes each of its machines one person's, machine %d too: a plug behind it would tell when he was at his desk", w.Site.Name, r.Machine)
	}
	return err
}

// MeterRules are all rules there ever were, by site and name.
func (s *Store) MeterRules(ctx context.Context) ([]collector.MeterRule, error) {
	all, err := list(ctx, s.read, scanMeterRule, meterRules+" ORDER BY r.site, r.name, r.id")
	if err != nil {
		return nil, fmt.Errorf("list the rules of meters: %w", err)
	}
	return all, nil
}

// MeterRulesOf are the rules by which lines of a site are taken now, by number, and those of plugs by which they are dropped: that were ended or
// barred.
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

// bar says of rules of a site whether nothing is to be told of them.
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
