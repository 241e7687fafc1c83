package report

// FrenchPhrases are the sentences of reports.
func FrenchPhrases() []Phrase { return frenchPhrases() }
