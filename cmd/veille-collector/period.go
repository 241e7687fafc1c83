package main

import (
	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
)

// period is the flags of whole months, both in it. Each is a month, or the date on which it begins or ends.
type period struct{ from, to string }

func (p *period) flags(fs *pflag.FlagSet, of string) {
	fs.StringVar(&p.from, "from", "", "first `month` "+of+", like 2025-09 or 2025-09-01")
	fs.StringVar(&p.to, "to", "", "last `month` "+of+", like 2026-08 or 2026-08-31")
}

// read is the months that were meant.
func (p *period) read() (from, to collector.Month, err error) {
	if p.from == "" || p.to == "" {
		return "", "", command.Usage("give --from and --to, the first and the last month")
	}
	if from, err = firstMonth(p.from); err != nil {
		return "", "", err
	}
	if to, err = lastMonth(p.to); err != nil {
		return "", "", err
	}
	if to < from {
		return "", "", command.Usage("%s is before %s: --to is the last month, and --from the first", to, from)
	}
	return from, to, nil
}

// maxMonths is how many months a report may be of.
const maxMonths = 36

// ofReport is the months of a report that were meant.
func (p *period) ofReport() (from, to collector.Month, err error) {
	if from, to, err = p.read(); err == nil && to >= from.Plus(maxMonths) {
		err = command.Usage("%s to %s are more than the %d months that a report may be of", from, to, maxMonths)
	}
	return from, to, err
}

// firstMonth is the month that a text names, or that begins on a date.
func firstMonth(text string) (collector.Month, error) {
	on := collector.Date(text)
	if !isDate(on) {
		return collector.Month(text), monthOr("from", text)
	}
	first, _, _ := on.Month().Dates()
	next, _, _ := on.Month().Plus(1).Dates()
	if on != first {
		return "", command.Usage("--from %s: figures are of whole months; give %s or %s", on, first, next)
	}
	return on.Month(), nil
}

// lastMonth is the month that a text names, or that ends on a date.
func lastMonth(text string) (collector.Month, error) {
	on := collector.Date(text)
	if !isDate(on) {
		return collector.Month(text), monthOr("to", text)
	}
	_, last, _ := on.Month().Dates()
	_, before, _ := on.Month().Plus(-1).Dates()
	if on != last {
		return "", command.Usage("--to %s: figures are of whole months; give %s or %s", on, before, last)
	}
	return on.Month(), nil
}

// monthOr refuses what is neither a month nor a date.
func monthOr(flag, text string) error {
	if _, _, err := collector.Month(text).Dates(); err != nil {
		return command.Usage("--%s %.40q is neither a month like 2026-01 nor the date on which one begins or ends", flag, text)
	}
	return nil
}
