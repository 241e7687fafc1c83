package power

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// RAPL is the energy counters that Linux shows under /sys/class/powercap, of processors by Intel and AMD. It counts each
// package and the memory outside it for the processors, and the platform (psys) for the machine, where its counter
// makes sense. Nothing is counted twice: cores and graphics are inside the package, the packages are inside the
// platform, and the intel-rapl-mmio tree shows the same counters again.
type RAPL struct {
	processors
	platform cut // at most one zone
}

const (
	// The platform's counter said 31 % more than the battery of one notebook, and 11 % more than that of another
	// (codecarbon, docs/explanation/rapl.md): it may be too high by a quarter, and too low by a tenth.
	psysTooHigh = 25
	psysTooLow  = 10
	// maxRest is more than the rest of an office machine draws beside its processors.
	maxRest = 300 * Watt
)

// NewRAPL finds the counters below sys, the root of sysfs, and reads them for the first time. It answers ErrNoMeter when
// there are none, and fs.ErrPermission when they may not be read: since Linux 5.10 only root may, because fine readings
// of the counters leak secrets.
func NewRAPL(sys fs.FS) (*RAPL, error) {
	r := &RAPL{processors: processors{method: MethodRAPL, kin: packageOf, memory: isMemory}}
	roots, err := r.tree(sys)
	if err != nil {
		return nil, err
	}
	r.cpu = cutAt(roots, func(z *zone) bool { return isPackage(z.name) || isMemory(z) })
	r.platform = cutAt(roots, func(z *zone) bool { return z.name == "psys" })
	if len(r.cpu.zones) == 0 {
		return nil, fmt.Errorf("class/powercap/intel-rapl: %w", ErrNoMeter)
	}
	if err := r.cpu.start(); err != nil {
		return nil, err
	}
	if err := r.platform.start(); err != nil {
		r.leave("psys", err.Error())
		r.platform = cut{}
	}
	r.suspects = diesOf(r.cpu)
	return r, nil
}

// tree is the zones as they contain one another.
func (r *RAPL) tree(sys fs.FS) ([]*zone, error) {
	var dirs []string
	for _, pattern := range []string{"class/powercap/intel-rapl:*", "class/powercap/intel-rapl-mmio:*"} { // sorted: a package before its parts
		found, err := fs.Glob(sys, pattern)
		if err != nil {
			return nil, fmt.Errorf("look for %s: %w", pattern, err)
		}
		dirs = append(dirs, found...)
	}
	var platform *zone
	var roots []*zone
	packages := map[string]*zone{} // by the name of the folder, and by that of the zone
	for _, dir := range dirs {
		z := zoneAt(sys, dir)
		folder := path.Base(dir)
		above, _, part := cutLast(folder)
		switch {
		case z.name == "psys":
			platform = z
		case isMemory(z) && part && packages[above] != nil:
			z.name = packages[above].name + "/" + z.name
			roots = append(roots, z)
		case part && packages[above] != nil:
			packages[above].inside = append(packages[above].inside, z)
			r.leave(z.name, "inside "+packages[above].name)
		case isPackage(z.name) && packages[z.name] != nil:
			r.leave(folder, "shows "+z.name+" once more")
		case isPackage(z.name):
			packages[folder], packages[z.name] = z, z
			roots = append(roots, z)
		}
	}
	if platform == nil {
		return roots, nil
	}
	platform.inside = roots
	return []*zone{platform}, nil
}

// zoneAt is the zone of a folder; its name is empty where it has none.
func zoneAt(sys fs.FS, dir string) *zone {
	name, _ := text(sys, path.Join(dir, "name")) // a zone without a name is none that we know
	z := &zone{name: name, read: func() (Energy, error) { return number(sys, path.Join(dir, "energy_uj")) }}
	// Without the limit a wrap looks like a reset: one interval is lost, none is invented.
	z.limit, _ = number(sys, path.Join(dir, "max_energy_range_uj"))
	for n := range 3 { // the limits of power: long term, short term, peak
		limit, err := number(sys, path.Join(dir, "constraint_"+strconv.Itoa(n)+"_power_limit_uw"))
		if err == nil && limit >= Energy(Watt) {
			z.most = max(z.most, 2*Power(min(limit, Energy(maxZonePower)))) // they are means, and may be passed for a while
		}
	}
	return z
}

func isMemory(z *zone) bool { return path.Base(z.name) == "dram" }

func isPackage(name string) bool { return strings.HasPrefix(name, "package-") }

// cutLast divides intel-rapl:0:2 into intel-rapl:0 and 2. A folder such as intel-rapl:0 has nothing above it.
func cutLast(folder string) (above, number string, part bool) {
	i := strings.LastIndexByte(folder, ':')
	return folder[:i], folder[i+1:], strings.Count(folder, ":") > 1
}

// Platform tells whether the machine is counted by psys.
func (r *RAPL) Platform() bool { return len(r.platform.zones) > 0 }

// Advance is the energy of the processors, and that of the machine where psys makes sense: it is at least that of the
// processors it contains, and not absurdly more. Where it once made none it is not used again.
func (r *RAPL) Advance(over Interval) ([]Figure, error) {
	cpu, err := r.count(over)
	platformErr := r.platform.advance(over)
	if err != nil {
		return nil, errors.Join(err, platformErr)
	}
	used, list := cpu.Energy, []Figure{cpu}
	if !r.Platform() || platformErr != nil {
		return list, platformErr
	}
	whole := r.platform.sum()
	if why := senseless(whole, used, over); why != "" {
		r.leave("psys", why)
		r.platform = cut{}
		return list, nil
	}
	return append(list, Figure{
		Energy: whole, Low: min(whole, max(used, whole-whole*psysTooHigh/100)), High: whole + whole*psysTooLow/100,
		Method: MethodPsys, Scope: ScopeMachine, Covered: over.Elapsed,
	}), nil
}

// senseless says why the counter of the platform cannot be that of the machine its processors are in, or nothing.
func senseless(whole, processors Energy, over Interval) string {
	switch {
	case whole < processors-processors*packageError/100:
		return fmt.Sprintf("it counted %v while the processors inside it used %v", whole, processors)
	case whole-processors > maxRest.Over(over.Elapsed):
		return fmt.Sprintf("it counted %v while the processors used %v, which leaves more than %v for the rest", whole, processors, maxRest)
	}
	return ""
}

// diesOf are the packages that have a name such as package-0-die-1. Some processors show one counter under the name of
// each of their dies.
func diesOf(c cut) []*zone {
	return slices.DeleteFunc(slices.Clone(c.zones), func(z *zone) bool { return !strings.Contains(z.name, "-die-") })
}

func packageOf(z *zone) string {
	name, _, _ := strings.Cut(z.name, "-die-")
	return name
}

func text(sys fs.FS, name string) (string, error) {
	b, err := fs.ReadFile(sys, name)
	return strings.TrimSpace(string(b)), err
}

// number reads a file with one number of microjoules, or of microwatts.
func number(sys fs.FS, name string) (Energy, error) {
	s, err := text(sys, name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("read %s: %.40q is not a number of zero or more", name, s)
	}
	return Energy(n), nil
}
