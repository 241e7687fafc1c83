package practice

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

// drawn is a bitmap in a format of the standard library.
func drawn(t testing.TB, format string, width, height, frames int) string {
	t.Helper()
	m := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, m)
	case "jpeg":
		err = jpeg.Encode(&b, m, nil)
	case "gif":
		g := gif.GIF{}
		for range frames {
			g.Image, g.Delay = append(g.Image, m), append(g.Delay, 10)
		}
		err = gif.EncodeAll(&b, &g)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// webp is the beginning of a WebP file, with one chunk.
func webp(chunk string, data ...byte) string {
	return "RIFF\x00\x00\x00\x00WEBP" + chunk + "\x00\x00\x00\x00" + string(data) + strings.Repeat("\x00", 20)
}

// box is one of ISO base media files.
func box(name string, inside ...string) string {
	all := strings.Join(inside, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(len(all)+8))) + name + all
}

// avif is the beginning of an AVIF file with a picture and a thumbnail.
func avif(brand string, width, height uint32) string {
	ispe := func(w, h uint32) string {
		return box("ispe", "\x00\x00\x00\x00", string(binary.BigEndian.AppendUint32(nil, w)), string(binary.BigEndian.AppendUint32(nil, h)))
	}
	return box("ftyp", brand, "\x00\x00\x00\x00", "avifmif1") +
		box("meta", "\x00\x00\x00\x00", box("hdlr", "\x00\x00\x00\x00pict"), box("iprp", box("ipco", ispe(16, 16), box("pixi", "\x00"), ispe(width, height)))) + box("mdat", "x")
}

func TestAPictureSaysItsFormatAndItsSize(t *testing.T) {
	for _, tt := range []struct {
		body string
		want picture
	}{
		{drawn(t, "png", 30, 20, 1), picture{format: "png", width: 30, height: 20}},
		{drawn(t, "jpeg", 31, 21, 1), picture{format: "jpeg", width: 31, height: 21}},
		{drawn(t, "gif", 32, 22, 2), picture{format: "gif", width: 32, height: 22}},
		{webp("VP8 ", 0, 0, 0, 0x9d, 1, 0x2a, 0x2c, 0x41, 0xc8, 0), picture{format: "webp", width: 300, height: 200}}, // 0x4000: a scale
		{webp("VP8L", 0x2f, 0x2b, 0xc1, 0x31, 0), picture{format: "webp", width: 300, height: 200}},
		{webp("VP8X", 0x02, 0, 0, 0, 0x2b, 1, 0, 0xc7, 0, 0), picture{format: "webp", width: 300, height: 200, moving: true}},
		{avif("avif", 300, 200), picture{format: "avif", width: 300, height: 200}},
		{avif("avis", 300, 200), picture{format: "avif", width: 300, height: 200, moving: true}},
		{drawn(t, "png", 30, 20, 1)[:60], picture{format: "png", width: 30, height: 20}}, // the rest was not kept
	} {
		if got, ok := readPicture([]byte(tt.body)); !ok || got != tt.want {
			t.Errorf("%.12q: %+v, %t; want %+v", tt.body, got, ok, tt.want)
		}
	}
	for _, none := range []string{"", "GIF89a", "\xff\xd8\xff", "<svg/>", webp("VP8 ", 0, 0, 0, 1, 2, 3), webp("VP8X", 0, 0, 0, 0, 255, 255, 255, 255, 255, 255), avif("avif", 1<<31, 1<<31)[:60], box("ftyp", "mp42", "\x00\x00\x00\x00")} {
		if p, ok := readPicture([]byte(none)); ok {
			t.Errorf("%.20q is %+v", none, p)
		}
	}
}

func TestFramesAreCountedNotGuessedFromTheName(t *testing.T) {
	for frames := range 5 {
		if frames > 0 {
			if got := framesOf([]byte(drawn(t, "gif", 40, 30, frames))); got != frames {
				t.Errorf("%d frames; want %d", got, frames)
			}
		}
	}
	moving, still := drawn(t, "gif", 40, 30, 3), drawn(t, "gif", 40, 30, 1)
	s := seen("", at(web.Image, "logo.png", "image/png", moving), at(web.Image, "moving.gif", "image/gif", still))
	f := expect(t, animatedGIF(), s, Failed, 1)
	if f.Offenders[0].URL != "https://www.example.org/logo.png" || !strings.HasPrefix(f.Offenders[0].Detail, "gif × 3") {
		t.Errorf("%+v", f.Offenders)
	}
	expect(t, animatedGIF(), seen("", at(web.Image, "a.gif", "image/gif", still)), Passed, 0)
	expect(t, animatedGIF(), seen("", at(web.Image, "a.gif", "image/gif", "not found")), Nothing, 0)
}

// weighing is a picture whose beginning was kept and that has so many bytes.
func weighing(name, body string, size int64) web.Exchange {
	e := at(web.Image, name, "image/x", body)
	e.Decoded, e.Bytes = size, size+300
	return e
}

func TestABitmapMayWeighWhatItsPixelsAskFor(t *testing.T) {
	jpeg100k := drawn(t, "jpeg", 400, 250, 1) // pixels: 20 kB
	for _, tt := range []struct {
		what string
		e    web.Exchange
		want int64 // bytes to be saved
	}{
		{"jpeg at the limit", weighing("a", jpeg100k, 20_000), 0},
		{"a gain of 500 bytes", weighing("a", jpeg100k, 20_500), 0},
		{"jpeg above it", weighing("a", jpeg100k, 60_000), 40_000},
		{"png under 50 kB", weighing("a", drawn(t, "png", 10, 10, 1), 49_000), 0},
		{"png above", weighing("a", drawn(t, "png", 10, 10, 1), 60_000), 50_000},
		{"a dot of 10 kB", weighing("a", drawn(t, "jpeg", 1, 1, 1), 10_000), 0},
		{"webp may have less", weighing("a", webp("VP8 ", 0, 0, 0, 0x9d, 1, 0x2a, 0x90, 1, 0xfa, 0), 20_000), 5_000},
		{"avif may have least", weighing("a", avif("avif", 400, 250), 20_000), 10_000},
		{"more than 500 kB always", weighing("a", avif("avif", 10_000, 10_000), 600_000), 100_000},
	} {
		f := finds(t, bitmapOptimised(), seen("", tt.e))
		if f.Saves.Bytes != tt.want || (f.Status == Failed) != (tt.want > 0) {
			t.Errorf("%s: %+v; want %d", tt.what, f, tt.want)
		}
	}
	moving := weighing("a", drawn(t, "gif", 10, 10, 2), 900_000)
	expect(t, bitmapOptimised(), seen("", moving), Nothing, 0)
}

func TestAnOldFormatIsSaidWithoutAGain(t *testing.T) {
	old, fresh, small := weighing("a.png", drawn(t, "png", 10, 10, 1), 20_000), weighing("b.webp", avif("avif", 10, 10), 20_000), weighing("c.jpg", drawn(t, "jpeg", 10, 10, 1), 5_000)
	f := expect(t, oldImageFormats(), seen("", old, fresh, small), Failed, 1)
	if f.Saves != (Saving{}) || f.Offenders[0].URL != old.URL {
		t.Errorf("%+v", f)
	}
}

func TestFontsAreCountedByFileAndInStyleSheets(t *testing.T) {
	var fonts []web.Exchange
	for i, format := range []string{"wOF2", "wOFF", "\x00\x01\x00\x00"} {
		e := at(web.Font, fmt.Sprint("font", i), "font/x", format+strings.Repeat("body", 500))
		e.Bytes = int64(1000 * (i + 1))
		fonts = append(fonts, e)
	}
	expect(t, fontFiles(), seen("", fonts[0], fonts[1], fonts[1]), Passed, 2)
	if f := expect(t, fontFiles(), seen("", fonts...), Failed, 3); f.Saves != (Saving{Bytes: 1000, Requests: 1}) {
		t.Errorf("the lightest is the one to spare: %+v", f.Saves)
	}
	inner := "<style>@font-face { src: url(data:font/woff2;base64,AAAA) } @font-face { src: url('data:application/font-woff;base64,BBBB') } p { background: url(data:image/png;base64,CCCC) }</style>"
	f := expect(t, fontFiles(), seen(inner, fonts[0]), Failed, 3)
	if f.Saves.Bytes != 0 || f.Offenders[2].Where == "" {
		t.Errorf("%+v", f)
	}
	f = expect(t, fontFormat(), seen("", fonts...), Failed, 2)
	if f.Offenders[0].Detail != "ttf · 3.0 kB" || f.Saves.Bytes < 1500 || f.Saves.Bytes > 2004 {
		t.Errorf("%+v", f)
	}
	heavy := fonts[0]
	heavy.Bytes = 100_001
	if f := expect(t, heavyFonts(), seen("", heavy, fonts[1]), Failed, 1); f.Saves.Bytes != 1 {
		t.Errorf("%+v", f.Saves)
	}
}

func TestALibraryIsKnownByItsBanner(t *testing.T) {
	banners := []string{"/*! jQuery v3.7.1 | (c) x */", "/*!\n * jQuery JavaScript Library v1.12.4\n */", "/*!\n  * Bootstrap v5.3.3 (https://x)\n */", "/* @license\n*/ a", "/** @license React v16.0.0 */"}
	var all []web.Exchange
	for i, b := range banners {
		e := at(web.Script, fmt.Sprint(i, ".js"), "text/javascript", b)
		e.Bytes = int64(1000 - i)
		all = append(all, e)
	}
	f := expect(t, sameLibrary(), seen("", all...), Failed, 1)
	if f.Offenders[0].Detail != "jQuery 1.12.4 / jQuery 3.7.1" || f.Saves != (Saving{Bytes: 999, Requests: 1}) {
		t.Errorf("%+v", f)
	}
	expect(t, sameLibrary(), seen("", all[0], all[2], all[4]), Passed, 0)
	expect(t, sameLibrary(), seen("", all[3]), Nothing, 0)
}
