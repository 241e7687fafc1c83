package victoria

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"veille/collector"
)

// gauges are the figures of a node's page /metrics that are of use here, with their labels as they stand there.
type gauges map[string]string

// metrics reads the page of a node.
func (s *Store) metrics(ctx context.Context, node string) (gauges, error) {
	all := gauges{}
	address := strings.TrimRight(node, "/") + "/metrics"
	err := s.ask(ctx, shortTime, "read the start time", address, nil, func(body io.Reader) error {
		lines := bufio.NewScanner(body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			line := strings.TrimSpace(lines.Text())
			switch {
			case strings.HasPrefix(line, "flag{"):
				all.flag(line)
			case strings.HasPrefix(line, "process_start_time_seconds "), strings.HasPrefix(line, "vm_app_start_timestamp "):
				name, value, _ := strings.Cut(line, " ")
				all[name] = strings.TrimSpace(value)
			}
		}
		if err := lines.Err(); err != nil {
			return answer{doing: "read the start time", on: address, err: err}.broken()
		}
		return nil
	})
	if e, ok := errors.AsType[*collector.DeliveryError](err); ok && e.Trouble == collector.NeedsHelp {
		e.Reason += "; its page /metrics tells when it was started, after which its last minute is sent again: " +
			"start it without -metricsAuthKey, and let a proxy before it pass /metrics"
	}
	return all, err
}

// flag reads a line like flag{name="retentionPeriod", value="7y", is_set="true"} 1.
func (g gauges) flag(line string) {
	_, rest, ok := strings.Cut(line, `name="`)
	name, rest, ok2 := strings.Cut(rest, `"`)
	_, rest, ok3 := strings.Cut(rest, `value="`)
	value, _, ok4 := strings.Cut(rest, `"`)
	if ok && ok2 && ok3 && ok4 {
		g["-"+name] = value
	}
}

// started is when a node was started; "" when its page does not say.
func (g gauges) started() string {
	return strings.Trim(g["vm_app_start_timestamp"]+" "+g["process_start_time_seconds"], " ")
}

// Started names the run of a node by the second in which it was started. Of a cluster it names the runs of vminsert and vmselect, as far as
// the pages /metrics of their hosts can be read, and those of the vmstorage that Options.Nodes has: one that does not answer is named as well,
// so that the answer changes when it goes and when it comes back, and what it missed is sent again both times. A restart of a vmstorage that is
// not in Options.Nodes is not seen; what it lost is found by the nightly comparison, or when a connection breaks.
func (s *Store) Started(ctx context.Context) (string, error) {
	if !s.o.Cluster() {
		m, err := s.metrics(ctx, s.o.Write)
		if err != nil {
			return "", err
		}
		if m.started() == "" {
			return "", &collector.DeliveryError{Trouble: collector.NeedsHelp, Reason: fmt.Sprintf(
				"could not read when VictoriaMetrics at %s was started: its page /metrics does not say; let this address answer /metrics", s.o.Write)}
		}
		return m.started(), nil
	}
	var runs []string
	for _, node := range append([]string{root(s.o.Write), root(s.o.Read)}, s.o.Nodes...) {
		m, err := s.metrics(ctx, node)
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		run := m.started()
		if err != nil && collector.TroubleOf(err) == collector.TryLater {
			run = "away"
		}
		if run != "" {
			runs = append(runs, node+"="+run)
		}
	}
	return strings.Join(runs, " "), nil
}

// root is an address without its path.
func root(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}
