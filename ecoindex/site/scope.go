package site

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// Rules say which addresses are pages of a site, and how many of them are looked at. A field left at zero has its default.
type Rules struct {
	Start       []*url.URL // where the site begins; its hosts are those of the site
	Hosts       []string   // more hosts of the site, as addresses write them: "docs.example.org", "127.0.0.1:8080"
	Under       string     // the path that all its pages begin with; "" and "/" are all
	Exclude     []string   // patterns of paths with their query that are left out: * stands for anything
	Depth       int        // links to follow from a start; default 20
	MaxPages    int        // pages to look at; default 500
	MaxVariants int        // addresses of one path that differ in their query; default 20: a calendar has one for each day there is
	DropQuery   bool       // addresses that differ in their query only are one page
}

func (r Rules) withDefaults() Rules {
	if r.Depth <= 0 {
		r.Depth = 20
	}
	if r.MaxPages <= 0 {
		r.MaxPages = 500
	}
	if r.MaxVariants <= 0 {
		r.MaxVariants = 20
	}
	return r
}

// Reason says why an address is not looked at, one word that scripts may rely on.
type Reason string

// The reasons.
const (
	Outside  Reason = "outside"  // another site
	Excluded Reason = "excluded" // by a pattern
	File     Reason = "file"     // no page, by its ending
	TooDeep  Reason = "depth"    // too many links from a start
	Variants Reason = "variants" // too many addresses of its path
	Enough   Reason = "enough"   // MaxPages were looked at
	ByRobots Reason = "robots"   // robots.txt asks to stay away
)

// maxAddress is the longest address that is followed, in bytes.
const maxAddress = 2048

// admit is the address by which a page of the site is known, or why the address is none.
func (r *Rules) admit(u *url.URL) (*url.URL, Reason) {
	if !r.inside(u) || len(u.String()) > maxAddress {
		return nil, Outside
	}
	u = r.plain(u)
	if isFile(u.Path) {
		return nil, File
	}
	asked := u.EscapedPath()
	if u.RawQuery != "" {
		asked += "?" + u.RawQuery
	}
	for _, pattern := range r.Exclude {
		if matches(pattern, asked) {
			return nil, Excluded
		}
	}
	return u, ""
}

// inside tells whether an address is of a host of the site, and under its path.
func (r *Rules) inside(u *url.URL) bool {
	if u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	own := slices.Contains(r.Hosts, u.Host) || slices.ContainsFunc(r.Start, func(s *url.URL) bool { return s.Host == u.Host })
	under := strings.TrimSuffix(r.Under, "/")
	return own && (under == "" || u.Path == under || strings.HasPrefix(u.Path, under+"/"))
}

// plain is the address without what names no other page: the fragment, and parameters by which visitors are followed or told apart.
func (r *Rules) plain(u *url.URL) *url.URL {
	p := *u
	p.Fragment, p.RawFragment, p.ForceQuery = "", "", false
	if r.DropQuery {
		p.RawQuery = ""
		return &p
	}
	var kept []string
	for pair := range strings.SplitSeq(p.RawQuery, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if pair != "" && !follows(strings.ToLower(name)) {
			kept = append(kept, pair)
		}
	}
	p.RawQuery = strings.Join(kept, "&")
	return &p
}

// follows tells whether a parameter says from where a visitor came, or who he is, and not what he wants to see.
func follows(name string) bool {
	switch name {
	case "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid", "mc_cid", "mc_eid", "_ga", "_gl", "phpsessid", "jsessionid",
		"sid", "sessionid", "xtor", "at_campaign", "at_medium", "wt_mc", "mtm_campaign", "pk_campaign", "pk_kwd", "ref_src":
		return true
	}
	return strings.HasPrefix(name, "utm_")
}

// notPages are endings of files that no page has, each between spaces.
const notPages = ` .7z .aac .apk .avi .avif .bin .bmp .bz2 .css .csv .deb .dmg .doc .docx .eot .epub .exe .flac .gif .gz .ico .ics .img .iso .jar
 .jpeg .jpg .js .json .kml .kmz .m4a .m4v .mjs .mkv .mobi .mov .mp3 .mp4 .mpeg .mpg .msi .odp .ods .odt .ogg .ogv .opus .otf .pdf .png .ppt .pptx .ps
 .rar .rpm .rss .rtf .svg .svgz .tar .tgz .tif .tiff .ttf .wasm .wav .weba .webm .webmanifest .webp .wmv .woff .woff2 .xls .xlsx .xml .xz .zip .zst `

// isFile tells whether a path ends as no page does.
func isFile(p string) bool {
	ending := strings.ToLower(path.Ext(p))
	return len(ending) > 1 && (strings.Contains(notPages, " "+ending+" ") || strings.Contains(notPages, " "+ending+"\n"))
}

// matches tells whether a whole text is as a pattern says, in which * stands for any text. It takes no longer than the product of their
// lengths.
func matches(pattern, text string) bool {
	star, mark, p, i := -1, 0, 0, 0
	for i < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && pattern[p] == text[i]:
			p++
			i++
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
