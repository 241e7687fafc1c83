package spool

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestAFileIsItsRecordAndTheChecksumOfIt(t *testing.T) {
	// The check value of CRC-32C (RFC 3720, appendix B.4, gives others; "123456789" is that of the usual catalogues).
	if got, want := string(seal([]byte("123456789"))), "123456789\ne3069283\n"; got != want {
		t.Errorf("sealed %q, want %q", got, want)
	}
	backing := []byte(`{"a":1}beyond`)
	if body, err := unseal(seal(backing[:7])); err != nil || string(body) != `{"a":1}` || string(backing[7:]) != "beyond" {
		t.Errorf("opened %q, %v; beside it %q", body, err, backing[7:])
	}
}

func TestAFileOfAnOlderAgentIsTakenAtItsWord(t *testing.T) {
	for _, tt := range []struct{ name, text, body string }{
		{"without an end of line", `{"date":"2026-11-21"}`, `{"date":"2026-11-21"}`},
		{"with one", "{\"date\":\"2026-11-21\"}\n", `{"date":"2026-11-21"}`},
		{"cut short", `{"date":"2026-11-2`, ""},
		{"empty", "", ""},
		{"zeros, as a power cut leaves them", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", ""},
	} {
		body, err := unseal([]byte(tt.text))
		if string(body) != tt.body || (err == nil) != (tt.body != "") {
			t.Errorf("%s: %q, %v; want %q", tt.name, body, err, tt.body)
		}
	}
}

func TestNoSingleFlippedBitAndNoTruncationPassesForAnotherRecord(t *testing.T) {
	body := []byte(`{"date":"2026-11-21","parts":[{"part":"open","length_s":86400}]}`)
	whole := seal(body)
	for i := range whole {
		for bit := range 8 {
			text := bytes.Clone(whole)
			text[i] ^= 1 << bit
			if got, err := unseal(text); err == nil {
				t.Errorf("byte %d, bit %d: %q passes", i, bit, got)
			}
		}
		if got, err := unseal(whole[:i]); err == nil && !bytes.Equal(got, body) {
			t.Errorf("the first %d bytes pass for %q", i, got)
		}
	}
}

func FuzzAFileIsWholeOrDamaged(f *testing.F) {
	f.Add([]byte(`{"a":1}`))
	f.Add([]byte("{\"a\":1}\n"))
	f.Add(seal([]byte(`{"a":1}`)))
	f.Add(seal([]byte(`{"a":`)))
	f.Add(seal(nil))
	f.Fuzz(func(t *testing.T, text []byte) {
		body, err := unseal(text)
		switch {
		case err == nil && !json.Valid(body):
			t.Errorf("%q passes for a record", body)
		case err == nil && !bytes.Equal(text, seal(body)) && !bytes.Equal(bytes.TrimSuffix(text, []byte("\n")), body):
			t.Errorf("%q is not what %q holds", body, text)
		}
		again, err := unseal(seal(text))
		if (err == nil) != json.Valid(text) || err == nil && !bytes.Equal(again, text) {
			t.Errorf("%q comes back as %q, %v", text, again, err)
		}
	})
}
