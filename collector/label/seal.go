package label

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	strict "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// sealedBy is the field that has the hash.
const sealedBy = "sha256"

// MaxSealed is how many bytes a sealed report may have.
const MaxSealed = 64 << 20

// Seal is the report with its SHA256, and its canonical JSON (RFC 8785). The hash is that of the canonical JSON without its field sha256.
//
// What JSON cannot keep is an error: a figure that is no number, a whole number beyond 2^53, text that is not UTF-8.
func Seal(r Report) (Report, []byte, error) {
	r.SHA256 = ""
	bare, err := canonical(r)
	if err != nil {
		return Report{}, nil, fmt.Errorf("seal the report %s of %s: %w", r.Template, r.Organisation, err)
	}
	r.SHA256 = hashOf(bare)
	whole, err := canonical(r)
	if err != nil {
		return Report{}, nil, fmt.Errorf("seal the report %s of %s: %w", r.Template, r.Organisation, err)
	}
	again, err := Open(whole)
	if err != nil {
		return Report{}, nil, fmt.Errorf("seal the report %s of %s, and read it again: %w", r.Template, r.Organisation, err)
	}
	if !reflect.DeepEqual(r, again) {
		return Report{}, nil, fmt.Errorf("seal the report %s of %s: JSON does not keep all of it: a whole number is beyond 2^53, or a text is not UTF-8", r.Template, r.Organisation)
	}
	return r, whole, nil
}

// canonical is a report as canonical JSON. Lists that are nil are null, so that they come back as they were.
func canonical(r Report) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	v := jsontext.Value(text)
	if err := v.Canonicalize(); err != nil {
		return nil, err
	}
	return v, nil
}

// hashOf is the SHA-256 of bytes, in hexadecimal digits.
func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Open reads the JSON of a sealed report, in whatever order and with whatever spaces. A hash that is missing or wrong, and a field that it
// does not know, are a TamperedError. What is no JSON, has a name twice or goes on behind its end is another error.
func Open(sealed []byte) (Report, error) {
	if len(sealed) > MaxSealed {
		return Report{}, fmt.Errorf("read the report: its %d bytes are more than the %d that a report may have", len(sealed), MaxSealed)
	}
	text := jsontext.Value(bytes.Clone(sealed))
	if err := text.Canonicalize(); err != nil {
		return Report{}, fmt.Errorf("read the report: it is not the JSON of a report, or not all of it: %w", err)
	}
	var fields map[string]jsontext.Value
	if err := strict.Unmarshal(text, &fields); err != nil || fields == nil {
		return Report{}, fmt.Errorf("read the report: it is not the JSON of a report: %w", orNull(err))
	}
	var says string
	if err := strict.Unmarshal(fields[sealedBy], &says); err != nil {
		says = ""
	}
	delete(fields, sealedBy)
	bare, err := strict.Marshal(fields, strict.Deterministic(true))
	if err != nil {
		return Report{}, fmt.Errorf("read the report: %w", err)
	}
	v := jsontext.Value(bare)
	if err := v.Canonicalize(); err != nil {
		return Report{}, fmt.Errorf("read the report: %w", err)
	}
	is := hashOf(v)
	if says != is {
		return Report{}, TamperedError{Says: says, Is: is}
	}
	var r Report
	if err := strict.Unmarshal(text, &r, strict.RejectUnknownMembers(true)); err != nil {
		return Report{}, TamperedError{Says: says, Is: is, Why: err.Error()}
	}
	return r, nil
}

// orNull is an error, or that there is no object where there is none.
func orNull(err error) error {
	if err != nil {
		return err
	}
	return errors.New("it is null")
}

// TamperedError says that a report is not what was sealed.
type TamperedError struct {
	Says, Is string // the hash that it says, "" for none, and the one that it has
	Why      string // of a report whose hash is right: what in it is none of a report
}

// Error tells both hashes.
func (e TamperedError) Error() string {
	switch {
	case e.Why != "":
		return fmt.Sprintf("the report has its hash %s, and is none that this version knows: %s; a newer version may have made it", e.Is, e.Why)
	case e.Says == "":
		return fmt.Sprintf("the report has no hash, and was never sealed or was changed since: what it says has the hash %s", e.Is)
	default:
		return fmt.Sprintf("the report was changed after it was sealed: it says the hash %.64q, and what it says has %s", e.Says, e.Is)
	}
}
