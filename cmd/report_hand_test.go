package cmd_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"
)

// What is said of a report is reckoned here once more, from the messages that machines posted, word for word, and with nothing of the program's own:
// not its vocabulary, its sums, its rules of privacy or its formulas. The formulas are those of the method as it is written for auditors.

// rawBatch is as much of a message as figures are made of.
type rawBatch struct {
	Records []struct {
		Date  string `json:"date"`
		Parts []struct {
			Part    string `json:"part"`
			Seconds struct {
				On         float64 `json:"on"`
				DisplayOff float64 `json:"display_off"`
				Sleep      float64 `json:"sleep"`
				Off        float64 `json:"off"`
				Unknown    float64 `json:"unknown"`
			} `json:"seconds"`
			Energy []struct {
				Wh       float64 `json:"wh"`
				LowWh    float64 `json:"low_wh"`
				HighWh   float64 `json:"high_wh"`
				Scope    string  `json:"scope"`
				CoveredS float64 `json:"covered_s"`
			} `json:"energy"`
		} `json:"parts"`
	} `json:"records"`
}

// heap is what some machines did in some part of the day: hours, and kWh.
type heap struct{ on, sleep, off, unknown, covered, kwh, low, high float64 }

func (h heap) known() float64 { return h.on + h.sleep + h.off }
func (h heap) all() float64   { return h.known() + h.unknown }
func (h heap) watts() float64 { return h.kwh * 1000 / h.covered }

func (h heap) plus(o heap) heap {
	return heap{
		h.on + o.on, h.sleep + o.sleep, h.off + o.off, h.unknown + o.unknown, h.covered + o.covered, h.kwh + o.kwh, h.low + o.low, h.high + o.high,
	}
}

// heapKey is of what a heap is.
type heapKey struct {
	month, part string
	site        int
	server      bool
}

// rows are all that was posted, in heaps, and the days of workstations of each month.
type rows struct {
	heaps map[heapKey]heap
	days  map[string]float64
}

// rowsOf reads what was posted. Energies are kept in whole thousandths of a watt-hour, record by record, as the method says.
func rowsOf(t *testing.T, h history) rows {
	t.Helper()
	r := rows{map[heapKey]heap{}, map[string]float64{}}
	milli := func(wh float64) float64 { return math.Round(wh*1000) / 1e6 }
	for _, m := range h.machines {
		for _, body := range m.bodies {
			var b rawBatch
			if err := json.Unmarshal(body, &b); err != nil {
				t.Fatal(err)
			}
			for _, record := range b.Records {
				month := record.Date[:7]
				if m.use != "server" {
					r.days[month]++
				}
				for _, p := range record.Parts {
					s := p.Seconds
					x := heap{on: (s.On + s.DisplayOff) / 3600, sleep: s.Sleep / 3600, off: s.Off / 3600, unknown: s.Unknown / 3600}
					for _, e := range p.Energy {
						if e.Scope == "cpu" {
							continue
						}
						if e.Scope == "machine" {
							x.covered += e.CoveredS / 3600
						}
						x.kwh, x.low, x.high = x.kwh+milli(e.Wh), x.low+milli(e.LowWh), x.high+milli(e.HighWh)
					}
					key := heapKey{month, p.Part, m.site, m.use == "server"}
					r.heaps[key] = r.heaps[key].plus(x)
				}
			}
		}
	}
	return r
}

// sum adds the heaps that are wanted.
func (r rows) sum(months []string, want func(heapKey) bool) (sum heap) {
	for key, x := range r.heaps {
		if slices.Contains(months, key.month) && want(key) {
			sum = sum.plus(x)
		}
	}
	return sum
}

func workstation(k heapKey) bool { return !k.server }

func in(parts ...string) func(heapKey) bool {
	return func(k heapKey) bool { return !k.server && slices.Contains(parts, k.part) }
}

// figured is a line as it must be. What is nil must be missing.
type figured struct {
	value, low, high, previous, coverage, observed *float64

	rounded bool // to tenths of a percent
}

// tenths is a share in percent, told in tenths.
func tenths(part, all float64) float64 { return math.Round(1000*part/all) / 10 }

// spent is the electricity of all machines: that of workstations and that of servers, each extrapolated where from 60 to 90 percent of its time is
// covered; before that, where it was; and the coverage of both. There are fewer than 50 servers, so that their coverage is told in whole percents.
func (r rows) spent(months []string) (sum heap, observed *float64, coverage float64) {
	all := r.sum(months, func(heapKey) bool { return true })
	coverage = tenths(min(all.covered, all.known()), all.all())
	for _, servers := range []bool{false, true} {
		x := r.sum(months, func(k heapKey) bool { return k.server == servers })
		own := tenths(min(x.covered, x.known()), x.all())
		if servers {
			own = math.Round(100 * min(x.covered, x.known()) / x.all())
		}
		if coverage >= 60 && own >= 60 && own < 90 {
			x.kwh, x.low, x.high, observed = x.kwh*100/own, x.low*100/own, x.high*100/own, &all.kwh
		}
		sum = sum.plus(x)
	}
	return sum, observed, coverage
}

// byHand are the lines of the months now, with those before beside them.
func (r rows) byHand(now, before []string, factor [3]float64) map[string]figured {
	all := map[string]figured{}
	closed, openDay := in("night", "weekend", "holiday"), in("open", "night")
	share := func(id string, want func(heapKey) bool, part, whole func(heap) float64) {
		x, y := r.sum(now, want), r.sum(before, want)
		line := figured{value: new(100 * part(x) / whole(x)), previous: new(100 * part(y) / whole(y)), rounded: true}
		if id != "C3" {
			line.coverage = new(tenths(x.known(), x.all()))
		}
		all[id] = line
	}
	share("C3", func(heapKey) bool { return true }, heap.known, heap.all)
	share("U1", closed, func(h heap) float64 { return h.off }, heap.known)
	share("U1.sleep", closed, func(h heap) float64 { return h.sleep }, heap.known)

	mean := func(id string, want func(heapKey) bool, of func(h heap, months []string) float64) {
		x, y := r.sum(now, want), r.sum(before, want)
		all[id] = figured{value: new(of(x, now)), previous: new(of(y, before)), coverage: new(tenths(x.known(), x.all()))}
	}
	mean("U2", closed, func(h heap, months []string) float64 { return h.on / r.machineDays(months) * 365.25 })
	mean("U4.on", openDay, func(h heap, _ []string) float64 { return h.on / (h.all() / 24) })
	mean("U4.sleep", openDay, func(h heap, _ []string) float64 { return h.sleep / (h.all() / 24) })
	mean("U4.off", openDay, func(h heap, _ []string) float64 { return h.off / (h.all() / 24) })

	x, observed, covered := r.spent(now)
	y, _, _ := r.spent(before)
	e1 := figured{value: &x.kwh, low: &x.low, high: &x.high, previous: &y.kwh, coverage: &covered, observed: observed}
	e4 := figured{
		value: new(x.kwh * factor[1] / 1000), low: new(x.low * factor[0] / 1000), high: new(x.high * factor[2] / 1000),
		previous: new(y.kwh * factor[1] / 1000), coverage: &covered,
	}
	if observed != nil {
		e4.observed = new(*observed * factor[1] / 1000)
	}
	desks, then := r.sum(now, workstation), r.sum(before, workstation)
	days, daysThen := r.sum(now, openDay).all()/24, r.sum(before, openDay).all()/24
	e1n := figured{
		value: new(desks.kwh / days), low: new(desks.low / days), high: new(desks.high / days), previous: new(then.kwh / daysThen),
		coverage: new(tenths(min(desks.covered, desks.known()), desks.all())),
	}
	for id, line := range map[string]figured{"E1": e1, "E4a": e4, "E1n": e1n} {
		if *line.coverage < 60 {
			line.previous = nil
		}
		all[id] = line
	}
	return all
}

func (r rows) machineDays(months []string) (days float64) {
	for _, m := range months {
		days += r.days[m]
	}
	return days
}

// bill is what was avoided: kWh or euros.
type bill struct{ expected, scatter, used float64 }

// avoided are E2 and E3: of each part of the day, the mean power before, each site by itself, times the hours after, less what was used after. Months
// before differ by themselves: Student's t of four months, in 95 cases of 100, is 3.182.
func (r rows) avoided(before, after []string, price func(month string) float64) (e2, e3 figured) {
	const student = 3.182
	var kwh, euros bill
	var both heap
	for _, part := range []string{"open", "night", "weekend", "holiday"} {
		expected, hours := 0.0, 0.0
		for site := range 10 {
			here := func(k heapKey) bool { return !k.server && k.part == part && k.site == site }
			was, is := r.sum(before, here), r.sum(after, here)
			if was.covered > 0 {
				expected, hours = expected+was.watts()*is.covered, hours+is.covered
			}
		}
		watts := expected / hours
		var months []float64
		for _, m := range before {
			months = append(months, r.sum([]string{m}, in(part)).watts())
		}
		scatter := student * deviation(months) * math.Sqrt(1/float64(len(before))+1/float64(len(after)))
		for _, m := range after {
			x := r.sum([]string{m}, in(part))
			b := bill{watts * x.covered / 1000, scatter * x.covered / 1000, x.kwh}
			kwh = bill{kwh.expected + b.expected, kwh.scatter + b.scatter, kwh.used + b.used}
			p := price(m)
			euros = bill{euros.expected + b.expected*p, euros.scatter + b.scatter*p, euros.used + b.used*p}
		}
		both = both.plus(r.sum(before, in(part))).plus(r.sum(after, in(part)))
	}
	desks := r.sum(after, workstation)
	coverage := tenths(min(desks.covered, desks.known()), desks.all())
	line := func(b bill) figured {
		value := b.expected - b.used
		times := [2]float64{both.low / both.kwh, both.high / both.kwh}
		low := min((value-b.scatter)*times[0], (value-b.scatter)*times[1])
		high := max((value+b.scatter)*times[0], (value+b.scatter)*times[1])
		return figured{value: &value, low: &low, high: &high, coverage: &coverage}
	}
	return line(kwh), line(euros)
}

// deviation is the standard deviation of a sample.
func deviation(all []float64) float64 {
	mean, sum := 0.0, 0.0
	for _, x := range all {
		mean += x / float64(len(all))
	}
	for _, x := range all {
		sum += (x - mean) * (x - mean)
	}
	return math.Sqrt(sum / float64(len(all)-1))
}

// TestThreeLinesAtRandomAreWhatTheRawRowsSay draws three lines of each report; with CHECK_ALL all of them are looked at.
func TestThreeLinesAtRandomAreWhatTheRawRowsSay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		crew    crew
		effects bool // they can be told, and nothing is hidden
	}{
		{"all is shown", crew{seed: 1, machines: 70, weights: []int{3, 2, 2}}, true},
		{"a quarter of the energy is not known", crew{seed: 2, machines: 80, weights: []int{1, 1, 1, 1}, blind: 0.25}, true},
		{"more than half of it is not known", crew{seed: 3, machines: 70, weights: []int{3, 4}, blind: 0.6}, false},
		{"a site of three machines of persons is hidden", crew{seed: 4, machines: 64, weights: []int{3, 3, 1}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.crew.months, tt.crew.slept, tt.crew.silent = 16, past(4)+"-01", [2]int{14, 9}
			if !tt.effects { // no baseline is needed
				tt.crew.silent[1] = 5
			}
			h := lived(t, tt.crew)
			manage(t, h.data, "action", "add", "Sleep", "--measure", "sleep-policy", "--on", tt.crew.slept, "--baseline", past(8)+":"+past(5))
			manage(t, h.data, "price", "set", "--from", past(20), "--euro", "0.2", "--tax", "included", "--source", "contract")
			manage(t, h.data, "price", "set", "--from", past(3), "--euro", "0.27", "--tax", "included", "--source", "contract")
			var report printed
			if err := json.Unmarshal(reported(t, h.data, "lnr-2019", past(4), past(3)), &report); err != nil {
				t.Fatal(err)
			}
			want := expected(t, h, report, tt.effects)
			lines := slices.DeleteFunc(report.Lines, func(l printedLine) bool { _, ok := want[l.ID]; return !ok })
			if len(lines) != len(want) {
				t.Errorf("%d of the %d lines are in the report", len(lines), len(want))
			}
			for _, l := range drawn(t, lines) {
				want[l.ID].compare(t, l)
			}
		})
	}
}

// expected are the lines of a report as they must be.
func expected(t *testing.T, h history, report printed, effects bool) map[string]figured {
	t.Helper()
	var factor [3]float64
	for _, f := range report.Factors {
		if f.ID == "electricity" {
			factor = [3]float64{f.Low, f.Value, f.High}
		}
	}
	months := func(from, to int) (all []string) {
		for i := from; i >= to; i-- {
			all = append(all, past(i))
		}
		return all
	}
	now, base := months(4, 3), months(8, 5)
	raw := rowsOf(t, h)
	want := raw.byHand(now, months(16, 15), factor) // those of the year before
	if effects {
		want["E2"], want["E3"] = raw.avoided(base, now, func(month string) float64 {
			if month >= past(3) {
				return 0.27
			}
			return 0.2
		})
	}
	return want
}

// drawn are three lines, drawn at random, or all of them.
func drawn(t *testing.T, lines []printedLine) []printedLine {
	t.Helper()
	if os.Getenv("CHECK_ALL") != "" || len(lines) < 3 {
		return lines
	}
	seed := uint64(time.Now().UnixNano())
	lines = slices.Clone(lines)
	rand.New(rand.NewPCG(seed, 3)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	t.Logf("seed %d draws %s, %s and %s", seed, lines[0].ID, lines[1].ID, lines[2].ID)
	return lines[:3]
}
