package dashboards_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"veille/collector"
	"veille/collector/label"
	"veille/collector/privacy"
	"veille/collector/signin"
	"veille/dashboards"
)

// world is what there is to show, and who asks: ada, of organisation 1, unless a test says otherwise.
type world struct {
	sites []collector.Site
	fakeWeb
	points []collector.Point
	broken error
	user   collector.User
	given  []string // commands
}

func (w *world) Sites(context.Context) ([]collector.Site, error) { return w.sites, w.broken }
func (w *world) Organisations(context.Context) ([]collector.Responsible, error) {
	return []collector.Responsible{{Organisation: collector.Organisation{ID: 1, Name: "Région"}}, {Organisation: collector.Organisation{ID: 2, Name: "Lycée"}}}, nil
}
func (w *world) Groups(context.Context, int64) ([]collector.Group, error)        { return nil, nil }
func (w *world) Prices(context.Context, int64) ([]collector.Price, error)        { return nil, nil }
func (w *world) Factors(context.Context, int64) ([]collector.Factor, error)      { return nil, nil }
func (w *world) Targets(context.Context, int64) ([]collector.Target, error)      { return nil, nil }
func (w *world) Actions(context.Context, int64) ([]collector.Action, error)      { return nil, nil }
func (w *world) Equipment(context.Context, int64) ([]collector.Equipment, error) { return nil, nil }
func (w *world) Fleet(context.Context, int64) (collector.Fleet, error)           { return collector.Fleet{}, nil }
func (w *world) Deliveries(context.Context) ([]collector.Delivery, error)        { return nil, nil }
func (w *world) Machines(context.Context, int64) ([]collector.Machine, error)    { return nil, nil }
func (w *world) Baselines(context.Context, int64) ([]collector.Baseline, error)  { return nil, nil }
func (w *world) Templates(context.Context, int64) ([]collector.Template, error)  { return nil, nil }
func (w *world) Snapshots(context.Context, int64) ([]collector.Snapshot, error)  { return nil, nil }
func (w *world) Snapshot(context.Context, int64, int64) (collector.Snapshot, error) {
	return collector.Snapshot{}, collector.ErrNotFound
}

func (w *world) Each(ctx context.Context, who *collector.User, q label.Request, templates ...string) (all []label.Made) {
	for _, id := range templates {
		q.Template = id
		r, err := w.Make(ctx, who, q)
		all = append(all, label.Made{Report: r, Err: err})
	}
	return all
}

func (w *world) Make(context.Context, *collector.User, label.Request) (label.Report, error) {
	return label.Report{}, label.ErrNothing
}

func (w *world) Range(_ context.Context, q collector.Query) ([]collector.Point, error) {
	var points []collector.Point
	for _, p := range w.points {
		if p.Measurement == q.Measurement && !p.Time.Before(q.From) && p.Time.Before(q.To) &&
			(len(q.Tags) == 0 || p.Tags.Get("site") == q.Tags.Get("site")) {
			points = append(points, p)
		}
	}
	return points, nil
}

// noFigures is a door behind which nothing is.
type noFigures struct{}

func (noFigures) Monthly(context.Context, *collector.User, privacy.Question) ([]privacy.Answer, error) {
	return nil, nil
}

func (noFigures) Days(context.Context, *collector.User, privacy.DayQuestion) ([]privacy.Day, error) {
	return nil, nil
}

func (noFigures) Machines(context.Context, *collector.User, int64, int64, collector.Month, string) ([]collector.MachineMonth, error) {
	return nil, nil
}

// keeper knows one session, whose cookie is "ada".
type keeper struct{ w *world }

func (k keeper) Who(_ context.Context, secret string) (collector.User, error) {
	if secret != "ada" {
		return collector.User{}, collector.ErrNotFound
	}
	user := collector.User{ID: 1, Organisation: 1, Name: "ada", Roles: collector.Roles()}
	if k.w.user.ID != 0 {
		user = k.w.user
	}
	return user, nil
}

func (keeper) Password(context.Context, string, string, netip.Addr) (string, error) {
	return "", signin.ErrWrong
}
func (keeper) Leave(context.Context, string) error { return nil }
func (keeper) Invited(context.Context, string) (collector.User, error) {
	return collector.User{}, signin.ErrExpired
}

func (keeper) Accept(context.Context, string, string) (string, error) { return "", signin.ErrExpired }
func (keeper) HasDirectory() bool                                     { return false }
func (keeper) Begin(context.Context) (string, string, error)          { return "", "", nil }
func (keeper) Finish(context.Context, string, string, string) (string, error) {
	return "", signin.ErrWrong
}

// Give remembers the commands that were given, and asks for measures.
func (w *world) Give(ctx context.Context, user collector.User, name string, args []string, _ map[string]any, _ string) (string, json.RawMessage, error) {
	w.given = append(w.given, user.Name+": "+name)
	if name != "website measure" {
		return "", json.RawMessage("[]"), nil
	}
	if !user.Has(collector.RoleOfficer, collector.RoleWeb) {
		return "", nil, privacy.ErrRole
	}
	id, err := strconv.ParseInt(args[0], 10, 64)
	if err == nil {
		err = w.Ask(ctx, id)
	}
	return "", nil, err
}

func handler(t *testing.T, w *world) *dashboards.Handler {
	t.Helper()
	h, err := dashboards.New(dashboards.Parts{
		Ledger: w, Series: w, Door: noFigures{}, Web: w, Queue: w, Doorkeeper: keeper{w}, Commands: w, Reports: w,
		Key: func(_ context.Context, header string) (collector.User, error) {
			if header != "Bearer key" {
				return collector.User{}, fmt.Errorf("key: %w", collector.ErrNotFound)
			}
			return keeper{w}.Who(t.Context(), "ada")
		},
		Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// ask is what somebody who has signed in gets.
func ask(t *testing.T, w *world, method, path, language string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header.Set("Accept-Language", language)
	r.AddCookie(&http.Cookie{Name: "veille", Value: "ada"})
	recorder := httptest.NewRecorder()
	handler(t, w).ServeHTTP(recorder, r)
	return recorder
}

func get(t *testing.T, w *world, path, language string) (int, http.Header, *goquery.Document) {
	t.Helper()
	recorder := ask(t, w, http.MethodGet, path, language)
	if strings.Contains(recorder.Body.String(), "[") && !w.brackets && recorder.Code == 200 && strings.HasPrefix(recorder.Header().Get("Content-Type"), "text/html") {
		t.Errorf("%s has a key without words: %s", path, recorder.Body)
	}
	document, err := goquery.NewDocumentFromReader(recorder.Body)
	if err != nil {
		t.Fatal(err)
	}
	return recorder.Code, recorder.Header(), document
}
