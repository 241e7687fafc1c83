package practice

import (
	"bytes"
	"encoding/binary"
	"image/gif"
	"image/jpeg"
	"image/png"
)

// picture is what the beginning of a bitmap says of it.
type picture struct {
	format        string // "png", "jpeg", "gif", "webp" or "avif"
	width, height int    // pixels, 1 to maxSide
	moving        bool   // it has more than one frame, as far as the format says it at its beginning; never for gif
}

// maxSide bounds the sides of a picture, in pixels; JPEG and WebP end at 65,535 and 16,384.
const maxSide = 100_000

// pixels is the area of a picture.
func (p picture) pixels() int64 { return int64(p.width) * int64(p.height) }

// readPicture reads the beginning of a bitmap, by what is in it, whatever its name and its type say; ok is false where it is none of the
// formats, or cannot be read.
func readPicture(body []byte) (p picture, ok bool) {
	switch {
	case bytes.HasPrefix(body, []byte("\x89PNG\r\n\x1a\n")):
		c, err := png.DecodeConfig(bytes.NewReader(body))
		if err != nil {
			return picture{}, false
		}
		p = picture{format: "png", width: c.Width, height: c.Height, moving: bytes.Contains(body[:min(len(body), 200)], []byte("acTL"))}
	case bytes.HasPrefix(body, []byte("\xff\xd8\xff")):
		c, err := jpeg.DecodeConfig(bytes.NewReader(body))
		if err != nil {
			return picture{}, false
		}
		p = picture{format: "jpeg", width: c.Width, height: c.Height}
	case bytes.HasPrefix(body, []byte("GIF8")):
		c, err := gif.DecodeConfig(bytes.NewReader(body))
		if err != nil {
			return picture{}, false
		}
		p = picture{format: "gif", width: c.Width, height: c.Height}
	case len(body) >= 30 && bytes.HasPrefix(body, []byte("RIFF")) && string(body[8:12]) == "WEBP":
		p = readWebP(body)
	case len(body) >= 16 && string(body[4:8]) == "ftyp":
		p = readAVIF(body)
	}
	return p, p.format != "" && p.width > 0 && p.height > 0 && p.width <= maxSide && p.height <= maxSide
}

// readWebP reads the first chunk of a WebP file of 30 bytes and more, by RFC 9649 §2: VP8 (lossy), VP8L (lossless) or VP8X (extended).
func readWebP(body []byte) picture {
	p := picture{format: "webp"}
	switch data := body[20:]; string(body[12:16]) {
	case "VP8 ":
		if string(data[3:6]) == "\x9d\x01\x2a" {
			p.width, p.height = int(binary.LittleEndian.Uint16(data[6:])&0x3fff), int(binary.LittleEndian.Uint16(data[8:])&0x3fff)
		}
	case "VP8L":
		if data[0] == 0x2f {
			bits := binary.LittleEndian.Uint32(data[1:])
			p.width, p.height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
		}
	case "VP8X":
		p.moving = data[0]&0x02 != 0
		p.width, p.height = little24(data[4:])+1, little24(data[7:])+1
	}
	return p
}

func little24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// maxBoxes bounds the boxes that are looked at in an AVIF file: a picture has about forty.
const maxBoxes = 1000

// readAVIF reads the boxes of an AVIF file (ISO/IEC 23008-12:2022 §6.5.3): the largest "ispe", since the smaller ones are those of tiles
// and thumbnails.
func readAVIF(body []byte) picture {
	ftyp, rest, ok := cutBox(body)
	if !ok || !bytes.Contains(ftyp, []byte("avif")) && !bytes.Contains(ftyp, []byte("avis")) {
		return picture{}
	}
	p := picture{format: "avif", moving: bytes.HasPrefix(ftyp, []byte("ftypavis"))}
	for range maxBoxes {
		var box []byte
		if box, rest, ok = cutBox(rest); !ok {
			break
		}
		switch string(box[:4]) {
		case "meta": // a version and flags come before what is inside
			if len(box) >= 8 {
				rest = box[8:]
			}
		case "iprp", "ipco":
			rest = box[4:]
		case "ispe":
			if len(box) < 16 {
				continue
			}
			w, h := int64(binary.BigEndian.Uint32(box[8:])), int64(binary.BigEndian.Uint32(box[12:]))
			if w <= maxSide && h <= maxSide && w*h > p.pixels() {
				p.width, p.height = int(w), int(h)
			}
		}
	}
	return p
}

// cutBox cuts the first box off a text: from its name of four letters to its end, or to where the text was cut short.
func cutBox(text []byte) (box, rest []byte, ok bool) {
	if len(text) < 8 {
		return nil, nil, false
	}
	size := uint64(binary.BigEndian.Uint32(text))
	if size == 0 { // to the end of the file
		size = uint64(len(text))
	}
	if size < 8 { // 1 is said of boxes longer than 4 GB, which no picture of a page has
		return nil, nil, false
	}
	size = min(size, uint64(len(text)))
	return text[4:size], text[size:], true
}

// framesOf counts the frames of a GIF, as far as it was kept; 0 where it is none.
func framesOf(body []byte) int {
	if len(body) < 13 || !bytes.HasPrefix(body, []byte("GIF8")) {
		return 0
	}
	rest := skip(body, 13+colours(body[10]))
	frames := 0
	for len(rest) > 1 {
		switch rest[0] {
		case 0x21: // an extension: its kind, then blocks
			rest = skipBlocks(skip(rest, 2))
		case 0x2c: // a frame: its place, perhaps its colours, the size of codes, then blocks
			frames++
			if len(rest) < 11 {
				return frames
			}
			rest = skipBlocks(skip(rest, 10+colours(rest[9])+1))
		default: // the end
			return frames
		}
	}
	return frames
}

// colours is the length of the table of colours that follows, by the flags before it.
func colours(flags byte) int {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// skip is a text without its first n bytes.
func skip(text []byte, n int) []byte { return text[min(n, len(text)):] }

// skipBlocks is a text without the blocks at its beginning, each of which has its length before it, up to one of 0.
func skipBlocks(text []byte) []byte {
	for len(text) > 0 {
		n := int(text[0])
		text = skip(text, n+1)
		if n == 0 {
			break
		}
	}
	return text
}
