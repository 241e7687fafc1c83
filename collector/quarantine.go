package collector

// Refused is a record that could not be accepted as it is, kept for some weeks for a person to look at. The agent has it too.
type Refused struct {
	Machine int64
	Site    int64
	On      Date   // when it came; a date, never a time
	Date    string // as the record says it; it may be no date
	Hour    int    // or WholeDay
	Agent   string // version, as the record says it
	Reason  string // a sentence
	Record  string // the record in JSON, with the fields that a record has and no other; "" where it is too long
}
