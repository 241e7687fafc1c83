package practice

import "bytes"

// stripCSS is a style sheet without the comments and the white space that it can do without. Licences stay. What has no end is kept.
func stripCSS(text []byte) []byte {
	s := &sheetStripper{in: text, out: make([]byte, 0, len(text))}
	for s.i < len(s.in) {
		s.step()
	}
	return s.out
}

// sheetStripper reads a style sheet once, from its beginning.
type sheetStripper struct {
	in, out []byte
	i       int
	last    byte // of what was kept; 0 for none
	space   bool // white space or a comment came since
}

func (s *sheetStripper) step() {
	rest := s.in[s.i:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f':
		s.space = true
		s.i++
	case bytes.HasPrefix(rest, []byte("/*")):
		end := bytes.Index(rest[2:], []byte("*/"))
		switch {
		case end < 0:
			s.put(len(rest))
		case bytes.HasPrefix(rest, []byte("/*!")):
			s.put(end + 4)
			s.last = ' ' // so that no semicolon of the licence is taken for one of the sheet
		default:
			s.space = true
			s.i += end + 4
		}
	case c == '"' || c == '\'':
		s.put(quotedLength(rest, c))
	case c == '\\':
		s.put(2)
	case c == '(' && endsWithURL(s.out) && !s.space:
		end := 1 + bytes.IndexAny(rest[1:], "()\"'") // no address without quotes has one of them but the last
		if end > 0 && rest[end] != ')' {
			end = 0
		}
		s.put(end + 1)
	default:
		s.put(1)
	}
}

// put keeps the next n bytes, after the space that must stand before them.
func (s *sheetStripper) put(n int) {
	n = min(n, len(s.in)-s.i)
	c := s.in[s.i]
	if s.space && s.last != 0 && s.last != ' ' && bytes.IndexByte([]byte("{};,>:("), s.last) < 0 && bytes.IndexByte([]byte("{};,>)!"), c) < 0 {
		s.out = append(s.out, ' ')
	}
	if c == '}' && s.last == ';' {
		s.out = s.out[:len(s.out)-1]
	}
	s.out = append(s.out, s.in[s.i:s.i+n]...)
	s.i += n
	s.last, s.space = s.out[len(s.out)-1], false
}

// quotedLength is the length of a string at the beginning of a text. One that does not end on its line ends with it.
func quotedLength(text []byte, quote byte) int {
	for j := 1; j < len(text); j++ {
		switch text[j] {
		case '\\':
			j++
		case quote:
			return j + 1
		case '\n':
			return j
		}
	}
	return len(text)
}

// endsWithURL tells whether a text ends with "url", in letters of any size.
func endsWithURL(text []byte) bool {
	return len(text) >= 3 && bytes.EqualFold(text[len(text)-3:], []byte("url"))
}
