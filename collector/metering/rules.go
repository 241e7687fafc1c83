package metering

import (
	"context"
	"reflect"
	"slices"
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

// sites are what is known of the sites that have posted.
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
	fresh := &siteRules{version: e.Version, read: now, said: rules, rules: deciding(rules), plugs: plugsOf(rules), remembered: &remembered{}, known: &numbers{}, paces: &paces{}}
	if r != nil {
		fresh.known, fresh.paces = r.known, r.paces
		if reflect.DeepEqual(r.said, rules) {
			fresh.remembered = r.remembered
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = map[int64]*siteRules{}
	}
	s.byID[e.Site] = fresh
	return fresh, nil
}

// siteRules are the rules of a site, which series are whose, and which meters it has.
type siteRules struct {
	version int64
	read    time.Time
	said    []collector.MeterRule // by the ledger
	rules   []rule
	plugs   []collector.MeterRule // of said, also those that take nothing any more
	*remembered
	known *numbers
	paces *paces
}

// rule is one that decides on lines.
type rule struct {
	*collector.MeterRule
	from int64 // what a line says of before is not taken, in milliseconds since 1970
}

// takes tells whether it takes lines. One of a plug that was ended, or is barred, takes none, and none of its lines is taken by a wider rule.
func (r rule) takes() bool { return !r.Barred && r.RemovedOn == "" }

// deciding are the rules that decide on lines. A later rule for the very same lines is in the place of that of a plug which takes none any more, from
// when it was added.
func deciding(said []collector.MeterRule) (all []rule) {
	for i := range said {
		r := rule{MeterRule: &said[i]}
		if r.Kind == "plug" {
			r.from = r.Since
		}
		later := slices.ContainsFunc(said, func(o collector.MeterRule) bool {
			return o.ID > r.ID && alike(o, *r.MeterRule) && rule{MeterRule: &o}.takes()
		})
		if !r.takes() && later {
			continue
		}
		if slices.ContainsFunc(said, func(o collector.MeterRule) bool { return o.ID < r.ID && alike(o, *r.MeterRule) }) {
			r.from = r.Since
		}
		all = append(all, r)
	}
	return all
}

func plugsOf(said []collector.MeterRule) []collector.MeterRule {
	return slices.DeleteFunc(slices.Clone(said), func(r collector.MeterRule) bool { return r.Kind != "plug" })
}

// alike tells whether two rules are for the very same lines and field.
func alike(a, b collector.MeterRule) bool {
	return a.Measurement == b.Measurement && a.Field == b.Field && slices.Equal(a.Tags, b.Tags)
}

// remembered are series that came, by their bytes.
type remembered struct {
	mu     sync.RWMutex
	series map[string]*series
	bytes  int
}

// series is a measurement with tags: which of its fields are wanted.
type series struct {
	targets []*target
	closed  int64 // the rule of a plug that takes no lines any more, and lets no other take them; 0: there is none
}

// target is a field of a series that is a meter.
type target struct {
	field string
	rule  rule
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
// that takes no lines any more counts too. What a plug says is a plug's, by whichever of its fields and of its other tags: see leave.
func match(rules []rule, plugs []collector.MeterRule, measurement string, tags []tag) *series {
	byName := make(map[string]string, len(tags))
	for _, t := range tags {
		byName[t.name] = t.value
	}
	best := map[string]rule{}
	var fields []string
	for _, r := range rules {
		if r.Measurement != measurement || !hasAll(byName, r.Tags) {
			continue
		}
		before, known := best[r.Field]
		if !known {
			fields = append(fields, r.Field)
		}
		if !known || len(r.Tags) > len(before.Tags) || len(r.Tags) == len(before.Tags) && r.Kind == "plug" && before.Kind != "plug" {
			best[r.Field] = r
		}
	}
	s := &series{}
	for _, field := range fields {
		r := best[field]
		if !r.takes() {
			s.closed = r.ID
			continue
		}
		s.targets = append(s.targets, &target{field: field, rule: r, key: collector.MeterKey{Rule: r.ID, Values: valuesOf(byName, r.By)}})
	}
	for _, p := range plugs {
		if p.Measurement == measurement && hasAll(byName, p.Tags) {
			s.leave(p)
		}
	}
	return s
}

// leave lets no other rule than those of plugs take what is of a plug: another field of the same device, or the same device under more tags, would tell the
// same. Of a plug that was ended, and is not barred, a rule may that was added since for no wider lines: whoever added it knew of them.
func (s *series) leave(p collector.MeterRule) {
	s.targets = slices.DeleteFunc(s.targets, func(t *target) bool {
		later := !p.Barred && p.RemovedOn != "" && t.rule.ID > p.ID && t.rule.Narrows(p)
		return t.rule.Kind != "plug" && !later
	})
	if s.closed == 0 && len(s.targets) == 0 && !(rule{MeterRule: &p}).takes() {
		s.closed = p.ID
	}
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
