package table_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"veille/collector/table"
)

// headed is a file of the largest size.
func headed(begin, with string) []byte {
	return []byte(begin + strings.Repeat(with, (table.MaxFile-len(begin))/len(with)))
}

// hostile are files of the largest size, by how they begin and what comes again and again behind it, each the worst of its kind that we could think of.
func hostile() map[string][2]string {
	long := strings.Repeat("x", 150)
	return map[string][2]string{
		"quotes":                     {"", `"`},
		"quotes and ends of lines":   {"", "\"\n"},
		"one line":                   {"", "x"},
		"columns":                    {"", "a;"},
		"columns by two separators":  {"", "a;b,"},
		"many columns of one name":   {"", "asset;"},
		"empty columns":              {"", ";"},
		"empty lines":                {"", "\n"},
		"titles of many cells":       {"", strings.Repeat("a;", 20000) + "\n"},
		"short lines":                {"asset;class\n", "a;b\n"},
		"wrong lines":                {"asset;class\n", "a\n"},
		"cells that go on and on":    {"asset;class\n", "x\";\"x\n"},
		"long cells that go on":      {"asset;class\n", long + "\";\"" + long + "\n"},
		"quotes that are not closed": {"asset;class\n", "\"" + strings.Repeat("x", 330) + "\n"},
		"one cell in quotes":         {"asset;class\n\"", "\"\""},
		"marks above letters":        {"e", "\u0301"},
		"UTF-16":                     {"\xff\xfe", "a\x00;\x00"},
		"Windows-1252":               {"", "\xe9;"},
		"neither":                    {"", "é\xe9\xe9"},
		"letters of many letters":    {"", "\ufdfa;"},
		"binary":                     {"", "PK\x03\x04"},
		"sep":                        {"sep=;\n", "sep=;\n"},
	}
}

func TestTheWorstFilesTakeLittleTimeAndMemory(t *testing.T) {
	columns := []table.Column{
		{Name: "asset", Known: []string{"numéro de série", "serial", "n° de série", "id", "nom"}, Needed: true},
		{Name: "class", Known: []string{"type", "catégorie", "genre", "category"}, Needed: true},
		{Name: "site", Known: []string{"lieu", "location", "entité"}},
		{Name: "bought", Known: []string{"date d'achat", "achat"}},
	}
	for name, of := range hostile() {
		t.Run(name, func(t *testing.T) {
			file := headed(of[0], of[1])
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			done := make(chan struct{})
			most := uint64(0)
			go func() {
				defer close(done)
				_, _ = table.Read(file, columns)
			}()
			for running := true; running; {
				select {
				case <-done:
					running = false
				case <-time.After(20 * time.Millisecond):
				}
				runtime.ReadMemStats(&after)
				most = max(most, after.HeapInuse)
				if time.Since(start) > 60*time.Second {
					t.Fatal("given up after a minute")
				}
			}
			took, used := time.Since(start), int64(most-before.HeapInuse)>>20
			t.Logf("%s, %d MB", took.Round(time.Millisecond), used)
			if took > 10*time.Second || used > 400 {
				t.Errorf("it takes %s and %d MB", took, used)
			}
		})
	}
}
