package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// madeBy is what one of the functions that make puts.
func madeBy(t *testing.T, by func(put func(name string, body []byte) error) error) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := by(func(name string, body []byte) error {
		if _, twice := files[name]; twice {
			t.Errorf("%s is made twice", name)
		}
		files[name] = string(body)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// made are the pages of a site and its sitemaps.
func made(t *testing.T, pages int) map[string]string {
	t.Helper()
	return madeBy(t, func(put func(string, []byte) error) error { return makePages(pages, "http://127.0.0.1:1", put) })
}

func TestAMadeSiteIsTheSameEachTime(t *testing.T) {
	if !maps.Equal(made(t, 30), made(t, 30)) || !bytes.Equal(makePicture(3, 160, 100), makePicture(3, 160, 100)) {
		t.Error("two sites of 30 pages differ")
	}
	if maps.Equal(made(t, 30), made(t, 31)) {
		t.Error("a page more makes no difference")
	}
}

func TestTheLinksOfAMadeSiteReachAllPagesAndWhatTheyShow(t *testing.T) {
	links := regexp.MustCompile(`(?:href|src|data-list)="(/[^"]*)"`)
	assets := madeBy(t, makeAssets)
	for _, pages := range []int{1, 2, 3, 13, 150} {
		files := made(t, pages)
		maps.Copy(files, assets)
		reached, depth := map[string]int{"/": 0}, 0
		for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
			at := queue[0]
			name := strings.TrimPrefix(at, "/")
			if name == "" {
				name = "index.html"
			}
			body, there := files[name]
			if !there {
				t.Fatalf("of %d pages: a link leads to %s, which is not there", pages, at)
			}
			if !strings.HasSuffix(name, ".html") {
				continue
			}
			depth = max(depth, reached[at])
			for _, link := range links.FindAllStringSubmatch(body, -1) {
				if _, known := reached[link[1]]; !known {
					reached[link[1]] = reached[at] + 1
					queue = append(queue, link[1])
				}
			}
		}
		found := 0
		for at := range reached {
			if at == "/" || strings.HasSuffix(at, ".html") {
				found++
			}
		}
		if found != pages || depth > 8 {
			t.Errorf("of %d pages %d are reached, over %d links", pages, found, depth)
		}
	}
}

func TestASiteHasPagesOfAllTemplatesAndHalfOfThemInItsSitemaps(t *testing.T) {
	files := made(t, 100)
	var of [4]int
	listed := 0
	for n := range 100 {
		of[kindOf(n)]++
		if strings.Contains(files["sitemap-0.xml"]+files["sitemap-1.xml"], "<loc>http://127.0.0.1:1"+pathOf(n)+"</loc>") {
			listed++
		}
	}
	if of != [4]int{40, 30, 20, 10} || listed != 50 || !strings.Contains(files["robots.txt"], "Sitemap: http://127.0.0.1:1/sitemap.xml\n") {
		t.Errorf("%v pages of the templates, %d in sitemaps", of, listed)
	}
	if !strings.Contains(siteScript, fmt.Sprintf("%% %d ", picturesMade)) && !strings.Contains(siteScript, fmt.Sprintf("%% %d +", picturesMade)) {
		t.Error("the script chooses from another number of pictures")
	}
}

func TestFoldersAreServedFromElsewhereAndSayWhatTheyWereAskedFor(t *testing.T) {
	top := t.TempDir()
	one, two := filepath.Join(top, "one", "html"), filepath.Join(top, "two")
	for name, text := range map[string]string{
		filepath.Join(one, "index.html"): "the first of one", filepath.Join(one, "deep", "page.html"): "deep",
		filepath.Join(two, "fr", "index.html"): "the first of two", filepath.Join(top, "elsewhere.css"): "p{}",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(top, "elsewhere.css"), filepath.Join(one, "s.css")); err != nil {
		t.Skip("no links here: ", err)
	}
	first := t.TempDir()
	if err := makeTop(first, []string{one, two}); err != nil {
		t.Fatal(err)
	}
	in, ask := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- serveFolders([]string{first, one, two}, in, out) }()
	lines := bufio.NewReader(answers)
	address, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/": `<a href="/two/fr/index.html">`, "/one/": "the first of one", "/one/deep/page": "deep", "/one/deep/page.html": "deep", "/two/fr/": "the first of two", "/one/s.css": "p{}",
	} {
		if status, _, body := get(t, strings.TrimSpace(address)+path, "identity"); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	for _, path := range []string{"/none", "/one/deep/none", "/one/../../x", "/three/"} {
		if status, _, _ := get(t, strings.TrimSpace(address)+path, "identity"); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, want := range []int{10, 0} {
		if _, err := io.WriteString(ask, "asked\n"); err != nil {
			t.Fatal(err)
		}
		line, err := lines.ReadBytes('\n')
		if err != nil {
			t.Fatal(err)
		}
		asked := map[string]int{}
		if err := json.Unmarshal(line, &asked); err != nil || len(asked) != want || want > 0 && asked["/one/deep/page"] != 1 {
			t.Errorf("%v: asked for %v", err, asked)
		}
	}
	_ = ask.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestFoldersWithoutAFirstPageAndThoseOfOneNameAreRefused(t *testing.T) {
	if _, err := startsOf(fstest.MapFS{"page.html": {}}); err == nil {
		t.Error("a folder without index.html is taken")
	}
	if _, err := openFolders([]string{"top", "a/html", "b/a"}); err == nil || !strings.Contains(err.Error(), "two folders are called a") {
		t.Errorf("the error is %v", err)
	}
}

func TestWhatSiteJSONSaysIsReadPageByPage(t *testing.T) {
	const text = `{"site":"x","crawl":{"pages":2,"failed":3},"score":{"pages":2,"measured":1,"mean":{"value":50.5,"low":49,"high":52},"grades":{}},"templates":[{"a":[1]}],` +
		`"pages":[{"url":"http://h/a?b","practices":[]},{"url":"http://h/"}],"rules":null}`
	var c crawl
	if err := c.read(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.pages, []string{"/a", "/"}) || c.failed != 3 || c.measured != 1 || c.mean.String() != "50.50 (49.00 to 52.00)" {
		t.Errorf("read %+v", c)
	}
	for value, want := range map[float64]bool{48.9: false, 49: true, 52: true, 52.1: false} {
		if c.mean.holds(value) != want {
			t.Errorf("%v: %t", value, !want)
		}
	}
	if (figure{Value: 5}).holds(5) {
		t.Error("a figure without a range holds its own value")
	}
	for n := range len(text) {
		if err := new(crawl).read(bytes.NewReader([]byte(text[:n]))); err == nil {
			t.Errorf("the first %d bytes are taken for all", n)
		}
	}
}

func TestPagesThatAreLostAreCountedOnceAndByTheirPath(t *testing.T) {
	if n := missingFrom([]string{"a", "b", "b", "c"}, []string{"c", "d"}); n != 2 {
		t.Errorf("%d are missing", n)
	}
	times := map[string]int{"a": 1}
	merge(times, map[string]int{"a": 2, "b": 1})
	if times["a"] != 3 || count(times, map[string]bool{"a": true, "c": true}) != 1 {
		t.Errorf("%v", times)
	}
}
