package practice

// SiteAudit is what a site could do better: what is kept of a survey beside its scores. It is JSON in the collector's books and in its
// API: fields are added, never renamed.
type SiteAudit struct {
	Practices []SitePractice `json:"practices"`        // that pages fail, those with most to gain first
	Rules     []SiteFinding  `json:"rules"`            // of the whole site, in the order of SiteChecks, those that say nothing included
	RGESN     []Proposal     `json:"rgesn"`            // in the order of the criteria
	Access    *Statement     `json:"access,omitempty"` // what the site says of its accessibility, its home page first
}

// SitePractice is a practice that pages of a site fail.
type SitePractice struct {
	ID     string  `json:"id"`
	Pages  int     `json:"pages"`
	Points float64 `json:"points"` // that the pages gain together
	Bytes  int64   `json:"bytes"`  // that visits of each page once would be rid of
	Worst  string  `json:"worst"`  // the page that gains most
}

// SiteFinding is what became of a rule of the whole site.
type SiteFinding struct {
	ID        string         `json:"id"`
	Status    Status         `json:"status"`
	Measured  float64        `json:"measured"` // in the unit of the rule
	Bytes     int64          `json:"bytes,omitempty"`
	Offenders []KeptOffender `json:"offenders,omitempty"` // the worst first
	More      int            `json:"more,omitempty"`      // offenders beside those
}

// Proposal is what a person may answer to a criterion of the RGESN 2024, by what was seen of the site. It is never counted into a score.
type Proposal struct {
	Criterion string   `json:"criterion"` // such as "6.3"
	Status    Proposed `json:"status"`
	Pages     int      `json:"pages"`  // of which something was seen
	Passed    int      `json:"passed"` // of them
	Measured  float64  `json:"measured"`
	Worst     string   `json:"worst,omitempty"` // the page that holds it up most
}

// Proposed is the status that is proposed to the person who decides.
type Proposed string

// What is proposed. A criterion of which only a part can be seen is never proposed as validated.
const (
	ProposedValidated    Proposed = "validated"      // Validé, as far as the pages go that were looked at
	ProposedNotValidated Proposed = "not_validated"  // Non validé
	ProposedNothing      Proposed = "not_applicable" // no page has anything of the kind
	ProposedToAssess     Proposed = "to_assess"      // À évaluer: what was seen helps, a person decides
)
