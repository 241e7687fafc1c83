package grafana_test

import (
	"math"
	"strconv"
	"testing"

	"veille/dashboards/grafana"
)

// light is a colour as parts of red, green and blue light, and as an eye without one kind of cones sees it (Viénot, Brettel and Mollon, 1999).
func light(t *testing.T, hex string) [3]float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil || len(hex) != 7 {
		t.Fatalf("%q is no colour", hex)
	}
	var c [3]float64
	for i := range c {
		x := float64(n>>(16-8*i)&255) / 255
		if c[i] = x / 12.92; x > 0.04045 {
			c[i] = math.Pow((x+0.055)/1.055, 2.4)
		}
	}
	return c
}

func seen(c [3]float64, eye string) [3]float64 {
	rows := map[string][3][3]float64{
		"usual":  {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"protan": {{0.11238, 0.88762, 0}, {0.11238, 0.88762, 0}, {0.00401, -0.00401, 1}},
		"deutan": {{0.29275, 0.70725, 0}, {0.29275, 0.70725, 0}, {-0.02234, 0.02234, 1}},
	}[eye]
	var s [3]float64
	for i, r := range rows {
		s[i] = r[0]*c[0] + r[1]*c[1] + r[2]*c[2]
	}
	return s
}

// lab is a colour where a distance is about what an eye tells apart: 2.3 is just noticed.
func lab(c [3]float64) [3]float64 {
	x := (0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505
	y := 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
	z := (0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089
	f := func(v float64) float64 {
		if v > 0.008856 {
			return math.Cbrt(v)
		}
		return 7.787*v + 16.0/116
	}
	return [3]float64{116*f(y) - 16, 500 * (f(x) - f(y)), 200 * (f(y) - f(z))}
}

func TestColoursOfOnePanelAreToldApartByEyesOfAllKinds(t *testing.T) {
	const apart = 15 // several times what is just noticed
	for name, b := range boards(t, grafana.Options{Lang: "en", Engine: grafana.Influx}) {
		for _, p := range b.Panels {
			colors := map[string]string{}
			for _, o := range p.FieldConfig.Overrides {
				for _, set := range o.Properties {
					if c, ok := set.Value.(map[string]any); ok && set.ID == "color" && p.Type == "timeseries" {
						colors[o.Matcher.Options] = c["fixedColor"].(string)
					}
				}
			}
			for a, c := range colors {
				for b, d := range colors {
					if a >= b || c == d && (a == "B" && b == "C" || a == "high_wh" && b == "low_wh" || a == "mean_high" && b == "mean_low") { // the two ends of a range are drawn alike
						continue
					}
					for _, eye := range []string{"usual", "protan", "deutan"} {
						x, y := lab(seen(light(t, c), eye)), lab(seen(light(t, d), eye))
						if far := math.Hypot(math.Hypot(x[0]-y[0], x[1]-y[1]), x[2]-y[2]); far < apart {
							t.Errorf("%s, %s: %s and %s (%s, %s) are %.1f apart for an eye that is %s", name, p.Title, a, b, c, d, far, eye)
						}
					}
				}
			}
		}
	}
}
