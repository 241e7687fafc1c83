package power

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// PlainAppleBattery is an answer of macOS' registry with what a Battery reads of it and nothing else: neither serial
// numbers nor the battery's maker and date. It is a property list like the answer.
func PlainAppleBattery(answer []byte) ([]byte, error) {
	list, err := parseAppleBatteries(answer)
	if err != nil {
		return nil, fmt.Errorf("read what ioreg answers: %w", err)
	}
	var text strings.Builder
	text.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><array>\n")
	for _, b := range list {
		var inner []string
		text.WriteString("<dict>\n")
		for _, key := range slices.Sorted(maps.Keys(b)) {
			short, below := strings.CutPrefix(key, "BatteryData/")
			line := fmt.Sprintf("<key>%s</key>%s\n", short, plistValue(key, b[key]))
			if below {
				inner = append(inner, line)
				continue
			}
			text.WriteString(line)
		}
		if len(inner) > 0 {
			fmt.Fprintf(&text, "<key>BatteryData</key><dict>\n%s</dict>\n", strings.Join(inner, ""))
		}
		text.WriteString("</dict>\n")
	}
	text.WriteString("</array></plist>\n")
	return []byte(text.String()), nil
}

func plistValue(key string, value int64) string {
	integer, _ := wanted(key)
	switch {
	case integer:
		return fmt.Sprintf("<integer>%d</integer>", value)
	case value != 0:
		return "<true/>"
	}
	return "<false/>"
}
