package practice

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// oldContent is the age of the page in years: since the day that it says it was last changed, or else that its server says, until the
// day of its answer. It informs: an old page may be right.
func oldContent() Check {
	return Check{
		ID: "old-content", RWEB: []string{"0116"}, RefID: []string{"4036"}, Most: 1,
		Title: Words{"Âge du contenu, en années", "Age of the content, in years"},
		Advice: Words{
			"Relisez cette page : mettez-la à jour, ou retirez-la avec ses images et ses documents si elle ne sert plus, car ce qui est publié se stocke et se sauvegarde.",
			"Read this page again: bring it up to date, or remove it with its pictures and documents if nobody needs it, as what is published is stored and backed up.",
		},
		Look: func(v *View) Finding {
			e := pageExchange(v)
			if e == nil {
				return Finding{Status: Nothing, Why: Words{"l’heure du serveur manque", "the time of the server is missing"}}
			}
			now, err := http.ParseTime(e.Header.Get("Date"))
			if err != nil {
				return Finding{Status: Nothing, Why: Words{"l’heure du serveur manque", "the time of the server is missing"}}
			}
			if age, err := strconv.Atoi(e.Header.Get("Age")); err == nil && age > 0 && age < 1<<30 {
				now = now.Add(time.Duration(age) * time.Second) // it comes from a cache
			}
			changed := saidChanged(v)
			if changed.IsZero() {
				changed, err = http.ParseTime(e.Header.Get("Last-Modified"))
			}
			if err != nil || changed.After(now) {
				return Finding{Status: Nothing, Why: Words{"aucune date de modification", "no date of change"}}
			}
			years := now.Sub(changed).Hours() / 24 / 365.25
			return judge(years, 1, []Offender{{URL: v.URL, Detail: changed.Format(time.DateOnly)}}, Saving{})
		},
	}
}

// saidChanged is the last day of change that the page says, or else of publication; zero for none.
func saidChanged(v *View) time.Time {
	var changed, published time.Time
	later := func(to *time.Time, text string) {
		if t := readDate(text); t.After(*to) {
			*to = t
		}
	}
	eachElement(v, func(n *html.Node) {
		if !isElement(n, "meta") {
			return
		}
		content, _ := attrOf(n, "content")
		for _, key := range []string{"name", "property", "itemprop", "http-equiv"} {
			switch wordOf(n, key) {
			case "article:modified_time", "og:updated_time", "last-modified", "dcterms.modified", "dc.date.modified", "datemodified", "revised":
				later(&changed, content)
			case "article:published_time", "dcterms.created", "dcterms.issued", "dc.date.issued", "dc.date.created", "datepublished":
				later(&published, content)
			}
		}
	})
	if changed.IsZero() {
		return published
	}
	return changed
}

// readDate reads a date as pages write them: ISO 8601, or that of HTTP. What is none is zero.
func readDate(text string) time.Time {
	text = strings.TrimSpace(text)
	if len(text) > 40 {
		return time.Time{}
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", time.DateTime, time.DateOnly, http.TimeFormat} {
		if t, err := time.Parse(form, text); err == nil && t.Year() > 1990 {
			return t
		}
	}
	return time.Time{}
}
