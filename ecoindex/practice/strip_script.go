package practice

import "bytes"

// maxNested bounds templates inside templates; real scripts have three.
const maxNested = 1000

// stripJS is a script without the comments and the white space that it can do without; ok is false, and nothing is said to be needless,
// where the text may be read in two ways. It is an estimate of what a minifier leaves, before names are shortened. Licences stay.
func stripJS(text []byte) (kept []byte, ok bool) {
	s := &scriptStripper{in: text, out: make([]byte, 0, len(text))}
	for s.i < len(s.in) {
		if !s.step() {
			return nil, false
		}
	}
	return s.out, true
}

// scriptStripper reads a script once, from its beginning.
type scriptStripper struct {
	in, out []byte
	i       int   // of what is to be read
	last    byte  // of the last token; 0 for none
	end     int   // of the last token in out
	line    bool  // a line ended since the last token
	space   bool  // there was white space or a comment since
	nested  []int // open braces in each ${ } of a template
}

// step reads a token or what lies between two. False means that the text is unclear.
func (s *scriptStripper) step() bool {
	c := s.in[s.i]
	switch c {
	case ' ', '\t', '\r', '\n', '\v', '\f':
		s.space, s.line = true, s.line || c == '\n' || c == '\r'
		s.i++
	case '/':
		return s.slash()
	case '"', '\'':
		return s.quoted(c)
	case '`':
		s.put(1)
		return s.template()
	case '{':
		if n := len(s.nested); n > 0 {
			s.nested[n-1]++
		}
		s.put(1)
	case '}':
		return s.brace()
	case '\\': // only in rare names, so that more likely a regular expression was taken for a division
		return false
	default:
		s.put(1)
	}
	return true
}

// put keeps the next n bytes as a token, or as a part of one, after what must stand between it and the last.
func (s *scriptStripper) put(n int) {
	n = min(n, len(s.in)-s.i)
	if s.space && s.last != 0 {
		if sign, needed := s.between(s.in[s.i]); needed {
			s.out = append(s.out, sign)
		}
	}
	s.out = append(s.out, s.in[s.i:s.i+n]...)
	s.i += n
	s.last, s.end = s.out[len(s.out)-1], len(s.out)
	s.space, s.line = false, false
}

// between is what must stand between the last token and one that begins with c, if anything.
func (s *scriptStripper) between(c byte) (sign byte, needed bool) {
	if s.line { // it may end a statement
		return '\n', bytes.IndexByte([]byte("{;,([=:?&|<*%^~!"), s.last) < 0 && bytes.IndexByte([]byte(")]}.,;:?=&|*%^<>"), c) < 0
	}
	both := inWord(s.last) && inWord(c)
	return ' ', both || s.last == c && (c == '+' || c == '-' || c == '/') || c == '.' && s.last >= '0' && s.last <= '9'
}

// inWord tells whether a byte is one of a name or a number.
func inWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c == '#' || c >= 0x80
}

// slash reads a comment, a regular expression or a division.
func (s *scriptStripper) slash() bool {
	rest := s.in[s.i:]
	switch {
	case bytes.HasPrefix(rest, []byte("//")):
		end := bytes.IndexAny(rest, "\r\n")
		if end < 0 {
			end = len(rest)
		}
		s.comment(rest[:end])
	case bytes.HasPrefix(rest, []byte("/*")):
		end := bytes.Index(rest[2:], []byte("*/"))
		if end < 0 { // the rest was not kept
			s.put(len(rest))
			return true
		}
		s.comment(rest[:end+4])
	case s.value():
		s.put(1)
	default:
		return s.expression()
	}
	return true
}

// comment drops a comment, but for one that a licence asks to keep.
func (s *scriptStripper) comment(text []byte) {
	s.i += len(text)
	s.space = true
	if bytes.HasPrefix(text, []byte("/*!")) || bytes.HasPrefix(text, []byte("//!")) || bytes.Contains(text, []byte("@license")) || bytes.Contains(text, []byte("@preserve")) {
		s.out = append(append(s.out, text...), '\n')
		return
	}
	s.line = s.line || bytes.ContainsAny(text, "\r\n")
}

// value tells whether the last token ends a value, so that a slash after it divides. After a parenthesis it nearly always does.
func (s *scriptStripper) value() bool {
	if s.last == ')' || s.last == ']' || s.last == '"' || s.last == '\'' || s.last == '`' || s.last == '/' {
		return true
	}
	if !inWord(s.last) {
		return false
	}
	start := s.end
	for start > 0 && s.end-start < 12 && inWord(s.out[start-1]) {
		start--
	}
	switch string(s.out[start:s.end]) {
	case "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "instanceof", "else", "do", "yield", "await":
		return start > 0 && s.out[start-1] == '.'
	}
	return true
}

// expression reads a regular expression, which ends on its line.
func (s *scriptStripper) expression() bool {
	class := false
	for j := s.i + 1; j < len(s.in); j++ {
		switch c := s.in[j]; {
		case c == '\n' || c == '\r':
			return false
		case c == '\\':
			j++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			s.put(j + 1 - s.i)
			for s.i < len(s.in) && inWord(s.in[s.i]) { // flags
				s.put(1)
			}
			s.last = '/'
			return true
		}
	}
	s.put(len(s.in) - s.i)
	return true
}

// quoted reads a string, which ends on its line unless the end of the line is escaped.
func (s *scriptStripper) quoted(quote byte) bool {
	for j := s.i + 1; j < len(s.in); j++ {
		switch s.in[j] {
		case '\n':
			return false
		case '\\':
			if j+2 < len(s.in) && s.in[j+1] == '\r' && s.in[j+2] == '\n' {
				j++
			}
			j++
		case quote:
			s.put(j + 1 - s.i)
			return true
		}
	}
	s.put(len(s.in) - s.i)
	return true
}

// template reads the text of a template up to its end, or to a value inside it.
func (s *scriptStripper) template() bool {
	for j := s.i; j < len(s.in); j++ {
		switch c := s.in[j]; {
		case c == '\\':
			j++
		case c == '`':
			s.put(j + 1 - s.i)
			return true
		case c == '$' && j+1 < len(s.in) && s.in[j+1] == '{':
			s.put(j + 2 - s.i)
			s.nested = append(s.nested, 0)
			return len(s.nested) <= maxNested
		}
	}
	if s.i < len(s.in) {
		s.put(len(s.in) - s.i)
	}
	return true
}

// brace closes a block, or a value inside a template.
func (s *scriptStripper) brace() bool {
	n := len(s.nested)
	s.put(1)
	switch {
	case n == 0:
	case s.nested[n-1] > 0:
		s.nested[n-1]--
	default:
		s.nested = s.nested[:n-1]
		return s.template()
	}
	return true
}
