package ecoindex_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"veille/ecoindex"
)

func footprint(t *testing.T, of func() (ecoindex.Footprint, error)) ecoindex.Footprint {
	t.Helper()
	f, err := of()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestEveryFootprintNamesItsSourceAndLicence(t *testing.T) {
	for want, of := range map[string]func() (ecoindex.Footprint, error){
		"ecoindex": ecoindex.DefaultFootprint, "swd-v4": ecoindex.SWD4Footprint,
	} {
		f := footprint(t, of)
		if f.Name != want || f.Source == "" || f.Licence == "" || !strings.HasPrefix(f.Link, "https://") || f.Formula == "" {
			t.Errorf("the footprint %s is %+v; want one with source, link, licence and formula", want, f)
		}
	}
}

func TestTheDefaultFootprintFollowsTheScoreAlone(t *testing.T) {
	f := footprint(t, ecoindex.DefaultFootprint)
	heavy := ecoindex.Measure{SizeKB: 1e9}
	for _, tt := range []struct{ score, ghg, water float64 }{{100, 1, 1.5}, {50, 2, 3}, {0, 3, 4.5}, {92.5, 1.15, 1.72}} {
		ghg, ghgOK := f.GHG(heavy, tt.score)
		water, waterOK := f.Water(heavy, tt.score)
		if !ghgOK || !waterOK || ghg != tt.ghg || water != tt.water {
			t.Errorf("score %v has %v g, %t and %v cl, %t; want %v and %v", tt.score, ghg, ghgOK, water, waterOK, tt.ghg, tt.water)
		}
	}
	if rating, ok := f.Rating(heavy, 0); ok || rating != "" {
		t.Errorf("the default footprint rates a page %q; want no rating", rating)
	}
}

// The figures of this table were printed by @tgwf/co2 0.19.0: perByte(bytes, false) with {model: "swd", version: 4,
// rating: true}.
func TestTheSWDFootprintIsThatOfItsLibrary(t *testing.T) {
	f := footprint(t, ecoindex.SWD4Footprint)
	for _, tt := range []struct {
		bytes  int
		grams  float64
		rating string
	}{
		{0, 0, "A+"}, // the library gives no rating to nothing
		{1, 1.4820000000000002e-7, "A+"},
		{47_000, 0.006965399999999999, "A+"},
		{269_905, 0.03999992100000001, "A+"},
		{269_906, 0.0400000692, "A"},
		{270_200, 0.040043640000000005, "A"},
		{533_063, 0.07899993659999999, "A"},
		{533_064, 0.0790000848, "B"},
		{978_407, 0.14499991739999998, "B"},
		{978_408, 0.1450000656, "C"},
		{1_410_256, 0.20899993919999998, "C"},
		{1_410_257, 0.20900008740000003, "D"},
		{1_875_843, 0.2779999326, "D"},
		{1_875_844, 0.27800008080000005, "E"},
		{2_422_402, 0.35899997640000003, "E"},
		{2_422_403, 0.3590001246, "F"},
		{1_000_000_000, 148.2, "F"},
	} {
		for _, score := range []float64{0, 100} {
			m := ecoindex.Measure{DOM: 7, Requests: 7, SizeKB: float64(tt.bytes) / 1000}
			grams, ok := f.GHG(m, score)
			rating, rated := f.Rating(m, score)
			if !ok || math.Abs(grams-tt.grams) > 1e-12*tt.grams || !rated || rating != tt.rating {
				t.Errorf("%d bytes have %v g, %t and rating %q, %t; want %v and %q", tt.bytes, grams, ok, rating, rated, tt.grams, tt.rating)
			}
			if water, ok := f.Water(m, score); ok {
				t.Errorf("%d bytes have %v cl of water; want no figure", tt.bytes, water)
			}
		}
	}
}

const (
	scoreModel    = `"score":{"ghg_g":{"at_50":10,"per_100":0}}`
	segments      = `{"data_centre":0,"network":0.5,"device":0.5}`
	transferModel = `"transfer":{"operational_kwh_per_gb":` + segments + `,"embodied_kwh_per_gb":` + segments + `,"grid_g_per_kwh":100}`
	limits        = `"ratings":{"limits":[{"rating":"good","up_to_g":1},{"rating":"fair","up_to_g":2}],"above":"bad"}`
)

func TestAFileReplacesTheFactors(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		want       string // grams, water and rating of 10 MB at score 0
	}{
		{"a line without water", scoreModel, "10 true, 0 false,  false"},
		{"a line with water and ratings", `"score":{"ghg_g":{"at_50":1,"per_100":1},"water_cl":{"at_50":1,"per_100":1}},` + limits, "1.5 true, 1.5 true, fair true"},
		{"bytes", transferModel, "2 true, 0 false,  false"},
		{"bytes, at a limit", transferModel + "," + limits, "2 true, 0 false, fair true"},
		{"bytes, above the last limit", strings.Replace(transferModel, "100", "100.1", 1) + "," + limits, "2.002 true, 0 false, bad true"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f, err := ecoindex.ParseFootprint([]byte(`{"name":"ours","source":"us",` + tt.body + "}\n"))
			if err != nil || f.Name != "ours" || f.Source != "us" {
				t.Fatalf("the footprint is %+v, %v; want ours", f, err)
			}
			m := ecoindex.Measure{SizeKB: 10_000}
			ghg, ghgOK := f.GHG(m, 0)
			water, waterOK := f.Water(m, 0)
			rating, rated := f.Rating(m, 0)
			if got := fmt.Sprintf("%v %t, %v %t, %s %t", ghg, ghgOK, water, waterOK, rating, rated); got != tt.want {
				t.Errorf("the figures are %q; want %q", got, tt.want)
			}
		})
	}
}

func TestTheZeroFootprintHasNoFigure(t *testing.T) {
	var f ecoindex.Footprint
	_, ghg := f.GHG(ecoindex.Measure{}, 50)
	_, water := f.Water(ecoindex.Measure{}, 50)
	_, rated := f.Rating(ecoindex.Measure{}, 50)
	if ghg || water || rated {
		t.Errorf("gases %t, water %t, rating %t; want none of them", ghg, water, rated)
	}
}

func TestAFileThatIsNoFootprintIsRefusedWithASentence(t *testing.T) {
	named := `"name":"n","source":"s",`
	for _, tt := range []struct{ data, want string }{
		{"", "EOF"},
		{"[]", "cannot unmarshal"},
		{`{"source":1}`, "cannot unmarshal"},
		{`{` + named + scoreModel + `}{}`, "something follows"},
		{`{` + named + scoreModel + `}]`, "something follows"},
		{`{"source":"s",` + scoreModel + `}`, `"name" is missing`},
		{`{"name":"n",` + scoreModel + `}`, `"source" is missing`},
		{`{"name":"n","source":" ",` + scoreModel + `}`, `"source" is missing`},
		{`{"name":"n","source":"a\nb",` + scoreModel + `}`, "cannot be printed"},
		{`{` + named + scoreModel + `,"colour":"red"}`, `unknown field "colour"`},
		{`{` + named + `"score":{"ghg_g":{"at_50":1,"per_100":1,"at_0":2}}}`, `unknown field "at_0"`},
		{`{"name":"n","source":"s"}`, `neither "score" nor "transfer"`},
		{`{` + named + scoreModel + `,` + transferModel + `}`, `both "score" and "transfer"`},
		{`{` + named + `"score":{}}`, `"ghg_g" is missing`},
		{`{` + named + `"score":{"ghg_g":{"at_50":1}}}`, `"ghg_g" needs both`},
		{`{` + named + `"score":{"ghg_g":{"at_50":1,"per_100":1},"water_cl":{"per_100":1}}}`, `"water_cl" needs both`},
		{`{` + named + `"score":{"ghg_g":{"at_50":-1,"per_100":0}}}`, `"ghg_g" is -1 at score 0`},
		{`{` + named + `"score":{"ghg_g":{"at_50":1,"per_100":4}}}`, `"ghg_g" is -1 at score 100`},
		{`{` + named + `"score":{"ghg_g":{"at_50":1e308,"per_100":1e308}}}`, "must be finite"},
		{`{` + named + `"score":{"ghg_g":{"at_50":NaN,"per_100":1}}}`, "invalid character 'N'"},
		{`{` + named + `"score":{"ghg_g":{"at_50":1e999,"per_100":1}}}`, "cannot unmarshal number 1e999"},
		{`{` + named + strings.Replace(transferModel, `"network":0.5`, `"network":-0.5`, 1) + `}`, `"operational_kwh_per_gb.network" is -0.5; it cannot be negative`},
		{`{` + named + strings.Replace(transferModel, `"network":0.5,`, ``, 1) + `}`, `"operational_kwh_per_gb.network" is missing`},
		{`{` + named + strings.Replace(transferModel, `"device":0.5`, `"device":null`, 1) + `}`, `"operational_kwh_per_gb.device" is missing`},
		{`{` + named + strings.Replace(transferModel, `"network":0.5`, `"network":1e308`, 1) + `}`, "g per GB"},
		{`{` + named + strings.ReplaceAll(transferModel, `0.5`, `1e308`) + `}`, "g per GB"},
		{`{` + named + strings.Replace(transferModel, `:100}`, `:-1}`, 1) + `}`, `"grid_g_per_kwh" is -1`},
		{`{` + named + strings.Replace(transferModel, `,"grid_g_per_kwh":100`, ``, 1) + `}`, `"grid_g_per_kwh" is missing`},
		{`{` + named + scoreModel + `,"ratings":{}}`, `"ratings" needs "limits"`},
		{`{` + named + scoreModel + `,` + strings.Replace(limits, `,"above":"bad"`, ``, 1) + `}`, `the rating "above"`},
		{`{` + named + scoreModel + `,` + strings.Replace(limits, `"up_to_g":2`, `"up_to_g":1`, 1) + `}`, `the limit of rating "fair" is 1 g`},
		{`{` + named + scoreModel + `,` + strings.Replace(limits, `"up_to_g":1`, `"up_to_g":-1`, 1) + `}`, `the limit of rating "good" is -1 g`},
		{`{` + named + scoreModel + `,` + strings.Replace(limits, `"rating":"fair",`, ``, 1) + `}`, "a limit needs both"},
	} {
		f, err := ecoindex.ParseFootprint([]byte(tt.data))
		if err == nil || !strings.HasPrefix(err.Error(), "read the footprint factors: ") || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseFootprint(%s) = %+v, %v; want an error with %s", tt.data, f, err, tt.want)
		}
	}
}

// FuzzParseFootprint wants that a footprint that is accepted has figures that can be shown, whatever the page.
func FuzzParseFootprint(f *testing.F) {
	for _, name := range []string{"footprint.json", "footprint-swd4.json"} {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"name":"n","source":"s",` + scoreModel + "," + limits + "}"))
	f.Add([]byte(`{"name":"n","source":"s",` + transferModel + "," + limits + "}"))
	f.Add([]byte(`{"name":"n","source":"s","score":{"ghg_g":{"at_50":1e308,"per_100":-1e306}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		footprint, err := ecoindex.ParseFootprint(data)
		if err != nil {
			return
		}
		if footprint.Name == "" || footprint.Source == "" {
			t.Errorf("%q has no name or no source", data)
		}
		for _, m := range []ecoindex.Measure{{}, {SizeKB: 2420}, {SizeKB: math.MaxFloat64}} {
			for _, score := range []float64{0, 33.3, 50, 100} {
				grams, ok := footprint.GHG(m, score)
				if !ok || !(grams >= 0) || math.IsInf(grams, 1) {
					t.Errorf("%q gives %v g, %t to %+v at score %v", data, grams, ok, m, score)
				}
				if water, _ := footprint.Water(m, score); !(water >= 0) || math.IsInf(water, 1) {
					t.Errorf("%q gives %v cl to %+v at score %v", data, water, m, score)
				}
				if rating, ok := footprint.Rating(m, score); ok != (rating != "") {
					t.Errorf("%q gives rating %q, %t to %+v at score %v", data, rating, ok, m, score)
				}
			}
		}
	})
}
