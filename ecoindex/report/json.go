package report

import (
	"encoding/json"
	"fmt"
	"io"

	"veille/ecoindex"
)

// JSON writes one object per page, on one line.
type JSON struct {
	encoder *json.Encoder
	options Options
}

// NewJSON makes a writer of JSON. Keys that a program relies on come first, in an order that stays.
func NewJSON(w io.Writer, o Options) *JSON {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // addresses keep their "&"
	return &JSON{encoder, o}
}

// Write writes the line of one page.
func (j *JSON) Write(p Page) error {
	if err := j.encoder.Encode(figuresOf(p, j.options)); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// WriteScore writes the line of a measure that was taken elsewhere.
func (j *JSON) WriteScore(m ecoindex.Measure, r ecoindex.Result) error {
	if err := j.encoder.Encode(scoredOf(m, r, j.options)); err != nil {
		return fmt.Errorf("write the score: %w", err)
	}
	return nil
}

// Close has nothing to add.
func (j *JSON) Close() error { return nil }
