package collector

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

// MaxFrozen is how many bytes the JSON of a snapshot or a baseline may have.
const MaxFrozen = 16 << 20

// longestReport is how many months a report may be of.
const longestReport = 36

// Validate says why t is no template, or nothing. It does not read its YAML: collector/label does.
func (t Template) Validate() error {
	switch {
	case !isTemplate().MatchString(t.ID):
		return fmt.Errorf("template %.60q is not named like lnr-2022", t.ID)
	case t.Text == "":
		return errors.New("the text of the template is missing")
	}
	return errors.Join(line("the version", t.Version, false), paragraphs("the text of the template", t.Text, MaxTemplate, "\t\r\n"), possibleDate(t.AddedOn))
}

func isTemplate() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`) }

// Validate says why s is no snapshot that may be kept, or nothing. Whether its hash is that of its JSON is for collector/report to say.
func (s Snapshot) Validate() error {
	if !isTemplate().MatchString(s.Template) {
		return fmt.Errorf("template %.60q is not named like lnr-2022", s.Template)
	}
	if err := inMonths(s.From, s.To); err != nil {
		return err
	}
	switch {
	case s.From.Plus(longestReport) <= s.To:
		return fmt.Errorf("from %s to %s are more than %d months", s.From, s.To, longestReport)
	case !isHash().MatchString(s.SHA256):
		return fmt.Errorf("the SHA-256 %.80q is not 64 digits from 0 to 9 and a to f", s.SHA256)
	case !bytes.Contains(s.JSON, []byte(s.SHA256)):
		return errors.New("the report does not have its own SHA-256 in it")
	}
	return errors.Join(possibleDate(s.MadeOn), line("the method", s.Method, false), validJSON(s.JSON))
}

// Validate says why b is no baseline that may be kept, or nothing.
func (b Baseline) Validate() error {
	if err := errors.Join(possibleDate(b.KeptOn), validJSON(b.JSON)); err != nil {
		return err
	}
	if sum := sha256.Sum256(b.JSON); b.SHA256 != hex.EncodeToString(sum[:]) {
		return fmt.Errorf("the SHA-256 %.80q is not that of the baseline, which was changed or cut short", b.SHA256)
	}
	return nil
}

// validJSON says why a text is no JSON that may be kept, or nothing.
func validJSON(text []byte) error {
	switch {
	case len(text) > MaxFrozen:
		return fmt.Errorf("it has %d bytes, and may have %d", len(text), MaxFrozen)
	case !json.Valid(text):
		return errors.New("it is not JSON")
	}
	return nil
}
