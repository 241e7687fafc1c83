package opendata_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"veille/collector/opendata"
)

// node runs a script with Node, in the directory of a package of npm; it is given a file. It skips the test where that is not installed, unless
// REQUIRE names it.
func node(t *testing.T, pack, script, file string) string {
	t.Helper()
	modules, err := filepath.Abs(filepath.Join("..", "..", ".tools", "npm", "node_modules"))
	if err == nil {
		_, err = os.Stat(filepath.Join(modules, pack))
	}
	if err == nil {
		_, err = exec.LookPath("node")
	}
	if err != nil {
		if os.Getenv("REQUIRE") == "all" || slices.Contains(strings.Split(os.Getenv("REQUIRE"), ","), pack) {
			t.Fatalf("%v: make tools installs it", err)
		}
		t.Skip(pack + " is not installed: make tools")
	}
	c := exec.CommandContext(t.Context(), "node", "-e", script)
	c.Dir, c.Env = filepath.Dir(modules), append(os.Environ(), "FILE="+file)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s%s", err, out, &stderr)
	}
	return strings.TrimSpace(string(out))
}

// written puts files into a directory.
func written(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// tableschema counts the rows of tables that conform to the schema beside each, and says why the first ones do not.
const tableschema = `const {Table, Schema} = require('tableschema');
async function look(path) {
	const schema = await Schema.load(path.replace(/[^/]*$/, 'schema.json'), {strict: true});
	const table = await Table.load(path, {schema}), errors = []; let rows = 0;
	const say = e => errors.push(e.message + ' ' + (e.errors || []).map(e => e.message));
	try { for (const r of await table.read({keyed: true, forceCast: true})) { if (r.errors || r instanceof Error) say(r); else rows++ } } catch (e) { say(e) }
	return {rows, fields: schema.fields.length, errors: errors.length, first: errors.slice(0, 2).join(' ')};
}
(async () => { const all = []; for (const path of process.env.FILE.split('\n')) all.push(await look(path)); console.log(JSON.stringify(all)) })()
	.catch(e => { console.log('failed: ' + e.message + (e.errors || []).map(e => e.message)) });`

// verdict is what it says of a table.
type verdict struct {
	Rows, Fields, Errors int
	First                string
}

func conforms(t *testing.T, paths ...string) (all []verdict) {
	t.Helper()
	out := node(t, "tableschema", tableschema, strings.Join(paths, "\n"))
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != len(paths) {
		t.Fatalf("%v: %s", paths, out)
	}
	return all
}

func TestTablesConformToTheirSchemasByAProgramOfOthers(t *testing.T) {
	w := region(t)
	files := filesOf(t, w, opendata.Request{Organisation: 1, Base: base})
	dir := written(t, files)
	for _, set := range []string{parc, pages} {
		rows := tableOf(t, files[set+"/donnees.csv"], ',')
		all := conforms(t, filepath.Join(dir, set, "donnees.csv"), filepath.Join(dir, set, "exemple-valide.csv"))
		if v := all[0]; v.Rows != len(rows) || v.Errors > 0 || v.Rows == 0 || v.Fields != len(rows[0]) {
			t.Errorf("%s: %+v of %d rows", set, v, len(rows))
		}
		if v := all[1]; v.Rows < 2 || v.Errors > 0 {
			t.Errorf("the example of %s: %+v", set, v)
		}
	}
}

func TestRowsThatAreWrongDoNotConform(t *testing.T) {
	files := filesOf(t, region(t), opendata.Request{Organisation: 1, Base: base})
	wrong := []struct{ set, field, value string }{
		{parc, "organisation_siren", "12"},
		{parc, "nb_equipements", "4"},
		{parc, "periode_debut", "31/12/2025"},
		{parc, "classe_equipement", "velo"},
		{parc, "heures_allume", "1,5"},
		{parc, "commune_insee", "2X001"},
		{parc, "secret_statistique", ""},
		{parc, "part_eteints_hors_usage_pct", "101"},
		{parc, "methode_version", "un"},
		{parc, "site_id", ""},
		{pages, "page_url", "pas une adresse"},
		{pages, "ecoindex_note", "H"},
		{pages, "ecoindex_score", "-1"},
		{pages, "nb_requetes", "deux"},
		{pages, "statut", "bof"},
	}
	var paths []string
	for _, c := range wrong {
		header, _, _ := strings.Cut(string(files[c.set+"/donnees.csv"]), "\n")
		row := tableOf(t, files[c.set+"/donnees.csv"], ',')[0]
		row[c.field] = c.value
		var cells []string
		for name := range strings.SplitSeq(header, ",") {
			cells = append(cells, `"`+strings.ReplaceAll(row[name], `"`, `""`)+`"`)
		}
		paths = append(paths, filepath.Join(written(t, map[string][]byte{
			"schema.json": files[c.set+"/schema.json"], "donnees.csv": []byte(header + "\n" + strings.Join(cells, ",") + "\n"),
		}), "donnees.csv"))
	}
	for i, v := range conforms(t, paths...) {
		if v.Rows != 0 || v.Errors != 1 {
			t.Errorf("%+v: %+v", wrong[i], v)
		}
	}
}

func TestSchemasHaveWhatTheFrenchPortalWants(t *testing.T) {
	files := filesOf(t, region(t), opendata.Request{Organisation: 1, Base: base})
	for _, set := range []string{parc, pages} {
		var s map[string]any
		if err := json.Unmarshal(files[set+"/schema.json"], &s); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{
			"$schema", "name", "title", "description", "keywords", "countryCode", "homepage", "path", "image", "licenses", "resources", "sources", "created",
			"lastModified", "version", "contributors", "fields", "primaryKey",
		} {
			if s[name] == nil {
				t.Errorf("%s has no %s", set, name)
			}
		}
		if s["name"] != set || s["path"] != base+"/"+set+"/schema.json" || s["version"] != "1.0.0" {
			t.Errorf("%s: %v %v %v", set, s["name"], s["path"], s["version"])
		}
		for _, f := range s["fields"].([]any) {
			f := f.(map[string]any)
			if f["description"] == "" || f["title"] == "" || f["example"] == nil || f["type"] == nil || f["constraints"] == nil {
				t.Errorf("%s: %v lacks something", set, f)
			}
		}
	}
}

func TestJSONHasTheSameRowsWithTypes(t *testing.T) {
	files := filesOf(t, region(t), opendata.Request{Organisation: 1, Base: base})
	types := map[string]string{"string": "string", "date": "string", "number": "number", "integer": "integer", "boolean": "boolean"}
	for _, set := range []string{parc, pages} {
		var s struct {
			Fields []struct {
				Name, Type  string
				Constraints map[string]any
			}
		}
		if err := json.Unmarshal(files[set+"/schema.json"], &s); err != nil {
			t.Fatal(err)
		}
		properties, required := map[string]any{}, []any{}
		for _, f := range s.Fields {
			p := map[string]any{"type": []any{types[f.Type]}}
			if f.Constraints["required"] != true {
				p["type"] = []any{types[f.Type], "null"}
			}
			if minimum, ok := f.Constraints["minimum"]; ok {
				p["minimum"] = minimum
			}
			properties[f.Name], required = p, append(required, f.Name)
		}
		validate(t, map[string]any{"type": "array", "items": map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}}, files[set+"/donnees.json"], "")
		rows, all := tableOf(t, files[set+"/donnees.csv"], ','), objects(t, files[set+"/donnees.json"])
		for i, r := range rows {
			for field, cell := range r {
				said := all[i][field]
				if said == nil && cell != "" || said != nil && strings.TrimPrefix(cell, "'") != fmt.Sprint(said) {
					if _, number := said.(float64); !number {
						t.Errorf("%s, row %d: %s is %q, and %v in JSON", set, i, field, cell, said)
					}
				}
			}
		}
	}
}

// validate fails where text is not as a JSON Schema says; or is, where it is to be wrong.
func validate(t *testing.T, schema any, text []byte, wrong string) {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(instance); wrong == "" && err != nil {
		t.Error(err)
	} else if wrong != "" && err == nil {
		t.Errorf("%s is accepted", wrong)
	}
}

// expanded is what jsonld makes of a catalogue without a network, and as how many statements RDF has it.
const expanded = `const jsonld = require('jsonld'), fs = require('fs');
const none = async url => { throw new Error('it asks for ' + url) };
(async () => {
	const doc = JSON.parse(fs.readFileSync(process.env.FILE, 'utf8'));
	const all = await jsonld.expand(doc, {documentLoader: none, safe: true});
	const quads = await jsonld.toRDF(doc, {documentLoader: none, format: 'application/n-quads', safe: true});
	console.log(JSON.stringify({all, quads: quads.split('\n').filter(x => x)}));
})().catch(e => { console.log('failed: ' + e.message + JSON.stringify(e.details || '')) });`

func TestTheCatalogueIsDCATByAProgramOfOthers(t *testing.T) {
	files := filesOf(t, region(t), opendata.Request{Organisation: 1, Base: base})
	out := node(t, "jsonld", expanded, filepath.Join(written(t, files), "catalog.jsonld"))
	var got struct {
		All   []map[string]any
		Quads []string
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.All) != 1 {
		t.Fatal(out)
	}
	const dct, dcat = "http://purl.org/dc/terms/", "http://www.w3.org/ns/dcat#"
	has := func(what string, n map[string]any, names ...string) {
		for _, name := range names {
			if values, _ := n[name].([]any); len(values) == 0 {
				t.Errorf("%s has no %s", what, name)
			}
		}
		if id, _ := n["@id"].(string); !strings.HasPrefix(id, base+"/") {
			t.Errorf("%s is %q", what, id)
		}
	}
	catalogue := got.All[0]
	has("the catalogue", catalogue, dct+"title", dct+"description", dct+"publisher", dcat+"dataset", dct+"license", dct+"modified", dct+"language")
	datasets := catalogue[dcat+"dataset"].([]any)
	if len(datasets) != 2 {
		t.Errorf("%d data sets", len(datasets))
	}
	for _, d := range datasets {
		d := d.(map[string]any)
		has("a data set", d, dct+"title", dct+"description", dct+"identifier", dct+"publisher", dct+"temporal", dct+"accrualPeriodicity", dct+"conformsTo", dcat+"keyword", dct+"modified")
		if n := len(d[dct+"title"].([]any)); n != 2 {
			t.Errorf("a title in %d languages", n)
		}
		for _, x := range d[dcat+"distribution"].([]any) {
			x := x.(map[string]any)
			has("a distribution", x, dcat+"accessURL", dcat+"downloadURL", dcat+"mediaType", dcat+"byteSize", dct+"license", dct+"format", "http://spdx.org/rdf/terms#checksum")
			name := strings.TrimPrefix(x["@id"].(string), base+"/")
			size := x[dcat+"byteSize"].([]any)[0].(map[string]any)["@value"]
			if size != fmt.Sprint(len(files[name])) || len(files[name]) == 0 {
				t.Errorf("%s has %d bytes, and not %v", name, len(files[name]), size)
			}
		}
	}
	if !slices.ContainsFunc(got.Quads, func(q string) bool {
		return strings.Contains(q, "accrualPeriodicity> <http://publications.europa.eu/resource/authority/frequency/MONTHLY>")
	}) || len(got.Quads) < 100 {
		t.Errorf("%d statements", len(got.Quads))
	}
	if !strings.Contains(out, "2026-08-31") || strings.Contains(out, string(today)) {
		t.Error("the catalogue is not dated by its content")
	}
}
