package browser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"veille/ecoindex/web"
)

// maxJourney is the largest file, in bytes, and the most steps.
const (
	maxJourney = 1 << 16
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
// type: {into: "#password", variable: PASSWORD}. Errors say the line.
func ParseJourney(data []byte, lookup func(string) (string, bool)) (Journey, error) {
	j, err := parseJourney(data, lookup)
	if err != nil {
		return Journey{}, fmt.Errorf("read the journey: %w", err)
	}
	return j, nil
}

func parseJourney(data []byte, lookup func(string) (string, bool)) (Journey, error) {
	if len(data) > maxJourney {
		return Journey{}, fmt.Errorf("it is larger than %d bytes", maxJourney)
	}
	var document yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return Journey{}, errors.New("it is empty; give a url and steps")
	} else if err != nil {
		return Journey{}, fmt.Errorf("%w", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return Journey{}, errors.New("it holds more than one document; give one journey a file")
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return Journey{}, at(root, "it is not a journey; give a url and steps")
	}
	var j Journey
	for i := 0; i+1 < len(root.Content); i += 2 {
		if key := root.Content[i]; saidTwice(root, i) {
			return Journey{}, at(key, "%q is said twice; say it once", key.Value)
		}
		if err := j.set(root.Content[i], root.Content[i+1], lookup); err != nil {
			return Journey{}, err
		}
	}
	return j, j.check(root)
}

// saidTwice says whether the key at a place of a mapping was there before.
func saidTwice(mapping *yaml.Node, place int) bool {
	for i := 0; i < place; i += 2 {
		if mapping.Content[i].Value == mapping.Content[place].Value {
			return true
		}
	}
	return false
}

// at is a problem and its line.
func at(node *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: %w", node.Line, fmt.Errorf(format, args...))
}

func (j *Journey) set(key, value *yaml.Node, lookup func(string) (string, bool)) error {
	switch key.Value {
	case "name":
		return text(value, &j.Name)
	case "url":
		if _, err := web.ParseAddress(value.Value); err != nil {
			return at(value, "url: %w", err)
		}
		return text(value, &j.URL)
	case "steps":
		if value.Kind != yaml.SequenceNode || len(value.Content) > maxSteps {
			return at(value, "steps is not a list of 1 to %d steps", maxSteps)
		}
		for _, node := range value.Content {
			step, err := parseStep(node, lookup)
			if err != nil {
				return at(node, "%w", err)
			}
			j.Steps = append(j.Steps, step)
		}
		return nil
	}
	return at(key, "%q is not known; give name, url and steps", key.Value)
}

func (j *Journey) check(root *yaml.Node) error {
	switch {
	case j.URL == "":
		return at(root, "url is missing; give the address of the first page")
	case len(j.Steps) == 0:
		return at(root, "steps is missing; give 1 to %d steps", maxSteps)
	case !slices.ContainsFunc(j.Steps, func(s Step) bool { return s.Measure != "" || s.Consent != "" }):
		return at(root, "nothing is measured; add a step such as measure: results")
	}
	return nil
}

// text reads a plain value.
func text(node *yaml.Node, to *string) error {
	if node.Kind != yaml.ScalarNode || node.Tag == "!!null" || strings.TrimSpace(node.Value) == "" {
		return at(node, "nothing is said, where a text is wanted")
	}
	*to = node.Value
	return nil
}

const stepKinds = "open, click, type, wait, scroll, measure, consent"

func parseStep(node *yaml.Node, lookup func(string) (string, bool)) (Step, error) {
	if node.Kind != yaml.MappingNode || len(node.Content) != 2 {
		return Step{}, errors.New("a step is one of " + stepKinds + ", with what it is to act on")
	}
	kind, on := node.Content[0].Value, node.Content[1]
	var s Step
	if kind == "type" {
		typing, err := parseTyping(on, lookup)
		s.Type = &typing
		return s, err
	}
	to := map[string]*string{
		"open": &s.Open, "click": &s.Click, "wait": &s.Await, "scroll": &s.Scroll, "measure": &s.Measure, "consent": &s.Consent,
	}[kind]
	if to == nil {
		return Step{}, fmt.Errorf("%q is not a step; give one of %s", kind, stepKinds)
	}
	if on.Kind != yaml.ScalarNode || on.Tag == "!!null" || strings.TrimSpace(on.Value) == "" {
		return Step{}, fmt.Errorf("%s says nothing to act on", kind)
	}
	*to = on.Value
	switch kind {
	case "open":
		if _, err := web.ParseAddress(s.Open); err != nil {
			return Step{}, fmt.Errorf("open: %w", err)
		}
	case "wait":
		return s, s.readWait(on)
	}
	return s, nil
}

// readWait tells a time from a selector.
func (s *Step) readWait(node *yaml.Node) error {
	d, err := time.ParseDuration(s.Await)
	switch {
	case node.Tag == "!!int" || node.Tag == "!!float":
		return fmt.Errorf("wait: %s has no unit; give a time such as 2s, or a selector", s.Await)
	case err == nil && (d <= 0 || d > time.Minute):
		return fmt.Errorf("a wait of %v is not possible; give up to 1m", d)
	case err == nil:
		s.Wait, s.Await = d, ""
	}
	return nil
}

func parseTyping(node *yaml.Node, lookup func(string) (string, bool)) (Typing, error) {
	var t Typing
	var typed, variable *yaml.Node
	for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode && i < 8; i += 2 {
		if value := node.Content[i+1]; value.Kind != yaml.ScalarNode || value.Tag == "!!null" || saidTwice(node, i) {
			return Typing{}, fmt.Errorf("type: %q does not say one thing; give a text", node.Content[i].Value)
		}
		switch key, value := node.Content[i].Value, node.Content[i+1]; key {
		case "into":
			t.Into = value.Value
		case "text":
			typed = value
		case "variable":
			variable = value
		default:
			return Typing{}, fmt.Errorf("type: %q is not known; give into, and text or variable", key)
		}
	}
	switch {
	case t.Into == "":
		return Typing{}, errors.New("type: into is missing; give the selector of a field")
	case (typed == nil) == (variable == nil):
		return Typing{}, errors.New("type: give either text or variable")
	case typed != nil:
		t.Text = typed.Value
		return t, nil
	}
	text, ok := lookup(variable.Value)
	if !ok {
		return Typing{}, fmt.Errorf("type: the environment has no variable %s; set it", variable.Value)
	}
	t.Text = text
	return t, nil
}
