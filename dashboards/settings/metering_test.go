package settings_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestMetersOfASiteAreListedWithTheirRulesAndTokens(t *testing.T) {
	p := serve(t, full(), it)
	for code, want := range map[string][]string{
		"fr": {"de Lycée A, et ce qu’ils ont compté", "22/11/2026", "pas encore compté", "meter=a, phase=1", "agent_host, outlet", "révoqué", "un bâtiment, ou une partie"},
		"en": {"Meters of Lycée A", "2026-11-22", "not counted yet", "meter=a, phase=1", "agent_host, outlet", "revoked", "a building, or a part of it"},
	} {
		text := p.get("/settings/metering?site=1&lang=" + code).Body.String()
		for _, words := range want {
			if !strings.Contains(text, words) {
				t.Errorf("the page in %s lacks %q", code, words)
			}
		}
	}
	if meters := p.rows("/api/v1/settings/metering?site=1", 0); meters[0]["kwh"] != 1234.5 || meters[0]["lastkwh"] != 41.25 || meters[1]["lastkwh"] != nil || meters[1]["kwh"] != nil || meters[1]["covered"] != 0.0 {
		t.Errorf("a month of which nothing is known counts: %v", meters)
	}
	if rules := p.rows("/api/v1/settings/metering", 1); rules[0]["behind"] != nil || rules[1]["behind"] != "41" || rules[1]["endedon"] != "2026-11-02" || rules[0]["meterkind"] != "building" {
		t.Errorf("programs get %v", rules)
	}
}

// What was ended or revoked already cannot be chosen to be ended or revoked.
func TestOnlyWhatHoldsStillCanBeEnded(t *testing.T) {
	text := serve(t, full(), it).get("/settings/metering?lang=en").Body.String()
	for value, there := range map[string]bool{"4": true, "5": false, "5f9c01ab": true, "00000002": false} {
		if got := strings.Contains(text, fmt.Sprintf("<option value=%q>", value)); got != there {
			t.Errorf("%s can be chosen: %t", value, got)
		}
	}
}

func TestAPageOfManyMetersStaysSmall(t *testing.T) {
	f := full()
	for name, one := range map[string]string{
		"meter status": `{"id":%d,"name":"outlet %[1]d","kind":"pdu","last_on":"2026-11-22","last_kwh":41.25,"month":"2026-10","kwh":12,"covered_pct":100,"ended_on":""}`,
		"meter rules":  `{"id":%d,"name":"outlet %[1]d","kind":"pdu","measurement":"snmp","tags":{"outlet":"%[1]d"},"by":[],"field":"power","unit":"W","machine":0,"added_on":"2026-10-01","removed_on":""}`,
		"meter tokens": `{"number":"%08d","created_on":"2026-10-01","expires_on":"2027-10-01","state":"good","note":"gateway %[1]d"}`,
	} {
		var all []string
		for n := range 2000 {
			all = append(all, fmt.Sprintf(one, n))
		}
		f.lists[name] = "[" + strings.Join(all, ",") + "]"
	}
	p := serve(t, f, it)
	for _, path := range []string{"/settings/metering?lang=fr", "/settings/metering?lang=fr&page=2&page2=3&page3=4"} {
		text := p.get(path).Body.String()
		if n := strings.Count(text, "<") - strings.Count(text, "</"); n > 600 || len(text) > 100_000 {
			t.Errorf("%s has %d elements and %d bytes", path, n, len(text))
		}
	}
	if lines := strings.Count(p.get("/csv/rules/settings/metering?lang=en").Body.String(), "\n"); lines != 2001 {
		t.Errorf("the file has %d lines", lines)
	}
}
