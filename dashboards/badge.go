package dashboards

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/dashboards/frame"
)

// badgeDrawing is the data of templates/badge.html.
type badgeDrawing struct {
	language
	Text, Title          string
	Label, Width, Middle int // of the left part, of the whole, and of the text of the right part
	LabelMiddle          int
	TextWidth            int
	Fill                 string
}

// Right is where the round corners of the right begin.
func (b badgeDrawing) Right() int { return b.Width - 3 }

// letter is about how wide a letter of the badge is; the texts are drawn to the width that follows.
const letter = 6.5

func (h *Handler) badge(w http.ResponseWriter, r *http.Request, s site) error {
	last, err := h.lastRun(r, s)
	if err != nil {
		return err
	}
	l := h.frame.Choose(r)
	b := badgeDrawing{language: l, Label: 64, LabelMiddle: 32, Fill: "#ddd", Text: l.Say("badge.none")}
	name := strings.Map(func(r rune) rune { // XML has no control characters
		if unicode.IsControl(r) || r == '\ufffe' || r == '\uffff' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s.Name, "?"))
	if utf8.RuneCountInString(name) > frame.MostShown {
		name = string([]rune(name)[:frame.MostShown]) + "…"
	}
	b.Title = l.Say("badge.title.none", name)
	if last != nil {
		g := last.Grade()
		day := l.Day(dateOf(last.At))
		b.Fill, b.Text = colour(string(g)), string(g)+" "+l.Score(last.Mean.Value)+" · "+day
		b.Title = l.Say("badge.title", name, string(g), page{frame.Page{Language: l}}.Range(last.Mean), day)
	}
	b.TextWidth = int(letter * float64(utf8.RuneCountInString(b.Text)))
	b.Width = b.Label + b.TextWidth + 16
	b.Middle = b.Label + (b.Width-b.Label)/2
	var out bytes.Buffer
	if err := h.frame.Execute(&out, "badge.svg.html", b); err != nil {
		return err
	}
	w.Header().Add("Vary", "Accept-Language")
	cache := "no-cache"
	if s.public {
		cache = "public, max-age=86400"
	}
	h.keep(w, r, "image/svg+xml; charset=utf-8", cache, out.Bytes())
	return nil
}

// colour is the one of a grade, on which black can be read.
func colour(grade string) string {
	return map[string]string{
		"A": "#349a47", "B": "#51b84b", "C": "#cadb2a", "D": "#f6eb15", "E": "#fecd06", "F": "#f99839", "G": "#ed2124",
	}[grade]
}

// keep answers a body that others may keep for a while, and that they need not get again while it is the same.
func (h *Handler) keep(w http.ResponseWriter, r *http.Request, kind, cache string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	header := w.Header()
	header.Set("Content-Type", kind)
	header.Set("Cache-Control", cache)
	header.Set("ETag", "W/"+tag) // compressed or not, it says the same
	for known := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if known = strings.TrimPrefix(strings.TrimSpace(known), "W/"); known == tag || known == "*" {
			header.Add("Vary", "Accept-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.frame.Send(w, r, http.StatusOK, body)
}
