package collector

// Quantity is a number that a person states of an organisation and that no meter of ours gives: how many people work there, what was bought,
// what was thrown away. It holds for whole months.
type Quantity struct {
	ID           int64
	Organisation int64
	Site         int64  // of which it is; 0: of all of it
	Name         string // of Quantities
	From, To     Month  // both in it
	Value        float64
	Source       string // what says so: an invoice, a register
	Owner        string // the function that states it: never a person's name
	Note         string
}

// QuantityKind is a quantity that can be stated.
type QuantityKind struct {
	Name     string // "staff"
	Unit     string // "" of a count
	Standing bool   // it is what there is, so that the last one holds; else what came and went in its months, and is added up
	Whole    bool   // a whole number
}

// Step is something of an organisation's governance that was done on a date.
type Step struct {
	ID           int64
	Organisation int64
	Kind         string // of StepKinds
	On           Date
	Title        string
	Owner        string // the function that answers for it: never a person's name
	Note         string
}

// StepKinds are the kinds of steps: the charter signed, somebody named to lead, a meeting of the committee, figures published, the staff's
// representatives consulted, the impact assessment signed, an audit, the label awarded, and renewed.
func StepKinds() []string {
	return []string{"charter", "lead", "committee", "published", "consulted", "dpia", "audit", "award", "renewal"}
}

// Evidence is where what a line of a report says can be looked up. The document itself stays with the organisation.
type Evidence struct {
	ID           int64
	Organisation int64
	Of           string // the line, item, action or step that it is for: "U1", "PA10", "action 3", "step 2"
	Title        string
	Where        string // an address of the web, or the reference of a document
	On           Date   // of the document; "": nobody has said
	SHA256       string // of the file, 64 hexadecimal digits; "" where nobody has said
	Note         string
}

// Remark is what the organisation says beside a line or an item of a report, and who stands for it.
type Remark struct {
	Organisation  int64
	Of            string // as of Evidence
	Text          string // up to MaxRemark bytes, of several lines or one
	NotApplicable bool   // the line does not concern the organisation; Text says why
	By            string // the function that validated it; "": nobody has
	On            Date   // when; "" with By
}

// MaxRemark is how many bytes a remark may have.
const MaxRemark = 4000

// Reading is what a meter of a building counted between two dates.
type Reading struct {
	Organisation int64
	Site         int64
	Meter        string // its name or number
	From, To     Date   // both in it
	KWh          float64
	Source       string // the file that it was imported from
}

// Grid is the statuses of the criteria of the RGESN for a website, as people have validated them.
type Grid struct {
	Organisation int64
	Website      int64
	On           Date // of the assessment
	Source       string
	Criteria     []Criterion // in the order of the file; each once
}

// Criterion is one of the RGESN, as people have assessed it.
type Criterion struct {
	ID       string `json:"id"`       // "6.3"
	Priority string `json:"priority"` // of Priorities
	Status   string `json:"status"`   // of Statuses
}

// Priorities are those of criteria of the RGESN, the most urgent first.
func Priorities() []string { return []string{"priority", "recommended", "moderate"} }

// Statuses are those of criteria of the RGESN: validated, under way, not validated, not applicable, still to assess.
func Statuses() []string {
	return []string{"validated", "underway", "not-validated", "not-applicable", "to-assess"}
}

// Template is a referential that an organisation has typed in, or has changed, in the place of one that comes with the program.
type Template struct {
	Organisation int64
	ID           string // "lnr-2022"
	Version      string // of the file, as it says it
	Text         string // YAML, up to MaxTemplate bytes
	AddedOn      Date
}

// MaxTemplate is how many bytes a template may have.
const MaxTemplate = 256 << 10

// Snapshot is a report as it was on the day when it was frozen. It is kept for ever and never changed.
type Snapshot struct {
	ID           int64
	Organisation int64
	Template     string
	From, To     Month
	MadeOn       Date
	Method       string // version of the method, with that of the factors
	Simulated    bool
	SHA256       string // of the canonical JSON, 64 hexadecimal digits; unique in an organisation
	JSON         []byte // canonical, with the hash in it; nil in lists
}

// Baseline is what machines did before an action, as it was told when it was kept: what comes later, such as the end of what figures of months
// are kept for, does not change what the action is compared with.
type Baseline struct {
	Action       int64
	Organisation int64
	KeptOn       Date
	SHA256       string // of JSON, 64 hexadecimal digits
	JSON         []byte // see collector/balance
}
