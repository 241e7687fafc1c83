package frame

import (
	"bytes"
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"veille/collector"
	"veille/collector/privacy"
)

// Route is one address: for people a page; for spreadsheets each of its tables, at /csv/{table} before the same path; for programs JSON below /api/v1.
type Route struct {
	Path     string           // a pattern of net/http without its method: /sites/{site}
	API      string           // the same for programs: /api/v1/sites/{site}; "": not for them
	Title    string           // key
	Roles    []collector.Role // one of them is needed; nil: everybody who has signed in
	Open     bool             // nobody needs to sign in
	Template string           // of the page

	// Show answers what the page tells. collector.ErrNotFound is for what is not there and for what is not the reader's alike.
	Show func(ctx context.Context, q Request) (View, error)
	// Do does what a form on the page asks for, and answers where to go then. A Problem is shown on the page, with the form; what Once says on
	// the page, this time only. nil: the page has no form.
	Do func(ctx context.Context, q Request) (to string, err error)
	// Send answers a file, in the place of Show: the address is no page, and Template and API mean nothing. Its errors are those of Show.
	Send func(ctx context.Context, q Request) (Sent, error)
}

// Sent is a file that a reader keeps.
type Sent struct {
	Name  string // letters other than those of ASCII, and marks, become hyphens
	Type  string // "text/csv; charset=utf-8"
	Bytes []byte
}

// Request is what a reader asks for.
type Request struct {
	Language
	Reader  *collector.User // nil where nobody has signed in
	Problem string          // what is wrong with Form; "" for nothing
	Form    url.Values      // that was sent; nil where none was
	File    *File           // that came with the form in its field "file"; nil where none did
	HTTP    *http.Request
	Answer  http.ResponseWriter // for headers and cookies; the body and the status are the frame's
	once    *Once
}

// ID is the number that a part of the path is: collector.ErrNotFound where it is none.
func (q Request) ID(name string) (int64, error) {
	text := q.HTTP.PathValue(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, collector.ErrNotFound
	}
	return n, nil
}

// Param is a parameter of the address; "" where it is absent.
func (q Request) Param(name string) string { return q.HTTP.URL.Query().Get(name) }

// ForPeople tells whether a page is asked for, and neither JSON nor CSV: those have all rows of a table.
func (q Request) ForPeople() bool { return !forPrograms(q.HTTP) && q.HTTP.PathValue("table") == "" }

// Problem is an error that a person can mend, in his language.
type Problem string //nolint:errname // it is a sentence more than an error

func (p Problem) Error() string { return string(p) }

// Forbidden says why a reader may not ask for something, in his language, where that he lacks a role is not why.
type Forbidden string //nolint:errname // it is a sentence more than an error

func (f Forbidden) Error() string { return string(f) }

// Mount serves routes.
func (f *Frame) Mount(mux *http.ServeMux, routes ...Route) {
	for _, route := range routes {
		pattern := route.Path
		if strings.HasSuffix(pattern, "/") {
			pattern += "{$}"
		}
		if route.Send != nil {
			mux.HandleFunc("GET "+pattern, f.serve(route, f.asFile))
			continue
		}
		mux.HandleFunc("GET "+pattern, f.serve(route, f.asPage))
		mux.HandleFunc("GET /csv/{table}"+pattern, f.serve(route, f.asCSV))
		if route.API != "" {
			mux.HandleFunc("GET "+route.API, f.serve(route, f.asJSON))
		}
		if route.Do != nil {
			mux.HandleFunc("POST "+pattern, f.serve(route, f.form))
		}
	}
}

// serve lets those ask who may, and says what went wrong.
func (f *Frame) serve(route Route, answer func(http.ResponseWriter, *http.Request, Route, Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if f.May(w, r, route) {
			f.Answer(w, r, answer(w, r, route, Request{Language: f.Choose(r), Reader: ReaderOf(r.Context()).User, HTTP: r, Answer: w}))
		}
	}
}

// May tells whether the reader may ask for a route, and answers him where he may not.
func (f *Frame) May(w http.ResponseWriter, r *http.Request, route Route) bool {
	switch user := ReaderOf(r.Context()).User; {
	case route.Open:
	case user == nil && forPrograms(r):
		w.Header().Set("WWW-Authenticate", "Bearer")
		f.refuse(w, r, http.StatusUnauthorized, "sign_in_first")
		return false
	case user == nil:
		w.Header().Set("Location", "/sign-in?"+url.Values{"lang": {f.Choose(r).Code}, "to": {r.URL.RequestURI()}}.Encode())
		w.WriteHeader(http.StatusSeeOther)
		return false
	case forPrograms(r) && fromElsewhere(r): // what is asked there may leave an entry in the audit log, in the name of the reader
		f.refuse(w, r, http.StatusForbidden, "foreign_form")
		return false
	case route.Roles != nil && !user.Has(route.Roles...):
		f.refuse(w, r, http.StatusForbidden, "not_your_role")
		return false
	}
	return true
}

// fromElsewhere tells whether another site has led the browser of somebody here who has signed in.
func fromElsewhere(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return ReaderOf(r.Context()).Token != "" && (site == "cross-site" || site == "same-site")
}

// forPrograms tells whether programs are answered.
func forPrograms(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// Answer says what went wrong; nothing where err is nil. What is not there leaves a line in the log, without the name of who asked: the
// moment would say when somebody was at a desk.
func (f *Frame) Answer(w http.ResponseWriter, r *http.Request, err error) {
	problem, isProblem := errors.AsType[Problem](err)
	forbidden, isForbidden := errors.AsType[Forbidden](err)
	switch {
	case err == nil:
	case isProblem:
		f.tell(w, r, http.StatusUnprocessableEntity, string(problem))
	case isForbidden:
		f.tell(w, r, http.StatusForbidden, string(forbidden))
	case errors.Is(err, collector.ErrNotFound):
		roles := []collector.Role{}
		if user := ReaderOf(r.Context()).User; user != nil {
			roles = user.Roles
		}
		f.log.WarnContext(r.Context(), "asked for what is not there, or not theirs", "path", r.URL.Path, "roles", roles)
		f.refuse(w, r, http.StatusNotFound, "no_such_page")
	case errors.Is(err, privacy.ErrRole):
		f.refuse(w, r, http.StatusForbidden, "not_your_role")
	case forPrograms(r):
		f.log.ErrorContext(r.Context(), "figures not given", "path", r.URL.Path, "err", err)
		f.refuse(w, r, http.StatusInternalServerError, "trouble")
	default:
		f.Fail(w, r, err)
	}
}

// refuse answers the sentence of a key, as whoever asks reads it.
func (f *Frame) refuse(w http.ResponseWriter, r *http.Request, status int, key string) {
	f.tell(w, r, status, f.Choose(r).Say(key))
}

// tell answers a sentence, as whoever asks reads it.
func (f *Frame) tell(w http.ResponseWriter, r *http.Request, status int, sentence string) {
	if forPrograms(r) {
		f.sendJSON(w, r, status, map[string]string{"error": sentence})
		return
	}
	f.Render(w, r, status, "say.html", said{f.Page(r, "say.title", "", ""), sentence})
}

func (f *Frame) sendJSON(w http.ResponseWriter, r *http.Request, status int, value any) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(value); err != nil {
		f.log.ErrorContext(r.Context(), "answer not written", "path", r.URL.Path, "err", err)
		http.Error(w, "the answer could not be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Add("Vary", "Accept-Language")
	f.Send(w, r, status, b.Bytes())
}

func (f *Frame) asPage(w http.ResponseWriter, r *http.Request, route Route, q Request) error {
	view, err := route.Show(r.Context(), q)
	if err != nil {
		return err
	}
	f.show(w, r, route, q, view)
	return nil
}

// show writes a page; one with a problem has the status 422.
func (f *Frame) show(w http.ResponseWriter, r *http.Request, route Route, q Request, view View) {
	query := ""
	if len(view.Keep) > 0 {
		query = "&" + view.Keep.Encode()
	}
	page := f.Page(r, route.Title, r.URL.Path, query)
	if view.Title != "" {
		page.Title = view.Title
	}
	status := http.StatusOK
	if q.Problem = cmp.Or(q.Problem, view.Problem); q.Problem != "" {
		status = http.StatusUnprocessableEntity
	}
	f.Render(w, r, status, route.Template, Shown{Page: page, View: view, Problem: q.Problem, Form: q.Form, Once: q.once})
}

// told is the view that programs and spreadsheets get: none where there is a problem.
func told(ctx context.Context, route Route, q Request) (View, error) {
	view, err := route.Show(ctx, q)
	if err == nil && view.Problem != "" {
		return View{}, Problem(view.Problem)
	}
	return view, err
}

func (f *Frame) asJSON(w http.ResponseWriter, r *http.Request, route Route, q Request) error {
	view, err := told(r.Context(), route, q)
	if err != nil {
		return err
	}
	if view.Title == "" {
		view.Title = q.Say(route.Title)
	}
	f.sendJSON(w, r, http.StatusOK, view.whole())
	return nil
}

// whole is v with empty lists in the place of none, which is what programs expect.
func (v View) whole() View {
	v.Notices, v.Figures, v.Tables = append([]string{}, v.Notices...), append([]Figure{}, v.Figures...), append([]Table{}, v.Tables...)
	for i := range v.Figures {
		v.Figures[i].Methods = append([]string{}, v.Figures[i].Methods...)
	}
	return v
}

func (f *Frame) asCSV(w http.ResponseWriter, r *http.Request, route Route, q Request) error {
	view, err := told(r.Context(), route, q)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(view.Tables, func(t Table) bool { return t.ID == r.PathValue("table") })
	if i < 0 {
		return collector.ErrNotFound
	}
	var b bytes.Buffer
	if err := view.Tables[i].CSV(&b, q.Language); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="veille-`+view.Tables[i].ID+`.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	f.Send(w, r, http.StatusOK, b.Bytes())
	return nil
}

// asFile answers a file. Nobody keeps in passing what somebody had to sign in for.
func (f *Frame) asFile(w http.ResponseWriter, r *http.Request, route Route, q Request) error {
	sent, err := route.Send(r.Context(), q)
	if err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", sent.Type)
	header.Set("Content-Disposition", `attachment; filename="`+plainName(sent.Name)+`"`)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	if route.Open && q.Reader == nil {
		header.Set("Cache-Control", "no-cache")
	}
	header.Add("Vary", "Accept-Language")
	f.Send(w, r, http.StatusOK, sent.Bytes)
	return nil
}

// longestName is how many letters the name of a file has at most.
const longestName = 100

// plainName is a name that every system takes for a file, and that no header is broken by.
func plainName(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '-'
	}, name)
	plain = plain[max(0, len(plain)-longestName):]         // what a file is stands at its end
	return cmp.Or(strings.TrimLeft(plain, ".-"), "veille") // hidden, or taken for an option of a command
}

// form does what a form asks for. It must come from a page of ours: browsers say from where it comes, and the form brings the token of the
// reader.
func (f *Frame) form(w http.ResponseWriter, r *http.Request, route Route, q Request) error {
	file, err := read(w, r)
	if err != nil {
		f.refuse(w, r, http.StatusBadRequest, "bad_form")
		return nil //nolint:nilerr // it is said
	}
	if !Ours(r) {
		f.refuse(w, r, http.StatusForbidden, "foreign_form")
		return nil
	}
	q.Form, q.File = r.PostForm, file
	to, err := route.Do(r.Context(), q)
	problem, isProblem := errors.AsType[Problem](err)
	once, isOnce := errors.AsType[Once](err)
	if isOnce {
		q.once, q.Form = &once, nil
	}
	if isProblem || isOnce {
		q.Problem = string(problem)
		view, err := route.Show(r.Context(), q)
		if err != nil {
			return err
		}
		f.show(w, r, route, q, view)
		return nil
	}
	if err != nil {
		return err
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// Ours tells whether a form, which was read, was sent by a page of ours.
func Ours(r *http.Request) bool {
	if http.NewCrossOriginProtection().Check(r) != nil {
		return false
	}
	token := ReaderOf(r.Context()).Token
	return token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(r.PostForm.Get("token"))) == 1
}
