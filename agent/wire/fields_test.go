package wire_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/agent/wire"
)

// same is a type whose fields are described once, where a record has it.
var same = map[string]reflect.Type{"enrolment.machine": reflect.TypeFor[wire.Machine]()}

// leaves are the paths of what a type holds, in order.
func leaves(path string, t reflect.Type) []string {
	switch {
	case t.Kind() == reflect.Pointer:
		return leaves(path, t.Elem())
	case same[path] == t && t.Kind() == reflect.Struct:
		return []string{path}
	case t.Kind() == reflect.Slice:
		return leaves(path+"[]", t.Elem())
	case t.Kind() != reflect.Struct:
		return []string{path}
	}
	var found []string
	for field := range t.Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		found = append(found, leaves(strings.TrimPrefix(path+"."+key, "."), field.Type)...)
	}
	return found
}

func paths() []string {
	var all []string
	for _, f := range wire.Fields() {
		all = append(all, f.Path)
	}
	return all
}

func TestEveryFieldThatIsSentIsDescribedAndNoOther(t *testing.T) {
	want := append(leaves("", reflect.TypeFor[wire.Batch]()), leaves("enrolment", reflect.TypeFor[wire.Enrolment]())...)
	if got := paths(); !slices.Equal(got, want) {
		t.Errorf("described\n%s\nsent\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// node is a JSON Schema, as far as this test reads it.
type node struct {
	Ref        string `json:"$ref"`
	Properties map[string]node
	Items      *node
	Defs       map[string]node `json:"$defs"`
}

func (n node) leaves(path string, defs map[string]node) []string {
	if name, ok := strings.CutPrefix(n.Ref, "#/$defs/"); ok {
		return defs[name].leaves(path, defs)
	}
	if n.Items != nil {
		return n.Items.leaves(path+"[]", defs)
	}
	if n.Properties == nil {
		return []string{path}
	}
	var found []string
	for key, child := range n.Properties {
		found = append(found, child.leaves(strings.TrimPrefix(path+"."+key, "."), defs)...)
	}
	return found
}

func TestTheSchemaHasTheFieldsThatAreDescribed(t *testing.T) {
	var schema node
	if err := json.Unmarshal(wire.Schema, &schema); err != nil {
		t.Fatal(err)
	}
	got := schema.leaves("", schema.Defs)
	want := slices.DeleteFunc(paths(), func(p string) bool { return strings.HasPrefix(p, "enrolment.") })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the schema has\n%s\nthe table has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAFieldIsDescribedInBothLanguagesAndInAFewWords(t *testing.T) {
	size := 0
	for _, f := range wire.Fields() {
		size += len(f.Path) + len(f.Type) + len(f.Unit) + len(f.English) + len(f.French) + len(f.Note) + len(f.Remarque)
		for _, s := range []string{f.English, f.French, f.TypeIn("en"), f.TypeIn("fr")} {
			if s == "" || len(s) > 160 || strings.HasSuffix(s, ".") {
				t.Errorf("%s: %q", f.Path, s)
			}
		}
		if (f.Note == "") != (f.Remarque == "") {
			t.Errorf("%s has a note in one language only", f.Path)
		}
		if en, _ := f.TextIn("en"); en != f.English {
			t.Errorf("%s: %q in English", f.Path, en)
		}
		if fr, _ := f.TextIn("fr"); fr != f.French {
			t.Errorf("%s: %q in French", f.Path, fr)
		}
	}
	if size > 8<<10 {
		t.Errorf("the table has %d bytes, more than 8192", size)
	}
}

// An optional field says what its absence means; a field that is always there has none to explain.
func TestAFieldThatMayBeAbsentSaysWhatThatMeans(t *testing.T) {
	optional := map[string]bool{}
	var walk func(path string, t reflect.Type)
	walk = func(path string, t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			if t.Kind() == reflect.Slice {
				path += "[]"
			}
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return
		}
		for field := range t.Fields() {
			key, options, _ := strings.Cut(field.Tag.Get("json"), ",")
			p := strings.TrimPrefix(path+"."+key, ".")
			if strings.Contains(options, "omitempty") && !strings.HasSuffix(p, ".cost") {
				optional[p], optional[p+"[]"] = true, true
			}
			walk(p, field.Type)
		}
	}
	walk("", reflect.TypeFor[wire.Batch]())
	walk("enrolment", reflect.TypeFor[wire.Enrolment]())
	for _, f := range wire.Fields() {
		if !optional[f.Path] {
			continue
		}
		en := strings.Contains(f.English, "absent") || strings.Contains(f.English, ", if ")
		fr := strings.Contains(f.French, "absent") || strings.Contains(f.French, ", s'il")
		if !en || !fr {
			t.Errorf("%s may be absent: %q, %q", f.Path, f.English, f.French)
		}
	}
}
