package agent

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/agent/spool"
	"veille/agent/wire"
)

// collector answers uploads as its script says, one answer after the other; the last one for ever.
type collector struct {
	script  []func(records int) (int, string)
	uploads [][]string // dates of the records of each upload
	times   []time.Time
}

func (c *collector) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet { // it has no policy
		return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	batch, err := wire.DecodeBatch(z)
	if err != nil {
		return nil, err
	}
	var dates []string
	for _, record := range batch.Records {
		dates = append(dates, record.Date)
	}
	c.uploads, c.times = append(c.uploads, dates), append(c.times, time.Now())
	answer := c.script[min(len(c.uploads), len(c.script))-1]
	status, text := answer(len(dates))
	if status == 0 {
		return nil, errors.New("connection refused")
	}
	header := http.Header{}
	if status == http.StatusServiceUnavailable {
		header.Set("Retry-After", text)
	}
	if text != "who are you?" {
		header.Set(wire.RefusedHeader, "1")
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(text)), Request: r}, nil
}

func verdicts(status wire.Status) func(int) (int, string) {
	return func(n int) (int, string) {
		var a wire.Answer
		for i := range n {
			a.Verdicts = append(a.Verdicts, wire.Verdict{Index: i, Status: status, Reason: "because"})
		}
		text, _ := json.Marshal(a)
		return http.StatusOK, string(text)
	}
}

func says(status int, text string) func(int) (int, string) {
	return func(int) (int, string) { return status, text }
}

func courier(t *testing.T, c *collector, log io.Writer) *Courier {
	t.Helper()
	s, err := spool.Open(t.TempDir(), 24)
	if err != nil {
		t.Fatal(err)
	}
	id := Identity{Collector: "https://collector.example", Credential: "secret"}
	return NewCourier(&http.Client{Transport: c}, id, s, slog.New(slog.NewTextHandler(log, nil)), nil)
}

// fill spools one record for each of the last n days.
func fill(t *testing.T, c *Courier, n int) {
	t.Helper()
	for i := range n {
		date := time.Now().AddDate(0, 0, i-n).Format(time.DateOnly)
		if err := c.Spool.Put(date, []byte(`{"date":"`+date+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
}

func waiting(t *testing.T, c *Courier) int {
	t.Helper()
	entries, err := c.Spool.Waiting(0)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestEachAnswerOfTheCollectorDecidesWhatBecomesOfARecord(t *testing.T) {
	for _, tt := range []struct {
		name    string
		script  []func(int) (int, string)
		records int
		uploads int
		kept    int // still waiting
		fails   bool
	}{
		{"stored", []func(int) (int, string){verdicts(wire.Stored)}, 3, 1, 0, false},
		{"already there", []func(int) (int, string){verdicts(wire.Kept)}, 3, 1, 0, false},
		{"one verdict of refusal each", []func(int) (int, string){verdicts(wire.Refused)}, 3, 1, 0, false},
		{"more than one batch", []func(int) (int, string){verdicts(wire.Stored)}, 25, 1, 0, false},
		{"400 to all, then each alone", []func(int) (int, string){says(400, "bad"), verdicts(wire.Stored), says(400, "bad"), verdicts(wire.Stored)}, 3, 4, 0, false},
		{"413 to one record", []func(int) (int, string){says(413, "too large")}, 1, 1, 0, false},
		{"400 of a proxy", []func(int) (int, string){says(400, "who are you?")}, 3, 1, 3, true},
		{"413 of a proxy", []func(int) (int, string){says(413, "who are you?")}, 1, 1, 1, true},
		{"a verdict nobody knows", []func(int) (int, string){verdicts("admired")}, 3, 1, 3, true},
		{"401", []func(int) (int, string){says(401, "no")}, 3, 1, 3, true},
		{"415", []func(int) (int, string){says(415, "newer")}, 3, 1, 3, true},
		{"500", []func(int) (int, string){says(500, "oops")}, 3, 1, 3, true},
		{"503", []func(int) (int, string){says(503, "60")}, 3, 1, 3, true},
		{"409 of a proxy", []func(int) (int, string){says(409, "{}")}, 3, 1, 3, true},
		{"409 again and again", []func(int) (int, string){says(409, `{"before":0}`)}, 3, 2, 3, true},
		{"409 of more than it ever said", []func(int) (int, string){says(409, `{"before":8}`)}, 3, 1, 3, true},
		{"409 of a collector, then stored", []func(int) (int, string){says(409, `{"before":0}`), verdicts(wire.Stored)}, 3, 2, 0, false},
		{"no connection", []func(int) (int, string){says(0, "")}, 3, 1, 3, true},
		{"200 of something else", []func(int) (int, string){says(200, "<html>welcome</html>")}, 3, 1, 3, true},
		{"200 with too few verdicts", []func(int) (int, string){says(200, `{"verdicts":[]}`)}, 3, 1, 3, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := &collector{script: tt.script}
			courier := courier(t, c, io.Discard)
			fill(t, courier, tt.records)
			if err := courier.Spool.SetAcked(7); err != nil {
				t.Fatal(err)
			}
			err := courier.Deliver(t.Context())
			if (err != nil) != tt.fails || len(c.uploads) != tt.uploads || waiting(t, courier) != tt.kept {
				t.Errorf("%v after %d uploads, %d records wait; want failure %t, %d uploads, %d waiting",
					err, len(c.uploads), waiting(t, courier), tt.fails, tt.uploads, tt.kept)
			}
		})
	}
}

func TestADamagedFileDoesNotHoldUpTheOthers(t *testing.T) {
	c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
	courier := courier(t, c, io.Discard)
	fill(t, courier, 2)
	if err := courier.Spool.Put(time.Now().Format(time.DateOnly), []byte(`{"date":"2026-`)); err != nil {
		t.Fatal(err)
	}
	if err := courier.Deliver(t.Context()); err != nil || waiting(t, courier) != 0 || len(c.uploads) != 1 || len(c.uploads[0]) != 2 {
		t.Errorf("%v; uploads %v, %d waiting", err, c.uploads, waiting(t, courier))
	}
}

func TestTheCourierComesBackWithGrowingPausesAndLogsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &collector{script: []func(int) (int, string){
			says(0, ""), says(0, ""), says(0, ""), says(0, ""), says(0, ""), says(503, "600"), verdicts(wire.Stored),
		}}
		var log bytes.Buffer
		courier := courier(t, c, &log)
		fill(t, courier, 1)
		courier.Wake()
		go courier.Run(t.Context())
		synctest.Wait()
		time.Sleep(time.Hour) //nolint:forbidigo // time is synctest's own here, nothing waits
		synctest.Wait()
		if len(c.uploads) != 7 || waiting(t, courier) != 0 {
			t.Fatalf("%d uploads, %d waiting", len(c.uploads), waiting(t, courier))
		}
		bound := firstRetry
		for i := range 5 {
			if got := c.times[i+1].Sub(c.times[i]); got < bound/2 || got > bound {
				t.Errorf("pause %d is %v, want %v to %v", i+1, got, bound/2, bound)
			}
			bound *= 2
		}
		if got := c.times[6].Sub(c.times[5]); got < 10*time.Minute {
			t.Errorf("came back %v after Retry-After: 600", got)
		}
		if n := strings.Count(log.String(), "\n"); n != 2 {
			t.Errorf("%d log lines, want one for the failure and one for its end:\n%s", n, log.String())
		}
	})
}

func TestAPersonalMachineUploadsAtARandomMinuteAndAfterAStartWithinMinutes(t *testing.T) {
	delay := DelayOf(Limits{Use: wire.Individual})
	if d := delay(true); d > 10*time.Minute {
		t.Errorf("after a start it waits %v", d)
	}
	most, least := time.Duration(0), 4*time.Hour
	for range 200 {
		d := delay(true)
		most, least = max(most, d), min(least, d)
	}
	if most > 4*time.Hour || most < 3*time.Hour || least > time.Hour {
		t.Errorf("delays lie between %v and %v, want anything up to four hours", least, most)
	}
}

// The time of synctest starts at a midnight in UTC.
func TestAPolicyThatCannotBeHadIsAskedForOnceADayAndHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
		courier := courier(t, c, &log)
		courier.Data = t.TempDir()
		asked := 0
		courier.Client = &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Method == http.MethodPost {
				return c.RoundTrip(r)
			}
			asked++
			return &http.Response{StatusCode: []int{503, 500, 404, 200}[asked%4], Header: http.Header{}, Body: http.NoBody, Request: r}, nil
		})}
		go courier.Run(t.Context())
		for day := range 8 {
			fill(t, courier, 1)
			for range 5 { // wakes, as at boots
				courier.Wake()
				time.Sleep(time.Hour) //nolint:forbidigo // time is synctest's own here, nothing waits
			}
			if asked != day+1 || waiting(t, courier) != 0 {
				t.Errorf("day %d: asked %d times, %d records wait", day, asked, waiting(t, courier))
			}
			time.Sleep(19 * time.Hour) //nolint:forbidigo // the same
		}
	})
}

// The time of synctest starts at a midnight in UTC.
func TestAPauseHoldsRecordsUpNoLongerThanItLasts(t *testing.T) {
	for name, told := range map[string]bool{"the agent saw it and wakes the courier": true, "it was too short for the agent to see": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &collector{script: []func(int) (int, string){verdicts(wire.Stored)}}
				courier := courier(t, c, io.Discard)
				courier.Data = t.TempDir()
				fill(t, courier, 1)
				if err := Pause(courier.Data); err != nil {
					t.Fatal(err)
				}
				go courier.Run(t.Context())
				courier.Wake()
				time.Sleep(20 * time.Second) //nolint:forbidigo // time is synctest's own here, nothing waits
				if err := Resume(courier.Data); err != nil {
					t.Error(err)
				}
				resumed := time.Now()
				within := lookAgain
				if told {
					courier.Wake()
					within = time.Second
				}
				time.Sleep(within + time.Second) //nolint:forbidigo // the same
				if synctest.Wait(); len(c.uploads) != 1 || c.times[0].Before(resumed) {
					t.Errorf("%d uploads at %v, %v after the pause ended at %v; want one after it", len(c.uploads), c.times, within, resumed)
				}
			})
		})
	}
}
