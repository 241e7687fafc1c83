// Package victoria keeps the series in VictoriaMetrics: a single node, or a cluster through the prefixes of its vminsert and vmselect.
//
// # What lies there
//
// Each field of a point is a sample of the metric MEASUREMENT_FIELD (hour_energy_wh) whose labels are the tags of the point, and db="veille",
// by which our metrics are told from those of others. Measurements that are kept for 90 days also have kept="2026-11", the month of the
// moment in UTC, so that a month can be deleted: VictoriaMetrics deletes whole series and nothing less.
//
// At one timestamp the biggest value wins, so a correction cannot be written over what it corrects. A point of hour_* therefore lies at its
// moment plus as many milliseconds as its version says, and a point of day_* and month_* at 00:00 UTC plus 4,096 ms for each version plus a
// millisecond for each day that had passed when it was sent; the newest sample of an hour, or of a day, is the one that counts. Samples of what
// was corrected stay until their series goes. Single readings of meters and scores of pages have no versions and lie at their moments.
//
// Numbers are kept there with about 15 digits, and a huge one takes digits from its neighbours. A number of up to a million that six decimals
// say, or a whole number of up to ninety thousand millions, comes back as it is. Any other is rounded to that, and gets two more samples with
// the upper and the lower half of its bits, METRIC_hi and METRIC_lo, from which [Store.Range] makes it again to the last digit.
//
// # How to ask for it in Grafana
//
// A window at T covers (T − width, T], so the samples of an hour that begins at H are found at H + 1 h − 1 ms. A panel asks at whole steps;
// the offsets below put each figure where its hour, day or month begins, and the steps are 1h, 1d and 1d:
//
//	sum(last_over_time(hour_energy_wh{db="veille"}[1h] offset -3599999ms))
//	sum(sum_over_time((last_over_time(hour_energy_wh{db="veille"}[1h] offset -3599999ms))[1d:1h] offset -86399999ms))
//	sum(last_over_time(day_energy_wh{db="veille"}[1d] offset -86399999ms))
//
// The second is a day in UTC; asked for at the end of a day less 1 ms, it is written without its last offset. Neither may the inner offset be
// left out, nor last_over_time: sum_over_time, avg_over_time and max_over_time of a metric itself take all versions. A date that was corrected
// five times has six samples: last_over_time(…[1d]) gives the last, sum_over_time(…[1d]) the sum of all six.
//
// Metrics that end in _hi and _lo are not for people.
//
// # What is lost, and when
//
// A node answers before what it was sent is on its disk: what it acknowledged in the last eight seconds or so is gone when it is killed, a
// deletion like a sample. So [Store.Started] tells when it was started, and whoever delivers sends its last minute again. What is older than
// the node's retention is dropped by it without a word: [Store.Advice] tells when it keeps less than the collector, and [Store.KeepsFrom] since when
// nothing is missing there.
package victoria

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/influxdata/influxdb-client-go/v2/api"
	influx "github.com/influxdata/influxdb-client-go/v2/api/http"
	"github.com/influxdata/influxdb-client-go/v2/api/write"

	"veille/collector"
	"veille/collector/store/wire"
)

// Options say where a destination is.
type Options struct {
	Write string        // base of the address that is written to: http://host:8428, or http://insert:8480/insert/0/influx
	Read  string        // base of the address that is read from: http://select:8481/select/0/prometheus. "": Write, a single node
	Nodes []string      // of a cluster: addresses of its vmstorage, for their start times: http://storage1:8482. May be empty
	DB    string        // value of the label db; "": veille
	Token string        // user:password, or a token for a proxy before it; "": none
	After time.Duration // how long after its acknowledgement a sample can be read at the latest; 0: 12 s, which is what 1.150 takes
	Agent string        // how we introduce ourselves; "": veille
	// CAFile holds whom certificates are trusted by, in PEM, in place of the system's; "": the system's.
	CAFile string
}

// Cluster tells whether writes and reads go to different addresses.
func (o Options) Cluster() bool { return o.Read != "" && o.Read != o.Write }

// Store is a destination in VictoriaMetrics.
type Store struct {
	o      Options
	client *http.Client
	auth   string
	points api.WriteAPIBlocking
	dirty  atomic.Int64 // when something was written last that may not be readable yet, in milliseconds since 1970; 0: nothing
	found  atomic.Pointer[setup]

	looking sync.Mutex // held by the look under way
	run     string     // which run the last look saw
	opened  bool
	tried   time.Duration // how long samples are kept by the last trial; 0: there was none
}

var (
	_ collector.Destination = (*Store)(nil)
	_ collector.Advised     = (*Store)(nil)
	_ collector.Forgetful   = (*Store)(nil)
)

// Open connects to a destination, and checks that it is set up so that nothing is counted twice and nothing is lost, and that its clock is not
// wrong by more than a day. Its error says which flags the node has to be started with; what is only unwise is told by [Store.Advice]. Where the
// flags cannot be read, as in a cluster, samples of the metric veille_trial_sample are written and read back, which takes some seconds.
func Open(ctx context.Context, o Options) (*Store, error) {
	o.Write, o.Read = strings.TrimRight(o.Write, "/"), strings.TrimRight(o.Read, "/")
	if o.Read == "" {
		o.Read = o.Write
	}
	if o.DB == "" {
		o.DB = "veille"
	}
	if o.After == 0 {
		o.After = 12 * time.Second
	}
	if o.Agent == "" {
		o.Agent = "veille"
	}
	for _, address := range append([]string{o.Write, o.Read}, o.Nodes...) {
		if _, err := base(address); err != nil {
			return nil, err
		}
	}
	if !plainName(o.DB) {
		return nil, fmt.Errorf("the label db=%.40q of VictoriaMetrics is to be letters, digits and underscores", o.DB)
	}
	trusted, err := wire.Authorities(o.CAFile)
	if err != nil {
		return nil, err
	}
	s := &Store{o: o, client: wire.Client(trusted, 0), auth: authorization(o.Token)}
	s.found.Store(&setup{limits: unlimited()})
	service := influx.NewService(o.Write+"/", s.auth, influx.DefaultOptions().SetHTTPDoer(doer{s.client}).SetApplicationName(o.Agent))
	s.points = api.NewWriteAPIBlocking("", "", service, write.DefaultOptions().SetUseGZip(true).SetPrecision(time.Millisecond))
	err = s.ask(ctx, shortTime, "reach the node", s.o.Write+"/health", nil, nothing)
	if err == nil {
		_, err = s.look(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.opened = true
	return s, nil
}

// Close lets go of the connections.
func (s *Store) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// Advice is what should be set up otherwise, in sentences for people; nothing when all is well. It is what [Open] or the last [Store.Started] saw,
// and of the way there.
func (s *Store) Advice() []string {
	all := slices.Clone(s.found.Load().advice)
	for _, address := range append([]string{s.o.Write, s.o.Read}, s.o.Nodes...) {
		if text := wire.InTheClear(address, s.o.Token); text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

func authorization(token string) string {
	switch {
	case token == "":
		return ""
	case strings.Contains(token, ":"):
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(token))
	default:
		return "Bearer " + token
	}
}

// base is an address that paths can be added to.
func base(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the address of VictoriaMetrics %.200q cannot be understood; it is to be like http://host:8428", address)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("the address of VictoriaMetrics %.200q begins neither with http:// nor with https://", u.Redacted())
	case u.User != nil:
		return nil, fmt.Errorf("the address of VictoriaMetrics %.200q holds a password; give it by %s, as user:password", u.Redacted(), secretFile)
	case u.Hostname() == "" || u.Opaque != "":
		return nil, fmt.Errorf("the address of VictoriaMetrics %.200q names no host", address)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(address, "#"):
		return nil, fmt.Errorf("the address of VictoriaMetrics %.200q is to have nothing after its path", address)
	}
	return u, nil
}
