package influx

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"veille/collector"
)

// What InfluxDB 2.x says of buckets and organisations.
type (
	bucket struct {
		OrgID string `json:"orgID"`
		Name  string `json:"name"`
		Rules []rule `json:"retentionRules"`
	}
	rule struct {
		Type   string `json:"type"`
		EveryS int64  `json:"everySeconds"`
		ShardS int64  `json:"shardGroupDurationSeconds,omitempty"`
	}
)

// buckets makes the buckets of InfluxDB 2.x where they are missing, and looks whether they keep points for long enough.
func (s *Store) buckets(ctx context.Context) error {
	if s.org == "" {
		return s.help("it is InfluxDB 2, which wants to know the organisation: put ?org=ORG behind the address in --series")
	}
	for _, k := range keepings() {
		name := s.name + "_" + string(k)
		b, err := s.bucket(ctx, name)
		if err != nil {
			return err
		}
		if b == nil {
			if err := s.makeBucket(ctx, name, k); err != nil {
				return err
			}
			continue
		}
		kept := time.Duration(0)
		for _, r := range b.Rules {
			if r.Type == "expire" || r.Type == "" {
				kept = time.Duration(min(max(r.EveryS, 0), 1<<33)) * time.Second
			}
		}
		if kept != 0 && kept < k.For() {
			return s.help("its bucket %s keeps points for %s, and Veille's are kept for %s, so that it would drop what is older: "+
				"influx bucket update --id $(influx bucket list --org %q --name %q --hide-headers | cut -f1) --retention %s",
				name, days(kept), days(k.For()), s.org, name, days(k.For()))
		}
		s.tellOfMore(ctx, k, kept)
	}
	return nil
}

// bucket is the one of a name; nil where there is none that the token may see.
func (s *Store) bucket(ctx context.Context, name string) (*bucket, error) {
	var have struct{ Buckets []bucket }
	_, err := s.call(ctx, http.MethodGet, "api/v2/buckets", url.Values{"name": {name}, "org": {s.org}}, nil, &have)
	if a, ok := errors.AsType[*answer](err); ok && a.status == http.StatusNotFound {
		return nil, s.help("it does not know the organisation %q, or shows it to another token only (%s): look at org in --series", s.org, a.said)
	}
	if err != nil {
		return nil, err
	}
	for _, b := range have.Buckets {
		if b.Name == name {
			return &b, nil
		}
	}
	return nil, nil
}

func (s *Store) makeBucket(ctx context.Context, name string, k collector.Keeping) error {
	var have struct{ Orgs []struct{ ID, Name string } }
	_, err := s.call(ctx, http.MethodGet, "api/v2/orgs", url.Values{"org": {s.org}}, nil, &have)
	if err == nil && len(have.Orgs) == 0 {
		return s.help("it does not know the organisation %q: look at org in --series", s.org)
	}
	if err == nil {
		_, err = s.call(ctx, http.MethodPost, "api/v2/buckets", nil, bucket{
			OrgID: have.Orgs[0].ID, Name: name,
			Rules: []rule{{Type: "expire", EveryS: int64(k.For() / time.Second), ShardS: int64(shard(k) / time.Second)}},
		}, nil)
	}
	if a, ok := errors.AsType[*answer](err); ok && (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status == http.StatusNotFound) {
		return s.help("the bucket %s is missing, or hidden from this token, and the token may not make it (%s): %s", name, a.said, s.statements())
	}
	if err == nil {
		s.log.InfoContext(ctx, "made in InfluxDB", "at", s.at(), "bucket", name)
	}
	return err
}
