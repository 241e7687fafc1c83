package relational_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"veille/collector"
)

func TestStepsAreToldTheLastFirstAndTheirNumbersAreGivenOnce(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		var all []collector.Step
		for _, x := range []collector.Step{step(a, "2026-01-31"), step(a, "2026-03-01"), step(a, "2026-01-31"), step(b, "2026-02-01")} {
			kept, err := c.AddStep(t.Context(), x)
			c.must(err)
			if x.ID = kept.ID; kept != x || kept.ID == 0 {
				t.Errorf("%+v; want %+v", kept, x)
			}
			all = append(all, kept)
		}
		if got, err := c.Steps(t.Context(), a); err != nil || !slices.Equal(got, []collector.Step{all[1], all[2], all[0]}) {
			t.Errorf("%+v, %v", got, err)
		}
		wrong := step(a, "2026-01-31")
		wrong.Title = ""
		if _, err := c.AddStep(t.Context(), wrong); err == nil {
			t.Error("a step without a title is kept")
		}
		for name, err := range map[string]error{"of nobody": second(c.AddStep(t.Context(), step(77, "2026-01-31"))), "removed by another": c.RemoveStep(t.Context(), a, all[3].ID), "that is none": c.RemoveStep(t.Context(), a, 77)} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a step %s: %v", name, err)
			}
		}
		c.must(c.RemoveStep(t.Context(), b, all[3].ID))
		if kept, err := c.AddStep(t.Context(), step(b, "2026-02-01")); err != nil || kept.ID <= all[3].ID {
			t.Errorf("%+v, %v; want a number that nobody had", kept, err)
		}
	})
}

func TestEvidenceAndRemarksOfAnActionOrAStepAreOfOneThatTheOrganisationHas(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		done, err := c.AddAction(t.Context(), action(a, 0, 0, "2026-03-02"))
		c.must(err)
		x, err := c.AddStep(t.Context(), step(a, "2026-01-31"))
		c.must(err)
		c.must(second(c.AddStep(t.Context(), step(a, "2026-01-31")))) // number 2, and there is no action 2
		for _, tt := range []struct {
			organisation int64
			of           string
			want         bool
		}{
			{a, "U1", true},
			{a, "PA10.3", true},
			{a, fmt.Sprint("action ", done.ID), true},
			{a, fmt.Sprint("step ", x.ID), true},
			{77, "U1", false},
			{a, "action 2", false},
			{a, "step 77", false},
			{b, fmt.Sprint("action ", done.ID), false},
			{b, fmt.Sprint("step ", x.ID), false},
		} {
			_, err := c.AddEvidence(t.Context(), evidence(tt.organisation, tt.of))
			if tt.want && err != nil || !tt.want && !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("evidence of %s of organisation %d: %v", tt.of, tt.organisation, err)
			}
			err = c.SetRemark(t.Context(), remark(tt.organisation, tt.of))
			if tt.want && err != nil || !tt.want && !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a remark of %s of organisation %d: %v", tt.of, tt.organisation, err)
			}
		}
	})
}

func TestEvidenceIsToldInTheOrderInWhichItWasAdded(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		var all []collector.Evidence
		for _, x := range []collector.Evidence{evidence(a, "U2"), evidence(b, "U1"), evidence(a, "U1"), {Organisation: a, Of: "U2", Title: "Note", Where: "GED 12"}} {
			kept, err := c.AddEvidence(t.Context(), x)
			c.must(err)
			if x.ID = kept.ID; kept != x || kept.ID == 0 {
				t.Errorf("%+v; want %+v", kept, x)
			}
			all = append(all, kept)
		}
		if got, err := c.Evidence(t.Context(), a); err != nil || !slices.Equal(got, []collector.Evidence{all[0], all[2], all[3]}) {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := c.AddEvidence(t.Context(), evidence(a, "trees")); err == nil {
			t.Error("evidence of trees is kept")
		}
		for name, err := range map[string]error{"removed by another": c.RemoveEvidence(t.Context(), a, all[1].ID), "that is none": c.RemoveEvidence(t.Context(), a, 77)} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("evidence %s: %v", name, err)
			}
		}
		c.must(c.RemoveEvidence(t.Context(), a, all[2].ID))
		if got, err := c.Evidence(t.Context(), a); err != nil || !slices.Equal(got, []collector.Evidence{all[0], all[3]}) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestARemarkTakesThePlaceOfTheOneOfTheSameLine(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a, b := c.sites[0].Organisation, c.sites[2].Organisation
		c.must(c.SetRemark(t.Context(), remark(a, "U2")))
		c.must(c.SetRemark(t.Context(), remark(a, "U1")))
		c.must(c.SetRemark(t.Context(), remark(b, "U1")))
		again := collector.Remark{Organisation: a, Of: "U2", Text: "Autrement"}
		c.must(c.SetRemark(t.Context(), again))
		if got, err := c.Remarks(t.Context(), a); err != nil || !slices.Equal(got, []collector.Remark{remark(a, "U1"), again}) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := c.SetRemark(t.Context(), collector.Remark{Organisation: a, Of: "U1"}); err == nil {
			t.Error("a remark that says nothing is kept")
		}
		for name, err := range map[string]error{"of another line": c.RemoveRemark(t.Context(), a, "U3"), "by another": c.RemoveRemark(t.Context(), b, "U2")} {
			if !errors.Is(err, collector.ErrNotFound) {
				t.Errorf("a remark removed %s: %v", name, err)
			}
		}
		c.must(c.RemoveRemark(t.Context(), a, "U2"))
		if got, err := c.Remarks(t.Context(), a); err != nil || !slices.Equal(got, []collector.Remark{remark(a, "U1")}) {
			t.Errorf("%+v, %v", got, err)
		}
		if got, err := c.Remarks(t.Context(), b); err != nil || len(got) != 1 {
			t.Errorf("of the other: %+v, %v", got, err)
		}
	})
}

func TestWhatIsOfAnActionOrAStepGoesWithItAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		c := newTown(t, at)
		a := c.sites[0].Organisation
		for i := range int64(12) { // so that there is a 1, an 11 and a 12
			done, err := c.AddAction(t.Context(), action(a, 0, 0, "2026-03-02"))
			c.must(err)
			x, err := c.AddStep(t.Context(), step(a, "2026-01-31"))
			c.must(err)
			if done.ID != i+1 || x.ID != i+1 {
				t.Fatalf("action %d and step %d; want both to be %d", done.ID, x.ID, i+1)
			}
			c.must(c.KeepBaseline(t.Context(), baseline(a, done.ID)))
			for _, of := range []string{fmt.Sprint("action ", done.ID), fmt.Sprint("step ", x.ID)} {
				c.must(second(c.AddEvidence(t.Context(), evidence(a, of))))
				c.must(c.SetRemark(t.Context(), remark(a, of)))
			}
		}
		left := func(of string) (evidence, remarks, baselines, whole int) {
			t.Helper()
			e, err := c.Evidence(t.Context(), a)
			c.must(err)
			r, err := c.Remarks(t.Context(), a)
			c.must(err)
			b, err := c.Baselines(t.Context(), a)
			c.must(err)
			for _, x := range e {
				if x.Of == of {
					evidence++
				}
			}
			for _, x := range r {
				if x.Of == of {
					remarks++
				}
			}
			return evidence, remarks, len(b), len(e) + len(r)
		}
		c.must(c.RemoveAction(t.Context(), a, 1))
		if e, r, b, whole := left("action 1"); e != 0 || r != 0 || b != 11 || whole != 46 {
			t.Errorf("%d, %d, %d, %d; want nothing of the action, 11 baselines and 46 of others", e, r, b, whole)
		}
		c.must(c.RemoveStep(t.Context(), a, 1))
		if e, r, b, whole := left("step 1"); e != 0 || r != 0 || b != 11 || whole != 44 {
			t.Errorf("%d, %d, %d, %d; want nothing of the step, 11 baselines and 44 of others", e, r, b, whole)
		}
		if err := c.RemoveAction(t.Context(), c.sites[2].Organisation, 2); !errors.Is(err, collector.ErrNotFound) {
			t.Errorf("an action removed by another: %v", err)
		}
		if _, _, b, whole := left("action 2"); b != 11 || whole != 44 {
			t.Errorf("what was refused has taken something: %d, %d", b, whole)
		}
	})
}
