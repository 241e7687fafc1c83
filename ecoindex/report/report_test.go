package report_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/ecoindex"
	"veille/ecoindex/report"
	"veille/ecoindex/web"
)

// page is a measured page; its result is computed.
func page(t *testing.T, asked string, measured web.Page) report.Page {
	t.Helper()
	result, err := ecoindex.Compute(measured.Measure())
	if err != nil {
		t.Fatal(err)
	}
	return report.Page{Asked: asked, Mode: "static", Protocol: "static", Page: measured, Result: result, Took: 1234 * time.Millisecond}
}

// pages are one of each kind: heavy and broken, light, not measured, and one with all that a page can have.
func pages(t *testing.T) []report.Page {
	t.Helper()
	heavy := page(t, "https://www.example.org", web.Page{
		URL: "https://www.example.org/fr/?a=1&b=2", DOM: 900, Requests: 52, SizeKB: 1010.5,
		Resources: []web.Resource{
			{URL: "https://www.example.org/", Kind: web.Document, Status: 302, Bytes: 300},
			{URL: "https://www.example.org/fr/?a=1&b=2", Kind: web.Document, Status: 200, Bytes: 400_000},
			{URL: "https://www.example.org/photo.jpg", Kind: web.Image, Status: 200, Bytes: 410_000},
			{URL: "https://cdn.example.net/app.js", Kind: web.Script, Status: 200, Bytes: 123_456},
			{URL: "https://tiles.example.net/none", Kind: web.Fetch, Problem: "nobody answers"},
		},
		Parts: []web.Part{{Path: "#content > ul.results", Elements: 512}, {Path: "#menu", Elements: 98}},
		Notes: []string{"scripts were not run"},
	})
	heavy.Breaches = []report.Breach{{What: "score", Text: "score 49 is under 75"}, {What: "size_kb", Text: "1010.5 kB are more than 1000"}}

	light := page(t, "https://www.example.org/light", web.Page{URL: "https://www.example.org/light", DOM: 6, Requests: 1, SizeKB: 0.3})

	lost := report.Page{
		Asked: "https://nowhere.example/", Mode: "browser", Protocol: "ecoindex-2026", Took: time.Second, Screenshot: "shots/1.png",
		Err: &web.Error{Code: web.CodeDNS, URL: "https://nowhere.example/", Text: "the name has no address; check its spelling"},
	}

	frames := 120
	whole := page(t, "https://www.example.org/map", web.Page{
		URL: "https://www.example.org/map", DOM: 400, Requests: 30, SizeKB: 500, DOMFrames: &frames,
		Notes: []string{"the page was scrolled"},
	})
	whole.Mode, whole.Protocol, whole.Step = "browser", "ecoindex-2026", "before consent"
	whole.Runs = &report.Runs{
		Asked: 5, Measured: 4, DOM: report.Spread{Min: 400, Max: 402}, Requests: report.Spread{Min: 30, Max: 30},
		SizeKB: report.Spread{Min: 499.5, Max: 512}, Score: report.Spread{Min: whole.Result.Raw, Max: whole.Result.Raw + 0.5},
	}
	again := page(t, "", web.Page{DOM: 400, Requests: 5, SizeKB: 12})
	whole.Repeat = &report.Repeat{Page: again.Page, Result: again.Result, Cached: 25}
	return []report.Page{heavy, light, lost, whole}
}

// options are those of the goldens: the reference's model.
func options(t *testing.T) report.Options {
	t.Helper()
	f, err := ecoindex.DefaultFootprint()
	if err != nil {
		t.Fatal(err)
	}
	return report.Options{Footprint: &f, Version: "1.2.3", Started: time.Date(2026, 3, 1, 11, 0, 0, 0, time.FixedZone("", 3600))}
}

type maker func(w io.Writer, o report.Options) report.Writer

// makers are all writers, by the extension of their golden.
func makers() map[string]maker {
	return map[string]maker{
		"txt":   func(w io.Writer, o report.Options) report.Writer { return report.NewText(w, o) },
		"json":  func(w io.Writer, o report.Options) report.Writer { return report.NewJSON(w, o) },
		"csv":   func(w io.Writer, o report.Options) report.Writer { return report.NewCSV(w, o) },
		"xml":   func(w io.Writer, o report.Options) report.Writer { return report.NewJUnit(w, o) },
		"sarif": func(w io.Writer, o report.Options) report.Writer { return report.NewSARIF(w, o) },
	}
}

func render(t *testing.T, newWriter maker, o report.Options, list ...report.Page) string {
	t.Helper()
	var out bytes.Buffer
	w := newWriter(&out, o)
	for _, p := range list {
		if err := w.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got\n%s", name, got)
	}
}

func TestEveryFormatIsAsItsGolden(t *testing.T) {
	for extension, newWriter := range makers() {
		t.Run(extension, func(t *testing.T) {
			golden(t, "pages."+extension, render(t, newWriter, options(t), pages(t)...))
			golden(t, "none."+extension, render(t, newWriter, options(t)))
		})
	}
}

func TestOtherConventionsAndModelsAreSaid(t *testing.T) {
	swd4, err := ecoindex.SWD4Footprint()
	if err != nil {
		t.Fatal(err)
	}
	o := report.Options{Basis: ecoindex.FromRaw, Footprint: &swd4, Color: true, Resources: true}
	for _, extension := range []string{"txt", "json"} {
		golden(t, "raw-swd4."+extension, render(t, makers()[extension], o, pages(t)...))
	}
	for extension, newWriter := range makers() {
		if out := render(t, newWriter, report.Options{}, pages(t)...); strings.Contains(out, "CO2") || strings.Contains(out, "ecoindex.fr") {
			t.Errorf("%s without a model says\n%s", extension, out)
		}
	}
}

// full answers an error to every write.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAReportThatCannotBeWrittenIsAnError(t *testing.T) {
	for extension, newWriter := range makers() {
		w := newWriter(full{}, options(t))
		err := errors.Join(w.Write(pages(t)[0]), w.Close())
		if !errors.Is(err, errFull) || !strings.Contains(err.Error(), "write the report: ") {
			t.Errorf("%s on a full disk says %v", extension, err)
		}
	}
}
