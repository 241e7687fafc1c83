package power

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrNoMeter says that a meter is not there. It is an answer, not a failure.
var ErrNoMeter = errors.New("not there")

// RAPL is the energy counters of the processor, as Linux shows them under /sys/class/powercap. It counts each package and
// the memory outside it, and nothing twice: cores and graphics are inside the package, the platform zone (psys) contains
// the package, and the intel-rapl-mmio tree shows the same counters again.
type RAPL struct {
	sys   fs.FS
	zones []zone
}

type zone struct {
	dir   string // class/powercap/intel-rapl:0
	name  string // package-0
	limit Energy // where the counter wraps to zero; 0 when unknown
	last  Energy
	lost  bool // the last reading failed: the next one only starts again from there
}

// raplError is how far a package's figure may be off, in percent (facts: ±5 % of the package).
const raplError = 5

// NewRAPL finds the counters below sys, the root of sysfs, and reads them for the first time. It answers ErrNoMeter when
// there are none, and fs.ErrPermission when they may not be read: since Linux 5.10 only root may, because fine readings
// of the counters leak secrets.
func NewRAPL(sys fs.FS) (*RAPL, error) {
	dirs, err := fs.Glob(sys, "class/powercap/intel-rapl:*")
	if err != nil {
		return nil, fmt.Errorf("look for class/powercap/intel-rapl:*: %w", err)
	}
	r := &RAPL{sys: sys}
	for _, dir := range dirs {
		name, err := text(sys, path.Join(dir, "name"))
		if err != nil || !counted(name) {
			continue
		}
		z := zone{dir: dir, name: name}
		if z.last, err = z.read(sys); err != nil {
			return nil, err
		}
		// Without the limit a wrap looks like a reset: one interval is lost, none is invented.
		z.limit, _ = number(sys, path.Join(dir, "max_energy_range_uj"))
		r.zones = append(r.zones, z)
	}
	if len(r.zones) == 0 {
		return nil, fmt.Errorf("class/powercap/intel-rapl: %w", ErrNoMeter)
	}
	return r, nil
}

// counted tells whether a zone is in the sum: the packages, and the memory, which is outside them.
func counted(name string) bool {
	return strings.HasPrefix(name, "package-") || name == "dram"
}

// Zones are the names of the zones in the sum, such as package-0 and dram.
func (r *RAPL) Zones() []string {
	names := make([]string, 0, len(r.zones))
	for _, z := range r.zones {
		names = append(names, z.name)
	}
	slices.Sort(names)
	return names
}

// Advance is the energy used since the last call, or since NewRAPL: elapsed is the time awake in between, suspended
// whether the machine slept. When one zone has no answer there is none: the sum of the others would be too low. The
// next interval starts here in every case; where a reading failed, at the next one that works.
func (r *RAPL) Advance(elapsed time.Duration, suspended bool) (Figure, error) {
	var sum Energy
	var errs []error
	for i := range r.zones {
		z := &r.zones[i]
		now, err := z.read(r.sys)
		if err != nil {
			z.lost = true
			errs = append(errs, err)
			continue
		}
		used, err := advance(z.last, now, z.limit, interval{elapsed, suspended})
		if z.lost {
			err = ErrLost
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", z.name, err))
		}
		z.last, z.lost = now, false
		sum += used
	}
	if len(errs) > 0 {
		return Figure{}, errors.Join(errs...)
	}
	return Figure{
		Energy: sum, Low: sum - sum*raplError/100, High: sum + sum*raplError/100,
		Method: MethodRAPL, Scope: ScopeCPU, Covered: elapsed,
	}, nil
}

func (z zone) read(sys fs.FS) (Energy, error) {
	return number(sys, path.Join(z.dir, "energy_uj"))
}

func text(sys fs.FS, name string) (string, error) {
	b, err := fs.ReadFile(sys, name)
	return strings.TrimSpace(string(b)), err
}

func number(sys fs.FS, name string) (Energy, error) {
	s, err := text(sys, name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("read %s: %q is not a number of microjoules", name, s)
	}
	return Energy(n), nil
}
