package budget

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"veille/ecoindex"
	"veille/ecoindex/web"
)

// File is the budgets of a site: a list of rules, of which the first whose url fits a page applies.
//
// The first, because the file then reads from top to bottom as a person decides: exceptions come before what is usual,
// and the last rule may be for all the rest. A rule that could never apply is refused when the file is read.
type File struct{ rules []rule }

type rule struct {
	line    int
	pattern pattern
	budget  Budget
	limited bool // a limit is given, be it 0
}

// The limits of a file.
const (
	maxBytes    = 1 << 20
	maxRules    = 1000
	maxProblems = 10 // told at once
)

// Parse reads a file in YAML: a list of rules, each with a url and at least one limit.
//
//   - url: https://www.example.org/news/*
//     score: 60        # at least, 0 to 100
//     grade: C         # at least
//     dom: 800         # at most, elements
//     requests: 40     # at most
//     size_kb: 1000    # at most, kilobytes of 1000 bytes
//
// In the host of a url, * stands for any text of a host; in the path and the query, for any text, / and ? included. A url
// of "*" alone, in quotes, fits every page. A page that is to have no limit gets "score: 0".
//
// The error names each line that cannot be used, and says why; nothing of the file is then used. Aliases are refused.
func Parse(data []byte) (File, error) {
	f, problems := parse(data)
	if len(problems) > maxProblems {
		problems = append(problems[:maxProblems], fmt.Sprintf("and %d more", len(problems)-maxProblems))
	}
	if len(problems) > 0 {
		return File{}, errors.New("read the budgets: " + strings.Join(problems, "; "))
	}
	return f, nil
}

// For is the budget of the page at url, an address as a person gives it; false when no rule fits.
func (f File) For(url string) (Budget, bool) {
	u, err := web.ParseAddress(url)
	if err != nil {
		return Budget{}, false
	}
	page := patternOf(u)
	for _, r := range f.rules {
		if r.pattern.fits(page) {
			return r.budget, true
		}
	}
	return Budget{}, false
}

// parse answers the rules, and a sentence for each that cannot be used.
func parse(data []byte) (File, []string) {
	if len(data) > maxBytes {
		return File{}, []string{fmt.Sprintf("the file has %d bytes; at most %d are read", len(data), maxBytes)}
	}
	const wanted = `; write a list of rules, each beginning with "- url: "`
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var root yaml.Node
	if err := decoder.Decode(&root); errors.Is(err, io.EOF) {
		return File{}, []string{"the file holds no rule" + wanted}
	} else if err != nil {
		why := strings.TrimPrefix(err.Error(), "yaml: ")
		if bytes.Contains(data, []byte("url: *")) {
			why += `; a url that begins with * is to be in quotes`
		}
		return File{}, []string{why}
	}
	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return File{}, []string{"the file goes on after its list of rules" + wanted}
	}
	list := root.Content[0]
	switch {
	case list.Kind != yaml.SequenceNode:
		return File{}, []string{fmt.Sprintf("line %d: this is %s%s", list.Line, describe(list), wanted)}
	case len(list.Content) == 0:
		return File{}, []string{"the file holds no rule" + wanted}
	case len(list.Content) > maxRules:
		return File{}, []string{fmt.Sprintf("the file holds %d rules; at most %d are read, so use * in their urls", len(list.Content), maxRules)}
	}
	var f File
	var problems []string
	for _, item := range list.Content {
		r, wrong := parseRule(item)
		if len(wrong) == 0 {
			wrong = f.shadowed(r)
		}
		problems = append(problems, wrong...)
		f.rules = append(f.rules, r)
	}
	return f, problems
}

// shadowed says that r could never apply, because of a rule before it.
func (f File) shadowed(r rule) []string {
	for _, earlier := range f.rules {
		switch {
		case !earlier.pattern.fits(r.pattern):
		case earlier.pattern == r.pattern:
			return []string{fmt.Sprintf("line %d: %s has a rule already, on line %d; keep one of them", r.line, r.pattern, earlier.line)}
		default:
			return []string{fmt.Sprintf("line %d: %s would never apply, because the rule of line %d, %s, comes first and fits all its pages; put the narrower one first",
				r.line, r.pattern, earlier.line, earlier.pattern)}
		}
	}
	return nil
}

// parseRule reads one rule, and says what is wrong with it.
func parseRule(item *yaml.Node) (rule, []string) {
	r := rule{line: item.Line}
	if item.Kind != yaml.MappingNode || len(item.Content) == 0 {
		return r, []string{fmt.Sprintf("line %d: a rule is %s; write url and at least one limit", item.Line, describe(item))}
	}
	var problems []string
	seen := map[string]int{}
	for i := 0; i+1 < len(item.Content); i += 2 {
		key, value := item.Content[i], item.Content[i+1]
		if line, twice := seen[key.Value]; twice {
			problems = append(problems, fmt.Sprintf("line %d: %s is given twice, first on line %d", key.Line, key.Value, line))
			continue
		}
		seen[key.Value] = key.Line
		if why := r.set(key, value); why != "" {
			problems = append(problems, fmt.Sprintf("line %d: %s", key.Line, why))
		}
	}
	if _, ok := seen["url"]; !ok {
		problems = append(problems, fmt.Sprintf("line %d: the rule has no url; give the address it is for, or * for every page", r.line))
	}
	if !r.limited && len(problems) == 0 {
		problems = append(problems, fmt.Sprintf("line %d: the rule sets no limit; give score, grade, dom, requests or size_kb", r.line))
	}
	return r, problems
}

// set takes the value of a key, or says why not.
func (r *rule) set(key, value *yaml.Node) string {
	if key.Kind != yaml.ScalarNode {
		return describe(key) + " is not a key; the keys are url, score, grade, dom, requests and size_kb"
	}
	refuse := func(want string) string {
		return fmt.Sprintf("%s is %s; write %s", key.Value, describe(value), want)
	}
	b, ok := &r.budget, false
	switch key.Value {
	case "url":
		if value.Kind != yaml.ScalarNode || value.ShortTag() != "!!str" {
			return refuse("an address, in quotes when it begins with *")
		}
		var err error
		if r.pattern, err = parsePattern(value.Value); err != nil {
			return fmt.Sprintf("url %q: %v", value.Value, err)
		}
		return ""
	case "score":
		if b.Score, ok = decimal(value); !ok || b.Score > 100 {
			return refuse("a number from 0 to 100")
		}
	case "grade":
		grade, err := ecoindex.ParseGrade(value.Value)
		if b.Grade = grade; err != nil || value.Kind != yaml.ScalarNode {
			return refuse("a letter from A to G")
		}
	case "dom":
		if b.DOM, ok = whole(value); !ok {
			return refuse("a whole number of elements, above 0")
		}
	case "requests":
		if b.Requests, ok = whole(value); !ok {
			return refuse("a whole number of requests, above 0")
		}
	case "size_kb":
		if b.SizeKB, ok = decimal(value); !ok || b.SizeKB == 0 {
			return refuse("a number of kilobytes, above 0")
		}
	default:
		return fmt.Sprintf("%q is not a key; the keys are url, score, grade, dom, requests and size_kb", key.Value)
	}
	r.limited = true
	return ""
}

// describe names a value for people.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.AliasNode:
		return "an alias, which is not accepted"
	case n.Kind == yaml.MappingNode && len(n.Content) == 0, n.ShortTag() == "!!null":
		return "empty"
	case n.Kind == yaml.MappingNode:
		return "a set of keys"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	return fmt.Sprintf("%.40q", n.Value)
}

// decimal is a number in plain digits: YAML would read 010 as 8, and 1_0 as 10.
func decimal(n *yaml.Node) (float64, bool) {
	tag := n.ShortTag()
	if n.Kind != yaml.ScalarNode || (tag != "!!int" && tag != "!!float") {
		return 0, false
	}
	whole, fraction, hasPoint := strings.Cut(n.Value, ".")
	if !digits(whole) || (len(whole) > 1 && whole[0] == '0') || (hasPoint && !digits(fraction)) {
		return 0, false
	}
	v, err := strconv.ParseFloat(n.Value, 64)
	return v, err == nil
}

// whole is a whole number above 0, in plain digits.
func whole(n *yaml.Node) (int, bool) {
	if _, ok := decimal(n); !ok {
		return 0, false
	}
	v, err := strconv.Atoi(n.Value)
	return v, err == nil && v > 0
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}
