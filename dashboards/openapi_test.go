package dashboards_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"veille/collector"
	"veille/dashboards"
	"veille/dashboards/about"
	"veille/dashboards/energy"
	"veille/dashboards/frame"
	"veille/dashboards/machines"
	"veille/dashboards/reports"
	"veille/dashboards/savings"
	"veille/dashboards/settings"
	"veille/dashboards/wall"
)

// description is what the tests read of openapi.json.
type description struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		OperationID string                `json:"operationId"`
		Summary     string                `json:"summary"`
		Description string                `json:"description"`
		Security    []map[string][]string `json:"security"`
		Parameters  []struct {
			Ref  string `json:"$ref"`
			Name string `json:"name"`
			In   string `json:"in"`
		} `json:"parameters"`
		Responses map[string]json.RawMessage `json:"responses"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]json.RawMessage `json:"schemas"`
	} `json:"components"`
}

func described(t *testing.T) (d description) {
	t.Helper()
	if err := json.Unmarshal(dashboards.OpenAPI(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// routesWithAPI are the addresses of the pages of all parts that programs may read.
func routesWithAPI() (routes []frame.Route) {
	w := &world{}
	today := func() collector.Date { return collector.DateOf(time.Now()) }
	routes = slices.Concat(
		energy.New(w, noFigures{}, w, time.Now).Routes(), machines.New(w, noFigures{}, time.Now).Routes(), savings.New(w, noFigures{}, today).Routes(),
		wall.New(w, noFigures{}, today).Routes(), settings.New(w).Routes(), reports.New(w, w, w, today).Routes(), about.New(w).Routes(),
	)
	return slices.DeleteFunc(routes, func(r frame.Route) bool { return r.API == "" })
}

func TestEachAddressForProgramsIsDescribedAndNoneElse(t *testing.T) {
	d := described(t)
	all := map[string]bool{"/api/v1/web": true, "/api/v1/web/{id}": true, "/api/v1/web/{id}/page": true, "/api/v1/admin/{command}": true, "/api/v2/write": true}
	for _, r := range routesWithAPI() {
		all[r.API] = true
	}
	for path := range all {
		if d.Paths[path] == nil {
			t.Errorf("%s is not described", path)
		}
	}
	for path := range d.Paths {
		if !all[path] {
			t.Errorf("%s is described, and no part of the pages has it", path)
		}
	}
	if len(all) < 20 {
		t.Errorf("there are only %d addresses", len(all))
	}
}

// Who is not signed in learns by the status of an answer that an address is there.
func TestEachDescribedAddressIsServed(t *testing.T) {
	h := handler(t, believable())
	for path, methods := range described(t).Paths {
		if methods["get"].Summary == "" { // commands and lines of meters are given to other handlers
			continue
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, "1"), nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		open := len(methods["get"].Security) > 0
		if !open && w.Code != http.StatusUnauthorized || open && w.Code == http.StatusUnauthorized || w.Code >= http.StatusInternalServerError {
			t.Errorf("%s is answered %d: %s", path, w.Code, w.Body)
		}
	}
}

func TestTheDescriptionSaysWhoMayReadAnAddress(t *testing.T) {
	d := described(t)
	for _, r := range routesWithAPI() {
		op := d.Paths[r.API]["get"]
		if r.Open != (len(op.Security) == 1 && len(op.Security[0]) == 0) {
			t.Errorf("%s: everybody may read it %v, and its security is %v", r.API, r.Open, op.Security)
		}
		if _, ok := op.Responses["401"]; ok == r.Open {
			t.Errorf("%s: everybody may read it %v, and it has an answer 401 %v", r.API, r.Open, ok)
		}
		if _, ok := op.Responses["403"]; ok != (r.Roles != nil) {
			t.Errorf("%s: it is for the roles %v, and it has an answer 403 %v", r.API, r.Roles, ok)
		}
		_, said, _ := strings.Cut(op.Description, "For the role")
		for _, role := range collector.Roles() {
			if slices.Contains(r.Roles, role) != regexp.MustCompile(`\b`+string(role)+`\b`).MatchString(said) {
				t.Errorf("%s: it is for the roles %v, and the description says %q", r.API, r.Roles, op.Description)
			}
		}
	}
}

func TestEachDescribedOperationIsWhole(t *testing.T) {
	ids := map[string]bool{}
	for path, methods := range described(t).Paths {
		for method, op := range methods {
			if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" || op.Description == "" || op.Responses["200"] == nil && op.Responses["204"] == nil {
				t.Errorf("%s %s has no id of its own, no words or no answer: %+v", method, path, op)
			}
			ids[op.OperationID] = true
			var names []string
			for _, p := range op.Parameters {
				if p.In == "path" {
					names = append(names, "{"+p.Name+"}")
				}
			}
			if in := regexp.MustCompile(`\{[a-z]+\}`).FindAllString(path, -1); !slices.Equal(in, names) {
				t.Errorf("%s has the parameters %v", path, names)
			}
		}
	}
}

func TestEachSchemaOfTheDescriptionCompiles(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(dashboards.OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	names := described(t).Components.Schemas
	for _, needed := range []string{"View", "Figure", "Table", "WebsitesData", "SiteData", "PageData", "Error"} {
		if names[needed] == nil {
			t.Errorf("there is no schema %s", needed)
		}
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("openapi.json", document); err != nil {
		t.Fatal(err)
	}
	for name := range names {
		if _, err := compiler.Compile("openapi.json#/components/schemas/" + name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if strings.Contains(string(dashboards.OpenAPI()), `"additionalProperties": false`) {
		t.Error("fields are added to answers: none may be refused")
	}
}

func TestTheDescriptionIsServedToEverybody(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/openapi.json", nil)
	w := httptest.NewRecorder()
	handler(t, believable()).ServeHTTP(w, r)
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), dashboards.OpenAPI()) || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%d %v %.100s", w.Code, w.Header(), w.Body)
	}
}
