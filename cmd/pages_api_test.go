package cmd_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// openAPI is the description of the API, as a collector serves it.
type openAPI struct {
	whole  any // in which no object of a schema has fields that are not described
	Paths  map[string]map[string]operation
	bodies *jsonschema.Compiler
}

type operation struct {
	Security  []map[string][]string
	Responses map[string]json.RawMessage
}

// openAPIOf reads it.
func openAPIOf(t *testing.T, r *province) *openAPI {
	t.Helper()
	a := r.send(t, plain(), http.MethodGet, "/api/v1/openapi.json", nil, nil)
	d := &openAPI{bodies: jsonschema.NewCompiler()}
	if err := json.Unmarshal([]byte(a.text), d); err != nil {
		t.Fatal(err)
	}
	whole, err := jsonschema.UnmarshalJSON(strings.NewReader(a.text))
	if err != nil {
		t.Fatal(err)
	}
	d.whole = unextended(whole)
	d.bodies.DefaultDraft(jsonschema.Draft2020)
	d.bodies.AssertFormat()
	if err := d.bodies.AddResource("openapi.json", d.whole); err != nil {
		t.Fatal(err)
	}
	return d
}

// unextended is a document whose schemas refuse the fields that they do not name.
func unextended(x any) any {
	switch x := x.(type) {
	case []any:
		for i := range x {
			x[i] = unextended(x[i])
		}
	case map[string]any:
		for name := range x {
			x[name] = unextended(x[name])
		}
		if x["type"] == "object" && x["properties"] != nil && x["additionalProperties"] == nil {
			x["unevaluatedProperties"] = false
		}
	}
	return x
}

// fits validates the body of an answer to GET path, in which numbers are not filled in.
func (d *openAPI) fits(t *testing.T, path string, a reply) {
	t.Helper()
	pointer := "openapi.json#/paths/" + url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(path)) + "/get/responses/" + fmt.Sprint(a.status)
	answer := d.Paths[path]["get"].Responses[strconv.Itoa(a.status)]
	if answer == nil {
		t.Errorf("%s is answered %d, which is not described", path, a.status)
		return
	}
	var link struct {
		Ref string `json:"$ref"`
	}
	if err := json.Unmarshal(answer, &link); err != nil {
		t.Fatal(err)
	}
	if link.Ref != "" {
		pointer = "openapi.json" + link.Ref
	}
	schema, err := d.bodies.Compile(pointer + "/content/" + url.PathEscape("application~1json") + "/schema")
	if err != nil {
		t.Fatal(err)
	}
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(a.text))
	if err == nil {
		err = schema.Validate(body)
	}
	if err != nil {
		t.Errorf("%s: %d %v: %.300s", path, a.status, err, a.text)
	}
}

// paths are the addresses that a description means, with the numbers of things that are there.
func (r *province) paths(path string) string {
	path = strings.NewReplacer("{site}", "1", "{group}", "1", "{action}", fmt.Sprint(r.action-1), "{id}", fmt.Sprint(r.webA[0]), "{snapshot}", "1", "{theme}", "T1").Replace(path)
	if strings.HasSuffix(path, "machines/1") {
		path += "?reason=" + url.QueryEscape("to see whether the answer is as described")
	}
	return path
}

func TestTheAPIAnswersAsItsDescriptionSays(t *testing.T) {
	t.Parallel()
	r := newProvince(t, "90", "240")
	d := openAPIOf(t, r)
	t.Run("Answers", func(t *testing.T) { r.answersFit(t, d) })
	t.Run("Refusals", func(t *testing.T) { r.refusalsFit(t, d) })
	t.Run("EachNumberOfAPageIsInItsJSON", r.samePages)
	t.Run("SpreadsheetsHaveTheRowsOfTheirTables", r.sameCSV)
}

func (r *province) answersFit(t *testing.T, d *openAPI) {
	filled := 0
	for path, methods := range d.Paths {
		if _, ok := methods["get"]; !ok {
			continue
		}
		for _, p := range r.people {
			a := r.call(t, p, r.paths(path))
			d.fits(t, path, a)
			if p.name == "all" && a.status != http.StatusOK {
				t.Errorf("%s is answered %d to a user with all roles: %.200s", path, a.status, a.text)
			}
			if strings.Contains(a.text, `"value":1`) || strings.Contains(a.text, `"rows":[{`) || strings.Contains(a.text, `"score"`) {
				filled++
			}
		}
		if a := r.page(t, r.people["all"], r.paths(path)+map[bool]string{true: "&", false: "?"}[strings.Contains(r.paths(path), "?")]+"lang=fr"); a.status != http.StatusOK {
			t.Errorf("%s is answered %d to somebody who has signed in", path, a.status)
		}
	}
	if filled < 50 {
		t.Errorf("only %d answers have figures", filled)
	}
}

func (r *province) refusalsFit(t *testing.T, d *openAPI) {
	nobody := person{key: "no-such-key"}
	denied := 0
	for path, methods := range d.Paths {
		op, ok := methods["get"]
		if !ok {
			continue
		}
		open := len(op.Security) > 0
		for _, a := range []reply{r.call(t, nobody, r.paths(path)), r.send(t, plain(), http.MethodGet, r.paths(path), nil, nil)} {
			if want := map[bool]int{true: http.StatusOK, false: http.StatusUnauthorized}[open]; a.status != want {
				t.Errorf("%s is answered %d to who has no key, want %d", path, a.status, want)
			}
			d.fits(t, path, a)
		}
		for _, role := range []string{"it", "officer", "web", "reader"} {
			a := r.call(t, r.people[role], r.paths(path))
			if want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[mayOpen(role, path)]; a.status != want {
				t.Errorf("%s is answered %d to the role %s, want %d: %.200s", path, a.status, role, want, a.text)
			}
			if a.status == http.StatusForbidden {
				denied++
			}
		}
	}
	a := r.call(t, r.people["it"], "/api/v1/machines/1?reason=short")
	d.fits(t, "/api/v1/machines/{site}", a)
	if a.status != http.StatusUnprocessableEntity || denied < 20 {
		t.Errorf("a reason that is none is answered %d; %d answers were 403", a.status, denied)
	}
}

// written are the numbers of a text as pages write them in English, without what stands between thousands.
func written(text string) (all []string) {
	for _, n := range regexp.MustCompile(`[−-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[−-]?\d+(?:\.\d+)?`).FindAllString(text, -1) {
		all = append(all, strings.NewReplacer(",", "", "−", "-").Replace(n))
	}
	return all
}

// among tells whether a written number is one of those that programs get, rounded: only all is written as 100 %, and only nothing as 0 %.
func among(text string, numbers []float64) bool {
	_, fraction, _ := strings.Cut(text, ".")
	return slices.ContainsFunc(numbers, func(x float64) bool {
		rounded := strconv.FormatFloat(x, 'f', len(fraction), 64)
		if strings.Trim(rounded, "-0.") == "" {
			rounded = strings.TrimPrefix(rounded, "-")
		}
		half := strconv.FormatFloat(math.Round(x*math.Pow10(len(fraction)))/math.Pow10(len(fraction)), 'f', len(fraction), 64) // away from zero
		return rounded == text || half == text || text == "99" && x > 99 && x < 100 || text == "1" && x > 0 && x < 1
	})
}

// valuesIn are all numbers of a JSON document, shares of 1 also as percent, and all texts.
func valuesIn(x any) (numbers []float64, texts []string) {
	var more []any
	switch x := x.(type) {
	case float64:
		return []float64{x, 100 * x}, nil
	case string:
		return nil, []string{strings.Join(strings.Fields(x), " ")}
	case []any:
		more = x
	case map[string]any:
		more = slices.Collect(maps.Values(x))
	}
	for _, y := range more {
		n, s := valuesIn(y)
		numbers, texts = append(numbers, n...), append(texts, s...)
	}
	return numbers, texts
}

func (r *province) samePages(t *testing.T) {
	me, compared := r.people["all"], 0
	for path, a := range r.crawl(t, me) {
		api := apiOf(path)
		if api == "" || strings.HasPrefix(path, "/web") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		var body any
		if err := json.Unmarshal([]byte(r.call(t, me, api).text), &body); err != nil {
			t.Fatalf("%s: %v", api, err)
		}
		numbers, texts := valuesIn(body)
		for _, text := range slices.Clone(texts) {
			if month, err := time.Parse("2006-01", text); err == nil { // a page writes it in words
				texts = append(texts, month.Format("January 2006"))
			}
		}
		page := r.page(t, me, path).doc(t)
		page.Find("caption a, dd a").Remove()
		for _, cell := range page.Find("main tbody td, main tbody th, main dl.numbers b, main dl.numbers dd > span").EachIter() {
			text := strings.Join(strings.Fields(cell.Text()), " ")
			if slices.Contains(texts, text) {
				continue
			}
			for _, known := range texts { // a cell may hold two: an aim, and the month of it
				if strings.ContainsFunc(known, unicode.IsLetter) && len(known) > 4 {
					text = strings.ReplaceAll(text, known, " ")
				}
			}
			for _, n := range written(strings.ReplaceAll(text, "CO2e", "")) {
				compared++
				if !among(n, numbers) {
					t.Errorf("%s writes %s in %q, which is not in %s", path, n, text, api)
				}
			}
		}
	}
	if compared < 300 {
		t.Errorf("only %d numbers were compared", compared)
	}
}

func (r *province) sameCSV(t *testing.T) {
	me, compared := r.people["all"], 0
	for path, a := range r.crawl(t, me) {
		rest, ok := strings.CutPrefix(path, "/csv/")
		if !ok {
			continue
		}
		name, at, _ := strings.Cut(rest, "/")
		var view struct {
			Tables []struct {
				ID      string
				Columns []struct{ ID string }
				Rows    []map[string]any
			}
		}
		if err := json.Unmarshal([]byte(r.call(t, me, apiOf("/"+at)).text), &view); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		i := slices.IndexFunc(view.Tables, func(x struct {
			ID      string
			Columns []struct{ ID string }
			Rows    []map[string]any
		},
		) bool {
			return x.ID == name
		})
		text, hasMark := strings.CutPrefix(a.text, "\ufeff")
		records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if i < 0 || err != nil || !hasMark || len(records) != len(view.Tables[i].Rows)+1 {
			t.Errorf("%s has %d records, %v; the tables for programs are %+v", path, len(records), err, view.Tables)
			continue
		}
		for n, row := range view.Tables[i].Rows {
			for c, column := range view.Tables[i].Columns {
				want := row[column.ID]
				if want == nil {
					want = ""
				}
				if x, isNumber := want.(float64); isNumber {
					want = strconv.FormatFloat(x, 'f', -1, 64)
				}
				compared++
				if got := records[n+1][c]; got != want && got != "'"+fmt.Sprint(want) || records[0][c] != column.ID {
					t.Errorf("%s, row %d: %s is %q, and for programs %v", path, n+1, column.ID, got, want)
				}
			}
		}
	}
	if compared < 300 {
		t.Errorf("only %d cells were compared", compared)
	}
}

// The description is what OpenAPI 3.1 says that one is, by a program of others.
func TestTheDescriptionOfTheAPIIsOpenAPI(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(fromNPM("@seriousme", "openapi-schema-validator")); err != nil {
		if required("openapi") {
			t.Fatalf("%v: make tools installs it", err)
		}
		t.Skip("openapi-schema-validator is not installed: make tools")
	}
	file, err := filepath.Abs(filepath.Join("..", "dashboards", "openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	const script = `import {Validator} from '@seriousme/openapi-schema-validator'; import fs from 'node:fs';
const v = new Validator(), d = JSON.parse(fs.readFileSync(process.env.FILE, 'utf8'));
const good = await v.validate(d); delete d.paths['/api/v1/web'].get.responses['200'].description; const bad = await v.validate(d);
console.log(JSON.stringify({version: v.version, good, bad: bad.valid}));`
	c := exec.CommandContext(t.Context(), "node", "--input-type=module", "-e", script)
	c.Dir, c.Env = filepath.Dir(fromNPM()), append(os.Environ(), "FILE="+file)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if got := strings.TrimSpace(string(out)); err != nil || got != `{"version":"3.1","good":{"valid":true},"bad":false}` {
		t.Errorf("%s %v %s", got, err, &stderr)
	}
}
