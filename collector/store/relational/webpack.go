package relational

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"github.com/klauspost/compress/flate"

	"veille/collector"
)

// What is kept of websites in JSON is compressed: a version, DEFLATE, and a CRC-32C of its key and itself as bodies of days have it. Nothing is
// inflated whose sum is wrong, and nothing beyond maxText.

// webPacking is the version of such bodies that this program writes.
const webPacking = 1

// maxText is how many bytes one JSON may have before it is compressed. The audit of a large site has some tens of thousands.
const maxText = 4 << 20

// runKey is what the bodies of a run are summed up with.
func runKey(website int64, at time.Time) key { return key{day: at.Unix(), machine: website} }

// pageKey is what the audit of a page is summed up with.
func pageKey(website int64, url string) key {
	return key{machine: website, place: int64(crc32.ChecksumIEEE([]byte(url)))}
}

// deflater packs texts, one after another, in the same memory.
type deflater struct {
	buffer bytes.Buffer
	writer *flate.Writer
}

// pack is a text as it is kept; nil for none.
func (d *deflater) pack(k key, text []byte) ([]byte, error) {
	if len(text) == 0 {
		return nil, nil
	}
	if len(text) > maxText {
		return nil, fmt.Errorf("it has %d bytes, and %d at most are kept", len(text), maxText)
	}
	d.buffer.Reset()
	d.buffer.WriteByte(webPacking)
	if d.writer == nil {
		w, err := flate.NewWriter(&d.buffer, flate.DefaultCompression)
		if err != nil {
			return nil, err
		}
		d.writer = w
	} else {
		d.writer.Reset(&d.buffer)
	}
	if _, err := d.writer.Write(text); err != nil {
		return nil, err
	}
	if err := d.writer.Close(); err != nil {
		return nil, err
	}
	body := bytes.Clone(d.buffer.Bytes())
	return binary.BigEndian.AppendUint32(body, k.checksum(body)), nil
}

// inflate is the text of a body; nil for none.
func inflate(k key, body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	n := len(body) - 4
	if n < 2 || binary.BigEndian.Uint32(body[n:]) != k.checksum(body[:n]) {
		return nil, errDamaged
	}
	if body[0] != webPacking {
		return nil, fmt.Errorf("it is packed by version %d, this program knows %d: use the newer program", body[0], webPacking)
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(body[1:n])), maxText+1))
	if err != nil || len(text) > maxText {
		return nil, errDamaged
	}
	return text, nil
}

// runBody is what is kept of a run in JSON.
type runBody struct {
	Pages     int                            `json:"pages"`
	Measured  int                            `json:"measured"`
	Failed    int                            `json:"failed"`
	Unchanged int                            `json:"unchanged"`
	Mean      collector.WebFigure            `json:"mean"`
	Median    collector.WebFigure            `json:"median"`
	Grades    map[string]collector.WebFigure `json:"grades"`
	SizeKB    float64                        `json:"size_kb"`
	Templates []collector.WebTemplate        `json:"templates"`
	Notes     []string                       `json:"notes"`
}

// packRun is the figures of a run as they are kept.
func (d *deflater) packRun(r collector.WebRun) ([]byte, error) {
	text, err := json.Marshal(runBody{r.Pages, r.Measured, r.Failed, r.Unchanged, r.Mean, r.Median, r.Grades, r.SizeKB, r.Templates, r.Notes})
	if err != nil {
		return nil, err
	}
	return d.pack(runKey(r.Website, r.At), text)
}

// unpackRun brings the figures of a body into the run.
func unpackRun(r *collector.WebRun, body []byte) error {
	text, err := inflate(runKey(r.Website, r.At), body)
	if err != nil {
		return err
	}
	var b runBody
	if err := json.Unmarshal(text, &b); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	r.Pages, r.Measured, r.Failed, r.Unchanged, r.Mean, r.Median = b.Pages, b.Measured, b.Failed, b.Unchanged, b.Mean, b.Median
	r.Grades, r.SizeKB, r.Templates, r.Notes = b.Grades, b.SizeKB, b.Templates, b.Notes
	return nil
}
