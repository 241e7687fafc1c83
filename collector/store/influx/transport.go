package influx

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/klauspost/compress/gzip"

	"veille/collector/store/wire"
)

// doer sends requests for the client library. What is no success becomes an error of type *answer before the library sees it, so that all parts of
// the library tell of it alike, and no odd body reaches them.
type doer struct {
	client *http.Client
	now    func() time.Time
	clock  *clock
}

// Do sends a request. Its errors are an *answer, or those of net/http.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/api/v2/write") {
		if err := compress(req); err != nil {
			return nil, err
		}
	}
	asked := d.now()
	res, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	good := res.StatusCode >= 200 && res.StatusCode < 300
	if req.Method == http.MethodPost && (strings.HasSuffix(req.URL.Path, "/api/v2/write") || strings.HasSuffix(req.URL.Path, "/api/v2/delete")) {
		good = res.StatusCode == http.StatusNoContent // what a proxy says with 200 is not on InfluxDB's disk
	}
	if good {
		d.clock.look(res.Header.Get("Date"), asked, d.now())
		return res, nil
	}
	defer func() { _ = res.Body.Close() }()
	return nil, newAnswer(res, d.now())
}

// compress compresses what a request carries. It does so here because the library does it at five times the cost, which a writer waits for.
func compress(req *http.Request) error {
	var small bytes.Buffer
	w, err := gzip.NewWriterLevel(&small, gzip.BestSpeed)
	if err != nil {
		return fmt.Errorf("compress a request: %w", err)
	}
	_, err = io.Copy(w, req.Body)
	if err := errors.Join(err, w.Close(), req.Body.Close()); err != nil {
		return fmt.Errorf("compress a request: %w", err)
	}
	text := small.Bytes()
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	req.Header.Set("Content-Encoding", "gzip")
	return nil
}

// answer is what a server said in place of success.
type answer struct {
	status int           // 0: it said so within an answer to a question
	said   string        // in its own words, on one line; may be ""
	after  time.Duration // how long it said to wait; 0: it did not say
	to     string        // where it redirects to
}

// Error tells the status and the words.
func (a *answer) Error() string {
	switch {
	case a.status == 0:
		return a.said
	case a.said == "":
		return fmt.Sprintf("%d %s", a.status, http.StatusText(a.status))
	}
	return fmt.Sprintf("%d %s: %s", a.status, http.StatusText(a.status), a.said)
}

func newAnswer(res *http.Response, now time.Time) *answer {
	body, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // what came before it broke off is good enough
	var words struct{ Error, Message, Code string }
	said := string(body)
	if json.Unmarshal(body, &words) == nil {
		said = words.Message + words.Error
		if said == "" {
			said = words.Code
		}
	}
	if said == "" {
		said = res.Header.Get("X-Influxdb-Error")
	}
	return &answer{
		status: res.StatusCode, said: line(said), to: line(res.Header.Get("Location")),
		after: wire.RetryAfter(res.Header.Get("Retry-After"), now),
	}
}

// line is text of others on one line, of 400 bytes at most.
func line(text string) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "?"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if len(text) > 400 {
		text = strings.ToValidUTF8(text[:400], "") + "…"
	}
	return text
}
