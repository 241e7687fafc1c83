package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// NewerVersionError says that a message was written by a newer program than this one.
type NewerVersionError struct {
	Version int // the version the message claims
}

// Error names both versions.
func (e NewerVersionError) Error() string {
	return fmt.Sprintf("the message has version %d, this program understands up to %d: upgrade the collector", e.Version, Version)
}

// DecodeBatch reads one batch, as JSON, to its end. It answers a NewerVersionError for a batch of a later version. It checks
// the shape only: each record is still to be validated, so that one bad record does not cost the others.
func DecodeBatch(r io.Reader) (Batch, error) {
	var b Batch
	if err := decode(r, &b); err != nil {
		return Batch{}, err
	}
	if err := b.Check(); err != nil {
		return Batch{}, err
	}
	return b, nil
}

// Check says why a batch that was read cannot be taken whole, or nothing: a NewerVersionError for one of a later version. Its records
// are still to be validated.
func (b Batch) Check() error {
	if err := known(b.Version); err != nil {
		return err
	}
	if len(b.Records) == 0 || len(b.Records) > MaxRecords {
		return fmt.Errorf("the batch has %d records; send 1 to %d", len(b.Records), MaxRecords)
	}
	return nil
}

// DecodeEnrolment reads and validates one enrolment.
func DecodeEnrolment(r io.Reader) (Enrolment, error) {
	var e Enrolment
	if err := decode(r, &e); err != nil {
		return Enrolment{}, err
	}
	if err := known(e.Version); err != nil {
		return Enrolment{}, err
	}
	return e, e.Validate()
}

func known(version int) error {
	switch {
	case version > Version:
		return NewerVersionError{version}
	case version < 1:
		return fmt.Errorf("the message has version %d; versions start at 1", version)
	}
	return nil
}

// decode accepts unknown fields: they come from a later minor version, which only adds.
func decode(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	if err := d.Decode(into); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			return fmt.Errorf("the message is truncated: %w", io.ErrUnexpectedEOF)
		}
		return fmt.Errorf("the message is not the JSON expected: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("a second value follows the first")
		}
		return fmt.Errorf("the message does not end where it should: %w", err)
	}
	return nil
}
