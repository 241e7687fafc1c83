package site

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
)

func TestAJournalSaysWhereTheCrawlBeganAndWhatASitemapLists(t *testing.T) {
	sitemap := `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>` + home + `a?utm_source=sitemap#top</loc></url><url><loc>` + home + `moved</loc></url><url><loc>` + home + `gone</loc></url>
<url><loc>` + home + `b?page=2</loc></url><url><loc>https://other.example.org/</loc></url></urlset>`
	for _, tt := range []struct {
		drop   bool
		listed []string
	}{
		{false, []string{home + "a", home + "b?page=2", home + "gone", home + "moved"}},
		{true, []string{home + "a", home + "b", home + "gone", home + "moved"}},
	} {
		w := &world{
			pages: map[string]string{home: link("b", "c"), home + "a": "", home + "b": "", home + "b?page=2": "", home + "c": ""},
			moved: map[string]string{home + "moved": home + "c"},
			texts: map[string]string{home + "sitemap.xml": sitemap},
		}
		j := journal(t, filepath.Join(t.TempDir(), "crawl.ndjson"))
		r := start(t)
		r.DropQuery = tt.drop
		if _, err := Crawl(t.Context(), w, j, Options{Rules: r, Delay: -1}); err != nil {
			t.Fatal(err)
		}
		var starts, listed []string
		links := map[string][]string{}
		err := j.Read(func(k Kept) error {
			if k.Start {
				starts = append(starts, k.URL)
			}
			if k.Listed {
				listed = append(listed, k.URL)
			}
			if k.State == Alias && k.To != home+"c" {
				t.Errorf("%+v", k)
			}
			links[k.URL] = k.Links
			return nil
		}, func(string, json.RawMessage) error { return nil })
		slices.Sort(listed)
		if err != nil || !slices.Equal(starts, []string{home}) || !slices.Equal(listed, tt.listed) || !slices.Equal(links[home], []string{home + "b", home + "c"}) {
			t.Errorf("%v: starts %v, listed %v, links %v", err, starts, listed, links)
		}
	}
}
