package hostile

import (
	"bytes"
	"compress/flate"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
)

// press compresses text that repeats itself at the cost of a megabyte of it: after the first megabyte each is
// compressed to the same bytes.
type press struct {
	b bytes.Buffer
	z *flate.Writer
}

func newPress() *press {
	p := &press{}
	p.z, _ = flate.NewWriter(&p.b, flate.BestCompression) // it fails for unknown levels only
	return p
}

// section is text compressed, to be written after the section before.
func (p *press) section(text []byte) []byte {
	p.b.Reset()
	_, _ = p.z.Write(text)
	_ = p.z.Flush()
	return bytes.Clone(p.b.Bytes())
}

// end is what closes the compressed text.
func (p *press) end() []byte {
	p.b.Reset()
	_ = p.z.Close()
	return bytes.Clone(p.b.Bytes())
}

// bomb answers with gzip that decompresses to start, then to megabytes of fill.
func bomb(kind, start, fill string, megabytes int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Encoding", "gzip")
		megabyte := []byte(strings.Repeat(fill, (1<<20)/len(fill)))
		p := newPress()
		_, _ = io.WriteString(w, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
		_, _ = w.Write(p.section([]byte(start)))
		_, _ = w.Write(p.section(megabyte))
		sum := crc32.Update(crc32.ChecksumIEEE([]byte(start)), crc32.IEEETable, megabyte)
		length := len(start) + len(megabyte)
		again := p.section(megabyte)
		for range megabytes - 1 {
			if _, err := w.Write(again); err != nil || r.Context().Err() != nil {
				return
			}
			sum = crc32.Update(sum, crc32.IEEETable, megabyte)
			length += len(megabyte)
		}
		_, _ = w.Write(p.end())
		_, _ = w.Write(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, sum), uint32(length)))
	}
}

// pixels answers with a black PNG, a square of one bit per pixel and of at least a megabyte of them.
func pixels(side int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		length := side * (1 + side/8) // each line begins with a byte that says how it is filtered
		p := newPress()
		data := append([]byte{0x78, 0xda}, p.section(make([]byte, length%(1<<20)))...)
		data = append(data, p.section(make([]byte, 1<<20))...)
		again := p.section(make([]byte, 1<<20))
		for range length>>20 - 1 {
			data = append(data, again...)
		}
		data = append(data, p.end()...)
		data = binary.BigEndian.AppendUint32(data, uint32(length)%65521<<16|1) // the Adler-32 of zeros
		size := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(side)), uint32(side))
		text := "\x89PNG\r\n\x1a\n" + chunk("IHDR", append(size, 1, 0, 0, 0, 0)) + chunk("IDAT", data) + chunk("IEND", nil)
		body("image/png", text)(w, r)
	}
}

// chunk is a part of a PNG file.
func chunk(kind string, data []byte) string {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), kind...)
	b = append(b, data...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:])))
}

// websocket accepts a WebSocket (RFC 6455) and sends the same frame for ever.
func websocket(frame string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key := sha1.Sum([]byte(r.Header.Get("Sec-Websocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
		accept := base64.StdEncoding.EncodeToString(key[:])
		raw(func(c *conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+accept+"\r\n\r\n")
			pour(c.host.ctx, c, strings.Repeat(frame, 16))
		})(w, r)
	}
}
