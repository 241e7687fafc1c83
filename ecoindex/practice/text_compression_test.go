package practice

import (
	"strings"
	"testing"
)

func TestTextsAreCompressedByAnyEncoding(t *testing.T) {
	long := strings.Repeat("a sentence that comes again. ", 100)
	for _, encoding := range []string{"gzip", "br", "zstd", "GZIP", "identity, zstd"} {
		f := finds(t, textCompression(), seen("", sent("https://www.example.org/s.css", "text/css", long, "Content-Encoding: "+encoding)))
		if f.Status != Passed {
			t.Errorf("%s: %+v", encoding, f)
		}
	}
	f := finds(t, textCompression(), seen("", sent("https://www.example.org/s.css", "text/css", long), sent("https://www.example.org/t.svg", "image/svg+xml", long[:2000])))
	if f.Status != Failed || f.Measured != 2 || f.Offenders[0].URL != "https://www.example.org/s.css" || f.Saves.Bytes < 4000 || f.Saves.Bytes > int64(len(long))+2000 {
		t.Errorf("%+v", f)
	}
	short := sent("https://www.example.org/s.css", "text/css", "p{}")
	image := sent("https://www.example.org/i.webp", "image/webp", long)
	if f := finds(t, textCompression(), seen("", short, image)); f.Status != Nothing {
		t.Errorf("a short text and a picture: %+v", f)
	}
}
