package survey

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"veille/ecoindex/practice"
	"veille/ecoindex/site"
)

// written is a journal of a site of so many pages, each with 10 files, 50 links and 20 practices that fail for 5 reasons: five
// of them for files of its own.
func written(t testing.TB, pages int) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "j")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	at := func(n int) string {
		return fmt.Sprintf("https://www.example.org/chapter/%d/a-page-with-a-long-name-%d.html", n%40, n)
	}
	line := func(v any) {
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	line(map[string]any{"site": map[string]any{"version": 1, "start": []string{at(0)}}})
	line(map[string]any{"seeds": map[string]any{"urls": []string{at(0)}}})
	for n := range pages {
		r := Result{Figures: Figures{DOM: 500, Requests: 30, SizeKB: 900}, At: "2026-11-02T02:04:05Z", Print: make([]byte, 140), ETag: fmt.Sprintf(`"%016x"`, n)}
		r.Head = Head{Title: fmt.Sprintf("%08d", n), Description: fmt.Sprintf("%08d", n/2), Text: fmt.Sprintf("%08d", n)}
		for i := range 10 {
			a := Asset{URL: fmt.Sprintf("https://www.example.org/theme/files/shared-%d-%d.css", n%20, i), Bytes: int64(1000 + i), Hash: fmt.Sprintf("%08d", i)}
			if i < 3 {
				a.URL = fmt.Sprintf("https://www.example.org/pictures/of-page-%d-%d.jpg", n, i)
			}
			r.Assets = append(r.Assets, a)
		}
		for i := range 20 {
			k := practice.Kept{ID: fmt.Sprintf("practice-%d", i), Measured: float64(n)}
			for o := range 5 {
				bad := practice.KeptOffender{URL: r.Assets[3+o].URL, Detail: "max-age: –", Bytes: int64(1000 + o)}
				if i < 5 {
					bad = practice.KeptOffender{URL: r.Assets[o%3].URL, Detail: fmt.Sprintf("%d B", n), Bytes: int64(n)}
				}
				k.Offenders = append(k.Offenders, bad)
			}
			r.Failed = append(r.Failed, k)
		}
		for i := range 25 {
			r.Verdicts = append(r.Verdicts, practice.Verdict{Criterion: fmt.Sprintf("%d.%d", i/9, i%9), Status: practice.Passed})
		}
		var links []string
		for i := range 50 {
			links = append(links, at((n*(i%5+1)+i)%pages))
		}
		line(map[string]any{"page": map[string]any{"n": n, "url": at(n), "state": site.Seen, "links": links, "result": r}})
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return name
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestASurveyOf20000PagesTakesLessThan150MB(t *testing.T) {
	const pages = 400
	j := journal(t, written(t, pages))
	before := heap()
	s, err := Read(j)
	if err != nil {
		t.Fatal(err)
	}
	held := heap() - before
	a := s.Audit()
	audited := heap() - before
	t.Logf("%d bytes a page, with its audit %d", held/pages, audited/pages)
	if held/pages > 7500 || audited/pages > 7500 || len(a.Rules) == 0 {
		t.Errorf("%d bytes a page; 20,000 of them are %d MB", audited/pages, audited/pages*20_000/1e6)
	}
	runtime.KeepAlive(s)
}

// One site of 20,000 pages: time and bytes to read it and to judge it.
func BenchmarkAudit(b *testing.B) {
	const pages = 20_000
	name := written(b, pages)
	j, err := site.OpenJournal(name)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	for b.Loop() {
		before := heap()
		s, err := Read(j)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(heap()-before)/pages, "held-B/page")
		s.Audit()
		b.ReportMetric(float64(heap()-before)/pages, "audited-B/page")
		runtime.KeepAlive(s)
	}
}
