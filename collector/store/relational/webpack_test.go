package relational

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/flate"

	"veille/collector"
)

func TestATextComesBackFromItsBodyAndFromNoOther(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	var d deflater
	for range 200 {
		text := make([]byte, 1+random.IntN(1<<random.IntN(14)))
		for i := range text {
			text[i] = byte(random.IntN(16))
		}
		k := key{random.Int64(), random.Int64(), random.Int64()}
		body, err := d.pack(k, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := inflate(k, body); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("%d bytes came back as %d, %v", len(text), len(got), err)
		}
		if _, err := inflate(key{k.day, k.machine, k.place + 1}, body); !errors.Is(err, errDamaged) {
			t.Errorf("under another key: %v", err)
		}
		body[random.IntN(len(body))] ^= 1 << random.IntN(8)
		if _, err := inflate(k, body); !errors.Is(err, errDamaged) {
			t.Errorf("with another bit: %v", err)
		}
	}
}

func TestNoTextTakesNoBodyAndATooLongOneIsRefused(t *testing.T) {
	var d deflater
	if body, err := d.pack(key{}, nil); body != nil || err != nil {
		t.Errorf("%x, %v", body, err)
	}
	if text, err := inflate(key{}, nil); text != nil || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if body, err := d.pack(key{}, make([]byte, maxText)); err != nil {
		t.Error(err)
	} else if text, err := inflate(key{}, body); err != nil || len(text) != maxText {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	if _, err := d.pack(key{}, make([]byte, maxText+1)); err == nil {
		t.Error("more than is ever read was packed")
	}
}

// sealed is a body whose sum is right, whatever is in it.
func sealed(k key, body []byte) []byte {
	return binary.BigEndian.AppendUint32(bytes.Clone(body), k.checksum(body))
}

func TestABodyThatGrowsWithoutEndIsReadNoFurtherThanMaxText(t *testing.T) {
	var b bytes.Buffer
	b.WriteByte(webPacking)
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 5 {
		if _, err := w.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := inflate(key{}, sealed(key{}, b.Bytes())); !errors.Is(err, errDamaged) {
		t.Errorf("%v", err)
	}
	if _, err := inflate(key{}, sealed(key{}, []byte{webPacking + 1, 0})); err == nil || !strings.Contains(err.Error(), "newer program") {
		t.Errorf("of a newer program: %v", err)
	}
}

func FuzzInflate(f *testing.F) {
	var d deflater
	r := collector.WebRun{Website: 1, At: time.Unix(1, 0), Notes: []string{"a"}}
	body, err := d.packRun(r)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body[:len(body)-4])
	f.Add([]byte{webPacking})
	f.Fuzz(func(t *testing.T, body []byte) {
		k := runKey(1, time.Unix(1, 0))
		text, err := inflate(k, sealed(k, body))
		if len(text) > maxText || err != nil && text != nil {
			t.Errorf("%d bytes, %v", len(text), err)
		}
		_ = unpackRun(&collector.WebRun{Website: 1, At: time.Unix(1, 0)}, sealed(k, body))
	})
}
