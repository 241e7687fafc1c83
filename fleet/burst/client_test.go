package burst

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"veille/agent/wire"
)

func TestAnswersOfNetHTTPAreRead(t *testing.T) {
	long := strings.Repeat("0123456789", 5000)
	for _, tt := range []struct {
		name    string
		handler http.HandlerFunc
		want    reply
	}{
		{"a length", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "yes") }, reply{status: 200, text: []byte("yes")}},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, reply{status: 200}},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, reply{status: 204}},
		{"chunks", func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(long); i += 12_345 {
				_, _ = io.WriteString(w, long[i:min(len(long), i+12_345)])
				w.(http.Flusher).Flush()
			}
		}, reply{status: 200, text: []byte(long)}},
		{"chunks and a trailer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", "X-Sum")
			_, _ = io.WriteString(w, long)
			w.Header().Set("X-Sum", "1")
		}, reply{status: 200, text: []byte(long)}},
		{"closed after it", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Connection", "close")
			_, _ = io.WriteString(w, "bye")
		}, reply{status: 200, text: []byte("bye"), last: true}},
		{"come back later", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "17")
			w.WriteHeader(503)
		}, reply{status: 503, after: 17 * time.Second}},
		{"come back at a date", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT")
			w.WriteHeader(429)
		}, reply{status: 429}},
		{"refused", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(wire.RefusedHeader, "yes")
			w.WriteHeader(400)
		}, reply{status: 400, refused: true}},
		{"hints before it", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			_, _ = io.WriteString(w, "late")
		}, reply{status: 200, text: []byte("late")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var body string
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				text, _ := io.ReadAll(r.Body)
				body = r.Header.Get("Authorization") + r.Header.Get("Content-Encoding") + r.Host + r.URL.Path + string(text)
				tt.handler(w, r)
			}))
			defer s.Close()
			to, err := newTarget(Way{Collector: s.URL + "/below/", Timeout: time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			c := newClient(to)
			defer c.close()
			for i := range 3 {
				c.request("/api", "pw", "Content-Encoding: gzip\r\n", []byte("text"))
				got, err := c.send(t.Context())
				if err != nil || got.status != tt.want.status || got.after != tt.want.after || got.refused != tt.want.refused || got.last != tt.want.last || !bytes.Equal(got.text, tt.want.text) {
					t.Fatalf("%+v, %v", got, err)
				}
				if want := "Bearer pwgzip" + to.host + "/below/apitext"; body != want {
					t.Errorf("it got %q, want %q", body, want)
				}
				if want := int64(1); !tt.want.last && c.opened != want || tt.want.last && c.opened != int64(i+1) {
					t.Errorf("%d connections for %d posts", c.opened, i+1)
				}
			}
		})
	}
}

// speak answers each connection with the next of the texts, byte by byte as it is, and ends it.
func speak(t *testing.T, texts ...string) *client {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for _, text := range texts {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, text)
			_ = conn.Close()
		}
	}()
	to, err := newTarget(Way{Collector: "http://" + listener.Addr().String(), Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(to)
	t.Cleanup(c.close)
	return c
}

func TestAnAnswerThatIsCutOrNoneIsAnError(t *testing.T) {
	for _, text := range []string{
		"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfour",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-4\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n", "SSH-2.0-x\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "HTTP/1.1 200 OK\r\n" + strings.Repeat("a: b\r\n", 300) + "\r\n", "HTTP/1.1 200 OK\r\na: " + strings.Repeat("b", 9000) + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
	} {
		c := speak(t, text)
		c.request("/", "", "", nil)
		if r, err := c.send(t.Context()); err == nil {
			t.Errorf("%.60q is the answer %+v", text, r)
		}
	}
}

func TestAConnectionThatWasClosedMeanwhileIsOpenedAgain(t *testing.T) {
	c := speak(t, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb", "HTTP/1.0 200 OK\r\n\r\nto the end")
	for _, want := range []string{"a", "b", "to the end"} {
		c.request("/", "", "", nil)
		if r, err := c.send(t.Context()); err != nil || string(r.text) != want {
			t.Errorf("%q, %v; want %q", r.text, err, want)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.send(ctx); err == nil {
		t.Error("a load that has ended opens a connection")
	}
}

// answerText is an answer as the collector writes it.
func answerText(before *int64, statuses ...wire.Status) []byte {
	a := wire.Answer{Before: before}
	for i, s := range statuses {
		v := wire.Verdict{Index: i, Status: s}
		if s == wire.Refused {
			v.Reason = `it is "old"`
		}
		a.Verdicts = append(a.Verdicts, v)
	}
	text, _ := json.Marshal(a)
	return append(text, '\n')
}

func TestAnAnswerIsReadWithoutJSONWhereItHasTheUsualForm(t *testing.T) {
	n := int64(41)
	text := answerText(&n, wire.Stored, wire.Kept, wire.Replaced, wire.Stored)
	want := outcome{stored: 2, replaced: 1, kept: 1, before: 41}
	if o, ok := quickAnswer(text, 4); !ok || o != want {
		t.Errorf("%+v, %t", o, ok)
	}
	for _, text := range [][]byte{answerText(nil, wire.Stored), answerText(&n, wire.Refused), []byte(`{ "verdicts": [{"index":0,"status":"stored"}], "before": 41 }`)} {
		if _, ok := quickAnswer(text, 1); ok {
			t.Errorf("%s has the usual form", text)
		}
		if _, err := readAnswer(text, 1); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	if o, err := readAnswer(answerText(&n, wire.Refused, wire.Stored), 2); err != nil || o.refused != 1 || o.stored != 1 || o.reason != `it is "old"` {
		t.Errorf("%+v, %v", o, err)
	}
	for _, text := range []string{"", "<html>", `{}`, `{"verdicts":[{"index":0,"status":"eaten"}],"before":1}`, string(text)} {
		if o, err := readAnswer([]byte(text), 1); err == nil {
			t.Errorf("%s is the answer %+v", text, o)
		}
	}
}

// FuzzAnAnswer compares the quick reading of an answer with that of encoding/json.
func FuzzAnAnswer(f *testing.F) {
	n := int64(41)
	f.Add(answerText(&n, wire.Stored, wire.Kept, wire.Replaced), 3)
	f.Add(answerText(nil, wire.Refused), 1)
	f.Add([]byte(`{"verdicts":[],"before":007}`), 0)
	f.Fuzz(func(t *testing.T, text []byte, n int) {
		n = min(max(n, 0), 1000)
		quick, ok := quickAnswer(text, n)
		if !ok {
			_, _ = readAnswer(text, n)
			return
		}
		var a wire.Answer
		if err := json.Unmarshal(text, &a); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if len(a.Verdicts) != n || a.Before == nil || *a.Before != quick.before || quick.stored+quick.kept+quick.replaced != n {
			t.Errorf("%q: %+v", text, quick)
		}
	})
}

// FuzzAReply compares our reading of an answer with that of net/http: where both find one, it is the same.
func FuzzAReply(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"))
	f.Add([]byte("HTTP/1.1 503 no\r\nTransfer-Encoding: chunked\r\nRetry-After: 3\r\n\r\n2;x=y\r\nhi\r\n0\r\nA: b\r\n\r\n"))
	f.Add([]byte("HTTP/1.0 200 \nTransfer-Encoding: chunked\n\n0\n\n"))
	f.Add([]byte("HTTP/1.1 103 x\r\n\r\nHTTP/1.0 200 OK\nConnection: a, close\n\nto the end"))
	f.Fuzz(func(t *testing.T, text []byte) {
		ours, err := readReply(bufio.NewReader(bytes.NewReader(text)), nil)
		if err != nil {
			return
		}
		in := bufio.NewReader(bytes.NewReader(text))
		for {
			theirs, err := http.ReadResponse(in, &http.Request{Method: http.MethodPost})
			if err != nil {
				return // it is stricter about names of headers and such
			}
			all, err := io.ReadAll(theirs.Body)
			_ = theirs.Body.Close()
			if theirs.StatusCode < 200 && theirs.StatusCode != 101 && err == nil {
				continue
			}
			if err == nil && (theirs.StatusCode != ours.status || !bytes.Equal(all, ours.text)) {
				t.Errorf("%q: %d %q, and net/http reads %d %q", text, ours.status, ours.text, theirs.StatusCode, all)
			}
			return
		}
	})
}
