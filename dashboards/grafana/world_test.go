package grafana_test

import (
	"hash/fnv"
	"strconv"
	"strings"
	"testing"
	"time"

	"veille/collector"
	"veille/dashboards/grafana"
)

// world is points that are known, and the moment at which they are looked at.
type world struct {
	now    time.Time
	old    []collector.Point // earlier versions of some of points, written before them
	points []collector.Point
}

// names are those of what the world has, but for one site.
func names() grafana.Names {
	return grafana.Names{
		Organisations: map[int64]string{7: "Région Démonstration", 8: "Other, office : 3"},
		Sites:         map[int64]string{1: "Lycée A", 2: "Lycée B, annexe"},
		Groups:        map[int64]string{5: "Salle 12"}, Websites: map[int64]string{4: "Public site", 6: "Press"}, Meters: map[int64]string{11: "Main"},
	}
}

func tags(pairs ...string) collector.Tags {
	var all []collector.Tag
	for _, p := range pairs {
		if name, value, _ := strings.Cut(p, "="); value != "" {
			all = append(all, collector.Tag{Name: name, Value: value})
		}
	}
	return collector.NewTags(all...)
}

// draw is a number from 1 to 1000 that depends on everything it is of.
func draw(of ...any) float64 {
	h := fnv.New64a()
	for _, x := range of {
		switch x := x.(type) {
		case string:
			_, _ = h.Write([]byte(x + "|"))
		case int:
			_, _ = h.Write([]byte(strconv.Itoa(x) + "|"))
		case collector.Tags:
			for _, tag := range x {
				_, _ = h.Write([]byte(tag.Name + "=" + tag.Value + "|"))
			}
		case time.Time:
			_, _ = h.Write([]byte(x.String() + "|"))
		}
	}
	return float64(1 + h.Sum64()%1000)
}

func (w *world) add(m collector.Measurement, at time.Time, t collector.Tags, version int, fields collector.Fields) {
	w.points = append(w.points, collector.Point{Measurement: m, Time: at, Tags: t, Fields: fields, Version: version})
}

// energy adds an energy, the same of a simulated machine, and an earlier version that covered less.
func (w *world) energy(m collector.Measurement, at time.Time, versions bool, pairs ...string) {
	real, simulated := tags(append(pairs, "simulated=no")...), tags(append(pairs, "simulated=yes")...)
	wh := 1000 * draw("wh", string(m), at, real)
	f := collector.Fields{"wh": wh, "low_wh": wh / 2, "high_wh": 2 * wh, "covered_s": 60 * draw("covered", string(m), at, real)}
	w.add(m, at, simulated, 0, collector.Fields{"wh": 1e7, "low_wh": 1e7, "high_wh": 1e7, "covered_s": 1e7})
	if !versions {
		w.add(m, at, real, 0, f)
		return
	}
	w.old = append(w.old, collector.Point{Measurement: m, Time: at, Tags: real, Version: 900, Fields: collector.Fields{"wh": 9e6, "low_wh": 1, "high_wh": 9e6, "covered_s": 1}})
	w.add(m, at, real, 3600, f)
}

func (w *world) seconds(m collector.Measurement, at time.Time, machines float64, pairs ...string) {
	f := collector.Fields{}
	real := tags(append(pairs, "simulated=no")...)
	for _, s := range []string{"on", "display_off", "sleep", "off", "unknown"} {
		f[s] = 60 * draw(s, string(m), at, real)
	}
	if machines > 0 {
		f["machines"] = machines
	}
	w.add(m, at, real, 0, f)
	w.add(m, at, tags(append(pairs, "simulated=yes")...), 0, collector.Fields{"on": 1e7, "display_off": 1e7, "sleep": 1e7, "off": 1e7, "unknown": 1e7, "machines": 999})
}

// newWorld is looked at yesterday at half past ten.
func newWorld(t testing.TB) *world {
	t.Helper()
	today := time.Now().UTC().Truncate(24 * time.Hour)
	w := &world{now: today.Add(-24*time.Hour + 10*time.Hour + 30*time.Minute)}
	w.months()
	w.days()
	w.hours()
	w.meters()
	w.websites()
	for _, p := range append(w.old, w.points...) {
		if err := p.Validate(); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *world) months() {
	first := time.Date(w.now.Year(), w.now.Month(), 1, 0, 0, 0, 0, time.UTC)
	nodes := [][]string{
		{"organisation=7"},
		{"organisation=7", "site=1"},
		{"organisation=7", "site=1", "group=0"},
		{"organisation=7", "site=1", "group=5"},
		{"organisation=7", "site=1", "group=5", "class=tower"},
		{"organisation=7", "site=2"},
		{"organisation=8"},
		{"organisation=8", "site=9"},
	}
	for k := 2; k < 28; k++ {
		at := first.AddDate(0, -k, 0)
		for n, node := range nodes {
			for u, use := range []string{"individual", "shared", "server"} {
				if n == 5 && u == 0 && k%2 == 0 {
					continue // hidden
				}
				for _, part := range []string{"open", "night", "weekend", "holiday", "mixed"} {
					if (part == "mixed") != (u == 0 && k == 5) {
						continue // in one month the parts of persons' machines are not told apart
					}
					pairs := append([]string{"use=" + use, "part=" + part}, node...)
					w.energy(collector.MonthEnergy, at, false, pairs...)
					w.seconds(collector.MonthSeconds, at, draw("machines", use, n, k), pairs...)
				}
			}
		}
	}
}

func (w *world) days() {
	today := w.now.Truncate(24 * time.Hour)
	for d := range 40 {
		at := today.AddDate(0, 0, -d)
		parts := []string{"open", "night"}
		switch {
		case at.Weekday() == time.Saturday || at.Weekday() == time.Sunday:
			parts = []string{"weekend"}
		case d == 12 || d == 13 || d == 14:
			parts = []string{"holiday"}
		}
		for _, site := range []string{"1", "2", "9"} {
			for _, use := range []string{"shared", "server"} {
				for _, group := range []string{"", "5"} {
					for _, part := range parts {
						pairs := []string{"site=" + site, "use=" + use, "group=" + group, "part=" + part, "class=tower"}
						for _, scope := range []string{"machine method=plug", "machine method=model-class", "display method=model-class", "cpu method=rapl"} {
							name, method, _ := strings.Cut(scope, " ")
							w.energy(collector.DayEnergy, at, d%3 == 0, append(pairs, "scope="+name, method)...)
						}
						w.seconds(collector.DaySeconds, at, 3, pairs...)
					}
				}
			}
		}
	}
}

// hours are those of six machines; those of the last hour are all there, and those of today after it are not yet.
func (w *world) hours() {
	last := w.now.Truncate(time.Hour)
	for _, m := range []struct{ number, site, use, does string }{
		{"101", "1", "shared", "on"}, {"102", "1", "shared", "sleeps"}, {"103", "1", "server", "on"}, {"104", "2", "shared", "display_off"}, {"105", "2", "shared", "little"}, {"106", "2", "server", "off once"},
	} {
		for h := range 12 * 24 {
			at := last.Add(-time.Duration(h) * time.Hour)
			part := "night"
			if at.Hour() >= 7 && at.Hour() < 17 {
				part = "open"
			}
			pairs := []string{"machine=" + m.number, "site=" + m.site, "use=" + m.use, "part=" + part}
			f := collector.Fields{"on": 3600, "display_off": 0, "sleep": 0, "off": 0, "unknown": 0}
			switch {
			case part == "open":
				f["on"], f["sleep"] = 3000, 600 // asleep in open hours: that is no matter
			case m.does == "sleeps":
				f["on"], f["sleep"] = 1800, 1800
			case m.does == "display_off":
				f["on"], f["display_off"] = 0, 3600
			case m.does == "little":
				f["on"], f["unknown"] = 600, 3000
			case m.does == "off once" && h == 60:
				f["on"], f["off"] = 3599, 1
			case h >= 24*8:
				f["on"], f["sleep"] = 0, 3600 // before the range
			}
			w.add(collector.HourSeconds, at, tags(append(pairs, "simulated=no")...), 3600, f)
			w.old = append(w.old, collector.Point{Measurement: collector.HourSeconds, Time: at, Tags: tags(append(pairs, "simulated=no")...), Version: 1800, Fields: collector.Fields{
				"on": 0, "display_off": 0, "sleep": 1800, "off": 0, "unknown": 1800,
			}})
			w.add(collector.HourSeconds, at, tags(append(pairs, "simulated=yes")...), 3600, collector.Fields{"on": 3600, "display_off": 0, "sleep": 0, "off": 0, "unknown": 0})
			for _, scope := range []string{"machine", "display", "cpu"} {
				w.energy(collector.HourEnergy, at, h%5 == 0, append(pairs, "scope="+scope, "method=plug")...)
			}
		}
	}
}

// meters are read each half hour of the last days, and each six hours before, as far back as readings are kept. One of them began anew a week ago. Their
// days go further back.
func (w *world) meters() {
	for _, m := range []struct{ number, site, kind string }{{"11", "1", "building"}, {"12", "1", "plug"}, {"13", "2", "building"}, {"14", "9", "pdu"}} {
		for day := w.now.AddDate(-1, -1, 0).Truncate(24 * time.Hour); day.Before(w.now); day = day.AddDate(0, 0, 1) {
			f := collector.Fields{"wh": 1000 * draw("day", m.number, day), "covered_s": 86_400}
			w.add(collector.DayMeter, day, tags("meter="+m.number, "site="+m.site, "kind="+m.kind), 0, f)
		}
		wh := 5e6
		for at := w.now.AddDate(0, 0, -80).Truncate(24 * time.Hour).Add(7 * time.Minute); at.Before(w.now); {
			wh += 10 * draw("meter", m.number, at)
			if m.number == "11" && at.Equal(w.now.Truncate(24*time.Hour).AddDate(0, 0, -7).Add(13*time.Hour+7*time.Minute)) {
				wh = 3
			}
			t := tags("meter="+m.number, "site="+m.site, "kind="+m.kind)
			w.add(collector.MeterEnergy, at, t, 0, collector.Fields{"wh": wh})
			w.add(collector.MeterPower, at, t, 0, collector.Fields{"w": draw("power", m.number, at)})
			if at.Before(w.now.AddDate(0, 0, -45)) {
				at = at.Add(6 * time.Hour)
			} else {
				at = at.Add(30 * time.Minute)
			}
		}
	}
}

// pages are addresses with all that a regular expression may stumble over.
func pages() []string {
	return []string{"https://a.example/", "https://a.example/?q=(1+2)|$x", "https://a.example/é.html", "https://a.example/x/[y]"}
}

func (w *world) websites() {
	today := w.now.Truncate(24 * time.Hour)
	for run := range 60 {
		at, version := today.AddDate(0, 0, -7*run), "v0.4.0"
		if run >= 2 {
			version = "v0.3.0"
		}
		for _, site := range []string{"4 browser", "6 two-speed"} {
			number, mode, _ := strings.Cut(site, " ")
			f := collector.Fields{"median": 1, "pages": 10 + float64(run), "measured": 5, "failed": float64(run % 3), "size_kb": 1000 * draw("size", number, run)}
			f["mean"] = draw("mean", number, run) / 10
			if number == "6" {
				f["mean_low"], f["mean_high"] = f["mean"]-1, f["mean"]+2
			}
			for _, g := range "abcdefg" {
				f["grade_"+string(g)] = draw("grade", number, string(g), run)
			}
			if run == 1 { // somebody measured it twice that day, and the program was renewed in between
				earlier := collector.Fields{}
				for f := range f {
					earlier[f] = draw("earlier", number, f) / 10
				}
				w.add(collector.SiteScore, at, tags("website="+number, "mode="+mode, "protocol=p1", "url=https://a.example/", "version=v0.3.0"), 0, earlier)
			}
			w.add(collector.SiteScore, at.Add(time.Second), tags("website="+number, "mode="+mode, "protocol=p1", "url=https://a.example/", "version="+version), 0, f)
			for i, url := range pages() {
				for _, how := range []string{"browser", "static"} {
					if i == 2 && run < 4 {
						continue // not measured lately
					}
					w.add(collector.PageScore, at, tags("website="+number, "mode="+how, "protocol=p1", "url="+url, "version="+version), 0, collector.Fields{
						"dom": draw("dom", number, url, how, run), "requests": draw("req", number, url, how, run), "size_kb": draw("kb", number, url, how, run),
						"score": 50, "score_raw": draw("score", number, url, how, run) / 10,
					})
				}
			}
		}
	}
}
