package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/label"
)

// misuse is an error of what was given with a command; nil of none.
func misuse(err error) error {
	if err == nil {
		return nil
	}
	return command.Usage("%w", err)
}

// notYet refuses a date that is not here yet.
func notYet(on collector.Date) error {
	if on > today() {
		return command.Usage("--on %s is not here yet", on)
	}
	return nil
}

// isDate tells whether a text is a date like 2026-01-31.
func isDate(on collector.Date) bool {
	_, err := time.Parse(time.DateOnly, string(on))
	return err == nil
}

// quantityKinds are the names of all that can be stated, each with its unit where it has one.
func quantityKinds() (names []string) {
	for _, k := range collector.Quantities() {
		if k.Unit != "" {
			k.Name += " (" + k.Unit + ")"
		}
		names = append(names, k.Name)
	}
	return names
}

// checkIndicator refuses what is no line of a report.
func checkIndicator(flag, id string) error {
	if id == "" || label.Known(id) {
		return nil
	}
	return command.Usage("%s %.40q is no line of a report, like U1", flag, id)
}

// checkSubject refuses what evidence and remarks cannot be of: it is a line of a report, an item of one of the organisation's templates, an action
// or a step.
func (l ledger) checkSubject(ctx context.Context, r collector.Responsible, of string) error {
	if !oneLine(of) || of == "" {
		return command.Usage("say what it is of: a line of a report like U1, an item of a template like PA10, \"action 3\" or \"step 2\"")
	}
	if label.Known(of) {
		return nil
	}
	what, text, numbered := strings.Cut(of, " ")
	if number, err := strconv.ParseInt(text, 10, 64); numbered && err == nil {
		there, err := l.hasNumbered(ctx, r, what, number)
		if err != nil || there {
			return err
		}
		return fmt.Errorf("%.60q: %w; see veille-collector action list and step list", of, collector.ErrNotFound)
	}
	templates, err := l.templates(ctx, r)
	if err != nil {
		return err
	}
	for _, t := range templates {
		if t.has(of) {
			return nil
		}
	}
	return fmt.Errorf("%.60q: %w: it is no line of a report, no item of a template, no action and no step; see veille-collector template show", of, collector.ErrNotFound)
}

// hasNumbered tells whether the organisation has the action or the step of that number.
func (l ledger) hasNumbered(ctx context.Context, r collector.Responsible, what string, number int64) (bool, error) {
	switch what {
	case "action":
		all, err := l.store.Actions(ctx, r.ID)
		return slices.ContainsFunc(all, func(a collector.Action) bool { return a.ID == number && l.seesSite(a.Site) }), err
	case "step":
		all, err := l.store.Steps(ctx, r.ID)
		return slices.ContainsFunc(all, func(x collector.Step) bool { return x.ID == number }), err
	}
	return false, nil
}
