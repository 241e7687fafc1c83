package survey

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/ecoindex/practice"
)

func TestACrawlThatWasCutCallsNoPageAnOrphanOrUnlisted(t *testing.T) {
	for _, cut := range []func(*Options){func(o *Options) { o.MaxPages = 4 }, func(o *Options) { o.Depth = 1 }} {
		p := newPlace(t)
		p.add("/far", "x", "/b")
		p.add("/further", "x", "/far")
		p.add("/island", "x")
		p.sitemap = []string{"/", "/a", "/b", "/island"}
		o := p.options(t)
		cut(&o)
		got := p.audit(t, o)
		for _, id := range []string{"orphan-pages", "unlisted-pages", "deep-pages"} {
			if got[id].Status != practice.Nothing || got[id].Offenders != nil {
				t.Errorf("%+v", got[id])
			}
		}
	}
}

func TestASiteOfOnePageIsToldNothingOfSitemapsAndLinks(t *testing.T) {
	p := newPlace(t)
	p.pages, p.sitemap = map[string]string{"/": "only"}, nil
	got := p.audit(t, p.options(t))
	for _, id := range []string{"sitemap-missing", "sitemap-entries", "unlisted-pages", "orphan-pages", "internal-redirects", "broken-links", "shared-uncached"} {
		if got[id].Status != practice.Nothing {
			t.Errorf("%+v", got[id])
		}
	}
}

func TestTheErrorPageIsAskedForOnceInACrawl(t *testing.T) {
	p := newPlace(t)
	name := filepath.Join(t.TempDir(), "j")
	for range 3 {
		s, err := Run(t.Context(), journal(t, name), p.options(t))
		if err != nil {
			t.Fatal(err)
		}
		if f := rulesOf(s)["error-page"]; f.Status != practice.Passed || f.Measured < 1.7 { // with its style sheet
			t.Errorf("%+v", f)
		}
		if f := rulesOf(s)["sitemap-errors"]; f.Status != practice.Passed { // it was read in the first session
			t.Errorf("%+v", f)
		}
	}
	if p.asked[noPage] != 1 || p.asked["/a"] != 1 {
		t.Errorf("asked for %v", p.asked)
	}
}

func TestTheSiteIsLeftAloneAfterItsErrorPage(t *testing.T) {
	p := newPlace(t)
	o := p.options(t)
	o.Delay = time.Second
	rests := -1
	o.Wait = func(_ context.Context, d time.Duration) error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.asked[noPage] > 0 {
			rests++
		} else {
			rests = 0
		}
		if d != 3*time.Second {
			t.Errorf("it waits %v", d)
		}
		return nil
	}
	o.Delay = 3 * time.Second
	p.audit(t, o)
	if rests != 1 {
		t.Errorf("%d waits after it", rests)
	}
}

func TestAnErrorPageIsNotAskedForWhereRobotsAskNotTo(t *testing.T) {
	for _, robots := range []string{"User-agent: *\nDisallow: /veille\n", "User-agent: VeilleEcoIndex\nDisallow: /*exist\n"} {
		p := newPlace(t)
		p.robots = robots
		got := p.audit(t, p.options(t))
		if p.asked[noPage] != 0 || got["error-page"].Status != practice.Nothing || p.asked["/a"] != 1 {
			t.Errorf("asked for %v: %+v", p.asked, got["error-page"])
		}
	}
}

func TestASurveyThatEndsAtTheErrorPageAsksForItTheNextTime(t *testing.T) {
	p := newPlace(t)
	name := filepath.Join(t.TempDir(), "j")
	ctx, cancel := context.WithCancel(t.Context())
	well := p.missing
	p.missing = func(http.ResponseWriter) { cancel() }
	if _, err := Run(ctx, journal(t, name), p.options(t)); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	p.missing = well
	s, err := Run(t.Context(), journal(t, name), p.options(t))
	if err != nil || rulesOf(s)["error-page"].Status != practice.Passed || p.asked[noPage] != 2 {
		t.Errorf("%v; asked for %v", err, p.asked)
	}
}

func TestAPageThatFailsForWhatMayPassIsLookedAtAgainAndKnownOnce(t *testing.T) {
	p := newPlace(t)
	p.pages["/"] += links("/busy")
	p.missing = func(w http.ResponseWriter) { w.WriteHeader(http.StatusServiceUnavailable) }
	s, err := Run(t.Context(), journal(t, filepath.Join(t.TempDir(), "j")), p.options(t))
	if err != nil || len(s.Failed) != 1 || len(s.Pages) != 4 || s.Failed[0].Status != http.StatusServiceUnavailable || p.asked["/busy"] != 2 {
		t.Fatalf("%v: %+v; asked for %v", err, s.Failed, p.asked)
	}
	if f := rulesOf(s)["broken-links"]; f.Measured != 1 || !strings.HasPrefix(f.Offenders[0].Detail, "503") {
		t.Errorf("%+v", f)
	}
}

func TestAnAddressWhereNobodySaysThatThereIsASitemapIsNone(t *testing.T) {
	for name, change := range map[string]func(*place){
		"a page instead": func(p *place) { p.pages["/sitemap.xml"] = "sorry" },
		"no answer": func(p *place) {
			p.missing = func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }
		},
	} {
		p := newPlace(t)
		p.robots, p.sitemap = "", nil
		change(p)
		got := p.audit(t, p.options(t))
		if got["sitemap-missing"].Status != practice.Failed || got["sitemap-errors"].Status != practice.Nothing {
			t.Errorf("%s: %+v %+v", name, got["sitemap-missing"], got["sitemap-errors"])
		}
	}
}

func TestOfASinglePageNothingIsAskedBesideIt(t *testing.T) {
	p := newPlace(t)
	o := p.options(t)
	o.MaxPages = 1
	got := p.audit(t, o)
	for _, id := range []string{"sitemap-errors", "unlisted-pages", "orphan-pages", "error-page"} {
		if got[id].Status != practice.Nothing {
			t.Errorf("%+v", got[id])
		}
	}
	if p.asked[noPage] != 0 {
		t.Errorf("asked for %v", p.asked)
	}
}
