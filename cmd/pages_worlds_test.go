package cmd_test

import (
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// world is a collector that runs, and somebody who has signed in.
type world struct {
	name    string
	data    string
	address string // of the collector, for who has not signed in
	signed  string // where it answers a user with all roles
}

// manage runs a command of the collector on a folder.
func manage(t *testing.T, data string, args ...string) string {
	t.Helper()
	return do(t, nil, append(append([]string{"veille-collector"}, args...), "--data", data)...)
}

// opened starts the collector of a folder that has a site, and signs in.
func opened(t *testing.T, name, data string) world {
	t.Helper()
	c := start(t, true, "veille-collector", "serve", "--data", data, "--listen", "127.0.0.1:0", "--browser", "none")
	return world{name, data, c.first, signIn(t, data, c.first)}
}

// simulated fills a new folder with the history of machines that do not exist.
func simulated(t *testing.T, machines, sites, days int, more ...string) (data string) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	do(t, nil, append([]string{
		"veille-fleet", "simulate", "--machines", strconv.Itoa(machines), "--sites", strconv.Itoa(sites), "--days", strconv.Itoa(days),
		"--through", "store", "--roll-up-every", "28", "--data", data,
	}, more...)...)
	return data
}

// region is a world with something of everything. Its sites are so small that some of their groups are hidden.
func region(t *testing.T) world {
	t.Helper()
	now := time.Now()
	month := func(back int) string { return now.AddDate(0, -back, 1-now.Day()).Format("2006-01") }
	policy := month(7) + "-01"
	data := simulated(t, 200, 6, 430, "--sleep-policy", policy+":0.85:20")
	manage(t, data, "org", "set", "--contact", "dpo@example.org", "--dpo", "Camille Martin")
	manage(t, data, "price", "set", "--from", month(14), "--euro", "0.236", "--tax", "included", "--source", "contract")
	manage(t, data, "price", "set", "--from", month(7), "--euro", "0.208", "--tax", "included", "--source", "contract")
	manage(t, data, "action", "add", "Sleep after 20 minutes", "--measure", "sleep-policy", "--on", policy, "--baseline", month(13)+":"+month(8), "--owner", "IT department")
	manage(t, data, "action", "add", "Rooms switched off", "--measure", "switch-off", "--on", month(3)+"-01", "--baseline", month(9)+":"+month(4), "--site", "3")
	manage(t, data, "target", "add", "--indicator", "outside_share", "--value", "20", "--by", now.AddDate(1, 0, 0).Format("2006-01"), "--note", "decided by the board")
	manage(t, data, "target", "add", "--indicator", "kwh", "--value", "900", "--by", now.AddDate(1, 0, 0).Format("2006-01"), "--site", "1")
	manage(t, data, "site", "set", "--site", "2", "--open=true")
	manage(t, data, "calendar", "close", now.AddDate(0, 1, 0).Format(time.DateOnly), "--all", "--name", "Stocktaking")
	manage(t, data, "token", "create", "--site", "1", "--machines", "30", "--note", "for the rooms")
	year := strconv.Itoa(now.Year() - 6)
	table := filepath.Join(t.TempDir(), "equipment.csv")
	text := "site;class;bought;as;count\n1;desktop;" + year + "-09;new;30\n1;monitor;" + year + "-09;reused;30\n2;notebook;" + strconv.Itoa(now.Year()-1) + "-03;refurbished;12\n" +
		"2;printer;;new;4\n3;desktop;" + strconv.Itoa(now.Year()-2) + "-05;new;25\n"
	if err := os.WriteFile(table, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	manage(t, data, "inventory", "import", table)
	addSite(t, data, "Manual", newManual(t, 3).URL+"/")
	manage(t, data, "website", "measure", "Manual", "--allow-private", "--browser", "none")
	return opened(t, "region", data)
}

// oneMachine is a world with a single machine at a single site.
func oneMachine(t *testing.T) world {
	t.Helper()
	return opened(t, "one", simulated(t, 1, 1, 45))
}

// empty is a world on its first day: a site, and nothing that was measured.
func empty(t *testing.T) world {
	t.Helper()
	data := t.TempDir()
	manage(t, data, "site", "add", "Lycée Marie-Curie")
	return opened(t, "empty", data)
}

// TestScreenshots takes a picture of every page of each world, at both widths, by day and by night, in both languages. It is for people who want
// to look at the pages: SCREENSHOTS names the folder where they are written, as world/path_width_scheme_language.png, and without it nothing is done.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" || !hasChromium(t) {
		t.Skip("SCREENSHOTS names no folder")
	}
	b := newWindow(t)
	for _, w := range []world{region(t), oneMachine(t), empty(t)} {
		if err := os.MkdirAll(filepath.Join(folder, w.name), 0o755); err != nil { //nolint:gosec // pictures of machines that do not exist
			t.Fatal(err)
		}
		for _, p := range w.pages(t, 1) {
			for _, width := range []int{1280, 360} {
				for _, scheme := range []string{"light", "dark"} {
					name := picture(p, w.address, strconv.Itoa(width), scheme)
					b.wears(t, width, scheme)
					b.open(t, p.at)
					b.shoot(t, filepath.Join(folder, w.name, name), width)
				}
			}
		}
	}
}

// picture is the name of a file with a page, in which no path can be.
func picture(p leaf, address, width, scheme string) string {
	at, err := url.Parse(p.at)
	if err != nil {
		return "unnamed.png"
	}
	path := strings.ReplaceAll(strings.Trim(at.Path, "/"), "/", "-")
	if path == "" {
		path = "overview"
	}
	for _, key := range slices.Sorted(maps.Keys(at.Query())) {
		if key != "lang" {
			path += "-" + key
		}
	}
	if strings.HasPrefix(p.at, address) {
		path += "-stranger"
	}
	return strings.Join([]string{path, width, scheme, at.Query().Get("lang")}, "_") + ".png"
}

// shoot writes a picture of the whole page that was opened.
func (b window) shoot(t *testing.T, name string, width int) {
	t.Helper()
	var taken struct{ Data []byte }
	b.call(t, "Page.captureScreenshot", map[string]any{
		"format": "png", "captureBeyondViewport": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": width, "height": eval[int](t, b.tab, "document.documentElement.scrollHeight"), "scale": 1},
	}, &taken)
	if err := os.WriteFile(name, taken.Data, 0o644); err != nil { //nolint:gosec // pictures of machines that do not exist
		t.Fatal(err)
	}
}
