package browsertest

import (
	"encoding/binary"
	"hash/crc32"
)

// png is a grey picture of 8 by 8 pixels, made as long as asked by a private chunk that decoders skip. The shortest
// has 84 bytes.
func png(length int) []byte {
	// IHDR: width, height, one bit a pixel, greyscale, deflate, no filter, no interlace.
	header := []byte{0, 0, 0, 8, 0, 0, 0, 8, 1, 0, 0, 0, 0}
	// IDAT: zlib header, one stored block of 16 bytes (8 lines: filter 0, 8 pixels), Adler-32 of them.
	pixels := append([]byte{0x78, 0x01, 0x01, 16, 0, 0xef, 0xff}, make([]byte, 16)...)
	pixels = append(pixels, 0, 16, 0, 1)
	const signature, frame = 8, 12 // a chunk is its length, its name, its data and its CRC
	least := signature + 3*frame + len(header) + len(pixels)
	b := chunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", header)
	if more := length - least - frame; more >= 0 {
		b = chunk(b, "paDd", make([]byte, more))
	}
	return chunk(chunk(b, "IDAT", pixels), "IEND", nil)
}

// chunk appends a chunk of a PNG file.
func chunk(b []byte, name string, data []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	named := append([]byte(name), data...)
	return binary.BigEndian.AppendUint32(append(b, named...), crc32.ChecksumIEEE(named))
}

// wav is silence: 8 bits a sample, one channel, 8,000 samples a second. The header is 44 bytes of the length.
func wav(length int) []byte {
	const header, rate = 44, 8000
	samples := max(0, length-header)
	b := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(header-8+samples))...)
	b = append(b, "WAVEfmt "...)
	for _, field := range []struct{ bytes, value uint32 }{{4, 16}, {2, 1}, {2, 1}, {4, rate}, {4, rate}, {2, 1}, {2, 8}} {
		b = append(b, binary.LittleEndian.AppendUint32(nil, field.value)[:field.bytes]...)
	}
	b = append(append(b, "data"...), binary.LittleEndian.AppendUint32(nil, uint32(samples))...)
	for range samples {
		b = append(b, 0x80)
	}
	return b
}
