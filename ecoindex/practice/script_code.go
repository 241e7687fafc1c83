package practice

import "bytes"

// scriptCode is a script with its comments and regular expressions blanked, and its strings too unless they are to be kept: as long as
// the script, so that a place in one is a place in the other. It is a lexer only: where a slash divides and where it begins a regular
// expression is told by what comes before it, which is right for what people write and for what tools produce, not for all that is possible.
func scriptCode(script []byte, strings bool) []byte {
	s := scriptLexer{in: script, out: bytes.Repeat([]byte{' '}, len(script)), strings: strings}
	for s.at < len(s.in) {
		s.step()
	}
	return s.out
}

// scriptLexer is where scriptCode is.
type scriptLexer struct {
	in, out []byte
	at      int
	strings bool
	last    int   // where the last code was, one further; 0 for none
	braces  []int // for each ${ that is open, the braces that are open inside it
	plain   int   // before it a slash begins no regular expression: one was looked for, and did not end
}

// deepestTemplate is how deep templates may be inside one another; deeper, the rest is taken as text.
const deepestTemplate = 100

// step reads one comment, string, regular expression or byte of code.
func (s *scriptLexer) step() {
	rest := s.in[s.at:]
	switch c := rest[0]; {
	case bytes.HasPrefix(rest, []byte("//")), bytes.HasPrefix(rest, []byte("<!--")):
		s.skip(bytes.IndexAny(rest, "\n\r"), 0)
	case bytes.HasPrefix(rest, []byte("/*")):
		s.skip(bytes.Index(rest[2:], []byte("*/")), 4)
	case c == '"' || c == '\'':
		s.text(s.quoted(c))
	case c == '`':
		s.template(1)
	case c == '/' && s.at >= s.plain && s.beginsRegexp():
		s.regexp()
	case c == '}' && len(s.braces) > 0 && s.braces[len(s.braces)-1] == 0:
		s.braces = s.braces[:len(s.braces)-1]
		s.template(1)
	default:
		if n := len(s.braces); n > 0 && c == '{' {
			s.braces[n-1]++
		} else if n > 0 && c == '}' {
			s.braces[n-1]--
		}
		s.out[s.at] = c
		s.at++
		if c > ' ' {
			s.last = s.at
		}
	}
}

// skip leaves out what ends before length+more, or all the rest for a negative length.
func (s *scriptLexer) skip(length, more int) {
	if length < 0 {
		s.at = len(s.in)
		return
	}
	s.at = min(len(s.in), s.at+length+more)
}

// quoted is the length of the string that begins here, with its quotes; it ends with its line at the latest.
func (s *scriptLexer) quoted(quote byte) int {
	for i := s.at + 1; i < len(s.in); i++ {
		switch s.in[i] {
		case '\\':
			i++
		case quote:
			return i + 1 - s.at
		case '\n':
			return i - s.at
		}
	}
	return len(s.in) - s.at
}

// text passes over a string of a length; its quotes stay, as code.
func (s *scriptLexer) text(length int) {
	end := min(len(s.in), s.at+length)
	if s.strings {
		copy(s.out[s.at:end], s.in[s.at:end])
	} else {
		s.out[s.at], s.out[end-1] = s.in[s.at], s.in[end-1]
	}
	s.at, s.last = end, end
}

// template passes over the text of a template, until its end or its next ${.
func (s *scriptLexer) template(from int) {
	for i := s.at + from; i < len(s.in); i++ {
		switch {
		case s.in[i] == '\\':
			i++
		case s.in[i] == '`':
			s.text(i + 1 - s.at)
			return
		case s.in[i] == '$' && i+1 < len(s.in) && s.in[i+1] == '{' && len(s.braces) < deepestTemplate:
			s.text(i + 2 - s.at)
			s.braces = append(s.braces, 0)
			return
		}
	}
	s.text(len(s.in) - s.at)
}

// beginsRegexp tells whether a slash here begins a regular expression: after an operator or a word such as return it does, after a value
// it divides.
func (s *scriptLexer) beginsRegexp() bool {
	if s.last == 0 {
		return true
	}
	c := s.out[s.last-1]
	if c == ')' || c == ']' || c == '}' || c == '"' || c == '\'' || c == '`' {
		return false
	}
	if !inName(c) {
		return true
	}
	first := s.last
	for first > 0 && s.last-first < 12 && inName(s.out[first-1]) {
		first--
	}
	switch string(s.out[first:s.last]) {
	case "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "do", "else", "yield", "await", "instanceof":
		return true
	}
	return false
}

// regexp passes over a regular expression; what does not end on its line is none, but a slash.
func (s *scriptLexer) regexp() {
	inClass := false
	i := s.at + 1
	for ; i < len(s.in) && s.in[i] != '\n'; i++ {
		switch c := s.in[i]; {
		case c == '\\':
			i++
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case c == '/' && !inClass:
			s.out[s.at], s.out[i] = '"', '"' // a value: a slash that follows divides
			s.at, s.last = i+1, i+1
			return
		}
	}
	s.out[s.at], s.plain = '/', i
	s.at++
	s.last = s.at
}

// inName tells whether a byte may be in the name of a variable; all beyond ASCII may.
func inName(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
