package practice

import (
	"bytes"
	"strings"

	"veille/ecoindex/web"
)

// leastModern is the share of bitmaps in new formats that there must be more of, in percent, by criterion 5.1.
const leastModern = 75

// modernImages is the share of bitmaps in WebP, AVIF or JPEG XL, in percent. Icons of the site and pictures of one pixel are no images.
func (e *evidence) modernImages() Verdict {
	known := map[string]bool{}
	all, modern := 0, 0
	for i := range e.Exchanges {
		x := &e.Exchanges[i]
		if !came(x) || !fetched(x.URL) || known[x.URL] || strings.HasSuffix(x.URL, "/favicon.ico") {
			continue
		}
		known[x.URL] = true
		switch bitmapOf(x) {
		case "":
		case "webp", "avif", "jxl":
			all, modern = all+1, modern+1
		default:
			all++
		}
	}
	if all == 0 {
		return none()
	}
	return above(100*float64(modern)/float64(all), leastModern)
}

// bitmapOf is the format of a bitmap by its first bytes, or else by its type; "" for what is none, or has one pixel.
func bitmapOf(x *web.Exchange) string {
	const long = 1000 // of a body in which there may be one pixel only
	if p, ok := readPicture(x.Body[:min(len(x.Body), long)]); ok {
		if p.pixels() == 1 {
			return ""
		}
		return p.format
	}
	for _, f := range [][2]string{{"\x89PNG", "png"}, {"\xff\xd8\xff", "jpeg"}, {"GIF8", "gif"}, {"\xff\x0a", "jxl"}, {"\x00\x00\x00\x0cJXL \r\n\x87\n", "jxl"}} {
		if bytes.HasPrefix(x.Body, []byte(f[0])) {
			return f[1]
		}
	}
	if b := x.Body; len(b) >= 12 && string(b[4:8]) == "ftyp" && (string(b[8:12]) == "avif" || string(b[8:12]) == "avis") {
		return "avif"
	} else if len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP" {
		return "webp"
	}
	switch kind := typeOf(x); kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/jxl", "image/bmp", "image/tiff", "image/apng":
		return strings.TrimPrefix(kind, "image/")
	case "image/jpg", "image/pjpeg":
		return "jpeg"
	case "image/x-ms-bmp":
		return "bmp"
	}
	return ""
}

// uncompressed counts texts of the site that were sent as they are.
func (e *evidence) uncompressed() Verdict {
	texts, plain := 0, 0
	for i := range e.Exchanges {
		x := &e.Exchanges[i]
		if !e.text(x) {
			continue
		}
		texts++
		if !wellCompressed(x) {
			plain++
		}
	}
	if texts == 0 {
		return none()
	}
	return atMost(float64(plain), 0)
}

// wellCompressed tells whether an answer was compressed by what criterion 6.3 names.
func wellCompressed(x *web.Exchange) bool {
	for one := range strings.SplitSeq(x.Header.Get("Content-Encoding"), ",") {
		switch strings.ToLower(strings.TrimSpace(one)) {
		case "gzip", "x-gzip", "br", "zstd", "dcb", "dcz":
			return true
		}
	}
	return false
}

// cached counts static files of the site that a cache may not keep, and may not ask after either.
func (e *evidence) cached() Verdict {
	files, bad := 0, 0
	for i := range e.Exchanges {
		x := &e.Exchanges[i]
		if !static(x) || !e.ours(x) || x.Header == nil {
			continue
		}
		files++
		_, never := directives(x.Header.Values("Cache-Control"))["no-store"]
		if never || freshness(x.Header) <= 0 && x.Header.Get("ETag") == "" && x.Header.Get("Last-Modified") == "" {
			bad++
		}
	}
	if files == 0 {
		return none()
	}
	return atMost(float64(bad), 0)
}

// leastFitting is the share of images of the right size that there must be more of, in percent: criterion 6.4 says "mostly".
const leastFitting = 50

// fittingImages is the share of images that are no larger than they are shown, in percent.
func (e *evidence) fittingImages() Verdict {
	if e.Shown == nil {
		return unknown()
	}
	all, fitting := 0, 0
	var large []string // that fit only where they are one of several sizes
	for _, f := range shownFiles(e.View) {
		if !f.shows() {
			continue
		}
		all++
		if times, _ := f.scale(); times <= 1 || f.vector() {
			fitting++
		} else {
			large = append(large, f.url)
		}
	}
	if len(large) > 0 {
		offered := e.variants()
		for _, address := range large {
			if offered[address] {
				fitting++
			}
		}
	}
	if all == 0 {
		return none()
	}
	return above(100*float64(fitting)/float64(all), leastFitting)
}

// oneDomain counts requests over HTTP/1, and the site's own domains of static files beyond the first. What was asked and never answered
// does not count; one answer of which nobody knows the protocol leaves the rest undecided, unless they fail already.
func (e *evidence) oneDomain() Verdict {
	old, seen, mute := 0, 0, 0
	hosts := map[string]bool{}
	for i := range e.Exchanges {
		x := &e.Exchanges[i]
		if !fetched(x.URL) || x.Status == 0 {
			continue
		}
		seen++
		switch {
		case x.Protocol == "":
			mute++
		case oldProtocol(x):
			old++
		}
		if static(x) && e.ours(x) {
			hosts[hostOf(x.URL)] = true
		}
	}
	bad := old + max(0, len(hosts)-1)
	if seen == 0 || mute > 0 && bad == 0 {
		return unknown()
	}
	return atMost(float64(bad), 0)
}
