package relational_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/store/relational"
)

// device is the tag of a device.
func device(name string, more ...collector.Tag) collector.Tags {
	return collector.NewTags(append(more, collector.Tag{Name: "device", Value: name})...)
}

// plug7 is the rule of a plug behind a machine.
func plug7(m collector.Machine) collector.MeterRule {
	return collector.MeterRule{Site: m.Site.ID, Name: "Prise", Kind: "plug", Measurement: "mqtt", Field: "w", Unit: "W", Machine: m.ID, Tags: device("plug7"), AddedOn: "2026-11-01"}
}

// A bar holds for whatever says the same: another field of the device, or the device with one more tag.
func TestNoOtherRuleMayHaveTheLinesOfAPlug(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site := meterSite(t, s, "Lycée")
		room := collector.Tag{Name: "room", Value: "12"}
		pdu := func(field string, tags collector.Tags) collector.MeterRule {
			return collector.MeterRule{Site: site.ID, Name: "Baie", Kind: "pdu", Measurement: "mqtt", Field: field, Unit: "W", Tags: tags, AddedOn: "2026-11-01"}
		}
		wide := pdu("kwh", nil)
		wide.By = []string{"device"}
		for _, r := range []collector.MeterRule{wide, pdu("w", device("rack", room))} {
			if _, err := s.AddMeterRule(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
		whole := plug7(meterMachine(t, s, site, 2, "shared"))
		for name, test := range map[string]struct {
			tags collector.Tags
			want string
		}{"all lines of one": {nil, "all lines of rule 1 are of this plug"}, "a room's": {collector.Tags{room}, "all lines of rule 2 are of this plug"}} {
			whole.Tags = test.tags
			if _, err := s.AddMeterRule(t.Context(), whole); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("a plug with %s: %v, want %q", name, err, test.want)
			}
		}
		m := meterMachine(t, s, site, 1, "shared")
		plug, err := s.AddMeterRule(t.Context(), plug7(m))
		if err != nil {
			t.Fatal(err)
		}
		refused := func(when, want string) {
			t.Helper()
			for _, r := range []collector.MeterRule{pdu("kwh", device("plug7")), pdu("w", device("plug7", room)), pdu("amps", device("plug7", room))} {
				if _, err := s.AddMeterRule(t.Context(), r); err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: field %s of %v: %v, want %q", when, r.Field, r.Tags, err, want)
				}
			}
		}
		refused("measured", fmt.Sprintf("are of the plug of rule %d", plug.ID))
		if err := s.RemoveMeterRule(t.Context(), site.ID, plug.ID, "2026-11-20"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddMeterRule(t.Context(), pdu("x", device("plug7"))); err != nil {
			t.Errorf("the plug was ended: %v", err)
		}
		meterMachine(t, s, site, 1, "individual")
		refused("a person's", "were of a plug whose machine became a person's or was erased")
		if _, err := s.Erase(t.Context(), m.ID); err != nil {
			t.Fatal(err)
		}
		refused("erased", "were of a plug whose machine became a person's or was erased")
		if _, err := s.AddMeterRule(t.Context(), pdu("w", device("plug8", room))); err != nil {
			t.Errorf("another device: %v", err)
		}
	})
}

// ways are how the plug of machine n comes to be barred.
func ways() map[string]func(t testing.TB, s *relational.Store, m collector.Machine, n byte) error {
	return map[string]func(testing.TB, *relational.Store, collector.Machine, byte) error{
		"erased": func(t testing.TB, s *relational.Store, m collector.Machine, _ byte) error {
			_, err := s.Erase(t.Context(), m.ID)
			return err
		},
		"a person's": func(t testing.TB, s *relational.Store, m collector.Machine, n byte) error {
			meterMachine(t, s, m.Site, n, "individual")
			return nil
		},
		"a person's by the policy of its site": func(t testing.TB, s *relational.Store, m collector.Machine, _ byte) error {
			return s.SetLimits(t.Context(), m.Site.ID, collector.Limits{Use: "individual"})
		},
	}
}

// Somebody measured the device by a wider rule before its machine was named.
func TestWhatOtherMetersSaidOfAPlugGoesWithIt(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		n := byte(0)
		for way, bar := range ways() {
			n++
			site := meterSite(t, s, fmt.Sprint("Lycée ", n))
			rule := func(r collector.MeterRule) int64 {
				r.Site, r.Name, r.Kind, r.Unit = site.ID, fmt.Sprint(r.Field), "pdu", "W"
				return meterRule(t, s, r).ID
			}
			devices := rule(collector.MeterRule{Field: "kwh", By: []string{"device", "phase"}})
			narrow := rule(collector.MeterRule{Field: "w", Tags: device("plug7", collector.Tag{Name: "room", Value: "12"})})
			other := rule(collector.MeterRule{Field: "w", Measurement: "other", By: []string{"device"}})
			rooms := rule(collector.MeterRule{Field: "amps", By: []string{"room"}})
			goes := []collector.Meter{theMeter(t, s, devices, "plug7\x1fL1"), theMeter(t, s, devices, "plug7\x1fL2"), theMeter(t, s, narrow, "")}
			stays := []collector.Meter{
				theMeter(t, s, devices, "plug8\x1fL1"), theMeter(t, s, devices, "\x1fplug7"), theMeter(t, s, other, "plug7"), theMeter(t, s, rooms, "plug7"),
			}
			if err := s.RemoveMeterRule(t.Context(), site.ID, narrow, "2026-11-20"); err != nil {
				t.Fatal(err)
			}
			m := meterMachine(t, s, site, n, "shared")
			plug, err := s.AddMeterRule(t.Context(), plug7(m))
			if err != nil {
				t.Fatal(err)
			}
			own := theMeter(t, s, plug.ID, "")
			for _, x := range slices.Concat(goes, stays, []collector.Meter{own}) {
				keepSamples(t, s, sample(t, x, "2026-11-20 10:00:00", 61))
			}
			if err := bar(t, s, m, n); err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, p := range meterRange(t, s, collector.MeterPower) {
				if p.Tags.Get("site") == fmt.Sprint(site.ID) {
					got = append(got, p.Tags.Get("meter"))
				}
			}
			for _, x := range stays {
				want = append(want, fmt.Sprint(x.ID))
			}
			slices.Sort(got)
			if slices.Sort(want); !slices.Equal(got, want) {
				t.Errorf("%s: of meters %q is told at once what they said, want %q", way, got, want)
			}
			there, err := s.MetersAt(t.Context(), site.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range goes {
				for k, id := range there {
					if id == x.ID {
						t.Errorf("%s: meter %+v is there", way, k)
					}
				}
			}
			if err := s.TidyMeters(t.Context(), "2026-11-21"); err != nil {
				t.Fatal(err)
			}
			if gone, err := s.GoneMeters(t.Context()); err != nil || !slices.Contains(gone, own.ID) || !slices.Contains(gone, goes[0].ID) || slices.Contains(gone, stays[0].ID) {
				t.Errorf("%s: destinations delete meters %v, %v", way, gone, err)
			}
		}
	})
}

func TestThePolicyOfASiteClosesItsPlugsForEver(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		site, other := meterSite(t, s, "Lycée"), meterSite(t, s, "Autre")
		m, server := meterMachine(t, s, site, 1, "shared"), meterMachine(t, s, other, 2, "server")
		closed, open := plugOf(t, s, m), plugOf(t, s, server)
		takes := func(when string, rule int64, want bool) {
			t.Helper()
			for _, at := range []collector.Site{site, other} {
				rules, err := s.MeterRulesOf(t.Context(), at.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range rules {
					if r.ID == rule && r.Barred == want {
						t.Errorf("%s: the plug is barred: %t", when, r.Barred)
					}
				}
			}
		}
		harmless := collector.Limits{Use: "shared", Products: []string{`x "use":"individual"`}}
		if err := s.SetLimits(t.Context(), site.ID, harmless); err != nil {
			t.Fatal(err)
		}
		takes("shared machines are asked for", closed.Rule, true)
		before, err := s.MeterEntrance(t.Context(), meterToken(t, s, site), "2026-11-20")
		if err != nil {
			t.Fatal(err)
		}
		for _, limits := range []collector.Limits{{Use: "individual"}, {}} { // taken back, it stays closed: nobody knows of when what comes is
			if err := s.SetLimits(t.Context(), site.ID, limits); err != nil {
				t.Fatal(err)
			}
			takes(fmt.Sprintf("%+v", limits), closed.Rule, false)
			takes(fmt.Sprintf("%+v", limits), open.Rule, true)
			for _, p := range meterRange(t, s, collector.MeterPower) {
				if p.Tags.Get("meter") == fmt.Sprint(closed.ID) {
					t.Errorf("%+v: %+v is told", limits, p)
				}
			}
		}
		if after, err := s.MeterEntrance(t.Context(), meterToken(t, s, site), "2026-11-20"); err != nil || after.Version <= before.Version {
			t.Errorf("the doors are not told: %+v after %+v, %v", after, before, err)
		}
		if err := s.SetLimits(t.Context(), site.ID, collector.Limits{Use: "individual"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddMeterRule(t.Context(), plug7(m)); err == nil || !strings.Contains(err.Error(), "the policy of Lycée makes each of its machines one person's") {
			t.Errorf("a plug may be added: %v", err)
		}
	})
}

// meterToken is the hash of a token for the meters of a site.
func meterToken(t testing.TB, s *relational.Store, site collector.Site) [32]byte {
	t.Helper()
	hash := [32]byte{7, byte(site.ID)}
	if _, err := s.MeterEntrance(t.Context(), hash, "2026-11-20"); !errors.Is(err, collector.ErrToken) {
		return hash
	}
	if err := s.CreateMeterToken(t.Context(), hash, collector.MeterToken{Site: site.ID, CreatedOn: "2026-11-01", ExpiresOn: "2026-12-01"}); err != nil {
		t.Fatal(err)
	}
	return hash
}

func TestWhatDestinationsRefusedOfAPlugGoesWithIt(t *testing.T) {
	each(t, func(t *testing.T, at place) {
		s := at.open(t)
		n := byte(0)
		for way, bar := range ways() {
			n++
			site := meterSite(t, s, fmt.Sprint("Lycée ", n))
			m, other := meterMachine(t, s, site, n, "shared"), meterMachine(t, s, site, 100+n, "shared")
			p, q := plugOf(t, s, m), plugOf(t, s, other)
			of := func(x collector.Meter, value int, reason string) collector.RefusedPoint {
				point := fmt.Sprintf("meter_power,kind=plug,meter=%d,site=%d w=%d 1795168800000000000", x.ID, site.ID, value)
				return collector.RefusedPoint{Destination: "a", On: "2026-11-20", Measurement: collector.MeterPower, Point: point, Reason: reason}
			}
			refused := []collector.RefusedPoint{of(p, 61, "no"), of(q, 62, "no"), of(q, 63, fmt.Sprintf(`of {meter=\"%d\"}`, p.ID))}
			left := func(when string) {
				t.Helper()
				all, err := s.RefusedPoints(t.Context(), "")
				if err != nil || len(all) != 1 || all[0].Point != refused[1].Point {
					t.Errorf("%s, %s: %+v, %v; want the second of them", way, when, all, err)
				}
			}
			if err := s.Refuse(t.Context(), "a", refused); err != nil {
				t.Fatal(err)
			}
			if err := bar(t, s, m, n); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(way, "policy") { // the other plug goes too
				if all, err := s.RefusedPoints(t.Context(), ""); err != nil || len(all) != 0 {
					t.Errorf("%s: %+v, %v; want nothing", way, all, err)
				}
				continue
			}
			left("at once")
			if err := s.Refuse(t.Context(), "a", refused); err != nil { // an outbox that was at it
				t.Fatal(err)
			}
			if err := s.TidyMeters(t.Context(), "2026-11-21"); err != nil {
				t.Fatal(err)
			}
			left("after the night")
			if _, err := s.ForgetRefused(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
		}
	})
}
