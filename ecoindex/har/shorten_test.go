package har

import (
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"veille/ecoindex/web"
)

// shortened is what the decoder gets to see.
func shortened(t *testing.T, from io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(&shortener{from: from, total: 1 << 30, value: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestALongStringIsCutBetweenTwoCharacters(t *testing.T) {
	for _, piece := range []string{"x", `\n`, `\\`, `\"`, `\u00e9`, `\ud83d\ude00`, "é", `u\u0075`} {
		for before := range len(piece) + 1 {
			body := strings.Repeat("x", before) + strings.Repeat(piece, 5*maxString/4/len(piece))
			file := `{"a":"` + body + `","b":["` + strings.Repeat("y", 100) + `",1.5e3,"\"",""]}`
			for name, r := range map[string]io.Reader{"at once": strings.NewReader(file), "by bytes": iotest.OneByteReader(strings.NewReader(file))} {
				got := shortened(t, r)
				if !json.Valid([]byte(got)) || len(got) > maxString+200 || !strings.HasSuffix(got, strings.Repeat("y", 100)+`",1.5e3,"\"",""]}`) {
					t.Fatalf("%d x and then %s, %s: %d bytes, %.20q to %.40q", before, piece, name, len(got), got, got[len(got)-40:])
				}
			}
		}
	}
}

func TestShortJSONPassesAsItIs(t *testing.T) {
	const file = `{"a\"b":[1,-2.5e+10,true,null,"é\u00e9\\"], "": {}} trailing "`
	if got := shortened(t, strings.NewReader(file)); got != file {
		t.Errorf("%q became %q", file, got)
	}
}

func TestBodiesAreNotHeldInMemory(t *testing.T) {
	const bodies, size = 10, 1 << 20
	entry := `{"request":{"url":"https://a.example/"},"response":{"status":200,"_transferSize":1,"content":{"mimeType":"text/html","text":"`
	parts := []io.Reader{strings.NewReader(`{"log":{"entries":[`)}
	for range bodies {
		parts = append(parts, strings.NewReader(entry), io.LimitReader(letters{}, size), strings.NewReader(`"}}},`))
	}
	parts = append(parts, strings.NewReader(entry+`"}}}]}}`))

	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := Read(io.MultiReader(parts...), Options{})
	runtime.ReadMemStats(&after)
	if err != nil || p.Requests != bodies+1 {
		t.Fatalf("%d requests, %v; want %d", p.Requests, err, bodies+1)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
		t.Errorf("%d bytes were allocated in all for %d bytes of bodies; want less than 2 MB", used, bodies*size)
	}
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func TestOneRequestTakesOnlySoMuch(t *testing.T) {
	file := `{"log":{"entries":[{"a":[` + strings.Repeat(`"messages",`, 1<<16)
	_, err := Read(strings.NewReader(file), Options{maxEntry: 1 << 19})
	known, ok := errors.AsType[*web.Error](err)
	if !ok || known.Code != web.CodeSize || !strings.Contains(err.Error(), "one part of it, at its beginning, takes more than the 524288 bytes of a request; record the page alone") {
		t.Errorf("the error is %v", err)
	}
}

// FuzzRead wants every file to be refused with a sentence, or to give a page whose figures agree.
func FuzzRead(f *testing.F) {
	f.Add(`{"log":{"pages":[{"id":"a"}],"entries":[{"pageref":"a","request":{"url":"https://a.example/#x"},"response":{"status":200,"_transferSize":-1,"headersSize":1,"bodySize":2}}]}}`, "")
	f.Add(`{"log":{"entries":[{"_securityState":"secure","cache":{"afterRequest":null},"request":{"method":"OPTIONS","url":"https://a.example/","headers":[{"name":"access-control-request-method"}]},"response":{"status":204}}]}}`, "a")
	f.Add("\xef\xbb\xbf"+`{"log":{"entries":[{"_initiator":"x","_webSocketMessages":[],"request":{"url":"wss://a"},"response":{"status":101,"content":{"size":9,"compression":-1e9,"mimeType":"text/html;"}}}]}}`, "b")
	f.Add(`{"log":{"entries":[{"request":{"url":"http://[::1"},"response":{"status":1e3,"content":{"size":1e12}}}]}}`, "")
	f.Fuzz(func(t *testing.T, file, page string) {
		p, err := Read(strings.NewReader(file), Options{DOM: 1, Page: page, Name: "fuzzed"})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "measure fuzzed: ") {
				t.Errorf("%q is refused with %v", file, err)
			}
			return
		}
		if p.Requests < 1 || p.Requests != len(p.Resources) || p.Measure().Validate() != nil || p.URL == "" || len(p.Notes) == 0 {
			t.Errorf("%q gives %+v", file, p)
		}
		var bytes int64
		mains := 0
		for _, r := range p.Resources {
			bytes += r.Bytes
			if r.Kind == web.Document && r.Status == 200 {
				mains++
			}
			if r.Bytes < 0 || r.Status < 0 || (r.Status == 0 && (r.Bytes != 0 || r.Problem == "")) {
				t.Errorf("%q gives the resource %+v", file, r)
			}
		}
		if mains > 1 || float64(bytes)/1000 != p.SizeKB {
			t.Errorf("%q has %d pages, %d bytes and %v kB", file, mains, bytes, p.SizeKB)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var file strings.Builder
	file.WriteString(`{"log":{"entries":[`)
	for i := range 100 {
		if i > 0 {
			file.WriteString(",")
		}
		file.WriteString(`{"request":{"url":"https://a.example/"},"response":{"status":200,"_transferSize":1,"content":{"text":"`)
		file.WriteString(strings.Repeat(`some text\n`, 100_000))
		file.WriteString(`"}}}`)
	}
	file.WriteString(`]}}`)
	b.SetBytes(int64(file.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(strings.NewReader(file.String()), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
