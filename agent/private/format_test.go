package private

import (
	"bytes"
	"errors"
	"testing"
)

// FuzzRead reads any text as a file. What is taken for protected is written the same way again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"credential":"x"}`))
	f.Add(format([]byte("protected")))
	f.Add([]byte(header))
	f.Add([]byte(header + "2\nAQID\n"))
	f.Add([]byte(header + version + "\nAQ\r\nID\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		b, sealed, err := parse(text)
		if sealed != bytes.HasPrefix(text, []byte(header)) {
			t.Errorf("%q is taken for protected: %t", text, sealed)
		}
		if !sealed && (err != nil || !bytes.Equal(b, text)) {
			t.Errorf("%q became %q, %v", text, b, err)
		}
		if sealed && err == nil && (len(b) == 0 || !bytes.Equal(format(b), text)) {
			t.Errorf("%q became %q, which is written %q", text, b, format(b))
		}
		if err != nil && !errors.Is(err, ErrElsewhere) && !errors.Is(err, errNewer) {
			t.Errorf("%q: %v is no error that is announced", text, err)
		}
		if len(text) == 0 {
			return
		}
		if b, sealed, err := parse(format(text)); err != nil || !sealed || !bytes.Equal(b, text) {
			t.Errorf("%q came back as %q, %t, %v", text, b, sealed, err)
		}
	})
}
