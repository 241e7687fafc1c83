package practice

import (
	"strconv"
	"strings"
	"time"
)

const (
	firstYear = 2005 // of the law
	lastYear  = 2100
	mostDates = 500 // years of a page
	mostOfDay = 32  // bytes of a date before its year
)

// dateIn is the date of the declaration that a folded text is, as 2026-01-31; "" for none. It is the latest of those on which the text
// says that the declaration was made or brought up to date; else the latest of those on which the page was.
func dateIn(text string) string {
	best, date := 0, ""
	seen := 0
	for at := 0; at+4 <= len(text) && seen < mostDates; at++ {
		if text[at] != '2' || !isYear(text, at) {
			continue
		}
		seen++
		day, from, ok := dateAt(text, at)
		if !ok {
			continue
		}
		if rank := rankDate(text, from); rank > best || rank == best && rank > 0 && day > date {
			best, date = rank, day
		}
	}
	return date
}

// isYear tells whether four digits stand alone at a place.
func isYear(text string, at int) bool {
	for i := at; i < at+4; i++ {
		if !isDigit(text[i]) {
			return false
		}
	}
	return (at == 0 || !isDigit(text[at-1])) && (at+4 == len(text) || !isDigit(text[at+4]))
}

// dateAt is the date of which the year is at a place, and where it begins. Where both numbers may be a day, the first is, as in Europe.
func dateAt(text string, at int) (day string, from int, ok bool) {
	year := text[at : at+4]
	if rest := text[at+4:]; len(rest) >= 6 && (rest[0] == '-' || rest[0] == '/') && rest[3] == rest[0] && (len(rest) == 6 || !isDigit(rest[6])) {
		if day, ok = dayOf(year, rest[1:3], rest[4:6]); ok {
			return day, at, true
		}
	}
	words, begin := wordsBefore(text, at)
	last := len(words) - 1
	switch {
	case last < 1:
		return "", 0, false
	case monthOf(words[last]) != "": // 3 mars 2024, 1er mars 2024, 3rd of march 2024
		month := monthOf(words[last])
		i := last - 1
		for i > 0 && (words[i] == "of" || words[i] == "er" || words[i] == "st" || words[i] == "nd" || words[i] == "rd" || words[i] == "th") {
			i--
		}
		day, ok = dayOf(year, month, words[i])
		return day, begin[i], ok
	}
	number := last
	if last >= 2 && (words[last] == "st" || words[last] == "nd" || words[last] == "rd" || words[last] == "th") {
		number--
	}
	if month := monthOf(words[number-1]); month != "" { // march 3, 2024
		day, ok = dayOf(year, month, words[number])
		return day, begin[number-1], ok
	}
	between := strings.Trim(text[begin[last]+len(words[last]):at], " ")
	if between != "/" && between != "." && between != "-" { // 03/03/2024
		return "", 0, false
	}
	if strings.Trim(text[begin[last-1]+len(words[last-1]):begin[last]], " ") != between {
		return "", 0, false
	}
	day, ok = dayOf(year, words[last], words[last-1])
	return day, begin[last-1], ok
}

// wordsBefore are up to four words and numbers before a place, on its line, and where each begins. A number ends where a word begins.
func wordsBefore(text string, at int) (words []string, begin []int) {
	first := max(0, at-mostOfDay)
	end := at
	for end > first && len(words) < 4 {
		c := text[end-1]
		if c == '\n' {
			break
		}
		digit, letter := isDigit(c), 'a' <= c && c <= 'z'
		if !digit && !letter {
			end--
			continue
		}
		from := end
		for from > first && isDigit(text[from-1]) == digit && (digit || 'a' <= text[from-1] && text[from-1] <= 'z') {
			from--
		}
		words, begin = append([]string{text[from:end]}, words...), append([]int{from}, begin...)
		end = from
	}
	return words, begin
}

// monthOf is the number of a month by its name or a usual short form, of two digits; "" for none.
func monthOf(name string) string {
	for i, names := range [...]string{
		" janvier janv jan january ", " fevrier fevr fev february feb ", " mars mar march ", " avril avr april apr ", " mai may ", " juin jun june ",
		" juillet juil jul july ", " aout aou august aug ", " septembre sept sep september ", " octobre oct october ", " novembre nov november ", " decembre dec december ",
	} {
		if len(name) > 2 && strings.Contains(names, " "+name+" ") {
			return twoDigits(i + 1)
		}
	}
	return ""
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// dayOf is a date that there is, from 2005 on.
func dayOf(year, month, day string) (string, bool) {
	y, errY := strconv.Atoi(year)
	m, errM := strconv.Atoi(month)
	d, errD := strconv.Atoi(day)
	if errY != nil || errM != nil || errD != nil || len(month) > 2 || len(day) > 2 || y < firstYear || y > lastYear {
		return "", false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Year() != y || int(t.Month()) != m || t.Day() != d {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

// rankDate says how surely the date that begins at a place is the declaration's: 2 where its sentence says that it was made or changed, 1
// where something was, 0 for a law, an audit, or what is to come.
func rankDate(text string, from int) int {
	before := sentenceBefore(text, from)
	made := lastOf(before, "etabli", "mis a jour", "mise a jour", "mises a jour", "actualise", "publie", "redige", "cree", "date de la declaration", "revise", "signe",
		"date de publication", "faite le", "fait le", "prepared", "updated", "update", "published", "created", "reviewed", "revised", "drawn up", "dated")
	switch {
	case made < 0, made < lastOf(before, "loi ", "decret", "arrete", "ordonnance", "directive", "article", "regulation", " act "):
		return 0
	case hasAny(before, "prochain", "prevu", "avant le", "d'ici", "au plus tard", "next ", "deadline", "echeance"):
		return 0
	case hasAny(before, "audit") && !hasAny(before, "declaration", "statement"):
		return 0
	case hasAny(before, "declaration", "statement", "elle a ete", "it was"):
		return 2
	}
	return 1
}

// lastOf is where the last of some words begins in a text; -1 for none.
func lastOf(text string, words ...string) int {
	last := -1
	for _, word := range words {
		last = max(last, strings.LastIndex(text, word))
	}
	return last
}
