package metering_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"veille/collector"
)

// machine enrols a machine of the door's site.
func (d *door) machine(n byte, use collector.Use) collector.Machine {
	d.t.Helper()
	token := [32]byte{200}
	_ = d.store.CreateToken(d.t.Context(), collector.Token{Hash: token, Site: d.site.ID, Quota: 9, ExpiresOn: "2030-01-01"}) // it may be there
	m, err := d.store.Enrol(d.t.Context(), collector.Enrolment{Token: token, Pseudonym: [32]byte{n}, Credential: [32]byte{n, byte(len(use))}, Use: use, On: "2026-11-16"})
	if err != nil {
		d.t.Fatal(err)
	}
	return m.Machine
}

// plug adds the rule of a plug, so long before now.
func (d *door) plug(m collector.Machine, before time.Duration) collector.MeterRule {
	d.t.Helper()
	return d.rule(collector.MeterRule{
		Name: "salle 12", Kind: "plug", Measurement: "power", Tags: collector.Tags{{Name: "device", Value: "plug7"}}, Field: "w", Unit: "W",
		Machine: m.ID, Since: now().Add(-before).UnixMilli(),
	})
}

// refused expects a line of the plug to be dropped, and that of another device beside it to be kept.
func (d *door) refused(what string, before time.Duration, why string) {
	d.t.Helper()
	n := len(d.said(collector.MeterPower))
	a := d.post("/api/v2/write", at("plug7", before, 61)+at(strings.ReplaceAll(what, " ", "-"), 0, 1))
	if a.status != 422 || !strings.Contains(a.message, why) || !strings.HasSuffix(a.message, "; dropped=1, kept=1") {
		d.t.Errorf("%s: %d %s, want %q", what, a.status, a.text, why)
	}
	if kept := len(d.said(collector.MeterPower)) - n; kept != 1 {
		d.t.Errorf("%s: %d samples were kept", what, kept)
	}
}

// taken expects a line of the plug to be kept.
func (d *door) taken(what string, before time.Duration) {
	d.t.Helper()
	if a := d.post("/api/v2/write", at("plug7", before, 61)); a.status != 204 {
		d.t.Errorf("%s: %d %s", what, a.status, a.text)
	}
}

// Who was behind a socket before somebody said which machine is, nobody knows.
func TestWhatAPlugSaidBeforeItWasAddedIsNotTaken(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	rule := d.plug(d.machine(1, "shared"), time.Hour)
	d.refused("a millisecond before", time.Hour+time.Millisecond, fmt.Sprintf("it is of before 2026-11-20T11:00:00Z, when rule %d for it was added", rule.ID))
	d.refused("weeks before", 80*24*time.Hour, "it is of before")
	d.taken("from then on", time.Hour)
}

// A rule with a date only counts from the end of that date, at the site.
func TestAPlugThatWasAddedOnADateIsTakenFromTheNextOn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	machine := d.machine(1, "shared")
	d.rule(collector.MeterRule{
		Name: "salle 12", Kind: "plug", Measurement: "power", Tags: collector.Tags{{Name: "device", Value: "plug7"}}, Field: "w", Unit: "W", Machine: machine.ID,
	}) // on 2026-11-01, in Paris
	first := now().Sub(time.Date(2026, 11, 1, 23, 0, 0, 0, time.UTC))
	d.refused("that evening", first+time.Second, "it is of before 2026-11-01T23:00:00Z")
	d.taken("after midnight", first)
}

func TestAPlugThatIsMovedIsTakenFromThenOn(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	before := d.plug(d.machine(1, "shared"), 5*time.Hour)
	d.taken("as it was", 4*time.Hour)
	if err := d.store.RemoveMeterRule(t.Context(), d.site.ID, before.ID, "2026-11-20"); err != nil {
		t.Fatal(err)
	}
	d.refused("between", 0, fmt.Sprintf("it is of a plug that is measured no more, by rule %d", before.ID))
	d.plug(d.machine(2, "server"), time.Hour)
	d.refused("before it was moved", 2*time.Hour, "it is of before")
	d.taken("behind the other machine", time.Minute)
}

// The machine is a person's for a while: what the plug says of then is dropped, also when it comes later.
func TestAPlugOfAMachineThatWasAPersonsIsShutUntilItIsAddedAgain(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	rule := d.plug(d.machine(1, "shared"), 5*time.Hour)
	d.taken("shared", 4*time.Hour)
	d.machine(1, "individual")
	d.refused("a person's", 0, fmt.Sprintf("it is of a plug that is measured no more, by rule %d", rule.ID))
	shared := d.machine(1, "shared")
	d.refused("shared again", 0, "it is of a plug that is measured no more")
	d.plug(shared, time.Minute)
	d.refused("of when it was a person's", 2*time.Minute, "it is of before")
	d.taken("added again", 0)
}

// The door's first rule takes each device. The lines of a plug whose machine was erased are not among them.
func TestLinesOfAPlugWhoseMachineWasErasedAreTakenByNoWiderRule(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	machine := d.machine(1, "shared")
	d.plug(machine, 5*time.Hour)
	d.taken("before", 0)
	if _, err := d.store.Erase(t.Context(), machine.ID); err != nil {
		t.Fatal(err)
	}
	if n := len(d.said(collector.MeterPower)); n != 0 {
		t.Errorf("%d samples of the plug are left", n)
	}
	d.refused("at once", 0, "the machine behind it became a person's or was erased; no other meter takes such lines")
	if err := d.store.TidyMeters(t.Context(), "2026-11-21"); err != nil {
		t.Fatal(err)
	}
	d.refused("after the night", 0, "no other meter takes such lines")
}

// The door's second rule takes field kwh of each device: it would tell of the machine what field w is not to tell.
func TestALineOfAPlugIsThePlugsByWhicheverOfItsFields(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	line := func(tags string) string {
		return fmt.Sprintf("power,device=plug7%s w=61,kwh=1.5 %d\n", tags, now().UnixNano())
	}
	d.plug(d.machine(1, "shared"), 5*time.Hour)
	if a := d.post("/api/v2/write", line("")+line(",room=12")); a.status != 204 || len(d.said(collector.MeterEnergy)) != 0 {
		t.Errorf("measured: %d %s, of another meter is kept %q", a.status, a.text, d.said(collector.MeterEnergy))
	}
	d.machine(1, "individual")
	for _, tags := range []string{"", ",room=12"} {
		if a := d.post("/api/v2/write", line(tags)); a.status != 422 || !strings.Contains(a.message, "no other meter takes such lines") {
			t.Errorf("a person's, with tags %q: %d %s", tags, a.status, a.text)
		}
	}
	if said := append(d.said(collector.MeterEnergy), d.said(collector.MeterPower)...); len(said) != 0 {
		t.Errorf("kept is %q", said)
	}
}

// A ledger of before rules were looked at for it may have a narrower rule. It takes nothing of a plug, but where the plug was ended before it was added.
func TestANarrowerRuleTakesNothingOfAPlug(t *testing.T) {
	t.Parallel()
	plug := collector.MeterRule{
		ID: 5, Site: 1, Name: "P", Kind: "plug", Measurement: "power", Machine: 41, Field: "w", Unit: "W", Tags: collector.Tags{{Name: "device", Value: "plug7"}},
	}
	narrow := collector.MeterRule{Site: 1, Name: "N", Kind: "pdu", Measurement: "power", Field: "va", Unit: "W", Tags: collector.NewTags(
		collector.Tag{Name: "device", Value: "plug7"}, collector.Tag{Name: "room", Value: "12"},
	)}
	for name, test := range map[string]struct {
		barred bool
		ended  collector.Date
		number int64 // of the narrower rule
		kept   int
	}{
		"measured":               {number: 6},
		"barred":                 {barred: true, number: 6},
		"barred and ended":       {barred: true, ended: "2026-11-01", number: 6},
		"ended, the rule before": {ended: "2026-11-01", number: 4},
		"ended, the rule since":  {ended: "2026-11-01", number: 6, kept: 1},
	} {
		m, h := newMemory()
		p, n := plug, narrow
		p.Barred, p.RemovedOn, n.ID = test.barred, test.ended, test.number
		m.rules = append(m.rules, p, n)
		w := send(t, h, "power,device=plug7,room=12 va=7\n")
		if want := 422 - 218*test.kept; w.Code != want || len(m.samples) != test.kept {
			t.Errorf("%s: %d %s, kept are %+v", name, w.Code, w.Body, m.samples)
		}
	}
}

// Records are kept as a person's where the policy of their site says so: so is the plug.
func TestLinesOfAPlugAreDroppedFromWhenThePolicyOfItsSiteMakesItsMachineAPersons(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	d.plug(d.machine(1, "shared"), 5*time.Hour)
	d.taken("shared", time.Hour)
	if err := d.store.SetLimits(t.Context(), d.site.ID, collector.Limits{Use: "individual"}); err != nil {
		t.Fatal(err)
	}
	if n := len(d.said(collector.MeterPower)); n != 0 {
		t.Errorf("%d samples are told", n)
	}
	d.refused("a person's", 0, "no other meter takes such lines")
}
