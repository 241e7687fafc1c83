package practice

import (
	"bytes"
	"slices"
	"strings"
)

// stripSVG is a drawing without comments, white space between elements, what the editor notes for itself, and decimals beyond the third
// in paths. What has no end is kept.
func stripSVG(text []byte) []byte {
	s := &drawingStripper{in: text, out: make([]byte, 0, len(text))}
	for len(s.in) > 0 {
		if s.in[0] == '<' {
			s.markup()
		} else {
			s.text()
		}
	}
	return s.out
}

// drawingStripper reads a drawing once; in is what is still to be read.
type drawingStripper struct {
	in, out []byte
	words   int  // open elements whose white space is seen
	open    bool // an element of the editor had no end: none is looked for any more
}

// text reads what is between two elements.
func (s *drawingStripper) text() {
	n := bytes.IndexByte(s.in, '<')
	if n < 0 {
		n = len(s.in)
	}
	if s.words > 0 || len(bytes.TrimSpace(s.in[:n])) > 0 {
		s.out = append(s.out, s.in[:n]...)
	}
	s.in = s.in[n:]
}

// markup reads a comment, a declaration or a tag.
func (s *drawingStripper) markup() {
	switch {
	case bytes.HasPrefix(s.in, []byte("<!--")):
		s.until("-->", false)
	case bytes.HasPrefix(s.in, []byte("<![CDATA[")):
		s.until("]]>", true)
	case bytes.HasPrefix(s.in, []byte("<?")):
		s.until("?>", true)
	case bytes.HasPrefix(s.in, []byte("<!")):
		end := ">"
		if mark := bytes.IndexAny(s.in, "[>"); mark >= 0 && s.in[mark] == '[' {
			end = "]>"
		}
		s.until(end, true)
	default:
		s.tag()
	}
}

// until reads up to the end of a piece and keeps it or not.
func (s *drawingStripper) until(end string, keep bool) {
	n := bytes.Index(s.in, []byte(end))
	if n < 0 {
		n, keep = len(s.in), true
	} else {
		n += len(end)
	}
	if keep {
		s.out = append(s.out, s.in[:n]...)
	}
	s.in = s.in[n:]
}

// tag reads a start tag or an end tag.
func (s *drawingStripper) tag() {
	n := tagLength(s.in)
	tag := s.in[:n]
	name, _, _ := strings.Cut(strings.Trim(string(tag[1:min(n, 100)]), "/>"), " ")
	name = strings.TrimRight(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' || r == '/' || r == '>' {
			return ' '
		}
		return r
	}, name), " ")
	name, _, _ = strings.Cut(name, " ")
	alone := bytes.HasSuffix(tag, []byte("/>"))
	closing := len(tag) > 1 && tag[1] == '/'
	if !closing && !s.open && ofEditor(name) {
		if alone {
			s.in = s.in[n:]
			return
		}
		if end := bytes.Index(s.in, []byte("</"+name)); end >= 0 {
			s.in = s.in[end:]
			s.in = s.in[tagLength(s.in):]
			return
		}
		s.open = true
	}
	switch name {
	case "text", "style", "script", "title", "desc", "foreignObject":
		if closing {
			s.words = max(0, s.words-1)
		} else if !alone {
			s.words++
		}
	}
	s.attributes(tag)
	s.in = s.in[n:]
}

// ofEditor tells whether an element or an attribute is a note of the program that drew.
func ofEditor(name string) bool {
	prefix, rest, ok := strings.Cut(name, ":")
	if prefix == "xmlns" {
		prefix = rest
	}
	return !ok && name == "metadata" || ok && slices.Contains([]string{"inkscape", "sodipodi", "sketch", "serif", "figma"}, prefix)
}

// tagLength is the length of a tag at the beginning of a text: up to the first ">" that is not between quotes, or all of it.
func tagLength(text []byte) int {
	var quote byte
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return len(text)
}

// attributes keeps a tag with one space between its attributes, without those of the editor, and with shorter numbers in paths.
func (s *drawingStripper) attributes(tag []byte) {
	i := 0
	for i < len(tag) {
		start := i
		for i < len(tag) && white(tag[i]) {
			i++
		}
		blank := i > start
		word := i
		for i < len(tag) && !white(tag[i]) && tag[i] != '"' && tag[i] != '\'' {
			i++
		}
		name, valued := bytes.CutSuffix(tag[word:i], []byte("="))
		value := i
		if valued && i < len(tag) && !white(tag[i]) {
			i += quotedLengthXML(tag[i:])
		} else if i == word && i < len(tag) { // a quote that belongs to nothing
			i++
		}
		switch {
		case valued && ofEditor(string(name)) && string(name) != "metadata":
			continue
		case blank && i > word:
			s.out = append(s.out, ' ')
		}
		s.out = append(s.out, tag[word:value]...)
		if string(name) == "d" || string(name) == "points" {
			s.out = shorterNumbers(s.out, tag[value:i])
		} else {
			s.out = append(s.out, tag[value:i]...)
		}
	}
}

// quotedLengthXML is the length of a quoted value at the beginning of a text; XML has no escapes in it.
func quotedLengthXML(text []byte) int {
	if n := bytes.IndexByte(text[1:], text[0]); n >= 0 {
		return n + 2
	}
	return len(text)
}

func white(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// shorterNumbers adds a path to out, with three decimals at most; with five where the number is less than one.
func shorterNumbers(out, path []byte) []byte {
	for i := 0; i < len(path); {
		if path[i] != '.' {
			out = append(out, path[i])
			i++
			continue
		}
		decimals := 5
		if i > 0 && path[i-1] >= '1' && path[i-1] <= '9' || i > 1 && path[i-1] == '0' && path[i-2] >= '0' && path[i-2] <= '9' {
			decimals = 3
		}
		out = append(out, '.')
		for i++; i < len(path) && path[i] >= '0' && path[i] <= '9'; i++ {
			if decimals--; decimals >= 0 {
				out = append(out, path[i])
			}
		}
	}
	return out
}
