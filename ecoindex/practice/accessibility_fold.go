package practice

import (
	"unicode"
	"unicode/utf8"
)

// folder writes text as it is compared: in small letters without accents, with one space for any number of spaces of any kind.
type folder struct{ out []byte }

// folded is a text as it is compared, on one line.
func folded(text string) string {
	var f folder
	f.fold(text)
	return string(f.out)
}

// line ends a line; there are no empty ones.
func (f *folder) line() {
	switch n := len(f.out); {
	case n == 0 || f.out[n-1] == '\n':
	case f.out[n-1] == ' ':
		f.out[n-1] = '\n'
	default:
		f.out = append(f.out, '\n')
	}
}

// space ends a word.
func (f *folder) space() {
	if n := len(f.out); n > 0 && f.out[n-1] != ' ' && f.out[n-1] != '\n' {
		f.out = append(f.out, ' ')
	}
}

// fold adds a text.
func (f *folder) fold(text string) {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case 'A' <= c && c <= 'Z':
			f.out = append(f.out, c|0x20)
		case c > ' ' && c < utf8.RuneSelf:
			f.out = append(f.out, c)
		case c < utf8.RuneSelf:
			f.space()
		default:
			r, size := utf8.DecodeRuneInString(text[i:])
			f.letter(r)
			i += size
			continue
		}
		i++
	}
}

// letter adds what is not of ASCII.
func (f *folder) letter(r rune) {
	switch r {
	case 'à', 'á', 'â', 'ã', 'ä', 'å', 'À', 'Á', 'Â', 'Ã', 'Ä', 'Å':
		f.out = append(f.out, 'a')
	case 'ç', 'Ç':
		f.out = append(f.out, 'c')
	case 'è', 'é', 'ê', 'ë', 'È', 'É', 'Ê', 'Ë':
		f.out = append(f.out, 'e')
	case 'ì', 'í', 'î', 'ï', 'Ì', 'Í', 'Î', 'Ï':
		f.out = append(f.out, 'i')
	case 'ò', 'ó', 'ô', 'õ', 'ö', 'Ò', 'Ó', 'Ô', 'Õ', 'Ö':
		f.out = append(f.out, 'o')
	case 'ù', 'ú', 'û', 'ü', 'Ù', 'Ú', 'Û', 'Ü':
		f.out = append(f.out, 'u')
	case 'œ', 'Œ':
		f.out = append(f.out, "oe"...)
	case '’', '‘', 'ʼ', '′':
		f.out = append(f.out, '\'')
	case '‐', '‑', '‒', '–', '—', '―', '−':
		f.out = append(f.out, '-')
	case '：':
		f.out = append(f.out, ':')
	case '％', '﹪':
		f.out = append(f.out, '%')
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', utf8.RuneError: // not seen
	default:
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Zs, r):
			f.space()
		case unicode.Is(unicode.Mn, r): // an accent that is written behind its letter
		default:
			f.out = utf8.AppendRune(f.out, unicode.ToLower(r))
		}
	}
}

// endsWord tells whether no letter begins at a place of a folded text.
func endsWord(text string, at int) bool {
	r, _ := utf8.DecodeRuneInString(text[at:])
	return !unicode.IsLetter(r)
}

// beginsWord tells whether a word may begin at a place of a folded text: no letter and no digit ends there.
func beginsWord(text string, at int) bool {
	r, _ := utf8.DecodeLastRuneInString(text[:at])
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && (at == len(text) || utf8.RuneStart(text[at]))
}

// isDigit tells whether a byte is a digit.
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
