package influx

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/klauspost/compress/gzip"
)

// newHTTP makes a client that follows no redirect, for a POST would become a GET on the way, and lose what it carries.
func newHTTP(trusted *tls.Config) *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSClientConfig:       trusted,
			TLSHandshakeTimeout:   5 * time.Second,
			ResponseHeaderTimeout: 2 * time.Minute,
			MaxIdleConnsPerHost:   8,
			IdleConnTimeout:       90 * time.Second,
			ForceAttemptHTTP2:     true,
		},
	}
}

// doer sends requests for the client library. What is no success becomes an error of type *answer before the library sees it, so that all parts of
// the library tell of it alike, and no odd body reaches them.
type doer struct{ client *http.Client }

// Do sends a request. Its errors are an *answer, or those of net/http.
func (d *doer) Do(req *http.Request) (*http.Response, error) {
	if strings.HasSuffix(req.URL.Path, "/api/v2/write") {
		if err := compress(req); err != nil {
			return nil, err
		}
	}
	res, err := d.client.Do(req)
	if err != nil {
		return nil, err
	}
	good := res.StatusCode >= 200 && res.StatusCode < 300
	if req.Method == http.MethodPost && (strings.HasSuffix(req.URL.Path, "/api/v2/write") || strings.HasSuffix(req.URL.Path, "/api/v2/delete")) {
		good = res.StatusCode == http.StatusNoContent // what a proxy says with 200 is not on InfluxDB's disk
	}
	if good {
		return res, nil
	}
	defer func() { _ = res.Body.Close() }()
	return nil, newAnswer(res, time.Now())
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
		after: waitTime(res.Header.Get("Retry-After"), now),
	}
}

// waitTime is what a Retry-After header says: seconds, or a date. A day is the most that is believed.
func waitTime(header string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(header); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), 24*time.Hour)
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
