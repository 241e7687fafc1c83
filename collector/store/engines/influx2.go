package engines

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Influx2 answers as InfluxDB 2.7 does, by its contract: no server of 2.x can be built here. Behind it is InfluxDB 1.8, in which each bucket is a database,
// so that what is written is really kept and read; buckets, organisations, deletions, rights and the words of errors are made here.
type Influx2 struct {
	URL    string
	Org    string // the one organisation
	Token  string // that may do everything
	Reader string // a token that may read, and nothing else

	behind *Influx
	t      testing.TB
	web    http.Handler

	mutex    sync.Mutex
	buckets  map[string]map[string]any
	unmapped bool
	faults   []Fault
	asked    []string
}

// Fault is an answer that is given in place of what was asked for.
type Fault struct {
	Path   string // of requests that it is given to; "": any
	Status int
	Header map[string]string
	Body   string
	Times  int // how often
}

// Influx2d starts InfluxDB 2.7 by contract, before a running InfluxDB 1.8.
func Influx2d(t testing.TB, behind *Influx) *Influx2 {
	t.Helper()
	i := &Influx2{Org: "region", Token: "token-of-all", Reader: "token-of-reader", behind: behind, t: t, buckets: map[string]map[string]any{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /api/v2/buckets", i.list)
	mux.HandleFunc("POST /api/v2/buckets", i.create)
	mux.HandleFunc("GET /api/v2/orgs", i.orgs)
	mux.HandleFunc("POST /api/v2/write", i.write)
	mux.HandleFunc("POST /api/v2/delete", i.remove)
	mux.HandleFunc("POST /api/v2/query", func(w http.ResponseWriter, r *http.Request) { i.pass(w, r, r.URL.RawQuery) })
	mux.HandleFunc("POST /query", i.influxQL)
	i.web = mux
	server := httptest.NewServer(http.HandlerFunc(i.serve))
	t.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

// Unmap lets no database be mapped to buckets, so that only Flux can ask for them.
func (i *Influx2) Unmap() {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.unmapped = true
}

// Fail lets a fault be given from now on, before those that were given already.
func (i *Influx2) Fail(f Fault) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.faults = append(i.faults, f)
}

// Bucket makes a bucket that keeps points for so long; 0: for ever.
func (i *Influx2) Bucket(name string, kept time.Duration) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	i.behind.Ask("", "", "CREATE DATABASE "+quoted(name))
	i.buckets[name] = map[string]any{
		"id": fmt.Sprintf("%016x", len(i.buckets)+1), "orgID": "00000000000000aa", "name": name,
		"retentionRules": []map[string]any{{"type": "expire", "everySeconds": int64(kept / time.Second)}},
	}
}

// Asked are the methods and paths of all requests so far.
func (i *Influx2) Asked() []string {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return slices.Clone(i.asked)
}

func (i *Influx2) fault(path string) *Fault {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	for n := range slices.Backward(i.faults) {
		f := &i.faults[n]
		if f.Times > 0 && (f.Path == "" || f.Path == path) {
			f.Times--
			return f
		}
	}
	return nil
}

func (i *Influx2) serve(w http.ResponseWriter, r *http.Request) {
	i.mutex.Lock()
	i.asked = append(i.asked, r.Method+" "+r.URL.Path)
	i.mutex.Unlock()
	w.Header().Set("X-Influxdb-Version", "v2.7.11")
	w.Header().Set("X-Influxdb-Build", "OSS")
	if f := i.fault(r.URL.Path); f != nil {
		if strings.HasPrefix(f.Body, "{") {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
		}
		for name, value := range f.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body)
		return
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Token ")
	writes := r.Method == http.MethodPost && !strings.HasSuffix(r.URL.Path, "query")
	switch {
	case r.URL.Path != "/ping" && token != i.Token && token != i.Reader:
		say(w, http.StatusUnauthorized, "unauthorized", "unauthorized access")
	case writes && token == i.Reader:
		say(w, http.StatusForbidden, "forbidden", "insufficient permissions for write")
	default:
		i.web.ServeHTTP(w, r)
	}
}

// say answers an error as 2.x does.
func say(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"code": code, "message": message})
}

func tell(w http.ResponseWriter, status int, x any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(x)
}

func (i *Influx2) known(w http.ResponseWriter, org string) bool {
	if org == i.Org {
		return true
	}
	say(w, http.StatusNotFound, "not found", fmt.Sprintf("organization name %q not found", org))
	return false
}

func (i *Influx2) list(w http.ResponseWriter, r *http.Request) {
	if org := r.FormValue("org"); org != "" && !i.known(w, org) {
		return
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	found := []map[string]any{}
	if b, ok := i.buckets[r.FormValue("name")]; ok {
		found = append(found, b)
	}
	tell(w, http.StatusOK, map[string]any{"buckets": found, "links": map[string]string{}})
}

func (i *Influx2) orgs(w http.ResponseWriter, r *http.Request) {
	if i.known(w, r.FormValue("org")) {
		tell(w, http.StatusOK, map[string]any{"orgs": []map[string]string{{"id": "00000000000000aa", "name": i.Org}}})
	}
}

func (i *Influx2) create(w http.ResponseWriter, r *http.Request) {
	var b struct {
		OrgID, Name    string
		RetentionRules []struct{ EverySeconds, ShardGroupDurationSeconds int64 }
	}
	if err := json.NewDecoder(r.Body).Decode(&b); err != nil || b.OrgID != "00000000000000aa" || b.Name == "" || len(b.RetentionRules) != 1 {
		say(w, http.StatusBadRequest, "invalid", "bucket is not as it should be")
		return
	}
	if b.RetentionRules[0].ShardGroupDurationSeconds <= 0 {
		say(w, http.StatusUnprocessableEntity, "unprocessable entity", "shard group duration is missing")
		return
	}
	i.Bucket(b.Name, time.Duration(b.RetentionRules[0].EverySeconds)*time.Second)
	i.mutex.Lock()
	defer i.mutex.Unlock()
	tell(w, http.StatusCreated, i.buckets[b.Name])
}

func (i *Influx2) has(w http.ResponseWriter, r *http.Request) bool {
	if !i.known(w, r.URL.Query().Get("org")) {
		return false
	}
	i.mutex.Lock()
	defer i.mutex.Unlock()
	name := r.URL.Query().Get("bucket")
	if _, ok := i.buckets[name]; !ok {
		say(w, http.StatusNotFound, "not found", fmt.Sprintf("bucket %q not found", name))
		return false
	}
	return true
}

// write hands lines on. What 1.8 refuses in part with 400 is refused with 422 and more words by 2.7.
func (i *Influx2) write(w http.ResponseWriter, r *http.Request) {
	if !i.has(w, r) {
		return
	}
	res, err := i.forward(r, r.URL.RawQuery, r.Body)
	if err != nil {
		say(w, http.StatusInternalServerError, "internal error", err.Error())
		return
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode == http.StatusNoContent {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	reason := res.Header.Get("X-Influxdb-Error")
	if strings.HasPrefix(reason, "partial write") {
		say(w, http.StatusUnprocessableEntity, "unprocessable entity", "failure writing points to database: "+reason+" for database: 9f282d63c7d3a5c0 for retention policy: autogen")
		return
	}
	say(w, res.StatusCode, "invalid", reason)
}

// influxQL hands a question on. 2.x maps a database of the name of each bucket to it, unless another mapping was made.
func (i *Influx2) influxQL(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		say(w, http.StatusBadRequest, "invalid", err.Error())
		return
	}
	i.mutex.Lock()
	_, ok := i.buckets[r.Form.Get("db")]
	ok = ok && !i.unmapped
	i.mutex.Unlock()
	if !ok || r.Form.Get("rp") != "" {
		tell(w, http.StatusOK, map[string]any{"results": []map[string]any{{"statement_id": 0, "error": "database not found: " + r.Form.Get("db")}}})
		return
	}
	r.Body = io.NopCloser(strings.NewReader(r.Form.Encode()))
	i.pass(w, r, "")
}

// remove deletes as 2.x does: both ends of the time are deleted.
func (i *Influx2) remove(w http.ResponseWriter, r *http.Request) {
	if !i.has(w, r) {
		return
	}
	var d struct {
		Start, Stop time.Time
		Predicate   string
	}
	if err := json.NewDecoder(r.Body).Decode(&d); err != nil {
		say(w, http.StatusBadRequest, "invalid", "error decoding json body: "+err.Error())
		return
	}
	names, err := predicateNames(d.Predicate)
	if err != nil || len(names) < 2 || names[0] != "_measurement" {
		say(w, http.StatusBadRequest, "invalid", fmt.Sprintf("error decoding json body: %v", err))
		return
	}
	var statement strings.Builder
	fmt.Fprintf(&statement, "DELETE FROM %s WHERE time >= %d AND time <= %d", quoted(names[1]), d.Start.UnixNano(), d.Stop.UnixNano())
	for n := 2; n+1 < len(names); n += 2 {
		statement.WriteString(" AND " + quoted(names[n]) + " = '" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(names[n+1]) + "'")
	}
	i.behind.Ask(r.URL.Query().Get("bucket"), "", statement.String())
	w.WriteHeader(http.StatusNoContent)
}

// predicateNames are the names and values of a predicate like _measurement="m" AND "a"="b", in turn.
func predicateNames(predicate string) (all []string, err error) {
	for rest := predicate; rest != ""; {
		var word string
		if end := strings.IndexAny(rest, `= "`); end > 0 {
			word, rest = rest[:end], rest[end:]
		} else {
			literal, err := strconv.QuotedPrefix(rest) // \" and \\ are escaped alike in Go
			if err != nil {
				return nil, fmt.Errorf("at %q: %w", rest, err)
			}
			if word, err = strconv.Unquote(literal); err != nil {
				return nil, fmt.Errorf("at %q: %w", rest, err)
			}
			rest = rest[len(literal):]
		}
		all = append(all, word)
		if after, ok := strings.CutPrefix(rest, "="); ok && len(all)%2 == 1 {
			rest = after
		} else if after, ok := strings.CutPrefix(rest, " AND "); ok && len(all)%2 == 0 {
			rest = after
		} else if rest != "" {
			return nil, fmt.Errorf("at %q", rest)
		}
	}
	return all, nil
}

func (i *Influx2) pass(w http.ResponseWriter, r *http.Request, query string) {
	res, err := i.forward(r, query, r.Body)
	if err != nil {
		say(w, http.StatusInternalServerError, "internal error", err.Error())
		return
	}
	defer func() { _ = res.Body.Close() }()
	for _, name := range []string{"Content-Type", "Content-Encoding"} {
		if value := res.Header.Get(name); value != "" {
			w.Header().Set(name, value)
		}
	}
	w.WriteHeader(res.StatusCode)
	_, _ = io.Copy(w, res.Body)
}

// forward sends a request to 1.8.
func (i *Influx2) forward(r *http.Request, query string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, i.behind.URL+(&url.URL{Path: r.URL.Path, RawQuery: query}).String(), body)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"Content-Type", "Content-Encoding", "Accept", "Accept-Encoding"} {
		if value := r.Header.Get(name); value != "" {
			req.Header.Set(name, value)
		}
	}
	req.Header.Set("Authorization", "Token "+i.behind.Token)
	return new(http.Client).Do(req)
}

func quoted(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}
