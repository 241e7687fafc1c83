package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	linkOnAPage   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	codeOnAPage   = regexp.MustCompile("(?ms)^```.*?^```|`[^`\n]*`")
	headOnAPage   = regexp.MustCompile(`(?m)^#{1,6} +(.+?)\s*$`)
	anchorOnAPage = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	labelOfALink  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	pageInAText   = regexp.MustCompile(`(?:/usr/share/doc/veille-[a-z]+|\bdocs)/((?:privacy/(?:en|fr)/)?[a-z0-9-]+\.md)(?:#([\w-]+))?`)
)

// anchors are what a link may name behind the # of a page, as GitHub makes them of its headings: in small letters, spaces as dashes, without
// other signs; the second of one name gets -1.
func anchors(page string) (all []string) {
	for _, m := range anchorOnAPage.FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	seen := map[string]int{}
	for _, m := range headOnAPage.FindAllStringSubmatch(regexp.MustCompile("(?ms)^```.*?^```").ReplaceAllString(page, ""), -1) {
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, labelOfALink.ReplaceAllString(m[1], "$1"))
		n := seen[name]
		if seen[name]++; n > 0 {
			name = fmt.Sprintf("%s-%d", name, n)
		}
		all = append(all, name)
	}
	return all
}

// leads says why a link to a file and an anchor in it, "" for none, leads nowhere, or nothing.
func leads(name, anchor string) error {
	info, err := os.Stat(name)
	if err != nil || anchor == "" || info.IsDir() {
		return err
	}
	text, err := os.ReadFile(name)
	if err == nil && !slices.Contains(anchors(string(text)), anchor) {
		err = fmt.Errorf("%s has no heading %q", name, anchor)
	}
	return err
}

func TestEachLinkOfThePagesLeadsToAFileAndAHeading(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	var pages []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/privacy/*.md", "docs/privacy/*/*.md", "agent/packaging/ansible/roles/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	links := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range linkOnAPage.FindAllStringSubmatch(codeOnAPage.ReplaceAllString(string(text), ""), -1) {
			name, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(name, ":") {
				continue // of another site
			}
			links++
			to := filepath.Join(filepath.Dir(page), filepath.FromSlash(name))
			if name == "" {
				to = page
			}
			if err := leads(to, anchor); err != nil {
				t.Errorf("%s: the link %s leads nowhere: %v", page, m[1], err)
			}
		}
	}
	if len(pages) < 30 || links < 100 {
		t.Errorf("%d pages have %d links", len(pages), links)
	}
}

// Programs, units and settings name pages too: those of the repository, or where packages put them.
func TestEachPageThatProgramsAndUnitsNameIsThere(t *testing.T) {
	t.Parallel()
	root, named := filepath.Join("..", ".."), 0
	for _, room := range []string{"agent", "cmd", "collector", "dashboards", "ecoindex"} {
		err := filepath.WalkDir(filepath.Join(root, room), func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.Name() == "testdata" {
				return fs.SkipDir
			}
			if err != nil || d.IsDir() || !slices.Contains([]string{".go", ".json", ".service", ".conf", ".yaml", ".html"}, filepath.Ext(name)) {
				return err
			}
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			for _, m := range pageInAText.FindAllStringSubmatch(string(text), -1) {
				named++
				if err := leads(filepath.Join(root, "docs", filepath.FromSlash(m[1])), m[2]); err != nil {
					t.Errorf("%s names %s: %v", name, m[0], err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if named < 30 {
		t.Errorf("only %d pages are named", named)
	}
	unit, err := os.ReadFile(filepath.Join(root, "agent", "packaging", "veille-agent.service"))
	if err != nil {
		t.Fatal(err)
	}
	recipe, err := os.ReadFile(filepath.Join(root, "agent", "packaging", "nfpm.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if m := pageInAText.FindStringSubmatch(string(unit)); m == nil || !strings.Contains(string(recipe), "{src: docs/"+m[1]+", dst: "+m[0]+",") {
		t.Errorf("the agent's package has not the page that its unit names: %q", m)
	}
}

func TestAnAnchorIsWrittenAsGitHubWritesIt(t *testing.T) {
	t.Parallel()
	got := anchors("# From a file to PostgreSQL, and back\n\n## `doctor` & [Où ?](x.md)\n```\n# no heading\n```\n## A_b\n## A_b\n<a id=\"x\"></a>\n")
	want := []string{"x", "from-a-file-to-postgresql-and-back", "doctor--où-", "a_b", "a_b-1"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
