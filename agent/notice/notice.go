// Package notice is the notice that tells the users of a machine what is counted.
package notice

import (
	"cmp"
	_ "embed" // the texts
	"strings"
	"unicode/utf8"
)

// Width is how many characters a line has at most, unless one word is longer.
const Width = 80

// The texts: one paragraph a line. A line that begins with @ and words is for these uses only, or for machines that are
// paused. Names in braces are replaced.
var (
	//go:embed notice.en.txt
	english string
	//go:embed notice.fr.txt
	french string
	//go:embed pupils.en.txt
	pupilsEnglish string
	//go:embed pupils.fr.txt
	pupilsFrench string
)

// Notice is what a notice says beside its fixed text. A name that is not set leaves a visible blank.
type Notice struct {
	Organisation string // who answers for what is counted
	Address      string // of the organisation
	Contact      string // where to ask, and to object
	DPO          string // its data protection officer
	Use          string // individual, shared or server; any other is taken as individual
	Paused       bool   // nothing is counted at present
}

// Text is the whole notice in French (fr) or English (any other language), in lines of at most Width characters.
func Text(lang string, n Notice) string {
	if lang == "fr" {
		return n.fill(french, blanks(lang))
	}
	return n.fill(english, blanks(lang))
}

// Pupils is a short notice in plain words, to be put up in a computer room: twelve lines, more where a name is long.
func Pupils(lang string, n Notice) string {
	if lang == "fr" {
		return n.fill(pupilsFrench, blanks(lang))
	}
	return n.fill(pupilsEnglish, blanks(lang))
}

// blanks is what stands where a name is not set.
func blanks(lang string) Notice {
	if lang == "fr" {
		return Notice{Organisation: "[organisme]", Address: "[adresse de l'organisme]", Contact: "[adresse de contact]", DPO: "[nom du DPD]"}
	}
	return Notice{Organisation: "[organisation]", Address: "[address of the organisation]", Contact: "[contact address]", DPO: "[name of the DPO]"}
}

func (n Notice) fill(text string, blanks Notice) string {
	names := strings.NewReplacer(
		"{organisation}", cmp.Or(oneLine(n.Organisation), blanks.Organisation), "{address}", cmp.Or(oneLine(n.Address), blanks.Address),
		"{contact}", cmp.Or(oneLine(n.Contact), blanks.Contact), "{dpo}", cmp.Or(oneLine(n.DPO), blanks.DPO),
	)
	var b strings.Builder
	for line := range strings.Lines(text) {
		line, ok := n.concerns(strings.TrimSpace(line))
		if !ok {
			continue
		}
		wrap(&b, names.Replace(line))
	}
	return b.String()
}

// oneLine is a name without what could pass for another line of the notice.
func oneLine(name string) string { return strings.Join(strings.Fields(name), " ") }

// concerns tells whether a line is for this machine, and is the line without its mark.
func (n Notice) concerns(line string) (string, bool) {
	marked, ok := strings.CutPrefix(line, "@")
	if !ok {
		return line, true
	}
	use := n.Use
	if use != "shared" && use != "server" {
		use = "individual"
	}
	mark, rest, _ := strings.Cut(marked, " ")
	for one := range strings.SplitSeq(mark, ",") {
		if one == use || one == "paused" && n.Paused {
			return rest, true
		}
	}
	return "", false
}

// wrap writes a paragraph in lines of at most Width characters. An item of a list is indented from its second line on.
func wrap(b *strings.Builder, paragraph string) {
	indent := ""
	if strings.HasPrefix(paragraph, "- ") {
		indent = "\n  "
	}
	column := 0
	for i, word := range words(paragraph) {
		length := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+length > Width:
			b.WriteString(cmp.Or(indent, "\n"))
			column = max(0, len(indent)-1)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += length
	}
	b.WriteByte('\n')
}

// words are those of a paragraph. Signs that French sets off by a space stay with their word, and commands in one piece.
func words(paragraph string) []string {
	var list []string
	for word := range strings.FieldsSeq(paragraph) {
		last := len(list) - 1
		if last >= 0 && (len(word) <= len("»") && strings.Contains(":;?!»", word) || list[last] == "«" || list[last] == "-" || list[last] == "veille-agent") {
			list[last] += " " + word
			continue
		}
		list = append(list, word)
	}
	return list
}
