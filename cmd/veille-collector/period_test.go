package main

import (
	"strings"
	"testing"

	"veille/cmd/internal/command"
	"veille/collector"
)

func TestAPeriodIsOfWholeMonths(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		first    collector.Month
		last     collector.Month
		says     string // the error, "" for none
	}{
		{"2025-09", "2026-08", "2025-09", "2026-08", ""},
		{"2025-09-01", "2026-08-31", "2025-09", "2026-08", ""},
		{"2024-02-01", "2024-02-29", "2024-02", "2024-02", ""},
		{"2025-09", "2025-09", "2025-09", "2025-09", ""},
		{"2025-09-15", "2026-08", "", "", "--from 2025-09-15: figures are of whole months; give 2025-09-01 or 2025-10-01"},
		{"2025-09-30", "2026-08", "", "", "give 2025-09-01 or 2025-10-01"},
		{"2025-12-02", "2026-08", "", "", "give 2025-12-01 or 2026-01-01"},
		{"2025-09", "2026-08-01", "", "", "--to 2026-08-01: figures are of whole months; give 2026-07-31 or 2026-08-31"},
		{"2025-09", "2026-02-27", "", "", "give 2026-01-31 or 2026-02-28"},
		{"2025-09", "2026-02-30", "", "", "--to \"2026-02-30\" is neither a month like 2026-01 nor the date"},
		{"September", "2026-02", "", "", "--from \"September\" is neither"},
		{"2025-13", "2026-02", "", "", "--from \"2025-13\" is neither"},
		{"2026-08", "2025-09", "", "", "2025-09 is before 2026-08"},
		{"", "2025-09", "", "", "give --from and --to"},
		{"2025-09", "", "", "", "give --from and --to"},
		{"2023-09", "2026-08", "2023-09", "2026-08", ""},
		{"2023-08", "2026-08", "", "", "more than the 36 months"},
	} {
		p := period{tt.from, tt.to}
		from, to, err := p.ofReport()
		if tt.says == "" {
			if err != nil || from != tt.first || to != tt.last {
				t.Errorf("%q to %q: %s to %s, %v", tt.from, tt.to, from, to, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.says) || command.Status(err) != command.Misuse {
			t.Errorf("%q to %q: %v; want %s", tt.from, tt.to, err, tt.says)
		}
	}
}
