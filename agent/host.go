package agent

import (
	"context"
	"fmt"

	"github.com/shirou/gopsutil/v3/common"
	"github.com/shirou/gopsutil/v3/cpu"
	"github.com/shirou/gopsutil/v3/mem"
)

// Host says how the processors of a machine have spent their time since the boot, and how many bytes of memory it has.
type Host interface {
	Processor(context.Context) (Processor, error)
	Memory(context.Context) (uint64, error)
}

// host asks the operating system through gopsutil. This is the one file that knows that library: its third version is
// frozen, and the fourth is one import away.
type host struct {
	procfs string // "": the system's own
}

// NewHost asks the system, or reads the procfs tree below the folder procfs when it is not "".
func NewHost(procfs string) Host { return host{procfs} }

// Processor is the time that the processors have spent since the boot, all of them together, in seconds.
type Processor struct {
	Busy  float64 `json:"busy"`
	Total float64 `json:"total"`
}

// Since is the fraction of the time from p0 to p, two readings of one boot, that the processors were busy, from 0 to 1.
func (p Processor) Since(p0 Processor) float64 {
	busy, total := p.Busy-p0.Busy, p.Total-p0.Total
	if busy <= 0 || total <= 0 {
		return 0
	}
	return min(busy/total, 1)
}

// Processor is how the processors have spent their time since the boot.
func (h host) Processor(ctx context.Context) (Processor, error) {
	times, err := cpu.TimesWithContext(h.context(ctx), false)
	if err != nil {
		return Processor{}, fmt.Errorf("read the processor times: %w", err)
	}
	if len(times) == 0 {
		return Processor{}, fmt.Errorf("read the processor times: the system gave none")
	}
	t := times[0]
	// Guest time is inside user and nice already; adding it would count it twice.
	busy := t.User + t.System + t.Nice + t.Irq + t.Softirq + t.Steal
	return Processor{Busy: busy, Total: busy + t.Idle + t.Iowait}, nil
}

// Memory is the bytes of memory the system has.
func (h host) Memory(ctx context.Context) (uint64, error) {
	m, err := mem.VirtualMemoryWithContext(h.context(ctx))
	if err != nil {
		return 0, fmt.Errorf("read the size of the memory: %w", err)
	}
	return m.Total, nil
}

func (h host) context(ctx context.Context) context.Context {
	if h.procfs == "" {
		return ctx
	}
	return context.WithValue(ctx, common.EnvKey, common.EnvMap{common.HostProcEnvKey: h.procfs})
}
