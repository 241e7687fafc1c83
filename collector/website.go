package collector

import "time"

// Website is a public web site, or a single page, that an organisation has measured.
type Website struct {
	ID           int64
	Organisation int64 // 0: nobody knows whose it is, as of pages of before there were several organisations
	Site         int64 // of the organisation, whose own it is: users of that site see it; 0: of all of it
	Kind         WebsiteKind
	Name         string // by which people call it, unique among those of an organisation
	Contact      string // a mail address or a page by which its people reach those who measure it: it is in the User-Agent; "" for none
	Rules        WebsiteRules
	EveryDays    int  // days from one measure to the next, 1 to 365
	Open         bool // everybody may see its badge and its figures, not only users of the organisation
	AddedOn      Date
	NextOn       Date   // the night that begins on this date measures it again
	Asked        bool   // somebody asked for it to be measured as soon as may be
	Tries        int    // how often in a row it could not be measured
	Problem      string // why it could not be the last time, as the measuring says it, in English; "" when it could
}

// WebsiteKind says whether a site's pages are looked for.
type WebsiteKind string

// The kinds.
const (
	KindSite WebsiteKind = "site" // its pages are found by robots.txt, sitemaps and links
	KindPage WebsiteKind = "page" // the one page at its address
)

// WebsiteRules say which pages are measured, and how. A single page knows URL and Mode only.
type WebsiteRules struct {
	URL       string        `json:"url"`        // where it begins
	Mode      string        `json:"mode"`       // "two-speed", "static" or "browser"
	MaxPages  int           `json:"max_pages"`  // 1 to 20,000
	Depth     int           `json:"depth"`      // links from the first page, 1 to 1000
	Under     string        `json:"under"`      // only pages whose path begins with it; "" for all
	Exclude   []string      `json:"exclude"`    // patterns of paths and queries that are left out
	Hosts     []string      `json:"hosts"`      // others of the same site
	DropQuery bool          `json:"drop_query"` // addresses that differ in their query are one page
	Delay     time.Duration `json:"delay"`      // nanoseconds for which the site is left alone after each page
	Sample    int           `json:"sample"`     // pages that the browser is sent to in the two-speed mode; 0: as many as the site asks for
}

// WebRun is what one measure of a website gave.
type WebRun struct {
	Website  int64
	At       time.Time // the date of its end, at midnight UTC, and a second for each run of that date before: who asks for one is at his desk
	Mode     string    // as in WebsiteRules
	Protocol string    // of the browser, or "static" where none was sent
	Version  string    // of the program that measured

	Pages     int // that were looked at
	Measured  int // of them, with a browser
	Failed    int // that could not be looked at
	Unchanged int // of Pages, that had not changed since the run before, whose figures hold

	Mean, Median WebFigure
	Grades       map[string]WebFigure // pages by grade, A to G: seven of them
	SizeKB       float64              // of all pages together, as transferred
	Templates    []WebTemplate        // those that cost the site most first
	Notes        []string             // hosts that were left alone, sitemaps that could not be read: sentences in English

	// Audit is the JSON of a practice.SiteAudit: what the site could do better, by rule. Empty where nothing is known.
	Audit []byte
}

// WebFigure is a figure and the range in which it lies in 95 sites of 100; the range is nil where nothing is known of it.
type WebFigure struct {
	Value float64  `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// WebTemplate is what the pages of one template are on average, as a browser would find them.
type WebTemplate struct {
	Group    int     `json:"template"`
	Example  string  `json:"example"` // the address of one
	Pages    int     `json:"pages"`
	Measured int     `json:"measured"` // with a browser
	Score    float64 `json:"score"`
	DOM      float64 `json:"dom"`
	Requests float64 `json:"requests"`
	SizeKB   float64 `json:"size_kb"`
	Share    float64 `json:"share"` // of all points that the site lacks, 0 to 1
}

// WebPage is a page of a website, as the last run found it.
type WebPage struct {
	Website int64
	URL     string
	Group   int      // its template
	Score   float64  // 0 to 100: measured where Browser is not nil, else expected by what a browser found on others, else of the quick look
	Static  WebSizes // of the quick look
	Browser *WebSizes
	At      time.Time // when the figures were measured, as in WebRun; of an unchanged page that is an earlier run
	SeenAt  time.Time // when it was last asked for, likewise

	Code    string // why it could not be looked at, as web.Code says it; "" when it could: then the figures hold
	Problem string // the same as a sentence, in English

	// Audit is the JSON of a practice.PageKept: what the page could do better. Empty where nothing is known.
	Audit []byte
}

// WebSizes are the three figures that make a score.
type WebSizes struct {
	DOM      int     `json:"dom"`
	Requests int     `json:"requests"`
	SizeKB   float64 `json:"size_kb"`
}

// WebScore is what one measure of one page gave.
type WebScore struct {
	At       time.Time // as in WebRun
	Mode     string    // "static" or "browser"
	Protocol string    // by which it was measured
	Version  string    // of the program
	WebSizes
	Raw float64 // the score without rounding, 0 to 100
}

// WebPlan is when a website is measured again, and why it could not be.
type WebPlan struct {
	NextOn  Date
	Tries   int
	Problem string
	Asked   bool // somebody asked for it again while it was being measured
}
