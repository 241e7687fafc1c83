package browser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"

	"veille/ecoindex/web"
)

// maxJourney is the largest file, in bytes, and the most steps.
const (
	maxJourney = 1 << 20
	maxSteps   = 1000
)

// ParseJourney reads a journey as a person writes it, in YAML:
//
//	name: ask for an appointment
//	url: https://www.example.org/
//	steps:
//	  - consent: "#accept"          # measured before and after
//	  - type: {into: "#q", text: lycée}
//	  - click: "button[type=submit]"
//	  - wait: ".results"            # a selector, or a time such as 2s
//	  - scroll: bottom
//	  - measure: results
//
// A field whose text must not be in a file names a variable of the environment instead, which lookup answers:
// type: {into: "#password", variable: PASSWORD}. Every error says the line.
func ParseJourney(data []byte, lookup func(string) (string, bool)) (Journey, error) {
	if len(data) > maxJourney {
		return Journey{}, fmt.Errorf("read the journey: it is larger than %d bytes", maxJourney)
	}
	var file struct {
		Name  string      `yaml:"name"`
		URL   string      `yaml:"url"`
		Steps []yaml.Node `yaml:"steps"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); errors.Is(err, io.EOF) {
		return Journey{}, errors.New("read the journey: it is empty; give a url and steps")
	} else if err != nil {
		return Journey{}, fmt.Errorf("read the journey: %w", err)
	}
	if _, err := web.ParseAddress(file.URL); err != nil {
		return Journey{}, fmt.Errorf("read the journey: url: %w", err)
	}
	if len(file.Steps) == 0 || len(file.Steps) > maxSteps {
		return Journey{}, fmt.Errorf("read the journey: it has %d steps; give 1 to %d", len(file.Steps), maxSteps)
	}
	j := Journey{Name: file.Name, URL: file.URL}
	measured := false
	for _, node := range file.Steps {
		step, err := parseStep(&node, lookup)
		if err != nil {
			return Journey{}, fmt.Errorf("read the journey: line %d: %w", node.Line, err)
		}
		measured = measured || step.Measure != "" || step.Consent != ""
		j.Steps = append(j.Steps, step)
	}
	if !measured {
		return Journey{}, errors.New("read the journey: nothing is measured; add a step such as measure: results")
	}
	return j, nil
}

// stepFile is a step as it is written.
type stepFile struct {
	Open    *string     `yaml:"open"`
	Click   *string     `yaml:"click"`
	Type    *typingFile `yaml:"type"`
	Wait    *string     `yaml:"wait"`
	Scroll  *string     `yaml:"scroll"`
	Measure *string     `yaml:"measure"`
	Consent *string     `yaml:"consent"`
}

type typingFile struct {
	Into     string  `yaml:"into"`
	Text     *string `yaml:"text"`
	Variable string  `yaml:"variable"`
}

const stepKinds = "open, click, type, wait, scroll, measure, consent"

func parseStep(node *yaml.Node, lookup func(string) (string, bool)) (Step, error) {
	if node.Kind != yaml.MappingNode || len(node.Content) != 2 {
		return Step{}, errors.New("a step is one of " + stepKinds + ", with what it is to act on")
	}
	raw, err := yaml.Marshal(node)
	if err != nil {
		return Step{}, fmt.Errorf("%w", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	var file stepFile
	if err := decoder.Decode(&file); err != nil {
		return Step{}, fmt.Errorf("%q is not a step that can be read; give one of %s", node.Content[0].Value, stepKinds)
	}
	return file.step(lookup)
}

func (f stepFile) step(lookup func(string) (string, bool)) (Step, error) {
	var s Step
	for _, field := range []struct {
		given *string
		to    *string
	}{{f.Open, &s.Open}, {f.Click, &s.Click}, {f.Wait, &s.Await}, {f.Scroll, &s.Scroll}, {f.Measure, &s.Measure}, {f.Consent, &s.Consent}} {
		if field.given == nil {
			continue
		}
		if *field.given == "" {
			return Step{}, errors.New("the step says nothing to act on")
		}
		*field.to = *field.given
	}
	if d, err := time.ParseDuration(s.Await); err == nil {
		if d <= 0 || d > time.Minute {
			return Step{}, fmt.Errorf("a wait of %v is not possible; give up to 1m", d)
		}
		s.Wait, s.Await = d, ""
	}
	if s.Open != "" {
		if _, err := web.ParseAddress(s.Open); err != nil {
			return Step{}, fmt.Errorf("open: %w", err)
		}
	}
	if f.Type == nil {
		if s == (Step{}) {
			return Step{}, errors.New("the step says nothing to act on")
		}
		return s, nil
	}
	typing, err := f.Type.typing(lookup)
	s.Type = &typing
	return s, err
}

func (f typingFile) typing(lookup func(string) (string, bool)) (Typing, error) {
	switch {
	case f.Into == "":
		return Typing{}, errors.New("type: into is missing; give the selector of a field")
	case (f.Text == nil) == (f.Variable == ""):
		return Typing{}, errors.New("type: give either text or variable")
	case f.Text != nil:
		return Typing{Into: f.Into, Text: *f.Text}, nil
	}
	text, ok := lookup(f.Variable)
	if !ok {
		return Typing{}, fmt.Errorf("type: the environment has no variable %s; set it", f.Variable)
	}
	return Typing{Into: f.Into, Text: text}, nil
}
