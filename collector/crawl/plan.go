package crawl

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"veille/collector"
)

// daysOf is how many days lie between two measures of a website.
func daysOf(w collector.Website) int { return min(max(w.EveryDays, 1), 365) }

// planAfter plans a website that was measured. The first repetition comes earlier by the number of the website, so that those that were
// registered on one day are measured on different ones.
func planAfter(w collector.Website, on time.Time, first bool) collector.WebPlan {
	days := daysOf(w)
	if first {
		days -= int(w.ID % int64(days))
	}
	return collector.WebPlan{NextOn: collector.DateOf(on.AddDate(0, 0, days))}
}

// planInVain plans a website that could not be measured: tomorrow, then in two and in four days, then as ever; never later than as ever.
func planInVain(w collector.Website, on time.Time, problem string) collector.WebPlan {
	days := daysOf(w)
	if w.Tries < 3 {
		days = min(days, 1<<max(w.Tries, 0))
	}
	return collector.WebPlan{NextOn: collector.DateOf(on.AddDate(0, 0, days)), Tries: w.Tries + 1, Problem: sentence(problem)}
}

// mostSentence is how long a problem or a note may be, in bytes.
const mostSentence = 500

// sentence is a text in one line, no longer than mostSentence: a site may have a say in it.
func sentence(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
	if len(text) <= mostSentence {
		return text
	}
	cut := mostSentence - len("…")
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
