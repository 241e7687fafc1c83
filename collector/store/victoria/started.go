package victoria

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// page is what a node's page /metrics says that is of use here.
type page struct {
	flags       map[string]string // with the minus before their names
	starts      [2]string         // of the process, as they stand there
	date        time.Time         // what the head of the answer says; zero: nothing
	asked, came time.Time         // by our clock
}

// metrics reads the page of a node.
func (s *Store) metrics(ctx context.Context, node string) (page, error) {
	const doing = "read the start time and the flags"
	p := page{flags: map[string]string{}, asked: time.Now()}
	address := strings.TrimRight(node, "/") + "/metrics"
	err := s.do(ctx, shortTime, doing, address, nil, func(r *http.Response) error {
		p.came = time.Now()
		p.date, _ = http.ParseTime(r.Header.Get("Date"))
		lines := bufio.NewScanner(io.LimitReader(r.Body, 64<<20))
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			p.read(strings.TrimSpace(lines.Text()))
		}
		if err := lines.Err(); err != nil {
			return answer{doing: doing, on: address, err: err}.broken()
		}
		return nil
	})
	return p, advised(err, "its page /metrics tells when it was started, after which its last minute is sent again: "+
		"start it without -metricsAuthKey, and let a proxy before it pass /metrics")
}

// read reads a line of the page: flag{name="retentionPeriod", value="7y", is_set="true"} 1, or when the process was started.
func (p *page) read(line string) {
	for i, name := range []string{"vm_app_start_timestamp ", "process_start_time_seconds "} {
		if value, ok := strings.CutPrefix(line, name); ok {
			p.starts[i] = strings.TrimSpace(value)
			return
		}
	}
	rest, ok := strings.CutPrefix(line, "flag{")
	_, rest, ok1 := strings.Cut(rest, `name="`)
	name, rest, ok2 := strings.Cut(rest, `"`)
	_, rest, ok3 := strings.Cut(rest, `value="`)
	value, _, ok4 := strings.Cut(rest, `"`)
	if ok && ok1 && ok2 && ok3 && ok4 {
		p.flags["-"+name] = value
	}
}

// started is when a node was started; "" when its page does not say.
func (p page) started() string { return strings.Trim(p.starts[0]+" "+p.starts[1], " ") }

// Started names the run of a node by the second in which it was started. Of a cluster it names the runs of vminsert and vmselect, as far as
// the pages /metrics of their hosts can be read, and those of the vmstorage that Options.Nodes has: one that does not answer is named as well,
// so that the answer changes when it goes and when it comes back, and what it missed is sent again both times. A restart of a vmstorage that is
// not in Options.Nodes is not seen; what it lost is found by the nightly comparison, or when a connection breaks.
//
// Clocks and flags are looked at each time, so that a node that was started anew with others is told of: see [Open].
func (s *Store) Started(ctx context.Context) (string, error) { return s.look(ctx) }

// root is an address without its path.
func root(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Scheme + "://" + u.Host
}
