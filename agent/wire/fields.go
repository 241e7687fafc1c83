package wire

// Field is one thing that an agent sends, said in words for the people whose machines are counted.
type Field struct {
	Path            string // its place: of a batch, records[].parts[].seconds.on; of an enrolment, enrolment.use
	Type            string // text, date, whole number, number, yes or no, list of texts, group of fields
	Unit            string // s, Wh, min, h, GiB, in, bytes or "" where there is none
	English, French string // what it is, what it is computed from, and when it is absent; no full stop at the end
	Note, Remarque  string // what it means for a person, in English and in French; "" where there is nothing to say
}

// Fields are all fields that an agent sends, in the order in which it writes them: those of a Batch, then those of an
// Enrolment. A list or an object has no entry of its own, but those of what it holds.
func Fields() []Field {
	return append(append(recordFields(), partFields()...), append(costFields(), enrolmentFields()...)...)
}

// TypeIn is the name of the field's type in a language: fr, or English.
func (f Field) TypeIn(lang string) string {
	french := map[string]string{
		"text": "texte", "date": "date", "whole number": "nombre entier", "number": "nombre", "yes or no": "oui ou non",
		"list of texts": "liste de textes", "group of fields": "groupe de champs",
	}
	if lang == "fr" {
		return french[f.Type]
	}
	return f.Type
}

// UnitIn is the field's unit in a language: fr, or English.
func (f Field) UnitIn(lang string) string {
	if french, ok := map[string]string{"bytes": "octets", "GiB": "Gio", "in": "pouces"}[f.Unit]; ok && lang == "fr" {
		return french
	}
	return f.Unit
}

// TextIn is what the field is, and what it means for a person, in a language: fr, or English.
func (f Field) TextIn(lang string) (text, note string) {
	if lang == "fr" {
		return f.French, f.Remarque
	}
	return f.English, f.Note
}
