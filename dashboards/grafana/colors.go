package grafana

// The colours, apart for all kinds of sight, dark and light; a test says so.
const (
	vermilion = "#d55e00"
	amber     = "#f0b429"
	sky       = "#7cc4ec"
	blue      = "#0a6db5"
	grey      = "#9aa0a6"
	ink       = "text" // what the theme writes with
)

// colorsOf are the colours of the values of a tag.
func colorsOf(tag string) map[string]string {
	switch tag {
	case "part":
		return map[string]string{"open": sky, "night": blue, "weekend": amber, "holiday": vermilion, "mixed": grey}
	case "use":
		return map[string]string{"individual": blue, "shared": amber, "server": sky}
	case "kind":
		return map[string]string{"building": grey, "pdu": blue, "plug": amber, "server": sky}
	}
	return nil
}

// stateColors are those of what machines do.
func stateColors() map[string]string {
	return map[string]string{"on": vermilion, "display_off": amber, "sleep": sky, "off": blue, "unknown": grey}
}

// gradeColors go from blue to orange, and never from red to green. Each stands beside its letter.
func gradeColors() map[string]string {
	return map[string]string{"a": "#2166ac", "b": "#4393c3", "c": "#92c5de", "d": "#b8b8b8", "e": "#fdb863", "f": "#e08214", "g": "#b35806"}
}

// bandsOf are the words for ranges of a column's values; nil where it shows numbers.
func bandsOf(id string, b *board) []mapping {
	band := func(from, to float64, text, color string) mapping {
		return mapping{"range", bounds{&from, &to, result{Text: text, Color: color}}}
	}
	const far = 1e9
	colors := gradeColors()
	switch id {
	case "grade": // of two that a limit is in, Grafana takes the first: so it is rounded half to even
		return []mapping{
			band(-far, 10.5, "G", colors["g"]), band(25.5, 40.5, "E", colors["e"]), band(10.5, 25.5, "F", colors["f"]), band(55.5, 70.5, "C", colors["c"]),
			band(40.5, 55.5, "D", colors["d"]), band(70.5, 80.5, "B", colors["b"]), band(80.5, far, "A", colors["a"]),
		}
	case "trend":
		return []mapping{
			band(-far, -3, "▼ "+b.say("trend.falling"), vermilion), band(3, far, "▲ "+b.say("trend.rising"), blue), band(-3, 3, "= "+b.say("trend.steady"), grey),
		}
	}
	return nil
}
