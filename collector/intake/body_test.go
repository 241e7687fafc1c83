package intake_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"veille/collector/intake"
	"veille/collector/intake/intaketest"
)

// read reads a body, by a share that is released.
func read(t testing.TB, b *intake.Bodies, m *intake.Memory, body io.Reader, encoding string) (string, error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body)
	r.Header.Set("Content-Encoding", encoding)
	s := m.Share()
	defer s.Release()
	text, err := b.Read(httptest.NewRecorder(), r, s)
	return string(text), err
}

func packed(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.String()
}

func TestABodyIsReadAsItWasSentAndAllMemoryComesBack(t *testing.T) {
	t.Parallel()
	b, m := &intake.Bodies{Sent: 1 << 16, Text: 1 << 18, Early: 1 << 10, Beside: 100}, intake.NewMemory(1<<20)
	random := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		text := strings.Repeat(string(rune('a'+random.IntN(26))), random.IntN(1<<16+1))
		half := len(text) / 2
		for coding, body := range map[string]string{"": text, "identity": text, "gzip": packed(text), "gzip in parts": packed(text[:half]) + packed(text[half:])} {
			encoding, _, _ := strings.Cut(coding, " ")
			for _, reader := range []io.Reader{strings.NewReader(body), io.MultiReader(strings.NewReader(body))} { // its length is told, or is not
				if got, err := read(t, b, m, reader, encoding); err != nil || got != text {
					t.Fatalf("%d bytes by %q: %d came, %v", len(text), encoding, len(got), err)
				}
			}
		}
	}
	if s := m.Share(); !s.Grow(1 << 20) {
		t.Error("some memory did not come back")
	}
}

func TestABodyThatIsTooLargeOrBrokenIsSaidToBe(t *testing.T) {
	t.Parallel()
	tooLarge := func(err error) bool { _, ok := errors.AsType[*http.MaxBytesError](err); return ok }
	truncated := func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
	broken := func(err error) bool { return err != nil && !tooLarge(err) && !errors.Is(err, intake.ErrBusy) }
	for name, test := range map[string]struct {
		body     io.Reader
		encoding string
		memory   int64
		is       func(error) bool
	}{
		"as sent, its length told":     {strings.NewReader(strings.Repeat("x", 1001)), "", 1 << 20, tooLarge},
		"as sent, its length not told": {io.MultiReader(strings.NewReader(strings.Repeat("x", 1001))), "", 1 << 20, tooLarge},
		"decompressed":                 {strings.NewReader(packed(strings.Repeat("x", 5001))), "gzip", 1 << 20, tooLarge},
		"cut short":                    {strings.NewReader(packed("a text")[:20]), "gzip", 1 << 20, truncated},
		"no gzip":                      {strings.NewReader("a text that is plain"), "gzip", 1 << 20, broken},
		"nothing at all":               {strings.NewReader(""), "gzip", 1 << 20, broken},
		"another coding":               {strings.NewReader("x"), "br", 1 << 20, broken},
		"no memory":                    {strings.NewReader("x"), "", 600, func(err error) bool { return errors.Is(err, intake.ErrBusy) }},
		"no memory for all of it":      {strings.NewReader(packed(strings.Repeat("x", 4900))), "gzip", 5_000, func(err error) bool { return errors.Is(err, intake.ErrBusy) }},
	} {
		b, m := &intake.Bodies{Sent: 1000, Text: 5000, Early: 10, Beside: 100}, intake.NewMemory(test.memory)
		if got, err := read(t, b, m, test.body, test.encoding); !test.is(err) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		if s := m.Share(); !s.Grow(int(test.memory)) || s.Grow(int(test.memory)+1) {
			t.Errorf("%s: the memory is not what it was", name)
		}
	}
}

// What a body inflates to takes memory when all of it has come, and not before.
func TestASenderThatStallsHoldsNoMoreMemoryThanItHasSent(t *testing.T) {
	t.Parallel()
	b, m := &intake.Bodies{Sent: 1 << 20, Text: 1 << 20, Early: 1 << 10, Beside: 1 << 17}, intake.NewMemory(1<<20)
	body := packed(strings.Repeat("x", 1<<20))
	gone := make(chan struct{})
	var senders sync.WaitGroup
	for range 100 {
		s := intaketest.Stalling{Reader: strings.NewReader(body[:len(body)-1]), Sent: make(chan struct{}), Gone: gone}
		senders.Go(func() {
			if _, err := read(t, b, m, s, "gzip"); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Error(err)
			}
		})
		<-s.Sent
	}
	free := m.Share()
	if !free.Grow(1<<20 - 100*(3*len(body)+512)) {
		t.Errorf("a hundred that have sent %d bytes each hold more than three times as much", len(body))
	}
	free.Release()
	close(gone)
	senders.Wait()
	if s := m.Share(); !s.Grow(1 << 20) {
		t.Error("some memory did not come back")
	}
}

func TestMessagesOfOneOwnerHaveAQuarterOfTheMemoryTogether(t *testing.T) {
	t.Parallel()
	m := intake.NewMemory(1000)
	first, second, other := m.ShareOf(1), m.ShareOf(1), m.ShareOf(2)
	for i, step := range []struct {
		share *intake.Share
		bytes int
		want  bool
	}{
		{first, 100, true},
		{second, 151, false},
		{second, 150, true},
		{first, 101, false},
		{other, 700, true}, // one alone may have more than a quarter
		{m.Share(), 51, false},
		{m.Share(), 50, true},
	} {
		if got := step.share.Grow(step.bytes); got != step.want {
			t.Errorf("step %d: %d bytes: %t", i, step.bytes, got)
		}
	}
	second.Release()
	if other.Release(); !first.Grow(600) || second.Grow(1) {
		t.Error("one of an owner may have more than a quarter while it has no other, and then no other may")
	}
}
