package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// JUnit writes a run as a test suite: a page is a test case, a broken budget its failure, and a page that could not be
// measured its error, with the code as type. It is valid against the schemas of Ant (windyroad/JUnit-Schema) and of
// Jenkins (junit-10.xsd); the former wants Options.Started.
type JUnit struct {
	w       io.Writer
	options Options
	suite   suite
	took    time.Duration
	lines   []string
}

type suite struct {
	Name       string     `xml:"name,attr"`
	Package    string     `xml:"package,attr"`
	ID         int        `xml:"id,attr"`
	Timestamp  string     `xml:"timestamp,attr,omitempty"`
	Hostname   string     `xml:"hostname,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Time       string     `xml:"time,attr"`
	Properties []property `xml:"properties>property"`
	Cases      []testcase `xml:"testcase"`
	Out        string     `xml:"system-out"`
	Err        string     `xml:"system-err"`
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testcase struct {
	Class   string   `xml:"classname,attr"`
	Name    string   `xml:"name,attr"`
	Time    string   `xml:"time,attr"`
	Error   *outcome `xml:"error"`
	Failure *outcome `xml:"failure"`
}

type outcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

// NewJUnit makes a writer of JUnit XML.
func NewJUnit(w io.Writer, o Options) *JUnit {
	j := &JUnit{w: w, options: o, suite: suite{Name: "veille-ecoindex", Package: "ecoindex", Hostname: "localhost"}}
	if !o.Started.IsZero() {
		j.suite.Timestamp = o.Started.UTC().Format("2006-01-02T15:04:05")
	}
	j.suite.Properties = []property{{"grade_from", string(o.basis())}}
	if o.Footprint != nil {
		j.suite.Properties = append(j.suite.Properties, property{"footprint", valid(o.Footprint.Name)}, property{"footprint.source", valid(o.Footprint.Source)})
	}
	return j
}

// Write keeps a page for Close, because the totals come first in the file.
func (j *JUnit) Write(p Page) error {
	name := p.Asked
	if p.Step != "" {
		name += ", " + p.Step
	}
	c := testcase{Class: "ecoindex." + valid(p.Protocol), Name: valid(name), Time: seconds(p.Took)}
	switch {
	case p.Err != nil:
		j.suite.Errors++
		text := p.Err.Error()
		if p.Screenshot != "" {
			text += "\nwhat was shown then: " + p.Screenshot
		}
		c.Error = &outcome{valid(p.Err.Error()), codeOf(p.Err), valid(text)}
	case len(p.Breaches) > 0:
		j.suite.Failures++
		var texts []string
		for _, b := range p.Breaches {
			texts = append(texts, b.Text)
		}
		c.Failure = &outcome{valid(strings.Join(texts, ", ")), "budget", valid(strings.Join(texts, "\n"))}
	}
	j.suite.Tests++
	j.suite.Cases = append(j.suite.Cases, c)
	j.took += p.Took
	if p.Err == nil {
		j.lines = append(j.lines, fmt.Sprintf("%s: score %d, grade %s, %s, %s, %s", name, p.Result.Score,
			p.Result.Graded(j.options.Basis).Grade, Language{}.Count(p.Page.DOM, "element"), Language{}.Count(p.Page.Requests, "request"), Language{}.KB(p.Page.SizeKB)))
	}
	return nil
}

// Close writes the whole file.
func (j *JUnit) Close() error {
	j.suite.Time = seconds(j.took)
	j.suite.Out = valid(strings.Join(j.lines, "\n"))
	suites := struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   suite    `xml:"testsuite"`
	}{Suite: j.suite}
	text, err := xml.MarshalIndent(suites, "", "  ")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return write(j.w, xml.Header+string(text)+"\n")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

// valid leaves out what XML 1.0 has no way to write.
func valid(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r',
			r >= 0x20 && r <= 0xd7ff, r >= 0xe000 && r < 0xfffd, r >= 0x10000 && r <= 0x10ffff:
			return r
		}
		return -1 // U+FFFD among them: it stands for bytes that are not UTF-8
	}, text)
}
