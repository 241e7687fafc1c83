package opendata

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/collector"
)

// Where the files are served.
const (
	root      = "/opendata/"
	allName   = catalogueName
	heldFor   = "public, max-age=3600"
	noFigures = "the public data cannot be given just now; come again in a few minutes"
)

// Handler serves the files of organisations that publish them at /opendata/{organisation}/…, and at /opendata/catalog.jsonld the catalogue of all.
// base is the address of the collector as others see it; "": that of the request.
//
// Files are made once a day, when they are first asked for, and kept until the next: an organisation that stops publishing is answered 404 at once, a
// site that is closed to the public has its rows until the day is over. Where an organisation has no figures of real machines, those of simulated ones
// are given, and say so. What cannot be made is answered 503.
func (w *Writer) Handler(base string) http.Handler {
	s := &server{writer: w, base: strings.TrimRight(base, "/"), shelf: newShelf()}
	mux := http.NewServeMux()
	mux.HandleFunc(root+allName, s.all)
	mux.HandleFunc(root+"{organisation}/{path...}", s.one)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are answered here", http.StatusMethodNotAllowed)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// server answers requests.
type server struct {
	writer *Writer
	base   string
	shelf  *shelf
}

// publishing are the organisations that publish, by number.
func (s *server) publishing(ctx context.Context) ([]collector.Responsible, error) {
	all, err := s.writer.ledger.Organisations(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(o collector.Responsible) bool { return !o.OpenData })
	slices.SortFunc(all, func(a, b collector.Responsible) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	return all, nil
}

// one answers with a file of one organisation.
func (s *server) one(w http.ResponseWriter, r *http.Request) {
	number, path := r.PathValue("organisation"), r.PathValue("path")
	id, err := strconv.ParseInt(number, 10, 64)
	if err != nil || strconv.FormatInt(id, 10) != number {
		missing(w)
		return
	}
	base, ok := s.baseOf(r)
	if !ok {
		http.Error(w, "the request does not say which host it is for", http.StatusBadRequest)
		return
	}
	organisations, err := s.publishing(r.Context())
	if err != nil {
		trouble(w, noFigures)
		return
	}
	if !slices.ContainsFunc(organisations, func(o collector.Responsible) bool { return o.ID == id }) {
		missing(w)
		return
	}
	made, err := s.of(r.Context(), id, base)
	switch {
	case errors.Is(err, ErrSIREN):
		trouble(w, ErrSIREN.Error())
	case err != nil:
		trouble(w, noFigures)
	case made.files[path] != nil:
		made.files[path].serve(w, r)
	case path == "":
		http.Redirect(w, r, root+number+"/"+catalogueName, http.StatusSeeOther)
	case made.files[strings.TrimSuffix(path, "/")+"/README.md"] != nil: // the identifier of a data set
		http.Redirect(w, r, root+number+"/"+strings.TrimSuffix(path, "/")+"/README.md", http.StatusSeeOther)
	default:
		missing(w)
	}
}

// all answers with the catalogue of all organisations that publish. One without a SIREN is left out; where another cannot be made, all of it is
// missing: whoever copies the catalogue would else take its data sets for withdrawn.
func (s *server) all(w http.ResponseWriter, r *http.Request) {
	base, ok := s.baseOf(r)
	if !ok {
		http.Error(w, "the request does not say which host it is for", http.StatusBadRequest)
		return
	}
	organisations, err := s.publishing(r.Context())
	if err != nil {
		trouble(w, noFigures)
		return
	}
	var datasets []any
	var a *about
	var modified collector.Date
	for _, o := range organisations {
		made, err := s.of(r.Context(), o.ID, base)
		if errors.Is(err, ErrSIREN) {
			continue
		}
		if err != nil {
			trouble(w, noFigures)
			return
		}
		if a == nil { // a catalogue has one publisher: the first of them
			a = &made.about
		}
		datasets, modified = append(datasets, made.nodes...), max(modified, made.modified)
	}
	if a == nil {
		missing(w)
		return
	}
	text, err := catalogueOf(base+root, *a, datasets, modified)
	if err != nil {
		trouble(w, noFigures)
		return
	}
	keep(File{allName, typeJSONLD, text}).serve(w, r)
}

// baseOf is the address of the collector; false where the request names no host that may be one.
func (s *server) baseOf(r *http.Request) (string, bool) {
	if s.base != "" {
		return s.base, true
	}
	if len(r.Host) > 255 || !regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`).MatchString(r.Host) {
		return "", false
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + strings.ToLower(r.Host), true
}

// of is what is kept of an organisation for today.
func (s *server) of(ctx context.Context, id int64, base string) (*kept, error) {
	return s.shelf.get(ctx, shelfKey{id, base, s.writer.today()}, func(ctx context.Context) (*kept, error) {
		return s.writer.keep(ctx, id, base)
	})
}

// keep makes the files of an organisation.
func (w *Writer) keep(ctx context.Context, id int64, base string) (*kept, error) {
	q := Request{Organisation: id, Base: fmt.Sprintf("%s%s%d/", base, root, id)}
	m, err := w.gather(ctx, q)
	if err == nil && len(m.answers) == 0 {
		simulated := q
		simulated.Simulated = true
		var other *material
		if other, err = w.gather(ctx, simulated); err == nil && len(other.answers) > 0 {
			m = other
		}
	}
	if err != nil {
		return nil, err
	}
	files, nodes, err := m.files(true)
	if err != nil {
		return nil, err
	}
	k := &kept{files: map[string]*keptFile{}, nodes: nodes, about: m.about(), modified: modifiedOf(nodes)}
	for _, f := range files {
		one := keep(f)
		k.files[f.Name] = one
		k.bytes += int64(len(one.bytes) + len(one.zipped))
	}
	return k, nil
}

// modifiedOf is the date of the newest content of data sets.
func modifiedOf(nodes []any) (d collector.Date) {
	for _, n := range nodes {
		if n, ok := n.(node); ok {
			if at, ok := n["dct:modified"].(node); ok {
				day, _ := at["@value"].(string)
				d = max(d, collector.Date(day))
			}
		}
	}
	return d
}

// serve answers with a file: whole, in part, or that it has not changed.
func (f *keptFile) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", heldFor)
	h.Set("Vary", "Accept-Encoding")
	body, tag := f.bytes, f.tag
	if f.zipped != nil && takesGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body, tag = f.zipped, f.tag+"-gz"
	}
	h.Set("ETag", `"`+tag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// takesGzip tells whether a client takes gzip.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, err := strconv.ParseFloat(strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q="), 64)
			return err != nil || q > 0
		}
	}
	return false
}

// missing is one answer for what does not exist and for what is not published.
func missing(w http.ResponseWriter) { http.Error(w, "not found", http.StatusNotFound) }

// trouble says that something cannot be given now.
func trouble(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", "300")
	http.Error(w, why, http.StatusServiceUnavailable)
}
