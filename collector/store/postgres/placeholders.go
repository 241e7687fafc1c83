package postgres

import (
	"strconv"
	"strings"
)

// numbered is a statement with the placeholders that PostgreSQL knows, $1, in the place of those of SQLite, ? and ?1. As there a plain ? has the
// number after the highest before it. What stands in quotes or comments stays as it is.
func numbered(text string) string {
	if !strings.Contains(text, "?") {
		return text
	}
	var b strings.Builder
	b.Grow(len(text) + 16)
	for last := 0; text != ""; {
		n := plain(text)
		b.WriteString(text[:n])
		if text = text[n:]; text == "" {
			break
		}
		if text[0] != '?' {
			n = quoted(text)
			b.WriteString(text[:n])
			text = text[n:]
			continue
		}
		digits := 1
		for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
			digits++
		}
		number, err := strconv.Atoi(text[1:digits])
		if err != nil { // there is none, or one that the server will not know either
			number, digits = last+1, 1
		}
		last = max(last, number)
		b.WriteString("$" + strconv.Itoa(number))
		text = text[digits:]
	}
	return b.String()
}

// plain is the length of what stands before the next placeholder, quote or comment.
func plain(text string) int {
	for i := range len(text) {
		switch text[i] {
		case '?', '\'', '"':
			return i
		case '-', '/':
			if strings.HasPrefix(text[i:], "--") || strings.HasPrefix(text[i:], "/*") {
				return i
			}
		}
	}
	return len(text)
}

// quoted is the length of the quotation or the comment that a text begins with: all of it where it does not end.
func quoted(text string) int {
	end, from := text[:1], 1
	switch text[0] {
	case '-':
		end, from = "\n", 2
	case '/':
		end, from = "*/", 2
	}
	if i := strings.Index(text[from:], end); i >= 0 { // a doubled quote ends one and begins the next
		return from + i + len(end)
	}
	return len(text)
}
