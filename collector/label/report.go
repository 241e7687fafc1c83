package label

import "veille/collector"

// Words are a text in both languages.
type Words struct {
	FR string `json:"fr" yaml:"fr"`
	EN string `json:"en" yaml:"en"`
}

// In is the text in a language: fr, or English.
func (w Words) In(language string) string {
	if language == "fr" {
		return w.FR
	}
	return w.EN
}

// The statuses of lines.
const (
	Measured      = "measured"       // by agents, or by the crawler
	Imported      = "imported"       // from an inventory or a meter
	Declared      = "declared"       // stated by people
	NotApplicable = "not-applicable" // the organisation says why in a remark
	ToComplete    = "to-complete"    // nothing is known: never printed as 0
)

// The qualities of figures, after the French product category rules (RCP): metered; measured inside of the machine, or a model calibrated on
// it; a typical value of its class.
const (
	High   = "high"
	Medium = "medium"
	Low    = "low"
)

// The trends of lines.
const (
	Better = "better"
	Worse  = "worse"
	Same   = "same" // or within what the figure may be wrong by
)

// Report is a label report. As JSON it is all that any of its formats says; fields are added, never renamed.
type Report struct {
	Schema          string         `json:"schema"` // Schema
	Organisation    string         `json:"organisation"`
	SIREN           string         `json:"siren,omitempty"`
	Contact         string         `json:"contact,omitempty"`
	Template        string         `json:"template"` // its id
	TemplateVersion string         `json:"template_version"`
	Title           Words          `json:"title"`  // of the template
	Source          Words          `json:"source"` // of the template's words, with their licence
	Period          Period         `json:"period"`
	Previous        Period         `json:"previous"` // that lines are compared with: the same months a year before, or two or three where the period is longer
	MadeOn          collector.Date `json:"made_on"`
	MethodVersion   string         `json:"method_version"` // Method, and "+" and the first 8 digits of the hash of the factors
	Simulated       bool           `json:"simulated"`
	Factors         []Factor       `json:"factors"` // the set that all of it is reckoned with, by id
	Prices          []Price        `json:"prices"`
	CoveragePct     *float64       `json:"coverage_pct"` // of the time of all machines of the inventory, that the energy covers; nil: nothing is known
	Quality         Quality        `json:"quality"`
	First           First          `json:"read_first"`
	Themes          []Theme        `json:"themes"`
	Lines           []Line         `json:"lines"` // those that the themes name, each once, in their order
	Actions         []Action       `json:"actions"`
	Steps           []Step         `json:"steps"`
	Evidence        []Evidence     `json:"evidence"` // all of it, numbered from 1 in the order of this list
	Inventory       []Stock        `json:"inventory"`
	Weak            []string       `json:"weak"`             // ids of lines that are of low quality, not representative, or without evidence where they are declared
	SHA256          string         `json:"sha256,omitempty"` // of the canonical JSON of all else; see Seal
}

// Period is whole months.
type Period struct {
	From   collector.Month `json:"from"`
	To     collector.Month `json:"to"`
	Months int             `json:"months"` // with figures of machines
	Of     int             `json:"of"`     // months
}

// Quality is how much of the energy was obtained how, in percent of kWh; all 0 where none is known. Of machines of persons it is known only by
// which methods some of it was obtained, so that all of theirs counts by the weakest of them.
type Quality struct {
	HighPct   float64 `json:"high_pct"`
	MediumPct float64 `json:"medium_pct"`
	LowPct    float64 `json:"low_pct"`
}

// First is what must be read before the figures, and cannot be taken out.
type First struct {
	Machines    int      `json:"machines"`     // followed, in the month that had most
	Inventory   int      `json:"inventory"`    // computers in service by the inventory; 0: there is none
	Sites       int      `json:"sites"`        // that send figures
	SitesOf     int      `json:"sites_of"`     // of the organisation
	ObservedPct *float64 `json:"observed_pct"` // of the time of the machines followed, in which their state is known
	Hidden      int      `json:"hidden_months"`
	Baselines   []Span   `json:"baselines"` // that savings are compared with
	Changes     []Words  `json:"changes"`   // of method or factors since the last report that was kept
	Limits      []Words  `json:"limits"`    // sentences
}

// Span is the first and the last month of a baseline, and what it is of.
type Span struct {
	Action string          `json:"action"`
	From   collector.Month `json:"from"`
	To     collector.Month `json:"to"`
	KeptOn collector.Date  `json:"kept_on"` // "": it is not kept yet
}

// Theme is one heading of a template.
type Theme struct {
	ID    string `json:"id"`
	Title Words  `json:"title"`
	Items []Item `json:"items"`
}

// Item is one point of a theme: a principle, a question, a rule of a checklist.
type Item struct {
	ID       string   `json:"id"`
	Title    Words    `json:"title"`
	Points   []Words  `json:"points"`   // what belongs to it
	Lines    []string `json:"lines"`    // ids of lines
	Hints    []Words  `json:"hints"`    // which evidence an auditor may ask for
	Status   string   `json:"status"`   // of its lines and remarks: the best that it has, see Item.settle
	Evidence []int    `json:"evidence"` // numbers of Report.Evidence
	Remark   *Remark  `json:"remark"`
}

// Line is one indicator in a period.
type Line struct {
	ID             string          `json:"id"` // "U1", or "L1.age" where an indicator has several figures
	Title          Words           `json:"title"`
	Formula        Words           `json:"formula"`
	Value          *float64        `json:"value"` // nil: see Missing
	Low            *float64        `json:"low"`   // nil: no range is known
	High           *float64        `json:"high"`
	Unit           string          `json:"unit"`     // "" of a count
	Decimals       int             `json:"decimals"` // that are written
	Status         string          `json:"status"`
	CoveragePct    *float64        `json:"coverage_pct"`       // nil: it covers all, or nothing is known of that
	Representative bool            `json:"representative"`     // false: less than 60 percent are covered, and nothing was extrapolated
	Observed       *float64        `json:"observed,omitempty"` // before it was extrapolated to what is not covered; nil: it was not
	Quality        string          `json:"quality"`            // "" of what has none
	Methods        []string        `json:"methods"`            // how energy was obtained, as collector.Methods
	Previous       *float64        `json:"previous"`
	Target         *float64        `json:"target"`
	TargetBy       collector.Month `json:"target_by,omitempty"`
	Trend          string          `json:"trend"`    // "" where there is nothing to compare
	Obtained       Words           `json:"obtained"` // how, in a sentence
	Missing        *Words          `json:"missing"`  // why there is no value
	Notes          []Words         `json:"notes"`
	Parts          []Part          `json:"parts"` // that it is made of: by class, by website
	Evidence       []int           `json:"evidence"`
	Remark         *Remark         `json:"remark"`
}

// Part is a part of a line.
type Part struct {
	Name  Words    `json:"name"`
	Value *float64 `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
	Unit  string   `json:"unit"`
	Note  *Words   `json:"note"`
}

// Factor is one that figures are reckoned with.
type Factor struct {
	ID       string  `json:"id"`
	Value    float64 `json:"value"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Unit     string  `json:"unit"`
	Year     int     `json:"year"`
	Source   string  `json:"source"`
	Link     string  `json:"link"`
	Licence  string  `json:"licence"`
	Verified bool    `json:"verified"`
}

// Price is that of a kilowatt-hour from a month on.
type Price struct {
	From       collector.Month `json:"from"`
	EuroPerKWh float64         `json:"euro_per_kwh"`
	Tax        string          `json:"tax"`
	Source     string          `json:"source"`
}

// Figure is a figure with its range, of an action.
type Figure struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Action is an action of the plan, with what it was to save in a year and what it saved in the period.
type Action struct {
	ID          int64          `json:"id"`
	Name        string         `json:"name"`
	Where       string         `json:"where"` // name of the site; "" everywhere
	Measure     string         `json:"measure"`
	On          collector.Date `json:"on"`
	Until       collector.Date `json:"until,omitempty"`
	Owner       string         `json:"owner"`
	Serves      string         `json:"serves,omitempty"`
	Note        string         `json:"note,omitempty"`
	ExpectedKWh *float64       `json:"expected_kwh"` // in a year
	Base        Span           `json:"baseline"`
	KWh         *Figure        `json:"kwh"` // avoided in the period; below 0: more was used
	Euros       *Figure        `json:"euros"`
	Carbon      *Figure        `json:"carbon_kgco2e"`
	YearKWh     *Figure        `json:"year_kwh"`
	Counted     bool           `json:"counted"` // it is in E2: no other action that is counted is of the same machines
	Within      bool           `json:"within"`  // it may be no effect at all
	Missing     *Words         `json:"missing"` // why it cannot be told
	Notes       []Words        `json:"notes"`
	Evidence    []int          `json:"evidence"`
}

// Step is a step of governance.
type Step struct {
	ID       int64          `json:"id"`
	Kind     string         `json:"kind"`
	On       collector.Date `json:"on"`
	Title    string         `json:"title"`
	Owner    string         `json:"owner"`
	Note     string         `json:"note,omitempty"`
	Evidence []int          `json:"evidence"`
}

// Evidence is where something can be looked up.
type Evidence struct {
	Number int            `json:"number"`
	Of     string         `json:"of"`
	Title  string         `json:"title"`
	Where  string         `json:"where"`
	On     collector.Date `json:"on"`
	SHA256 string         `json:"sha256,omitempty"`
	Note   string         `json:"note,omitempty"`
}

// Remark is what the organisation says.
type Remark struct {
	Text          string         `json:"text"`
	NotApplicable bool           `json:"not_applicable,omitempty"`
	By            string         `json:"by,omitempty"`
	On            collector.Date `json:"on,omitempty"`
}

// Stock is devices of one class, after the minimal inventory of the French product category rules for information systems.
type Stock struct {
	Class     string   `json:"class"` // of collector.Devices
	Count     int      `json:"count"` // in service
	InStock   int      `json:"in_stock"`
	Known     int      `json:"known"` // of Count, whose age is known
	MeanYears *float64 `json:"mean_years"`
	Reused    int      `json:"reused"`
	Lasts     *float64 `json:"lasts_years"` // by the factor that is used
	Quality   string   `json:"quality"`
}
