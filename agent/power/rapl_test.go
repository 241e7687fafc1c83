package power_test

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"veille/agent/power"
)

const powercap = "class/powercap/"

// laptop is a tree in the shape of a notebook with one package, its parts, a platform zone and the MMIO twin.
// The layout follows the kernel's Documentation/power/powercap; the values are ours.
func laptop() fstest.MapFS {
	return tree(
		zone{"intel-rapl:0", "package-0", "100000000", "262143328850"},
		zone{"intel-rapl:0:0", "core", "70000000", "262143328850"},
		zone{"intel-rapl:0:1", "uncore", "2000000", "262143328850"},
		zone{"intel-rapl:0:2", "dram", "9000000", "65712999613"},
		zone{"intel-rapl:1", "psys", "190000000", "262143328850"},
		zone{"intel-rapl-mmio:0", "package-0", "100000000", "262143328850"},
	)
}

type zone struct{ dir, name, energy, limit string }

func tree(zones ...zone) fstest.MapFS {
	sys := fstest.MapFS{}
	for _, z := range zones {
		for file, value := range map[string]string{"name": z.name, "energy_uj": z.energy, "max_energy_range_uj": z.limit} {
			if value != "" {
				sys[powercap+z.dir+"/"+file] = &fstest.MapFile{Data: []byte(value + "\n")}
			}
		}
	}
	return sys
}

func set(sys fstest.MapFS, dir, energy string) {
	sys[powercap+dir+"/energy_uj"] = &fstest.MapFile{Data: []byte(energy)}
}

// minute is an interval without a sleep.
func minute() power.Interval { return power.Interval{Elapsed: time.Minute} }

// of is the figure of a scope, or an empty one.
func of(scope power.Scope, list []power.Figure) power.Figure {
	if i := slices.IndexFunc(list, func(f power.Figure) bool { return f.Scope == scope }); i >= 0 {
		return list[i]
	}
	return power.Figure{}
}

func newRAPL(t *testing.T, sys fs.FS) *power.RAPL {
	t.Helper()
	r, err := power.NewRAPL(sys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryJouleIsCountedOnceForTheProcessorsAndOnceForTheMachine(t *testing.T) {
	sys := laptop()
	r := newRAPL(t, sys)
	if got := r.Zones(); !slices.Equal(got, []string{"package-0", "package-0/dram"}) || !r.Platform() {
		t.Errorf("zones %v, platform %t; want dram and package-0, and the platform", got, r.Platform())
	}
	want := []power.Left{{"core", "inside package-0"}, {"uncore", "inside package-0"}, {"intel-rapl-mmio:0", "shows package-0 once more"}}
	if got := r.Left(); !slices.Equal(got, want) {
		t.Errorf("left out are %v; want %v", got, want)
	}
	set(sys, "intel-rapl:0", "700000000")      // 600 J in a minute: 10 W
	set(sys, "intel-rapl:0:0", "500000000")    // inside the package
	set(sys, "intel-rapl:0:2", "69000000")     // 60 J
	set(sys, "intel-rapl:1", "1390000000")     // 1200 J, the package and the memory among them
	set(sys, "intel-rapl-mmio:0", "700000000") // the package once more
	list, err := r.Advance(minute())
	figures := []power.Figure{
		{Energy: 660 * power.Joule, Low: 627 * power.Joule, High: 693 * power.Joule, Method: power.MethodRAPL, Scope: power.ScopeCPU, Covered: time.Minute},
		{Energy: 1200 * power.Joule, Low: 900 * power.Joule, High: 1320 * power.Joule, Method: power.MethodPsys, Scope: power.ScopeMachine, Covered: time.Minute},
	}
	if err != nil || !slices.Equal(list, figures) {
		t.Errorf("got %+v, %v; want %+v", list, err, figures)
	}
}

// The figures that one peer added up: 9.6 W of the platform, 3.8 of the package, .8 of the cores, .2 of the graphics.
func TestThePublishedDoubleCountIsNotOurs(t *testing.T) {
	sys := laptop()
	r := newRAPL(t, sys)
	for dir, joules := range map[string]int{"intel-rapl:1": 190 + 576, "intel-rapl:0": 100 + 228 - 6, "intel-rapl:0:0": 70 + 48, "intel-rapl:0:1": 2 + 12, "intel-rapl:0:2": 9 + 6} {
		set(sys, dir, strconv.Itoa(joules*1_000_000))
	}
	list, err := r.Advance(minute())
	if of(power.ScopeMachine, list).Energy != 576*power.Joule || of(power.ScopeCPU, list).Energy != 228*power.Joule || err != nil {
		t.Errorf("got %+v, %v; want 9.6 W for the machine and 3.8 W for its processors", list, err)
	}
}

func TestAPlatformCounterThatMakesNoSenseIsLeftForGood(t *testing.T) {
	for _, tt := range []struct{ name, psys string }{
		{"less than the processors inside it", "490000000"},                // 300 J, the processors 660 J
		{"more than a machine draws beside its processors", "99999000000"}, // 99.8 kJ
	} {
		sys := laptop()
		r := newRAPL(t, sys)
		set(sys, "intel-rapl:0", "700000000")
		set(sys, "intel-rapl:0:2", "69000000")
		set(sys, "intel-rapl:1", tt.psys)
		list, err := r.Advance(minute())
		if strings.HasPrefix(tt.name, "more") { // no counter of a machine goes that fast: the interval is dropped first
			if !errors.Is(err, power.ErrJump) || of(power.ScopeMachine, list) != (power.Figure{}) {
				t.Errorf("%s: %+v, %v; want no figure of the machine", tt.name, list, err)
			}
			continue
		}
		if err != nil || len(list) != 1 || r.Platform() {
			t.Errorf("%s: %+v, %v, platform %t; want the processors only", tt.name, list, err, r.Platform())
		}
		if left := r.Left(); left[len(left)-1].Name != "psys" || !strings.Contains(left[len(left)-1].Why, "while the processors inside it used") {
			t.Errorf("%s: left out are %v", tt.name, left)
		}
	}
}

func TestTheCountersOfADeadPlatformSayNothingOfTheMachine(t *testing.T) {
	sys := laptop()
	r := newRAPL(t, sys)
	set(sys, "intel-rapl:0", "700000000")
	set(sys, "intel-rapl:0:2", "69000000")
	list, err := r.Advance(minute())
	if !errors.Is(err, power.ErrDead) || len(list) != 1 || list[0].Scope != power.ScopeCPU {
		t.Errorf("got %+v, %v; want the processors, and ErrDead", list, err)
	}
}

func TestTheMMIOCounterStandsInForAPackageThatIsShownNowhereElse(t *testing.T) {
	sys := tree(zone{"intel-rapl-mmio:0", "package-0", "5000000", "262143328850"})
	r := newRAPL(t, sys)
	set(sys, "intel-rapl-mmio:0", "65000000")
	if list, err := r.Advance(minute()); err != nil || of(power.ScopeCPU, list).Energy != 60*power.Joule {
		t.Errorf("got %+v, %v; want 60 J", list, err)
	}
}

func TestMemoryWithoutACounterBehindItDoesNotSilenceThePackage(t *testing.T) {
	sys := tree(zone{"intel-rapl:0", "package-0", "5000000", "262143328850"}, zone{"intel-rapl:0:0", "dram", "0", "65712999613"})
	r := newRAPL(t, sys)
	set(sys, "intel-rapl:0", "65000000")
	if list, err := r.Advance(minute()); err != nil || of(power.ScopeCPU, list).Energy != 60*power.Joule {
		t.Errorf("got %+v, %v; want 60 J", list, err)
	}
	if left := r.Left(); len(left) != 1 || left[0] != (power.Left{Name: "package-0/dram", Why: "stands at zero"}) {
		t.Errorf("left out are %v", left)
	}
}

func TestTwoSocketsAreAddedUp(t *testing.T) {
	sys := tree(
		zone{"intel-rapl:0", "package-0", "5000000", "262143328850"}, zone{"intel-rapl:0:0", "dram", "1000000", "65712999613"},
		zone{"intel-rapl:1", "package-1", "5000000", "262143328850"}, zone{"intel-rapl:1:0", "dram", "1000000", "65712999613"},
	)
	r := newRAPL(t, sys)
	for i, dir := range []string{"intel-rapl:0", "intel-rapl:0:0", "intel-rapl:1", "intel-rapl:1:0"} {
		set(sys, dir, strconv.Itoa((100+i)*1_000_000))
	}
	if list, err := r.Advance(minute()); err != nil || of(power.ScopeCPU, list).Energy != (95+100+97+102)*power.Joule {
		t.Errorf("got %+v, %v; want 394 J", list, err)
	}
}

// The counters are read one after the other, so that two names of one counter differ a little.
func TestDiesThatShowOneCounterAreCountedOnce(t *testing.T) {
	dies := func(a, b, c string) fstest.MapFS {
		return tree(
			zone{"intel-rapl:0", "package-0-die-0", a, "65712999613"}, zone{"intel-rapl:1", "package-0-die-1", b, "65712999613"},
			zone{"intel-rapl:2", "package-1-die-0", c, "65712999613"},
		)
	}
	for _, tt := range []struct {
		name          string
		before, after [3]string // of the three dies
		joules        int
		err           error
		again         int // joules in the next minute, in which each counts 60
	}{
		{"one counter", [3]string{"500000000", "500000300", "900000000"}, [3]string{"1100000000", "1100000300", "1000000000"}, 700, nil, 120},
		{"two counters", [3]string{"500000000", "900000000", "900000000"}, [3]string{"1100000000", "1500000000", "1000000000"}, 1300, nil, 180},
		{"two that began alike", [3]string{"0", "0", "0"}, [3]string{"600000000", "570000000", "100000000"}, 1270, nil, 180},
		{"too little to tell", [3]string{"0", "0", "0"}, [3]string{"40000000", "40000000", "10000000"}, 0, power.ErrTwins, 120},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sys := dies(tt.before[0], tt.before[1], tt.before[2])
			r := newRAPL(t, sys)
			for i, after := range tt.after {
				set(sys, "intel-rapl:"+strconv.Itoa(i), after)
			}
			list, err := r.Advance(minute())
			if !errors.Is(err, tt.err) || of(power.ScopeCPU, list).Energy != power.Energy(tt.joules)*power.Joule {
				t.Errorf("got %+v, %v; want %d J, %v", list, err, tt.joules, tt.err)
			}
			for i, after := range tt.after {
				n, _ := strconv.Atoi(after)
				set(sys, "intel-rapl:"+strconv.Itoa(i), strconv.Itoa(n+61_000_000))
			}
			list, err = r.Advance(minute())
			if want := power.Energy(tt.again) * power.Joule / 60 * 61; err != nil || of(power.ScopeCPU, list).Energy != want {
				t.Errorf("then %+v, %v; want %v", list, err, want)
			}
		})
	}
}

func TestWhatAZoneMayDrawTellsAWrapFromAReset(t *testing.T) {
	sys := tree(zone{"intel-rapl:0", "package-0", "262000000000", "262143328850"})
	sys[powercap+"intel-rapl:0/constraint_0_power_limit_uw"] = &fstest.MapFile{Data: []byte("15000000")}
	sys[powercap+"intel-rapl:0/constraint_1_power_limit_uw"] = &fstest.MapFile{Data: []byte("28000000")}
	r := newRAPL(t, sys)
	set(sys, "intel-rapl:0", "5000000000") // as a wrap 86 W, of a processor that is allowed 28
	if list, err := r.Advance(minute()); !errors.Is(err, power.ErrReset) {
		t.Errorf("got %+v, %v; want ErrReset", list, err)
	}
}

func TestAnIntervalInWhichACounterMayGoRoundTwiceIsDropped(t *testing.T) {
	sys := tree(zone{"intel-rapl:0", "package-0", "1000000", "65712999613"})
	r := newRAPL(t, sys)
	set(sys, "intel-rapl:0", "2000000")
	if list, err := r.Advance(power.Interval{Elapsed: 5 * time.Minute}); !errors.Is(err, power.ErrTooLong) {
		t.Errorf("got %+v, %v; want ErrTooLong", list, err)
	}
}

func TestAnIntervalWithoutAnAnswerIsAbsentAndTheNextOneCounts(t *testing.T) {
	for _, tt := range []struct {
		name      string
		pkg       string // energy_uj of the package after the first minute
		suspended bool
		want      error
	}{
		{"reset", "5", false, power.ErrReset}, // as a wrap it would mean 4.3 kW
		{"suspend", "160000000", true, power.ErrSuspended},
		{"dead meter", "100000000", false, power.ErrDead},
		{"negative", "-4", false, errAny},
		{"not a number", "lots", false, errAny},
		{"empty", "", false, errAny},
		{"larger than any counter", "99999999999999999999999", false, errAny},
		{"more than a processor can use", "99999999999999", false, power.ErrJump},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sys := laptop()
			maps.DeleteFunc(sys, func(name string, _ *fstest.MapFile) bool { return strings.HasPrefix(name, powercap+"intel-rapl:1/") })
			r := newRAPL(t, sys)
			set(sys, "intel-rapl:0", tt.pkg)
			set(sys, "intel-rapl:0:2", "15000000")
			list, err := r.Advance(power.Interval{Elapsed: time.Minute, Suspended: tt.suspended})
			if err == nil || (!errors.Is(tt.want, errAny) && !errors.Is(err, tt.want)) || len(list) > 0 {
				t.Errorf("got %+v, %v; want no figure and %v", list, err, tt.want)
			}
			set(sys, "intel-rapl:0", "200000000")
			set(sys, "intel-rapl:0:2", "21000000")
			if errors.Is(tt.want, errAny) { // the reading was lost: this one only starts again
				if f, err := r.Advance(minute()); !errors.Is(err, power.ErrLost) {
					t.Errorf("after a lost reading: %+v, %v; want ErrLost", f, err)
				}
			} else if _, err := r.Advance(minute()); err != nil && tt.pkg != "99999999999999" {
				t.Errorf("the next interval: %v", err)
			}
			set(sys, "intel-rapl:0", "260000000")
			set(sys, "intel-rapl:0:2", "27000000")
			if list, err := r.Advance(minute()); err != nil || of(power.ScopeCPU, list).Energy != 66*power.Joule {
				t.Errorf("the one after: %+v, %v; want 66 J", list, err)
			}
		})
	}
}

var errAny = errors.New("any error")

func TestAWrapIsCounted(t *testing.T) {
	sys := tree(zone{"intel-rapl:0", "package-0", "262143000000", "262143328850"})
	r := newRAPL(t, sys)
	set(sys, "intel-rapl:0", "599671150") // 0.32885 J to the limit, and 599.67115 J after it
	list, err := r.Advance(minute())
	if err != nil || of(power.ScopeCPU, list).Energy != 600*power.Joule {
		t.Errorf("got %+v, %v; want 600 J", list, err)
	}
}

// denied refuses to open energy_uj, as Linux does to all but root.
type denied struct{ fs.FS }

func (d denied) Open(name string) (fs.File, error) {
	if len(name) > 9 && name[len(name)-9:] == "energy_uj" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

func TestAMeterThatIsNotThereAndOneThatIsForbiddenAreToldApart(t *testing.T) {
	if _, err := power.NewRAPL(fstest.MapFS{}); !errors.Is(err, power.ErrNoMeter) {
		t.Errorf("empty tree: %v, want ErrNoMeter", err)
	}
	if _, err := power.NewRAPL(tree(zone{"intel-rapl:0", "core", "1", "2"})); !errors.Is(err, power.ErrNoMeter) {
		t.Errorf("no package: %v, want ErrNoMeter", err)
	}
	if _, err := power.NewRAPL(denied{laptop()}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("forbidden: %v, want fs.ErrPermission", err)
	}
}

func TestAZoneThatVanishesLeavesNoPartialSum(t *testing.T) {
	sys := laptop()
	r := newRAPL(t, sys)
	maps.DeleteFunc(sys, func(name string, _ *fstest.MapFile) bool { return name == powercap+"intel-rapl:0:2/energy_uj" })
	set(sys, "intel-rapl:0", "700000000")
	if list, err := r.Advance(minute()); !errors.Is(err, fs.ErrNotExist) || len(list) > 0 {
		t.Errorf("got %+v, %v; want no figure", list, err)
	}
}

// Whatever the file says, there is an answer or an error: no crash, no negative energy, no power that cannot be.
func FuzzAdvance(f *testing.F) {
	f.Add("100", "200", "262143328850", int64(60))
	f.Add("262143328849", "7", "262143328850", int64(1))
	f.Add("9223372036854775807", "0", "9223372036854775807", int64(3600))
	f.Add("-1", "x", "", int64(0))
	f.Fuzz(func(t *testing.T, before, after, limit string, seconds int64) {
		sys := tree(zone{"intel-rapl:0", "package-0", before, limit})
		r, err := power.NewRAPL(sys)
		if err != nil {
			return
		}
		elapsed := time.Duration(seconds%86_400) * time.Second
		set(sys, "intel-rapl:0", after)
		list, err := r.Advance(power.Interval{Elapsed: elapsed})
		got := of(power.ScopeCPU, list)
		if err == nil && (got.Energy < 0 || got.Energy.Joules() > 1000*elapsed.Seconds() || got.Low > got.Energy || got.Energy > got.High) {
			t.Errorf("%q to %q in %v gives %+v", before, after, elapsed, got)
		}
	})
}

// A counter that is read often enough gives the energy used, however often it wraps.
func TestTheSumOfTheIntervalsIsTheEnergyUsed(t *testing.T) {
	const limit = 65_712_999_613
	var total, sum power.Energy
	sys := tree(zone{"intel-rapl:0", "package-0", "0", strconv.Itoa(limit)})
	r := newRAPL(t, sys)
	for i := range 5000 {
		total += power.Energy(1 + (i*7919)%250_000_000*60) // up to 250 W for a minute
		set(sys, "intel-rapl:0", strconv.FormatInt(int64(total)%limit, 10))
		list, err := r.Advance(minute())
		if err != nil {
			t.Fatal(err)
		}
		sum += of(power.ScopeCPU, list).Energy
	}
	if sum != total || total < 10*limit {
		t.Errorf("the intervals sum to %v, the counter counted %v", sum, total)
	}
}
