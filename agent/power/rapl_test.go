package power_test

import (
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strconv"
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

func TestPackageAndMemoryAreCountedOnceAndNothingElse(t *testing.T) {
	sys := laptop()
	r, err := power.NewRAPL(sys)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Zones(); !slices.Equal(got, []string{"dram", "package-0"}) {
		t.Errorf("zones %v, want dram and package-0", got)
	}
	set(sys, "intel-rapl:0", "700000000")   // 600 J in a minute: 10 W
	set(sys, "intel-rapl:0:0", "500000000") // inside the package
	set(sys, "intel-rapl:0:2", "69000000")  // 60 J
	set(sys, "intel-rapl:1", "1990000000")  // contains the package
	f, err := r.Advance(time.Minute, false)
	want := power.Figure{
		Energy: 660 * power.Joule, Low: 627 * power.Joule, High: 693 * power.Joule,
		Method: power.MethodRAPL, Scope: power.ScopeCPU, Covered: time.Minute,
	}
	if err != nil || f != want {
		t.Errorf("got %+v, %v; want %+v", f, err, want)
	}
}

func TestAnIntervalWithoutAnAnswerIsAbsentAndTheNextOneCounts(t *testing.T) {
	const minute = time.Minute
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
		{"more than a processor can use", "99999999999999", false, power.ErrReset},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sys := laptop()
			r, err := power.NewRAPL(sys)
			if err != nil {
				t.Fatal(err)
			}
			set(sys, "intel-rapl:0", tt.pkg)
			set(sys, "intel-rapl:0:2", "15000000")
			f, err := r.Advance(minute, tt.suspended)
			if err == nil || (!errors.Is(tt.want, errAny) && !errors.Is(err, tt.want)) || f != (power.Figure{}) {
				t.Errorf("got %+v, %v; want no figure and %v", f, err, tt.want)
			}
			set(sys, "intel-rapl:0", "200000000")
			set(sys, "intel-rapl:0:2", "21000000")
			if errors.Is(tt.want, errAny) { // the reading was lost: this one only starts again
				if f, err := r.Advance(minute, false); !errors.Is(err, power.ErrLost) {
					t.Errorf("after a lost reading: %+v, %v; want ErrLost", f, err)
				}
			} else if _, err := r.Advance(minute, false); err != nil && tt.pkg != "99999999999999" {
				t.Errorf("the next interval: %v", err)
			}
			set(sys, "intel-rapl:0", "260000000")
			set(sys, "intel-rapl:0:2", "27000000")
			if f, err := r.Advance(minute, false); err != nil || f.Energy != 66*power.Joule {
				t.Errorf("the one after: %v, %v; want 66 J", f.Energy, err)
			}
		})
	}
}

var errAny = errors.New("any error")

func TestAWrapIsCounted(t *testing.T) {
	sys := tree(zone{"intel-rapl:0", "package-0", "262143000000", "262143328850"})
	r, err := power.NewRAPL(sys)
	if err != nil {
		t.Fatal(err)
	}
	set(sys, "intel-rapl:0", "599671150") // 0.32885 J to the limit, and 599.67115 J after it
	f, err := r.Advance(time.Minute, false)
	if err != nil || f.Energy != 600*power.Joule {
		t.Errorf("got %v, %v; want 600 J", f.Energy, err)
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
	r, err := power.NewRAPL(sys)
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(sys, func(name string, _ *fstest.MapFile) bool { return name == powercap+"intel-rapl:0:2/energy_uj" })
	set(sys, "intel-rapl:0", "700000000")
	if f, err := r.Advance(time.Minute, false); !errors.Is(err, fs.ErrNotExist) || f != (power.Figure{}) {
		t.Errorf("got %+v, %v; want no figure", f, err)
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
		got, err := r.Advance(elapsed, false)
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
	r, err := power.NewRAPL(sys)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5000 {
		total += power.Energy(1 + (i*7919)%250_000_000*60) // up to 250 W for a minute
		set(sys, "intel-rapl:0", strconv.FormatInt(int64(total)%limit, 10))
		f, err := r.Advance(time.Minute, false)
		if err != nil {
			t.Fatal(err)
		}
		sum += f.Energy
	}
	if sum != total || total < 10*limit {
		t.Errorf("the intervals sum to %v, the counter counted %v", sum, total)
	}
}
