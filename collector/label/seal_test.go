package label_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/quick"

	"veille/collector/label"
)

// anyReport is a report with any values in all of its fields, that JSON can keep.
func anyReport(seed uint64) label.Report {
	var r label.Report
	fill(reflect.ValueOf(&r).Elem(), rand.New(rand.NewPCG(seed, 9)))
	return r
}

// fill puts any value into v.
func fill(v reflect.Value, random *rand.Rand) {
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field, random)
		}
	case reflect.Pointer:
		if random.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), random)
		}
	case reflect.Slice:
		if n := random.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range n - 1 {
				fill(v.Index(i), random)
			}
		}
	case reflect.String:
		v.SetString([]string{"", "é’\u202f»", "a\"b\\<&>", "\x00\x1f\u2028", "𝄞", "x"}[random.IntN(6)])
	case reflect.Float64:
		v.SetFloat([]float64{0, 0.1, -1e-7, 1e21, math.MaxFloat64, random.NormFloat64(), 5e-324, 1.0 / 3}[random.IntN(8)])
	case reflect.Int, reflect.Int64:
		v.SetInt(random.Int64N(1<<54) - 1<<53)
	case reflect.Bool:
		v.SetBool(random.IntN(2) == 0)
	default:
		panic("a kind of field that the test does not know: " + v.Kind().String())
	}
}

func TestAnyReportThatIsSealedOpensAsItWas(t *testing.T) {
	same := func(seed uint64) bool {
		sealed, text, err := label.Seal(anyReport(seed))
		if err != nil {
			t.Error(err)
			return false
		}
		opened, err := label.Open(text)
		return err == nil && reflect.DeepEqual(sealed, opened)
	}
	if err := quick.Check(same, &quick.Config{MaxCount: 60}); err != nil {
		t.Error(err)
	}
}

func TestTheHashIsThatOfTheCanonicalJSONWithoutIt(t *testing.T) {
	r, text, err := label.Seal(label.Report{Schema: label.Schema, Organisation: "Région", CoveragePct: new(83.20)})
	if err != nil {
		t.Fatal(err)
	}
	bare := strings.Replace(string(text), `,"sha256":"`+r.SHA256+`"`, "", 1)
	sum := sha256.Sum256([]byte(bare))
	if bare == string(text) || hex.EncodeToString(sum[:]) != r.SHA256 {
		t.Errorf("%s is not the hash of %s", r.SHA256, bare)
	}
	if !strings.HasPrefix(string(text), `{"actions":null,"coverage_pct":83.2,`) {
		t.Errorf("it is not canonical: %.60s", text)
	}
	again, _, err := label.Seal(r)
	if err != nil || again.SHA256 != r.SHA256 {
		t.Errorf("sealed again it has the hash %s, not %s (%v)", again.SHA256, r.SHA256, err)
	}
}

func sealed(t testing.TB) []byte {
	t.Helper()
	_, text, err := label.Seal(label.Report{
		Schema: label.Schema, Organisation: "Région", Template: "lnr-2019", CoveragePct: new(83.2),
		Lines: []label.Line{{ID: "U1", Value: new(70.0), Evidence: []int{1, 2}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSpacesAndOrderMayChangeAndNothingElse(t *testing.T) {
	text := sealed(t)
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text, "", "  "); err != nil {
		t.Fatal(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	turned := `{"template":` + string(fields["template"])
	for name, value := range fields {
		if name != "template" {
			turned += `,"` + name + `":` + string(value)
		}
	}
	for _, s := range []string{pretty.String(), turned + "}", strings.Replace(string(text), "83.2", "832e-1", 1)} {
		if _, err := label.Open([]byte(s)); err != nil {
			t.Errorf("%.80s: %v", s, err)
		}
	}
}

func TestAReportThatWasChangedIsRefused(t *testing.T) {
	text := string(sealed(t))
	tests := []struct {
		name, text string
		tampered   bool
	}{
		{"a digit", strings.Replace(text, "83.2", "83.3", 1), true},
		{"a list turned round", strings.Replace(text, "[1,2]", "[2,1]", 1), true},
		{"a new field", `{"x":1,` + text[1:], true},
		{"no hash", text[:strings.Index(text, `,"sha256"`)] + text[strings.Index(text, `","simulated"`)+1:], true},
		{"a hash of no kind", strings.Replace(text, `"sha256":"`, `"sha256":"00`, 1), true},
		{"the hash as a number", `{"sha256":1}`, true},
		{"a field twice", `{"schema":"x",` + text[1:], false},
		{"more behind it", text + "{}", false},
		{"cut off", text[:len(text)-1], false},
		{"a list", "[]", false},
		{"null", "null", false},
		{"nothing", "", false},
		{"no UTF-8", strings.Replace(text, "é", "\xe9", 1), false},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) {
			_, err := label.Open([]byte(x.text))
			if _, ok := errors.AsType[label.TamperedError](err); err == nil || ok != x.tampered {
				t.Errorf("it says %v (%T)", err, err)
			}
		})
	}
}

func TestAReportWithAFieldOfALaterVersionSaysSo(t *testing.T) {
	bare := `{"later":1,"schema":"veille-report/1"}`
	sum := sha256.Sum256([]byte(bare))
	_, err := label.Open([]byte(`{"later":1,"schema":"veille-report/1","sha256":"` + hex.EncodeToString(sum[:]) + `"}`))
	e, ok := errors.AsType[label.TamperedError](err)
	if !ok || e.Says != e.Is || !strings.Contains(err.Error(), "later") {
		t.Errorf("it says %v", err)
	}
}

func TestAReportOfAnEarlierVersionWithoutAFieldStillOpens(t *testing.T) {
	bare := `{"schema":"veille-report/1"}`
	sum := sha256.Sum256([]byte(bare))
	r, err := label.Open([]byte(`{"schema":"veille-report/1","sha256":"` + hex.EncodeToString(sum[:]) + `"}`))
	if err != nil || r.Schema != label.Schema {
		t.Errorf("it is %+v, %v", r, err)
	}
}

func TestWhatJSONCannotKeepIsNotSealed(t *testing.T) {
	for name, r := range map[string]label.Report{
		"not a number":         {CoveragePct: new(math.NaN())},
		"infinite":             {CoveragePct: new(math.Inf(1))},
		"a number beyond 2^53": {Actions: []label.Action{{ID: 1<<53 + 1}}},
		"no UTF-8":             {Organisation: "R\xe9gion"},
	} {
		if _, _, err := label.Seal(r); err == nil {
			t.Errorf("%s is sealed", name)
		}
	}
}

func FuzzAChangedByteIsRefusedOrSaysTheSame(f *testing.F) {
	text := sealed(f)
	want, err := label.Open(text)
	if err != nil {
		f.Fatal(err)
	}
	for i := range text {
		f.Add(i, byte('1'))
	}
	f.Fuzz(func(t *testing.T, at int, to byte) {
		changed := bytes.Clone(text)
		changed[((at%len(text))+len(text))%len(text)] = to
		got, err := label.Open(changed)
		if err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s opens as another report", changed)
		}
	})
}
