package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector"
	"veille/collector/calendar"
	"veille/collector/label"
	"veille/collector/store/relational"
)

// Bounds of a call. The text of a calendar or of a table may have each of its characters escaped.
const (
	maxCall     = 1<<20 + 3*calendar.MaxFile // bytes, of one with a file: 4 MiB; larger ones are for the server's command line
	maxPlain    = 64 << 10                   // bytes, of others
	maxArgs     = 1000
	maxAtOnce   = 4
	maxDuration = 50 * time.Second
)

// adminAPI gives the commands of tasks to users, within their organisation and roles: to those who have a key, and to those who have signed in
// on the pages, see Give.
type adminAPI struct {
	store *relational.Store
	ask   func(ctx context.Context, website int64) error // for a website to be measured as soon as may be
	log   *slog.Logger
	keys  *keyring
	slots chan struct{}
	mux   *http.ServeMux

	shipped func() (map[string]label.Template, error) // read once
}

// newAdminAPI answers POST /api/v1/admin/{command}, where the words of the command are separated by slashes, on an open store. ask
// asks for a website to be measured as soon as may be. It keeps no log of who calls but the audit log.
func newAdminAPI(store *relational.Store, ask func(context.Context, int64) error, log *slog.Logger) *adminAPI {
	a := &adminAPI{store: store, ask: ask, log: log, keys: newKeyring(), slots: make(chan struct{}, maxAtOnce), mux: http.NewServeMux(), shipped: sync.OnceValues(label.ShippedTemplates)}
	a.mux.HandleFunc("POST /api/v1/admin/{command...}", a.serve)
	return a
}

// ServeHTTP answers POST /api/v1/admin/{command}.
func (a *adminAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// answer is what a call is answered. Its keys are relied on by scripts.
type answer struct {
	Status int             `json:"status"` // the exit status of the command: 0 done
	Output string          `json:"output"` // what it printed
	JSON   json.RawMessage `json:"json,omitempty"`
	Error  string          `json:"error,omitempty"` // why it is not done
}

// request is the body of a call.
type request struct {
	Args  []string                   `json:"args"`
	Flags map[string]json.RawMessage `json:"flags"`
	File  *string                    `json:"file"` // the text of the file that the command reads
}

// refusedError is an error with the status of its HTTP answer.
type refusedError struct {
	status int
	text   string
}

func (r refusedError) Error() string { return r.text }

// troubleError is a failure of ours, before the command was given.
type troubleError struct{ error }

func (e troubleError) Unwrap() error { return e.error }

func (a *adminAPI) serve(w http.ResponseWriter, r *http.Request) {
	done, err := a.answer(w, r)
	status := httpStatus(err, a.store.Trouble)
	switch status {
	case http.StatusServiceUnavailable:
		a.log.ErrorContext(r.Context(), "a command over the api failed", "command", r.PathValue("command"), "err", err)
		w.Header().Set("Retry-After", "10")
		err = errors.New("the collector could not do it, and nothing was changed by the step that failed; its administrator finds the reason in the log")
	case http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "1")
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if err != nil {
		done.Status, done.JSON, done.Error = command.Status(err), nil, err.Error()
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store") // a key or token is shown once
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(done)
}

// httpStatus is the status of the answer to a call that ended with err; trouble tells errors of the database.
func httpStatus(err error, trouble func(error) bool) int {
	refused, isRefusal := errors.AsType[refusedError](err)
	_, isTooLarge := errors.AsType[*http.MaxBytesError](err)
	_, isTrouble := errors.AsType[troubleError](err)
	status := command.Status(err)
	switch {
	case status == command.OK:
		return http.StatusOK
	case isTrouble || trouble(err):
		return http.StatusServiceUnavailable
	case isRefusal:
		return refused.status
	case isTooLarge:
		return http.StatusRequestEntityTooLarge
	case status == command.Misuse:
		return http.StatusBadRequest
	case errors.Is(err, collector.ErrNotFound):
		return http.StatusNotFound
	case status != command.Failed: // done, with a status that the command's help explains
		return http.StatusOK
	}
	return http.StatusConflict // a sentence says why it cannot be
}

// answer does what a call asks for.
func (a *adminAPI) answer(w http.ResponseWriter, r *http.Request) (answer, error) {
	user, err := a.keys.user(r.Context(), a.store, r.Header.Get("Authorization"))
	if err != nil {
		return answer{}, err
	}
	name := strings.ReplaceAll(r.PathValue("command"), "/", " ")
	t, err := taskFor(user, name)
	if err != nil {
		return answer{}, err
	}
	if !a.keys.begin(user.ID) {
		return answer{}, refusedError{http.StatusTooManyRequests, "a call of this user is under way; make one after the other"}
	}
	defer a.keys.end(user.ID)
	asked, err := decode(http.MaxBytesReader(w, r.Body, sizeOfCall(t))) // before it takes a place: a slow one holds nobody up
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(r.Context(), maxDuration)
	defer cancel()
	return a.give(ctx, t, user, asked)
}

// give gives a command as soon as there is a place for it.
func (a *adminAPI) give(ctx context.Context, t task, user collector.User, asked request) (answer, error) {
	select {
	case a.slots <- struct{}{}:
		defer func() { <-a.slots }()
	case <-ctx.Done():
		return answer{}, troubleError{fmt.Errorf("wait for other calls: %w", ctx.Err())}
	}
	return a.run(ctx, t, user, asked)
}

// sizeOfCall is how many bytes a call of a command may have.
func sizeOfCall(t task) int64 {
	if t.file {
		return maxCall
	}
	return maxPlain
}

// decode reads the body of a call. An empty one asks for nothing beside the command.
func decode(body io.Reader) (request, error) {
	var asked request
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	err := d.Decode(&asked)
	if errors.Is(err, io.EOF) {
		return asked, nil
	}
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return asked, nil
		}
		if err == nil {
			err = errors.New("something follows it")
		}
	}
	if large, is := errors.AsType[*http.MaxBytesError](err); is {
		return asked, fmt.Errorf("the call is larger than %d kB (%w): give the command on the server, where a file may be larger", large.Limit/1000, err)
	}
	return asked, command.Usage("the call is not a JSON object like {\"args\": [\"Lycée\"], \"flags\": {\"time-zone\": \"Europe/Paris\"}}: %w", err)
}

// taskFor is the command of that name, if the user may give it.
func taskFor(user collector.User, name string) (task, error) {
	for _, t := range tasks() {
		if t.at(desk{}).Name != name {
			continue
		}
		switch {
		case t.apart != "":
			return t, refusedError{http.StatusNotFound, fmt.Sprintf("%s is for the server's command line only: %s", name, t.apart)}
		case !user.Has(t.roles...):
			return t, refusedError{http.StatusForbidden, fmt.Sprintf("%s needs one of the roles %s", name, rights(collector.User{Roles: t.roles}))}
		case t.whole && user.Site != 0:
			return t, refusedError{http.StatusForbidden, name + " is about the whole organisation, and you see one site only"}
		}
		return t, nil
	}
	return task{}, refusedError{http.StatusNotFound, fmt.Sprintf("no command is called %.40q; see veille-collector --help", name)}
}

// run gives the command. Where it has --json, that is how it answers, unless the call says otherwise.
func (a *adminAPI) run(ctx context.Context, t task, user collector.User, asked request) (answer, error) {
	if len(asked.Args) > maxArgs {
		return answer{}, command.Usage("%d words are more than the %d that a call may have", len(asked.Args), maxArgs)
	}
	var printed bytes.Buffer
	one := &call{store: a.store, user: user, ask: a.ask, shipped: a.shipped}
	if asked.File != nil {
		one.file = []byte(*asked.File)
	}
	c := t.at(desk{stdout: &printed, stderr: io.Discard, call: one})
	fs := pflag.NewFlagSet(c.Name, pflag.ContinueOnError)
	if c.Flags != nil {
		c.Flags(fs)
	}
	if fs.Lookup("json") != nil && asked.Flags["json"] == nil {
		_ = fs.Set("json", "true") // a flag without arguments takes that
	}
	for _, name := range slices.Sorted(maps.Keys(asked.Flags)) {
		if err := setFlag(fs, name, asked.Flags[name]); err != nil {
			return answer{}, command.Usage("flag %.40q: %w", name, err)
		}
	}
	err := c.Run(ctx, asked.Args)
	if asJSON, _ := fs.GetBool("json"); asJSON && err == nil {
		return answer{JSON: bytes.TrimSpace(printed.Bytes())}, nil
	}
	return answer{Output: printed.String()}, err
}

// setFlag sets a flag to a text, a number, true or false, or, where it takes several values, to a list of texts.
func setFlag(fs *pflag.FlagSet, name string, raw json.RawMessage) error {
	flag := fs.Lookup(name)
	if flag == nil {
		return errors.New("the command has none of that name")
	}
	var value any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return err
	}
	switch v := value.(type) {
	case string:
		return fs.Set(name, v)
	case json.Number:
		return fs.Set(name, v.String())
	case bool:
		return fs.Set(name, fmt.Sprint(v))
	case []any:
		several, ok := flag.Value.(pflag.SliceValue)
		if !ok {
			return errors.New("it takes one value")
		}
		texts := make([]string, len(v))
		for i, one := range v {
			if texts[i], ok = one.(string); !ok {
				return errors.New("it takes a list of texts")
			}
		}
		flag.Changed = true
		return several.Replace(texts)
	}
	return errors.New("it is neither a text, a number, true or false, nor a list of texts")
}
