package grafana

// The model of a dashboard as Grafana 9 to 12 read it, as far as these boards use it.

// schema is the version of the model: that of Grafana 9.0. Later ones bring it up to theirs when they read it.
const schema = 36

type dashboard struct {
	UID           string      `json:"uid"`
	Title         string      `json:"title"`
	Description   string      `json:"description"`
	Tags          []string    `json:"tags"`
	Timezone      string      `json:"timezone"`
	WeekStart     string      `json:"weekStart"`
	Editable      bool        `json:"editable"`
	GraphTooltip  int         `json:"graphTooltip"`
	Refresh       string      `json:"refresh"` // "": never by itself
	LiveNow       bool        `json:"liveNow"`
	SchemaVersion int         `json:"schemaVersion"`
	Version       int         `json:"version"`
	Time          span        `json:"time"`
	TimePicker    picker      `json:"timepicker"`
	Annotations   annotations `json:"annotations"`
	Templating    templating  `json:"templating"`
	Links         []link      `json:"links"`
	Panels        []panel     `json:"panels"`
}

type span struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type picker struct {
	RefreshIntervals []string `json:"refresh_intervals"`
}

type link struct {
	Title       string   `json:"title"`
	Type        string   `json:"type"`
	Tags        []string `json:"tags"`
	AsDropdown  bool     `json:"asDropdown"`
	IncludeVars bool     `json:"includeVars"`
	KeepTime    bool     `json:"keepTime"`
	URL         string   `json:"url"`
	Icon        string   `json:"icon"`
	Tooltip     string   `json:"tooltip"`
	TargetBlank bool     `json:"targetBlank"`
}

type annotations struct {
	List []annotation `json:"list"`
}

type annotation struct {
	BuiltIn    int        `json:"builtIn,omitempty"`
	Name       string     `json:"name"`
	Type       string     `json:"type"`
	Datasource source     `json:"datasource"`
	Enable     bool       `json:"enable"`
	Hide       bool       `json:"hide"`
	IconColor  string     `json:"iconColor"`
	Target     tagsOfNote `json:"target"`
}

type tagsOfNote struct {
	Limit    int      `json:"limit"`
	MatchAny bool     `json:"matchAny"`
	Tags     []string `json:"tags"`
	Type     string   `json:"type"`
}

// source names a data source.
type source struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type templating struct {
	List []variable `json:"list"`
}

type variable struct {
	Name       string   `json:"name"`
	Label      string   `json:"label"`
	Type       string   `json:"type"` // custom or query
	Datasource *source  `json:"datasource,omitempty"`
	Query      any      `json:"query"` // text, or the object of a query of Prometheus
	Definition string   `json:"definition,omitempty"`
	Current    option   `json:"current"`
	Options    []option `json:"options"`
	Multi      bool     `json:"multi"`
	IncludeAll bool     `json:"includeAll"`
	AllValue   string   `json:"allValue,omitempty"`
	Refresh    int      `json:"refresh"` // 0: never, 1: when the board is opened
	Sort       int      `json:"sort"`
	Hide       int      `json:"hide"`
}

type option struct {
	Text     any  `json:"text"`
	Value    any  `json:"value"`
	Selected bool `json:"selected"`
}

type place struct {
	H int `json:"h"`
	W int `json:"w"`
	X int `json:"x"`
	Y int `json:"y"`
}

type panel struct {
	ID              int              `json:"id"`
	Type            string           `json:"type"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	GridPos         place            `json:"gridPos"`
	Datasource      *source          `json:"datasource,omitempty"`
	Targets         []target         `json:"targets,omitempty"`
	FieldConfig     *fieldConfig     `json:"fieldConfig,omitempty"`
	Options         map[string]any   `json:"options"`
	Transformations []transformation `json:"transformations,omitempty"`
	Interval        string           `json:"interval,omitempty"` // the shortest step of its queries
	MaxDataPoints   int              `json:"maxDataPoints,omitempty"`
	TimeFrom        string           `json:"timeFrom,omitempty"`
	TimeShift       string           `json:"timeShift,omitempty"`
}

// target is a query of a panel, in the words of its data source.
type target struct {
	RefID      string `json:"refId"`
	Datasource source `json:"datasource"`
	Hide       bool   `json:"hide,omitempty"`

	// InfluxQL.
	Query        string `json:"query,omitempty"`
	RawQuery     bool   `json:"rawQuery,omitempty"`
	ResultFormat string `json:"resultFormat,omitempty"`
	Alias        string `json:"alias,omitempty"`

	// PromQL.
	EditorMode   string `json:"editorMode,omitempty"`
	Expr         string `json:"expr,omitempty"`
	LegendFormat string `json:"legendFormat,omitempty"`
	Format       string `json:"format,omitempty"`
	Interval     string `json:"interval,omitempty"`
	Instant      bool   `json:"instant,omitempty"`
	Range        bool   `json:"range,omitempty"`

	// Grafana's own arithmetic with the answers of other targets.
	Type       string `json:"type,omitempty"`
	Expression string `json:"expression,omitempty"`
}

type transformation struct {
	ID      string         `json:"id"`
	Options map[string]any `json:"options"`
}

type fieldConfig struct {
	Defaults  defaults   `json:"defaults"`
	Overrides []override `json:"overrides"`
}

type defaults struct {
	Unit       string         `json:"unit,omitempty"`
	Decimals   *int           `json:"decimals,omitempty"`
	Min        *float64       `json:"min,omitempty"`
	Max        *float64       `json:"max,omitempty"`
	NoValue    string         `json:"noValue,omitempty"`
	Color      *color         `json:"color,omitempty"`
	Mappings   []mapping      `json:"mappings,omitempty"`
	Thresholds *thresholds    `json:"thresholds,omitempty"`
	Custom     map[string]any `json:"custom,omitempty"`
}

type color struct {
	Mode  string `json:"mode"`
	Fixed string `json:"fixedColor,omitempty"`
}

type thresholds struct {
	Mode  string `json:"mode"`
	Steps []step `json:"steps"`
}

// step begins at a value; the first has none.
type step struct {
	Color string   `json:"color"`
	Value *float64 `json:"value"`
}

type mapping struct {
	Type    string `json:"type"`    // value or range
	Options any    `json:"options"` // by value, or a bounds
}

type bounds struct {
	From   *float64 `json:"from"`
	To     *float64 `json:"to"`
	Result result   `json:"result"`
}

type result struct {
	Text  string `json:"text"`
	Color string `json:"color,omitempty"`
	Index int    `json:"index"`
}

type override struct {
	Matcher    property   `json:"matcher"`
	Properties []property `json:"properties"`
}

// property is what an override sets, and its matcher what it is set of.
type property struct {
	ID    string `json:"id"`
	Value any    `json:"value,omitempty"`
	// Options is the value of a matcher.
	Options any `json:"options,omitempty"`
}
