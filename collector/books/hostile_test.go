package books_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"veille/collector/books"
	"veille/collector/table"
)

// full is a table of a fifth of the lines that one may have: what takes long for so many takes for ever for all.
func full(head string, line func(i int) string) []byte {
	var b strings.Builder
	b.WriteString(head)
	for i := range table.MaxRows / 5 {
		text := line(i)
		if b.Len()+len(text) > table.MaxFile {
			break
		}
		b.WriteString(text)
	}
	return []byte(b.String())
}

func TestALargeTableOfAnythingIsReadOrRefusedSoon(t *testing.T) {
	day := func(i int) string { return time.Date(2016, 1, 1+i%3600, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }
	for name, c := range map[string]struct {
		file []byte
		read func([]byte) error
	}{
		"readings of many meters": {
			full("site;meter;from;to;kwh\n", func(i int) string { return fmt.Sprintf("A;M%d;%s;%s;1\n", i, day(i), day(i)) }),
			func(f []byte) error { _, err := books.Readings(f, "x", "2026-11-20"); return err },
		},
		"readings that overlap": {
			full("site;meter;from;to;kwh\n", func(i int) string { return fmt.Sprintf("A;M;%s;2026-01-01;1\n", day(i)) }),
			func(f []byte) error { _, err := books.Readings(f, "x", "2026-11-20"); return err },
		},
		"quantities": {
			full("quantity;from;to;value;site\n", func(i int) string { return fmt.Sprintf("staff;2026-01;2026-01;%d;S%d\n", i, i) }),
			func(f []byte) error { _, err := books.Quantities(f, "x"); return err },
		},
		"quantities that are wrong": {
			full("quantity;from;to;value;site\n", func(i int) string { return fmt.Sprintf("x%d;2026-01;2026-01;%d;S%d\n", i, i, i) }),
			func(f []byte) error { _, err := books.Quantities(f, "x"); return err },
		},
		"factors": {
			full("id;value;unit;year;source\n", func(i int) string { return fmt.Sprintf("own%d;2;kg;2025;s\n", i) }),
			func(f []byte) error { _, err := books.Factors(f); return err },
		},
		"prices": {
			full("from;euro_per_kwh;tax\n", func(i int) string { return fmt.Sprintf("%04d-%02d;0,2;HT\n", 1900+i/12, 1+i%12) }),
			func(f []byte) error { _, err := books.Prices(f, "x"); return err },
		},
		"grid": {
			full("criterion;priority;status\n", func(i int) string { return fmt.Sprintf("%d.%d;priority;validated\n", 1+i%9, i) }),
			func(f []byte) error { _, err := books.Grid(f); return err },
		},
	} {
		start := time.Now()
		err := c.read(c.file)
		took := time.Since(start)
		t.Logf("%s: %d bytes, %s, %v", name, len(c.file), took.Round(time.Millisecond), err != nil)
		if took > 10*time.Second || err != nil && len(err.Error()) > 20_000 {
			t.Errorf("%s: it takes %s", name, took)
		}
	}
}
