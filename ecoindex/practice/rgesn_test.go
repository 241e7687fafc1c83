package practice

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

// verdictOn is the verdict on a criterion of a page.
func verdictOn(t *testing.T, id string, s *web.Sight) Verdict {
	t.Helper()
	v, err := NewView(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range Criteria(v, v.page()) {
		if one.Criterion == id {
			return one
		}
	}
	t.Fatalf("%s is no criterion", id)
	return Verdict{}
}

// shownWith is a page with what a browser saw.
func shownWith(s *web.Sight, images ...web.ShownImage) *web.Sight {
	s.Shown = &web.Shown{Height: 720, Images: images}
	return s
}

// fontsWeighing are so many font files of the same weight, and the sheet that names them: of family and weight each.
func fontsWeighing(bytes int64, faces ...string) []web.Exchange {
	var all []web.Exchange
	sheet := "body { color: red }"
	for i, face := range faces {
		family, weight, _ := strings.Cut(face, " ")
		name := fmt.Sprintf("f%d.woff2", i)
		e := at(web.Font, "a/"+name, "font/woff2", "wOF2")
		e.Bytes = bytes
		all = append(all, e)
		if family != "" {
			sheet += fmt.Sprintf("@font-face{font-family:'%s';font-weight:%s;src:local(x),url(old%d.eot),url(\"%s#x\") format('woff2')}", family, weight, i, name)
		}
	}
	return append(all, at(web.Stylesheet, "a/s.css", "text/css", sheet))
}

func TestACriterionIsJudgedByItsOwnTest(t *testing.T) {
	text := strings.Repeat("a text that is long enough to be compressed ", 100)
	inOther := func(e web.Exchange, host, protocol string) web.Exchange {
		e.URL, e.Protocol = strings.Replace(e.URL, "www.example.org", host, 1), protocol
		return e
	}
	pictures := func(kinds ...string) []web.Exchange {
		var all []web.Exchange
		for i, kind := range kinds {
			all = append(all, at(web.Image, fmt.Sprintf("%d", i), "image/"+kind, "not a picture"))
		}
		return all
	}
	image := func(name string, natural, wide int) web.ShownImage {
		return web.ShownImage{URL: there + name, NaturalWidth: natural, NaturalHeight: natural, Width: wide, Height: wide, Density: 1}
	}
	pixel := "GIF89a\x01\x00\x01\x00\x00\x00\x00"
	unsaid := at(web.Script, "j.js", "text/javascript", "x")
	unsaid.Protocol = ""
	unsaid.Header.Set("ETag", "x")
	for _, tt := range []struct {
		id, name string
		sight    *web.Sight
		status   Status
		measured float64
		unknown  bool
	}{
		{"2.5", "a page without a viewport", seen("<p>"), Failed, 1, false},
		{"2.5", "a page with one", seen("<meta name=viewport content='width=device-width'>"), Passed, 0, false},
		{"2.10", "a page of its own", seen("<p>", inOther(at(web.Image, "x.png", "image/png", "x"), "static.example.org", "h2")), Passed, 0, false},
		{"2.10", "two domains of one other", seen("<p>", inOther(unsaid, "a.other.gouv.fr", "h2"), inOther(unsaid, "b.other.gouv.fr", "h2")), Failed, 1, false},
		{"2.10", "two bodies of one suffix", seen("<p>", inOther(unsaid, "a.gouv.fr", "h2"), inOther(unsaid, "b.gouv.fr", "h2")), Failed, 2, false},
		{"2.10", "two numbers that end alike", seen("<p>", inOther(unsaid, "192.0.2.1", "h2"), inOther(unsaid, "198.51.2.1", "h2")), Failed, 2, false},

		{"4.1", "a video that starts", seen("<video autoplay src=a.mp4></video><audio autoplay><source src=b.ogg></audio>"), Failed, 2, false},
		{"4.1", "a video that waits", seen("<video preload=none src=a.mp4></video>"), Passed, 0, false},
		{"4.1", "a frame that is told to play, for a person to judge", seen("<iframe src='https://v.example/?autoplay=1'></iframe>"), Passed, 0, false},
		{"4.1", "no video, no browser", seen("<p>"), Nothing, 0, true},
		{"4.2", "a tool for endless scrolling", seen("<div class='list infinite-scroll'></div>"), Failed, 1, false},
		{"4.2", "no tool", seen("<p>"), Nothing, 0, true},
		{"4.4", "what others send", seen("<p>", inOther(unsaid, "cdn.example.net", "h2")), Failed, 0.201, false},
		{"4.4", "nobody else", seen("<p>"), Nothing, 0, false},

		{"4.8", "no font", seen("<p>"), Passed, 0, false},
		{"4.8", "400 kB in nine variants", seen("<p>", fontsWeighing(40_000, "", "", "", "", "", "", "", "", "", "")...), Passed, 400, false},
		{"4.8", "two heavy files", seen("<p>", fontsWeighing(300_000, "", "")...), Passed, 600, false},
		{"4.8", "two fonts in four variants", seen("<p>", fontsWeighing(150_000, "A 400", "a bold", "A 700", "B normal", "B 300")...), Passed, 750, false},
		{"4.8", "three fonts", seen("<p>", fontsWeighing(150_000, "A 400", "B 400", "C 400")...), Failed, 450, false},
		{"4.8", "one font in five variants", seen("<p>", fontsWeighing(150_000, "A 100", "A 200", "A 300", "A 400", "A 500")...), Failed, 750, false},
		{"4.8", "heavy files of which nobody says the font", seen("<p>", fontsWeighing(150_000, "A 400", "", "")...), Nothing, 0, true},
		{"4.11", "a document without its size", seen("<a href=a.pdf>A</a> <a href=b.pdf>B (PDF, 1 Mo)</a>"), Failed, 1, false},

		{"5.1", "three of four", seen("<p>", pictures("webp", "avif", "jxl", "png")...), Failed, 75, false},
		{"5.1", "four of five, a drawing aside", seen("<p>", pictures("webp", "avif", "jxl", "webp", "jpeg", "svg+xml")...), Passed, 80, false},
		{"5.1", "a name that lies", seen("<p>", at(web.Image, "x.webp", "image/webp", "\x89PNG\r\n\x1a\n...")), Failed, 0, false},
		{"5.1", "a pixel that counts", seen("<p>", at(web.Image, "x", "image/gif", pixel)), Nothing, 0, false},
		{"5.1", "an icon", seen("<p>", at(web.Image, "favicon.ico", "image/png", "x"), at(web.Image, "i.ico", "image/x-icon", "x")), Nothing, 0, false},
		{"5.3", "a video of one file", seen("<video src=a.mp4></video><video><source src=a.mp4 media='(min-width: 900px)'><source src=b.mp4></video>"), Failed, 1, false},
		{"5.4", "a heavy video", seen("<video src=a.mp4></video>", web.Exchange{Resource: web.Resource{URL: there + "a.mp4", Status: 206, Bytes: 2_000_000}, Header: map[string][]string{"Content-Type": {"video/mp4"}}}), Failed, 2000, false},
		{"5.7", "a document", seen("<a href=a.pdf>A</a>"), Failed, 1, false},
		{"5.7", "none", seen("<p>"), Nothing, 0, false},

		{"6.2", "a file that cannot be kept", seen("<p>", at(web.Script, "j.js", "text/javascript", "x")), Failed, 1, false},
		{"6.2", "a file that can be asked after", seen("<p>", at(web.Script, "j.js", "text/javascript", "x", "ETag: x")), Passed, 0, false},
		{"6.2", "a file that must not be stored", seen("<p>", at(web.Script, "j.js", "text/javascript", "x", "ETag: x", "Cache-Control: no-store")), Failed, 1, false},
		{"6.2", "a file of others", seen("<p>", inOther(at(web.Script, "j.js", "text/javascript", "x"), "cdn.example.net", "h2")), Nothing, 0, false},
		{"6.3", "a text as it is", seen("<p>", at(web.Script, "j.js", "text/javascript", text), at(web.Script, "k.js", "text/javascript", text, "Content-Encoding: zstd")), Failed, 1, false},
		{"6.3", "texts compressed", seen("<p>", at(web.Script, "j.js", "text/javascript", text, "Content-Encoding: br")), Passed, 0, false},
		{"6.3", "an old compression", seen("<p>", at(web.Script, "j.js", "text/javascript", text, "Content-Encoding: compress")), Failed, 1, false},
		{"6.3", "short texts, and texts of others", seen("<p>", inOther(at(web.Script, "j.js", "text/javascript", text), "cdn.example.net", "h2")), Nothing, 0, false},
		{"6.4", "no browser", seen("<img src=a.png>"), Nothing, 0, true},
		{"6.4", "half of them too large", shownWith(seen("<p>"), image("a.png", 1000, 500), image("b.png", 500, 500)), Failed, 50, false},
		{"6.4", "most of them right", shownWith(seen("<p>"), image("a.png", 1000, 500), image("b.png", 500, 500), image("c.svg", 900, 100)), Passed, 100 * 2 / 3., false},
		{"6.4", "one that is offered at several sizes", shownWith(seen("<img srcset='/a.png 1000w, /s.png 500w'>"), image("a.png", 1000, 500)), Passed, 100, false},
		{"6.4", "one that is hidden", shownWith(seen("<p>"), image("a.png", 1000, 0)), Nothing, 0, false},
		{"6.5", "no browser", seen("<p>"), Nothing, 0, true},
		{"6.7", "all over h2", seen("<p>", at(web.Script, "j.js", "text/javascript", "x")), Passed, 0, false},
		{"6.7", "one over HTTP/1", seen("<p>", inOther(unsaid, "cdn.example.net", "http/1.1")), Failed, 1, false},
		{"6.7", "one of which nobody knows", seen("<p>", unsaid), Nothing, 0, true},
		{"6.7", "files on two domains of the site", seen("<p>", inOther(unsaid, "a.example.org", "h2"), inOther(unsaid, "b.example.org", "h3")), Failed, 1, false},
		{"6.7", "files on one domain of the site and one of others", seen("<p>", inOther(unsaid, "a.example.org", "h2"), inOther(unsaid, "example.net", "h2")), Passed, 0, false},
		{"7.1", "nothing said", seen("<p>"), Nothing, 0, true},
	} {
		t.Run(tt.id+" "+tt.name, func(t *testing.T) {
			want := Verdict{tt.id, tt.status, tt.measured, tt.unknown}
			if got := verdictOn(t, tt.id, tt.sight); got != want {
				t.Errorf("%+v; want %+v", got, want)
			}
		})
	}
}

func TestACacheOfTheServerIsHeardWhereItSpeaks(t *testing.T) {
	for header, want := range map[string]Verdict{
		"Age: 120":                        {"7.1", Passed, 120, false},
		"Age: 0":                          {"7.1", Nothing, 0, true},
		"Age: -5":                         {"7.1", Nothing, 0, true},
		"X-Cache: HIT from proxy":         {"7.1", Passed, 0, false},
		"X-Cache: MISS":                   {"7.1", Nothing, 0, true},
		"X-Cache: whit":                   {"7.1", Nothing, 0, true},
		"Cache-Status: varnish; hit":      {"7.1", Passed, 0, false},
		"X-Varnish: 32770 5":              {"7.1", Passed, 0, false},
		"X-Varnish: 32770":                {"7.1", Nothing, 0, true},
		"Cf-Cache-Status: DYNAMIC":        {"7.1", Nothing, 0, true},
		"X-Cache-Status: HIT, 3 requests": {"7.1", Passed, 0, false},
	} {
		s := seen("<p>")
		name, value, _ := strings.Cut(header, ": ")
		s.Exchanges[0].Header.Set(name, value)
		if got := verdictOn(t, "7.1", s); got != want {
			t.Errorf("%s: %+v; want %+v", header, got, want)
		}
	}
}

func TestABudgetIsUsedByTheLargerOfWeightAndRequests(t *testing.T) {
	for _, tt := range []struct {
		kB       float64
		requests int
		want     Verdict
	}{
		{512, 10, Verdict{"6.1", Passed, 50, false}}, {512, 80, Verdict{"6.1", Failed, 200, false}}, {1024, 40, Verdict{"6.1", Passed, 100, false}}, {9, 0, Verdict{"6.1", Nothing, 0, true}},
	} {
		s := seen("<p>")
		s.SizeKB, s.Requests = tt.kB, tt.requests
		if got := verdictOn(t, "6.1", s); got != tt.want {
			t.Errorf("%v kB, %d requests: %+v; want %+v", tt.kB, tt.requests, got, tt.want)
		}
	}
}

func TestASiteIsProposedWhatItsPagesShow(t *testing.T) {
	pages := func(verdicts ...Verdict) (all []PageVerdicts) {
		for i, v := range verdicts {
			all = append(all, PageVerdicts{fmt.Sprintf("/%d", i), []Verdict{v}})
		}
		return all
	}
	for _, tt := range []struct {
		name  string
		pages []PageVerdicts
		want  Proposal
	}{
		{"a page that fails", pages(Verdict{"6.3", Passed, 0, false}, Verdict{"6.3", Failed, 2, false}, Verdict{"6.3", Failed, 5, false}, Verdict{"6.3", Nothing, 0, false}), Proposal{"6.3", ProposedNotValidated, 3, 1, 5, "/2"}},
		{"all that have something pass", pages(Verdict{"6.3", Passed, 0, false}, Verdict{"6.3", Nothing, 0, false}, Verdict{"6.3", Nothing, 0, true}), Proposal{"6.3", ProposedValidated, 1, 1, 0, ""}},
		{"none has anything", pages(Verdict{"6.3", Nothing, 0, false}), Proposal{"6.3", ProposedNothing, 0, 0, 0, ""}},
		{"nobody could look at some", pages(Verdict{"6.4", Nothing, 0, false}, Verdict{"6.4", Nothing, 0, true}), Proposal{"6.4", ProposedToAssess, 0, 0, 0, ""}},
		{"no page", nil, Proposal{"6.4", ProposedToAssess, 0, 0, 0, ""}},
		{"the worst has least, where more is better", pages(Verdict{"5.1", Failed, 70, false}, Verdict{"5.1", Failed, 10, false}, Verdict{"5.1", Passed, 90, false}), Proposal{"5.1", ProposedNotValidated, 3, 1, 10, "/1"}},
		{"a video that starts", pages(Verdict{"4.1", Passed, 0, false}, Verdict{"4.1", Failed, 1, false}), Proposal{"4.1", ProposedNotValidated, 2, 1, 1, "/1"}},
		{"no video that starts", pages(Verdict{"4.1", Passed, 0, false}), Proposal{"4.1", ProposedToAssess, 1, 1, 0, ""}},
		{"nothing of what a person has to judge", pages(Verdict{"5.7", Nothing, 0, false}), Proposal{"5.7", ProposedToAssess, 0, 0, 0, ""}},
		{"much of what a person has to judge", pages(Verdict{"5.7", Failed, 9, false}), Proposal{"5.7", ProposedToAssess, 1, 0, 9, "/0"}},
		{"a status of another version", pages(Verdict{"6.3", "odd", 9, false}), Proposal{"6.3", ProposedToAssess, 0, 0, 0, ""}},
	} {
		for _, got := range Propose(tt.pages) {
			if got.Criterion == tt.want.Criterion && got != tt.want {
				t.Errorf("%s: %+v; want %+v", tt.name, got, tt.want)
			}
		}
	}
}

// anyPages are pages with any verdicts.
func anyPages(r *rand.Rand) (pages []PageVerdicts) {
	for range r.IntN(6) {
		p := PageVerdicts{URL: fmt.Sprintf("/%d", r.IntN(4))}
		for _, c := range RGESN() {
			switch r.IntN(5) {
			case 0:
				p.Verdicts = append(p.Verdicts, Verdict{c.ID, Passed, float64(r.IntN(3)), false})
			case 1:
				p.Verdicts = append(p.Verdicts, Verdict{c.ID, Failed, float64(r.IntN(3)), false})
			case 2, 3:
				p.Verdicts = append(p.Verdicts, Verdict{c.ID, Nothing, 0, r.IntN(2) == 0})
			}
		}
		pages = append(pages, p)
	}
	return pages
}

func TestProposalsKeepTheirPromises(t *testing.T) {
	criteria := RGESN()
	r := rand.New(rand.NewPCG(7, 7))
	for range 1000 {
		pages := anyPages(r)
		got := Propose(pages)
		shuffled := slices.Clone(pages)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again := Propose(shuffled); !reflect.DeepEqual(got, again) {
			t.Fatalf("the order of %+v matters", pages)
		}
		fail := PageVerdicts{URL: "/fails"}
		for i, c := range criteria {
			fail.Verdicts = append(fail.Verdicts, Verdict{c.ID, Failed, 1, false})
			p := got[i]
			seen, blind, failing := 0, 0, 0
			for _, page := range pages {
				switch v := page.of(c.ID); {
				case v == nil || v.Unknown:
					blind++
				case v.Status == Failed:
					failing++
					seen++
				case v.Status == Passed:
					seen++
				}
			}
			switch {
			case p.Criterion != c.ID || p.Pages != seen || p.Passed != seen-failing || (p.Worst != "") != (failing > 0):
				t.Fatalf("%+v of %+v", p, pages)
			case !c.Decided && (p.Status == ProposedValidated || p.Status == ProposedNothing):
				t.Fatalf("%s is for a person, and is proposed as %s", c.ID, p.Status)
			case c.Decided && p.Status == ProposedToAssess && (seen > 0 || blind == 0 && len(pages) > 0):
				t.Fatalf("%s is decided, and is to be assessed: %+v", c.ID, pages)
			case p.Status == ProposedValidated && failing > 0, p.Status == ProposedNothing && seen+blind > 0, p.Status == ProposedNotValidated && failing == 0:
				t.Fatalf("%s is %s, with %d of %d failing", c.ID, p.Status, failing, seen)
			}
		}
		for i, p := range Propose(append(slices.Clone(pages), fail)) {
			if criteria[i].Decided && p.Status != ProposedNotValidated || p.Status != got[i].Status && p.Status != ProposedNotValidated {
				t.Fatalf("%s was %s and is %s with a page more that fails", p.Criterion, got[i].Status, p.Status)
			}
		}
	}
}

// What would be needed to add proposals up is not there, and is not to be added.
func TestNothingOfTheCriteriaCanBeAddedUpToAScore(t *testing.T) {
	for _, kind := range []reflect.Type{reflect.TypeFor[Criterion](), reflect.TypeFor[Verdict](), reflect.TypeFor[Proposal]()} {
		for f := range kind.Fields() {
			if name := strings.ToLower(f.Name); strings.Contains(name, "weight") || strings.Contains(name, "score") || strings.Contains(name, "priority") || strings.Contains(name, "points") {
				t.Errorf("%s has %s", kind, f.Name)
			}
		}
	}
	decided := 0
	for _, c := range RGESN() {
		if c.Decided {
			decided++
		}
	}
	if n := len(RGESN()); decided != 5 || n != 19 {
		t.Errorf("%d criteria of %d are decided; want 5 of 19", decided, n)
	}
}

func TestAnEmptyPageDecidesNothing(t *testing.T) {
	for _, s := range []*web.Sight{{}, {Shown: &web.Shown{}}, {HTML: []byte("<p>"), Exchanges: []web.Exchange{{}}}} {
		v, err := NewView(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range Criteria(v, nil) {
			if one.Status != Nothing {
				t.Errorf("%+v", one)
			}
		}
	}
}

// docs/rgesn.md is the list of the criteria themselves. UPDATE_GOLDEN=1 writes it.
func TestThePageOfTheCriteriaListsThemAll(t *testing.T) {
	const name = "../../docs/rgesn.md"
	var b strings.Builder
	b.WriteString("# What a crawl says of the RGESN 2024 · Ce qu’une visite dit du RGESN 2024\n\n")
	b.WriteString("The RGESN has 78 criteria. A crawl decides 5 of them for the pages that it looked at, and helps with 14; of the others, and of what remains of these, a person decides. " +
		"It proposes a status for each, never a score: nothing here can be added up. Words and thresholds are said in our own short way; the official text of the criteria (Arcep, Arcom, ADEME, with DINUM, CNIL and Inria, 17 May 2024, Licence Ouverte) is on " +
		"[arcep.fr](https://www.arcep.fr/uploads/tx_gspublication/referentiel_general_ecoconception_des_services_numeriques_version_2024.pdf). " +
		"A *decided* criterion is proposed as validated where every page that has something of the kind passes, not validated where one fails, not applicable where none has anything, to be assessed where nobody could look, as without a browser. " +
		"Of those decided *in part*, what fails plainly is proposed as not validated; the rest is to be assessed, always. " +
		"This file is written by `UPDATE_GOLDEN=1 go test ./ecoindex/practice -run Criteria`.\n\n")
	b.WriteString("Le RGESN a 78 critères. Une visite en tranche 5 pour les pages regardées, et aide pour 14 ; le reste revient à une personne. Des statuts sont proposés, jamais un score : rien ici ne s’additionne. " +
		"Les mots sont les nôtres ; le texte officiel (Licence Ouverte) est sur le site de l’Arcep.\n\n")
	b.WriteString("| criterion | English | Français | measured in | says |\n|---|---|---|---|---|\n")
	for _, c := range RGESN() {
		says := "helps"
		switch {
		case c.Decided:
			says = "decides"
		case c.plain:
			says = "decides in part"
		}
		unit := c.Unit
		if unit == "" {
			unit = "number"
		}
		fmt.Fprintf(&b, "| %s | **%s.** Looked at: %s. For a person: %s. | **%s.** Regardé : %s. À une personne : %s. | %s | %s |\n", c.ID, c.Title.EN, c.Test.EN, c.Seen.EN, c.Title.FR, c.Test.FR, c.Seen.FR, unit, says)
		for _, w := range []Words{c.Title, c.Test, c.Seen} {
			if len(w.FR) < 8 || len(w.EN) < 8 || w.FR == w.EN || strings.ContainsAny(w.FR+w.EN, "|\n'") {
				t.Errorf("%s says %q and %q", c.ID, w.FR, w.EN)
			}
		}
	}
	b.WriteString("\nOf the hosting (8.x) a page says nothing: PUE, WUE and the origin of electricity are the host’s figures.\n")
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(name, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(name)
	if err != nil || string(text) != b.String() {
		t.Errorf("%s does not list the criteria as they are (%v); write it anew with UPDATE_GOLDEN=1", name, err)
	}
}
