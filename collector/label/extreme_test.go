package label_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"veille/collector"
	"veille/collector/label"
)

// numbersOf calls a function with each number of a report.
func numbersOf(v reflect.Value, path string, with func(path string, x float64)) {
	switch v.Kind() {
	case reflect.Float64:
		with(path, v.Float())
	case reflect.Pointer:
		if !v.IsNil() {
			numbersOf(v.Elem(), path, with)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			numbersOf(v.Field(i), path+"."+v.Type().Field(i).Name, with)
		}
	case reflect.Slice:
		for i := range v.Len() {
			numbersOf(v.Index(i), path, with)
		}
	default:
	}
}

// TestWhateverIsKnownEveryFigureCanBeWritten draws facts of extreme values.
func TestWhateverIsKnownEveryFigureCanBeWritten(t *testing.T) {
	catalogue, err := label.Indicators()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, i := range catalogue {
		ids = append(ids, i.ID)
	}
	for seed := range uint64(30) {
		w := extreme(t, rand.New(rand.NewPCG(seed, 41)))
		w.templates[0].Text = templateOf(ids...)
		r := w.report(t, "2026-01", "2026-08")
		numbersOf(reflect.ValueOf(r), "", func(path string, x float64) {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				t.Errorf("seed %d: %s is %v", seed, path, x)
			}
		})
		for _, l := range r.Lines {
			switch {
			case l.Value == nil && (l.Status != label.ToComplete || l.Missing == nil || l.Low != nil || l.Previous != nil || l.Trend != ""):
				t.Errorf("seed %d: %+v", seed, l)
			case l.Value != nil && (l.Status == label.ToComplete || l.Missing != nil || l.Obtained.FR == ""):
				t.Errorf("seed %d: %+v", seed, l)
			case l.Value != nil && l.Low != nil && l.High != nil && (*l.Low > *l.Value || *l.Value > *l.High):
				t.Errorf("seed %d: %s is %v, from %v to %v", seed, l.ID, *l.Value, *l.Low, *l.High)
			case l.CoveragePct != nil && (*l.CoveragePct < 0 || *l.CoveragePct > 100 || *l.CoveragePct < 60 && l.Representative):
				t.Errorf("seed %d: %s covers %v, representative %v", seed, l.ID, *l.CoveragePct, l.Representative)
			case l.Unit == "%" && l.Value != nil && !slices.Contains([]string{"C1", "E6", "G3"}, l.ID) && (*l.Value < 0 || *l.Value > 100):
				t.Errorf("seed %d: %s is %v percent", seed, l.ID, *l.Value)
			}
		}
		if _, text, err := label.Seal(r); err != nil || !json.Valid(text) {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// extreme is a world of nothing, of next to nothing, and of far too much.
func extreme(t *testing.T, random *rand.Rand) *world {
	t.Helper()
	w := newWorld()
	number := func() float64 { return []float64{0, 0, 1, 3, 1e6, 1e12}[random.IntN(6)] }
	machines := func() int { return []int{1, 5, 60, 1000, 50_000}[random.IntN(5)] }
	for _, m := range span("2025-01", "2026-08") {
		for site := range int64(2) {
			if random.IntN(4) == 0 {
				continue
			}
			a := random.Float64()
			b := random.Float64() * (1 - a)
			h := usual(site+1, machines())
			h.open, h.outside = share{on: a, sleep: b, unknown: 1 - a - b}, share{off: a, unknown: 1 - a}
			h.watts, h.covered, h.use = []float64{0, 0.1, 30, 5000}[random.IntN(4)], []float64{0, 0.5, 0.7, 1}[random.IntN(4)], []collector.Use{"individual", "shared", "server"}[random.IntN(3)]
			w.does(t, m, h)
		}
	}
	for i, k := range collector.Quantities() {
		for range random.IntN(3) {
			from := collector.Month("2025-01").Plus(random.IntN(20))
			w.quantities = append(w.quantities, collector.Quantity{ID: int64(i), Name: k.Name, From: from, To: from.Plus(random.IntN(14)), Value: number(), Site: int64(random.IntN(3))})
		}
	}
	for range random.IntN(8) {
		class := collector.Devices()[random.IntN(len(collector.Devices()))]
		e := collector.Equipment{Organisation: 7, Site: int64(random.IntN(3)), Class: class, As: "new", Count: []int{0, 1, 1e9}[random.IntN(3)], State: []string{"", "stock", "retired"}[random.IntN(3)]}
		if random.IntN(2) == 0 {
			e.Bought = collector.Month("1960-01").Plus(random.IntN(12 * 90))
		}
		if e.State == "retired" {
			e.Left = collector.Month("2026-01").Plus(random.IntN(12))
		}
		w.equipment = append(w.equipment, e)
	}
	for i := range random.IntN(4) {
		from := collector.Month("2025-01").Plus(random.IntN(6))
		w.actions = append(w.actions, collector.Action{
			ID: int64(i + 1), Organisation: 7, Site: int64(random.IntN(3)), Measure: "other", BaseFrom: from, Base: from.Plus(random.IntN(4)), On: collector.Date(from.Plus(5+random.IntN(4)) + "-01"),
		})
		w.readings = append(w.readings, collector.Reading{Organisation: 7, Site: int64(i + 1), Meter: "m", From: "2025-12-15", To: collector.Date(from.Plus(14) + "-28"), KWh: number()})
	}
	w.factors = []collector.Factor{{Organisation: 7, ID: label.Contract, Unit: "gCO2e/kWh", Year: 2026, Source: "x", Value: 0, High: 1e9}}
	w.prices = []collector.Price{{Organisation: 7, From: collector.Month("2025-06").Plus(random.IntN(12)), EuroPerKWh: 5, Tax: "included"}}
	return w
}
