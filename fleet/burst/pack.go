package burst

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"sync"

	"github.com/klauspost/compress/gzip" // half the time of the standard library's, at the same level
)

// packers pack bodies. A compressor has almost a megabyte of tables: there are as many as work at once, not one per connection.
type packers struct {
	how  Pack
	pool sync.Pool // of *compressor
}

type compressor struct {
	z   *gzip.Writer
	out bytes.Buffer
}

// append writes the packed body after b.
func (p *packers) append(b, body []byte) ([]byte, error) {
	switch p.how {
	case Plain:
		return append(b, body...), nil
	case Stored:
		return appendStored(b, body), nil
	}
	c, _ := p.pool.Get().(*compressor)
	if c == nil {
		z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			return nil, err
		}
		c = &compressor{z: z}
	}
	defer p.pool.Put(c)
	c.out.Reset()
	c.z.Reset(&c.out)
	if _, err := c.z.Write(body); err != nil {
		return nil, fmt.Errorf("pack the records: %w", err)
	}
	if err := c.z.Close(); err != nil {
		return nil, fmt.Errorf("pack the records: %w", err)
	}
	return append(b, c.out.Bytes()...), nil
}

// encoding is the header that says how it was packed.
func (p *packers) encoding() string {
	if p.how == Plain {
		return ""
	}
	return "Content-Encoding: gzip\r\n"
}

// block is how many bytes a stored block holds (RFC 1951 §3.2.4).
const block = 1<<16 - 1

// appendStored writes body as gzip (RFC 1952) of stored blocks.
func appendStored(b, body []byte) []byte {
	b = append(b, 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255) // deflate, no flags, no time, no system
	for rest := body; ; {
		n := min(len(rest), block)
		final := byte(0)
		if n == len(rest) {
			final = 1
		}
		b = append(b, final)
		b = binary.LittleEndian.AppendUint16(b, uint16(n))
		b = binary.LittleEndian.AppendUint16(b, ^uint16(n))
		b = append(b, rest[:n]...)
		if rest = rest[n:]; final == 1 {
			break
		}
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
	return binary.LittleEndian.AppendUint32(b, uint32(len(body)))
}
