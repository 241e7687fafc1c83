package hostile

import (
	"bytes"
	"compress/gzip"
	"image"
	_ "image/png"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestABombIsWhatItSays(t *testing.T) {
	w := httptest.NewRecorder()
	bomb("text/html", "<p>start", "more ", 10)(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	if w.Body.Len() > 1<<20 {
		t.Errorf("%d bytes before they are decompressed; want a few kilobytes", w.Body.Len())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	beginning := make([]byte, 3<<20)
	if _, err := io.ReadFull(z, beginning); err != nil || !strings.HasPrefix(string(beginning), "<p>startmore more ") ||
		strings.Trim(string(beginning[8:]), "more ") != "" {
		t.Errorf("it begins with %q (%v); want the start and the fill", beginning[:50], err)
	}
	n, err := io.Copy(io.Discard, z) // checks the sum and the length too
	if err != nil || n < 6<<20 {
		t.Errorf("%d more bytes, %v; want megabytes", n, err)
	}
}

func TestAnImageOfManyPixelsIsAPNG(t *testing.T) {
	w := httptest.NewRecorder()
	pixels(4096)(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
	config, kind, err := image.DecodeConfig(bytes.NewReader(w.Body.Bytes()))
	if err != nil || kind != "png" || config.Width*config.Height != 1<<24 || w.Body.Len() > 1<<20 {
		t.Errorf("%d bytes of %s, %d by %d, %v; want a small PNG of sixteen million pixels", w.Body.Len(), kind, config.Width, config.Height, err)
	}
	if _, _, err := image.Decode(w.Body); err != nil {
		t.Errorf("it cannot be decoded: %v", err)
	}
}
