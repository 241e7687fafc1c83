package victoria

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"veille/collector"
	"veille/collector/store/wire"
)

// How far a clock may be from ours: by more than the first is told, by more than the second nothing is sent. A node drops by its own clock what is
// older than its retention, and what is more than two days ahead, without a word.
const (
	tellClock = time.Minute
	stopClock = 24 * time.Hour
)

// askTime asks the address that is read from what time it is. A vmselect that cannot be reached keeps nobody from writing.
func (s *Store) askTime(ctx context.Context, found *setup) error {
	const doing = "ask for the time"
	address := s.o.Read + "/api/v1/query"
	var theirs time.Time
	asked := time.Now()
	err := s.ask(ctx, shortTime, doing, address, url.Values{"query": {"time()"}, "nocache": {"1"}}, func(body io.Reader) (err error) {
		theirs, err = parseTime(body)
		if err != nil {
			return answer{doing: doing, on: address, err: err}.broken()
		}
		return nil
	})
	if err != nil {
		if s.o.Cluster() && s.opened && collector.TroubleOf(err) == collector.TryLater {
			return ctx.Err()
		}
		return err
	}
	return found.clock(s.o.Read, theirs, asked, time.Now())
}

// parseTime reads the answer to the question time(): whole seconds since 1970.
func parseTime(body io.Reader) (time.Time, error) {
	var said struct {
		Status string `json:"status"`
		Data   struct {
			Result []struct {
				Value [2]any `json:"value"`
			} `json:"result"`
		} `json:"data"`
	}
	if err := json.NewDecoder(io.LimitReader(body, 1<<20)).Decode(&said); err != nil {
		return time.Time{}, err
	}
	if said.Status != "success" || len(said.Data.Result) != 1 {
		return time.Time{}, fmt.Errorf("its status is %.40q, with %d results", said.Status, len(said.Data.Result))
	}
	text, _ := said.Data.Result[0].Value[1].(string)
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || !(x >= 0 && x < 1<<40) {
		return time.Time{}, fmt.Errorf("%.40q is no time", text)
	}
	return time.Unix(int64(x), 0), nil
}

// clock compares what a node said its time is, in whole seconds, with when it was asked and when its answer came. The zero time says nothing.
func (found *setup) clock(node string, theirs, asked, came time.Time) error {
	if theirs.IsZero() {
		return nil
	}
	off, way := theirs.Sub(came), "ahead of"
	if behind := asked.Sub(theirs.Add(time.Second)); behind > 0 {
		off, way = behind, "behind"
	}
	if off <= tellClock {
		return nil
	}
	said := fmt.Sprintf("the clock of VictoriaMetrics at %s is %s %s ours", node, wire.HowLong(off.Truncate(time.Minute)), way) // the same for a while
	if off > stopClock {
		return &collector.DeliveryError{Trouble: collector.NeedsHelp, Reason: said +
			": by its clock it drops what is too old or too far ahead, without a word, so nothing is sent; compare both with the time (date -u), and let NTP set the one that is wrong (timedatectl set-ntp true)" + wire.Afterwards}
	}
	found.advice = append(found.advice, said+", and Grafana shows figures at another time than they are of; compare both with the time (date -u), and let NTP set the one that is wrong (timedatectl set-ntp true)")
	return nil
}
