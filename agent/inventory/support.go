package inventory

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strings"
	"time"
)

//go:embed support.csv
var supportTable string

// Support is until when a version of a system gets security fixes, as support.csv has it.
type Support struct {
	Version  string // as Machine.OSVersion
	End      string // last day of the regular support, 2006-01-02; "" when its maker says none
	Extended string // last day of fixes to be had otherwise, for money, by registration or from volunteers; "" when there are none
	What     string // what ends, and who gives the rest
	Source   string // where the dates are from
	Checked  string // the day they were looked up, 2006-01-02; "" when they could not be checked
}

// Over tells whether the regular support has ended on a day. The day of the end is still supported.
func (s Support) Over(today time.Time) bool {
	return s.End != "" && today.Format(time.DateOnly) > s.End
}

// EndOfSupport is the support of a version, when it is known: versions that are not in the table have none, nor those whose
// maker publishes no date, nor those whose date could not be checked.
func EndOfSupport(version string) (Support, bool) {
	if version == "" {
		return Support{}, false
	}
	table, err := SupportTable()
	if err != nil {
		return Support{}, false // a test reads the table: it can be read
	}
	for _, s := range table {
		if s.Version == version && s.End != "" && s.Checked != "" {
			return s, true
		}
	}
	return Support{}, false
}

// SupportDate is the last day on which dates of the table were looked up, so that a report can say how old it is.
func SupportDate() string {
	latest := ""
	table, err := SupportTable()
	if err != nil {
		return ""
	}
	for _, s := range table {
		latest = max(latest, s.Checked)
	}
	return latest
}

// SupportTable is the whole table, those lines included that are still to be checked.
func SupportTable() ([]Support, error) {
	lines, err := csv.NewReader(strings.NewReader(supportTable)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the table of support: %w", err)
	}
	const columns = "version,end,extended,what,source,checked"
	if len(lines) == 0 || strings.Join(lines[0], ",") != columns {
		return nil, fmt.Errorf("read the table of support: its columns are not %s", columns)
	}
	var table []Support
	for _, l := range lines[1:] {
		table = append(table, Support{Version: l[0], End: l[1], Extended: l[2], What: l[3], Source: l[4], Checked: l[5]})
	}
	return table, nil
}
