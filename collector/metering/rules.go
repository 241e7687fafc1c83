package metering

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"veille/collector"
)

// separator stands between what the bytes of a series are made of. The decoder lets no control character into them.
const separator = 0x1f

// mostRemembered is how many bytes of series are remembered of a site: when there are more, all are forgotten, and found again one by one.
const mostRemembered = 16 << 20

// freshFor is for how long rules are believed that nobody changed: the use of a machine may have changed.
const freshFor = time.Minute

// sites are the rules of the sites that have posted.
type sites struct {
	mu   sync.Mutex
	byID map[int64]*siteRules
}

// of is what is known of a site by the version of its token's entrance, or newer.
func (s *sites) of(ctx context.Context, ledger Ledger, e collector.MeterEntrance, now time.Time) (*siteRules, error) {
	s.mu.Lock()
	r := s.byID[e.Site]
	s.mu.Unlock()
	if r != nil && r.version == e.Version && now.Sub(r.read).Abs() < freshFor {
		return r, nil
	}
	rules, err := ledger.MeterRulesOf(ctx, e.Site)
	if err != nil {
		return nil, err
	}
	fresh := &siteRules{version: e.Version, read: now, rules: rules, remembered: &remembered{}}
	if r != nil && reflect.DeepEqual(r.rules, rules) {
		fresh.remembered = r.remembered
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[int64]*siteRules{}
	}
	s.byID[e.Site] = fresh
	return fresh, nil
}

// siteRules are the rules of a site, and which series are whose.
type siteRules struct {
	version int64
	read    time.Time
	rules   []collector.MeterRule
	*remembered
}

// remembered are series that came, by their bytes.
type remembered struct {
	mu     sync.RWMutex
	series map[string]*series
	bytes  int
}

// series is a measurement with tags: which of its fields are wanted.
type series struct{ targets []*target }

// target is a field of a series that is a meter.
type target struct {
	field string
	rule  *collector.MeterRule
	key   collector.MeterKey
	meter atomic.Int64 // its number; 0: nobody has asked for it yet, or it could not be made
}

// find is the series with these bytes, or nil.
func (r *remembered) find(key []byte) *series {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.series[string(key)]
}

// keep remembers a series.
func (r *remembered) keep(key string, s *series) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bytes += len(key) + 200*(1+len(s.targets)); r.series == nil || r.bytes > mostRemembered {
		r.series, r.bytes = map[string]*series{}, len(key)
	}
	r.series[key] = s
}

// tag is one of a line.
type tag struct{ name, value string }

// match finds what is wanted of a series. Of several rules for a field the one with the most tags counts, and of those the oldest; one of a plug
// that is ended or barred counts too, and takes nothing. A plug wins over other rules with as many tags.
func match(rules []collector.MeterRule, measurement string, tags []tag) *series {
	byName := make(map[string]string, len(tags))
	for _, t := range tags {
		byName[t.name] = t.value
	}
	best := map[string]*collector.MeterRule{}
	var fields []string
	for i := range rules {
		r := &rules[i]
		if r.Measurement != measurement || !hasAll(byName, r.Tags) {
			continue
		}
		before := best[r.Field]
		if before == nil {
			fields = append(fields, r.Field)
		}
		if before == nil || len(r.Tags) > len(before.Tags) || len(r.Tags) == len(before.Tags) && r.Kind == "plug" && before.Kind != "plug" {
			best[r.Field] = r
		}
	}
	s := &series{}
	for _, field := range fields {
		r := best[field]
		if r.Barred || r.RemovedOn != "" { // of a plug: no wider rule takes its lines
			continue
		}
		s.targets = append(s.targets, &target{field: field, rule: r, key: collector.MeterKey{Rule: r.ID, Values: valuesOf(byName, r.By)}})
	}
	return s
}

func hasAll(have map[string]string, want collector.Tags) bool {
	for _, t := range want {
		if value, ok := have[t.Name]; !ok || value != t.Value {
			return false
		}
	}
	return true
}

// valuesOf are the values of tags, as a collector.MeterKey has them.
func valuesOf(tags map[string]string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	values := make([]string, len(names))
	for i, name := range names {
		values[i] = tags[name]
	}
	return strings.Join(values, string(rune(separator)))
}
