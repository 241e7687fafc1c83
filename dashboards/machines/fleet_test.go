package machines_test

import (
	"net/http"
	"strings"
	"testing"

	"veille/collector"
)

func TestTheFleetIsCounted(t *testing.T) {
	v := read(t, newWorld().get(t, user(0, collector.RoleIT), "/api/v1/machines"))
	for id, want := range map[string]float64{
		"machines": 30 * 66, "spoke_7": 76, "spoke_30": 91, "never_sleeps": 36, "old_agents": 150, "doubtful": 60, "revoked": 30,
	} {
		if got := v.figure(id); got != want {
			t.Errorf("%s: %v, want %v", id, got, want)
		}
	}
	rows := v.table("sites")
	if len(rows) != 30 || rows[0]["individual"] != 40.0 || rows[0]["spoke_7"] != 50.0 || rows[0]["never_sleeps"] != 36.0 {
		t.Errorf("%d rows, the first %v", len(rows), rows[0])
	}
	for _, row := range rows {
		if row["number"] == 99.0 {
			t.Error("the site of another organisation is there")
		}
	}
}

func TestWhoHasOneSiteSeesThatAlone(t *testing.T) {
	w := newWorld()
	v := read(t, w.get(t, user(7, collector.RoleIT), "/api/v1/machines"))
	if rows := v.table("sites"); v.figure("machines") != 66 || len(rows) != 1 || rows[0]["site"] != "Lycée 07" {
		t.Errorf("%v machines, %v", v.figure("machines"), rows)
	}
	for address, want := range map[string]int{
		"/machines/7": http.StatusOK, "/machines/8": http.StatusNotFound, "/machines/99": http.StatusNotFound, "/machines/0": http.StatusNotFound,
		"/machines/07": http.StatusNotFound, "/machines/x": http.StatusNotFound, "/machines/-7": http.StatusNotFound, "/api/v1/machines/8": http.StatusNotFound,
		"/csv/silence/machines/8": http.StatusNotFound,
	} {
		if got := w.get(t, user(7, collector.RoleIT), address).Code; got != want {
			t.Errorf("%s answers %d, want %d", address, got, want)
		}
	}
}

func TestMachinesAreForTheRoleItOnly(t *testing.T) {
	w := newWorld()
	for _, address := range []string{"/machines", "/machines/kinds", "/machines/1", "/api/v1/machines", "/api/v1/machines/1?reason=because+I+want+to", "/csv/sites/machines"} {
		for _, role := range []collector.Role{collector.RoleOfficer, collector.RoleWeb, collector.RoleReader} {
			if got := w.get(t, user(0, role), address).Code; got != http.StatusForbidden {
				t.Errorf("%s answers %d to the role %s", address, got, role)
			}
		}
	}
	if len(w.reasons) != 0 {
		t.Errorf("the door was asked: %q", w.reasons)
	}
}

func TestEachPageOfMachinesIsWholeAndSmall(t *testing.T) {
	empty, one := newWorld(), newWorld()
	empty.sites, empty.fleet = nil, collector.Fleet{}
	one.sites = one.sites[:1]
	one.fleet = collector.Fleet{On: "2026-11-22", Sites: []collector.SiteFleet{{Site: 1, Machines: map[collector.Use]int{"individual": 1}, Silent: []collector.Count{{Of: "7", Machines: 1}}}}}
	for _, lang := range []string{"en", "fr"} {
		for name, tt := range map[string]*world{"a fleet": newWorld(), "nothing": empty, "one machine": one} {
			for _, address := range []string{"/machines", "/machines?page=2", "/machines?page=99", "/machines?page=-1", "/machines/kinds", "/machines/1"} {
				if name == "nothing" && address == "/machines/1" {
					continue
				}
				t.Run(name+address+lang, func(t *testing.T) {
					sign := "?"
					if strings.Contains(address, "?") {
						sign = "&"
					}
					doc := whole(t, tt.get(t, user(0, collector.RoleIT), address+sign+"lang="+lang))
					if doc.Find("h1").Length() != 1 {
						t.Error("there is not one h1")
					}
				})
			}
		}
	}
}

func TestALongListIsCutForPeopleAndWholeForPrograms(t *testing.T) {
	w := newWorld()
	first, second := whole(t, w.get(t, user(0, collector.RoleIT), "/machines?lang=en")), whole(t, w.get(t, user(0, collector.RoleIT), "/machines?page=2&lang=en"))
	if a, b := first.Find("tbody tr").Length(), second.Find("tbody tr").Length(); a != 20 || b != 10 {
		t.Errorf("%d and %d rows", a, b)
	}
	if first.Find("svg").Length() != 1 || second.Find("svg").Length() != 0 {
		t.Error("the drawing belongs on the first part alone")
	}
	if n := strings.Count(w.get(t, user(0, collector.RoleIT), second.Find("caption a[download]").AttrOr("href", "")).Body.String(), "\n"); n != 31 {
		t.Errorf("%d lines in the CSV", n)
	}
}

func TestKindsHaveTheirShares(t *testing.T) {
	v := read(t, newWorld().get(t, user(0, collector.RoleIT), "/api/v1/machines/kinds?lang=en"))
	versions, settings, methods := v.table("versions"), v.table("settings"), v.table("methods")
	if len(versions) != 3 || versions[0]["of"] != "v0.10.0" || versions[0]["share"] != 91.0 || versions[2]["of"] != "not known" {
		t.Errorf("versions %v", versions)
	}
	if len(settings) != 4 || settings[0]["of"] != "never" || settings[1]["of"] != "16-30 min" || settings[3]["of"] != "not known" {
		t.Errorf("settings %v", settings)
	}
	if len(methods) != 3 || methods[0]["name"] != "rapl+model" || methods[2]["share"] != 2.0 {
		t.Errorf("methods %v", methods)
	}
}

func TestAFigureThatHasAValueDoesNotSayWhyItIsMissing(t *testing.T) {
	one := newWorld()
	one.sites = one.sites[:1]
	one.fleet = collector.Fleet{On: "2026-11-22", Month: "2026-10", Sites: []collector.SiteFleet{{
		Site: 1, Machines: map[collector.Use]int{"individual": 1}, Silent: []collector.Count{{Of: "7", Machines: 1}}, SleepAfter: []collector.Count{{Of: "never", Machines: 1}},
	}}}
	for name, w := range map[string]*world{"a fleet": newWorld(), "one machine": one} {
		for _, address := range []string{"/api/v1/machines?lang=fr", "/api/v1/machines/1?lang=fr"} {
			for _, f := range read(t, w.get(t, user(0, collector.RoleIT), address)).Figures {
				if (f.Value != nil) == (f.Missing != "") {
					t.Errorf("%s, %s: %+v", name, address, f)
				}
				if strings.Contains(f.Note, "les 1 ") || f.ID == "doubtful" && (f.Note == "") != (*f.Value == 0) {
					t.Errorf("%s, %s: %s says %q", name, address, f.ID, f.Note)
				}
			}
		}
	}
}

func TestASimulatedFleetIsSaidToBe(t *testing.T) {
	for _, simulated := range []bool{true, false} {
		w := newWorld()
		w.fleet.Simulated = simulated
		for _, address := range []string{"/machines", "/machines/kinds", "/machines/1"} {
			if got := read(t, w.get(t, user(0, collector.RoleIT), "/api/v1"+address)).Simulated; got != simulated {
				t.Errorf("%s: %t, want %t", address, got, simulated)
			}
			said := strings.Contains(whole(t, w.get(t, user(0, collector.RoleIT), address+"?lang=en")).Find(".notice").Text(), "simulated")
			if said != simulated {
				t.Errorf("%s says it: %t, want %t", address, said, simulated)
			}
		}
	}
}
