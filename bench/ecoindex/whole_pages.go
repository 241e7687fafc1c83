package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// A made site is the same for the same number of pages, byte for byte. Page n links to the pages 2n+1 and 2n+2, so
// that all are reached from the first, and to some others; half of them are in the sitemaps too.

// kindOfPage is a template of the made site, and what its script does when a browser shows a page.
type kindOfPage struct {
	name     string // of its folder
	share    int    // pages of ten
	parts    int    // of its text, at least
	pictures int    // in its text
	adds     int    // elements that its script adds, at least
	shows    int    // pictures that its script shows, at least
	asks     bool   // its script asks for a list and shows it
	vary     int    // how much more of these a page may have
}

// kindsOfPage are what a small public site may have: pages to read, lists, a catalogue, and a map that is little
// without its script.
func kindsOfPage() []kindOfPage {
	return []kindOfPage{
		{name: "articles", share: 4, parts: 60, pictures: 3, vary: 120},
		{name: "news", share: 3, parts: 30, pictures: 8, adds: 60, vary: 40},
		{name: "catalogue", share: 2, parts: 20, pictures: 6, adds: 250, shows: 12, vary: 90},
		{name: "maps", share: 1, parts: 8, pictures: 1, adds: 700, shows: 30, asks: true, vary: 60},
	}
}

// kindOf is the template of page n: its number in kindsOfPage. The first is an article.
func kindOf(n int) int {
	turn := n * 7 % 10
	for k, kind := range kindsOfPage() {
		if turn -= kind.share; turn < 0 {
			return k
		}
	}
	return 0
}

// pathOf is the path of page n.
func pathOf(n int) string {
	if n == 0 {
		return "/"
	}
	return "/" + kindsOfPage()[kindOf(n)].name + "/" + strconv.Itoa(n) + ".html"
}

// makeSite makes a site of so many pages, one or more, for an address such as http://127.0.0.1:8080, and gives each
// file with its name to put.
func makeSite(pages int, address string, put func(name string, body []byte) error) error {
	if err := makeAssets(put); err != nil {
		return err
	}
	return makePages(pages, address, put)
}

// makePages makes what differs from site to site.
func makePages(pages int, address string, put func(name string, body []byte) error) error {
	for n := range pages {
		name := strings.TrimPrefix(pathOf(n), "/")
		if name == "" {
			name = "index.html"
		}
		if err := put(name, makePage(n, pages)); err != nil {
			return err
		}
	}
	return makeSitemaps(pages, address, put)
}

// makeSitemaps lists every second page: an index of two sitemaps, and robots.txt that names it.
func makeSitemaps(pages int, address string, put func(name string, body []byte) error) error {
	const space = `xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"`
	var index strings.Builder
	fmt.Fprintf(&index, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex %s>\n", space)
	for half := range 2 {
		var list strings.Builder
		fmt.Fprintf(&list, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset %s>\n", space)
		for n := 2 * half; n < pages; n += 4 {
			fmt.Fprintf(&list, "<url><loc>%s%s</loc></url>\n", address, pathOf(n))
		}
		list.WriteString("</urlset>\n")
		name := fmt.Sprintf("sitemap-%d.xml", half)
		if err := put(name, []byte(list.String())); err != nil {
			return err
		}
		fmt.Fprintf(&index, "<sitemap><loc>%s/%s</loc></sitemap>\n", address, name)
	}
	index.WriteString("</sitemapindex>\n")
	if err := put("sitemap.xml", []byte(index.String())); err != nil {
		return err
	}
	return put("robots.txt", []byte("User-agent: *\nDisallow: /private/\nSitemap: "+address+"/sitemap.xml\n"))
}

// makePage writes page n of so many.
func makePage(n, pages int) []byte {
	kind := kindsOfPage()[kindOf(n)]
	dice := newAuthor(n) // pages differ, and are the same each time
	more := func() int { return dice.IntN(kind.vary + 1) }
	var w strings.Builder
	fmt.Fprintf(&w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Page %d of %s</title>\n", n, kind.name)
	w.WriteString("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<link rel=\"stylesheet\" href=\"/css/site.css\">\n")
	fmt.Fprintf(&w, "<link rel=\"stylesheet\" href=\"/css/%s.css\">\n<script src=\"/js/library.js\" defer></script>\n<script src=\"/js/site.js\" defer></script>\n</head>\n", kind.name)
	fmt.Fprintf(&w, "<body data-adds=\"%d\" data-shows=\"%d\" data-first=\"%d\"", withMore(kind.adds, more()), withMore(kind.shows, more()/8), dice.IntN(picturesMade))
	if kind.asks {
		w.WriteString(` data-list="/lists/places.json"`)
	}
	w.WriteString(">\n<header><a href=\"/\"><img src=\"/pictures/logo.png\" alt=\"Home\" width=\"120\" height=\"40\"></a>\n<nav><ul>\n")
	for k := 1; k <= min(12, pages-1); k++ {
		fmt.Fprintf(&w, "<li><a href=\"%s\">%s %d</a></li>\n", pathOf(k), kindsOfPage()[kindOf(k)].name, k)
	}
	fmt.Fprintf(&w, "</ul></nav></header>\n<main class=\"%s\">\n<h1>Page %d</h1>\n", kind.name, n)
	for part := range kind.parts + more() {
		writePart(&w, dice, part)
	}
	for range kind.pictures {
		fmt.Fprintf(&w, "<figure><img src=\"/pictures/%d.png\" alt=\"A pattern\" width=\"160\" height=\"100\"></figure>\n", dice.IntN(picturesMade))
	}
	w.WriteString("</main>\n<footer><ul>\n")
	for _, to := range []int{2*n + 1, 2*n + 2, n + 1, dice.IntN(pages), dice.IntN(pages)} {
		if to < pages {
			fmt.Fprintf(&w, "<li><a href=\"%s\">Page %d</a></li>\n", pathOf(to), to)
		}
	}
	w.WriteString("</ul></footer>\n</body>\n</html>\n")
	return []byte(w.String())
}

// withMore is what a script does and some more; one that does nothing does no more.
func withMore(least, more int) int {
	if least == 0 {
		return 0
	}
	return least + more
}

// writePart writes a paragraph, or now and then a heading, a list or a table.
func writePart(w *strings.Builder, dice author, part int) {
	switch {
	case part%9 == 0:
		fmt.Fprintf(w, "<h2 id=\"part-%d\">%s</h2>\n", part, dice.sentence(4))
	case part%13 == 5:
		fmt.Fprintf(w, "<ul>\n<li>%s</li>\n<li>%s</li>\n<li>%s</li>\n</ul>\n", dice.sentence(6), dice.sentence(5), dice.sentence(7))
	case part%17 == 7:
		fmt.Fprintf(w, "<table><tr><th>%s</th><td>%d</td></tr><tr><th>%s</th><td>%d</td></tr></table>\n", dice.sentence(2), dice.IntN(1000), dice.sentence(2), dice.IntN(1000))
	default:
		fmt.Fprintf(w, "<p>%s <em>%s</em> %s</p>\n", dice.sentence(14), dice.sentence(3), dice.sentence(11))
	}
}

// author writes sentences, the same for the same dice.
type author struct {
	*rand.Rand

	words []string
}

func newAuthor(page int) author {
	return author{rand.New(rand.NewPCG(uint64(page), 26)), strings.Fields(
		"the river town road school water light house people market winter garden letter number hall bridge station " +
			"opens closes reads carries follows answers counts every public early second quiet narrow open little under behind beside before after with from and")}
}

// sentence is one of so many words.
func (a author) sentence(words int) string {
	chosen := make([]string, words)
	for i := range chosen {
		chosen[i] = a.words[a.IntN(len(a.words))]
	}
	text := strings.Join(chosen, " ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
