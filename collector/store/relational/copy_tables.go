package relational

import "slices"

// copied is a table that Copy brings from one ledger to another, in the order of its key.
type copied struct {
	name  string
	key   []string // no key: it has one row at most, or few, and is copied as a whole
	later string   // a column that points into the same table: it is filled when all rows are there
}

// tablesCopied are all tables in such an order that a row comes after those that it points to; fixed_month comes before fixed, which closes
// its month. Leases, and what is said of the copy itself, are of one ledger only.
func tablesCopied() []copied { return slices.Concat(tablesOfMachines(), tablesOfOthers()) }

func tablesOfMachines() []copied {
	return []copied{
		{name: "organisation", key: []string{"id"}},
		{name: "site", key: []string{"id"}},
		{name: "site_group", key: []string{"id"}},
		{name: "token", key: []string{"hash"}},
		{name: "machine", key: []string{"id"}, later: "replaced_by"},
		{name: "erased"},
		{name: "meter_rule", key: []string{"id"}},
		{name: "meter", key: []string{"id"}},
		{name: "meter_token", key: []string{"hash"}},
		{name: "meter_post", key: []string{"id"}},
		{name: "meter_block", key: []string{"meter", "day"}},
		{name: "meter_day", key: []string{"meter", "date"}},
		{name: "meter_stale", key: []string{"meter", "day"}},
		{name: "meter_state"},
		{name: "rejoined", key: []string{"machine"}},
		{name: "calendar", key: []string{"site"}},
		{name: "policy", key: []string{"site"}},
		{name: "user", key: []string{"id"}},
		{name: "user_key", key: []string{"hash"}},
		{name: "password", key: []string{"user"}},
		{name: "invitation", key: []string{"hash"}},
		{name: "session", key: []string{"hash"}},
		{name: "audit", key: []string{"id"}},
		{name: "kind", key: []string{"id"}},
		{name: "place", key: []string{"id"}},
		{name: "day", key: []string{"day", "machine", "place"}},
		{name: "revision"},
		{name: "stale", key: []string{"day"}},
		{name: "quarantine", key: []string{"machine", "date", "hour"}},
		{name: "group_day", key: []string{"day", "place", "class"}},
		{name: "machine_month", key: []string{"month", "machine"}},
		{name: "fixed_month", key: []string{"organisation", "month", "place", "class"}},
		{name: "fixed", key: []string{"organisation", "month"}},
		{name: "run", key: []string{"id"}},
		{name: "closed"},
	}
}

func tablesOfOthers() []copied {
	return []copied{
		{name: "website", key: []string{"id"}},
		{name: "web_method", key: []string{"id"}},
		{name: "web_address", key: []string{"id"}},
		{name: "web_run", key: []string{"id"}},
		{name: "web_page", key: []string{"address"}},
		{name: "web_audit", key: []string{"address"}},
		{name: "web_score", key: []string{"address", "at"}},
		{name: "web_host", key: []string{"organisation", "host"}},
		{name: "point", key: []string{"measurement", "time", "tags", "field"}},
		{name: "price", key: []string{"organisation", "from_month"}},
		{name: "factor", key: []string{"organisation", "id"}},
		{name: "target", key: []string{"id"}},
		{name: "action", key: []string{"id"}},
		{name: "equipment", key: []string{"site", "class", "bought", "way", "state", "ecolabel", "left_month", "end"}},
		{name: "quantity", key: []string{"id"}},
		{name: "step", key: []string{"id"}},
		{name: "evidence", key: []string{"id"}},
		{name: "remark", key: []string{"organisation", "about"}},
		{name: "meter_reading", key: []string{"site", "meter", "from_date", "to_date"}},
		{name: "rgesn_grid", key: []string{"website"}},
		{name: "template", key: []string{"organisation", "id"}},
		{name: "snapshot", key: []string{"id"}},
		{name: "baseline", key: []string{"action"}},
		{name: "outbox_position", key: []string{"destination", "stream"}},
		{name: "outbox_delivery", key: []string{"destination"}},
		{name: "outbox_refused", key: []string{"id"}},
		{name: "tombstone", key: []string{"id"}},
		{name: "key_print", key: []string{"name"}},
	}
}
