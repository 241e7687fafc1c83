package har

import (
	"errors"
	"io"
)

// maxString is what is kept of a string. Addresses are shorter; only bodies are longer, and they are not looked at.
const maxString = 16 << 10

var (
	errTotal = errors.New("more bytes than allowed")
	errValue = errors.New("one value takes more bytes than allowed")
)

// shortener passes JSON on without what its strings have beyond maxString bytes, so that the decoder behind it never
// holds a body. What is not JSON stays so, except inside the bytes that are left out.
type shortener struct {
	from  io.Reader
	total int64 // bytes that may still be read
	value int   // bytes that may still be passed on for the value under way

	inString bool
	cutting  bool // the rest of the string is left out
	escape   int  // afterBackslash, or how many hexadecimal digits still belong to an escape sequence
	length   int  // of the string so far
}

const afterBackslash = 5 // one more than the digits of \u1234

// Read passes on the next bytes.
func (s *shortener) Read(p []byte) (int, error) {
	for {
		if s.total <= 0 {
			return 0, errTotal
		}
		if s.value <= 0 {
			return 0, errValue
		}
		n, err := s.from.Read(p[:min(int64(len(p)), s.total)])
		s.total -= int64(n)
		kept := s.shorten(p[:n])
		s.value -= kept
		if kept > 0 || err != nil || len(p) == 0 {
			return kept, err
		}
	}
}

// shorten moves the bytes to keep to the front, and answers how many they are.
func (s *shortener) shorten(p []byte) int {
	kept := 0
	for i := 0; i < len(p); i++ {
		if s.cutting && s.inString && s.escape == 0 { // the quick way through a body
			for i < len(p)-1 && p[i] != '"' && p[i] != '\\' {
				i++
			}
		}
		if s.keep(p[i]) {
			p[kept] = p[i]
			kept++
		}
	}
	return kept
}

// keep says whether c is passed on. A string is cut between two characters or escape sequences, never inside one.
func (s *shortener) keep(c byte) bool {
	switch {
	case !s.inString:
		s.inString, s.cutting, s.length = c == '"', false, 0
		return true
	case s.escape == afterBackslash && c == 'u':
		s.escape = 4
	case s.escape == afterBackslash:
		s.escape = 0
	case s.escape > 0:
		s.escape--
	case c == '"':
		s.inString = false
		return true
	default:
		s.cutting = s.cutting || s.length >= maxString
		if c == '\\' {
			s.escape = afterBackslash
		}
	}
	s.length++
	return !s.cutting
}
