package spool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
)

// sumBytes is the length of what seal adds.
const sumBytes = len("\n00000000\n")

// Damage is a file that does not hold the record it should.
type Damage struct {
	Key    string // of the record that is lost
	Reason string // what was wrong with its file
}

// seal is the content of a record's file: the record, then on a line of its own the CRC-32C of the record's bytes, in hex.
func seal(body []byte) []byte {
	sum := crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))
	return fmt.Appendf(slices.Clip(body), "\n%08x\n", sum)
}

// unseal is the record in a file, or why it cannot be had. The file of an older agent has no checksum: it is taken at its
// word if it is JSON.
func unseal(text []byte) ([]byte, error) {
	n := len(text) - sumBytes
	sealed := n >= 0 && bytes.Equal(text, seal(text[:n]))
	if sealed {
		text = text[:n]
	}
	switch whole := json.Valid(text); {
	case whole && sealed:
		return text, nil
	case whole:
		return bytes.TrimSuffix(text, []byte("\n")), nil
	case sealed:
		return nil, errors.New("the file is damaged: it is not JSON")
	}
	return nil, errors.New("the file is damaged: its checksum is missing or does not fit, and it is not JSON")
}
