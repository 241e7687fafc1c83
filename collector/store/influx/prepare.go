package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/store/wire"
)

// keepings are the classes of retention. Each has a policy in InfluxDB 1.8, NAME/hours and NAME/years, or a bucket in 2.x, NAME_hours and NAME_years.
func keepings() []collector.Keeping {
	return []collector.Keeping{collector.KeepHours, collector.KeepYears}
}

// shard is how much time one file of a class covers. It is chosen once: InfluxDB keeps points twice where it is changed later. A week for 90 days
// lets 30 days of late records touch five files. Half a year for six years makes 13: what a question costs there is each series in each file, and a
// year by group and month costs a third of what it did with files of 30 days.
func shard(k collector.Keeping) time.Duration {
	if k == collector.KeepHours {
		return 7 * 24 * time.Hour
	}
	return 182 * 24 * time.Hour
}

func days(d time.Duration) string { return fmt.Sprintf("%dd", d/(24*time.Hour)) }

// place is where measurements of one class are.
type place struct {
	major    int
	bucket   string // for writing
	db, rp   string // for reading by InfluxQL; rp is "" for 2.x
	keeping  collector.Keeping
	provided string // for people
}

// place is where a class is, once everything is ready there.
func (s *Store) place(ctx context.Context, k collector.Keeping) (place, error) {
	major, err := s.prepared(ctx)
	if err != nil {
		return place{}, err
	}
	return s.placeIn(major, k), nil
}

func (s *Store) placeIn(major int, k collector.Keeping) place {
	if major == 1 {
		bucket := s.name + "/" + string(k)
		return place{major: 1, bucket: bucket, db: s.name, rp: string(k), keeping: k, provided: "policy " + bucket}
	}
	bucket := s.name + "_" + string(k)
	return place{major: 2, bucket: bucket, db: bucket, keeping: k, provided: "bucket " + bucket}
}

// pingTimeout is how long small questions may take.
const pingTimeout = 30 * time.Second

// ready is the major version once everything was found ready; 0: it was not yet.
func (s *Store) ready() int {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.major
}

// prepared tells the major version once it was found that everything is ready, and makes what is missing where it may.
func (s *Store) prepared(ctx context.Context) (int, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.major != 0 {
		return s.major, nil
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout) // others wait meanwhile
	defer cancel()
	major, err := s.version(ctx)
	if err == nil && major == 1 {
		err = s.policies(ctx)
	} else if err == nil {
		err = s.buckets(ctx)
	}
	if err != nil {
		return 0, s.trouble("prepare the series in", err)
	}
	s.major = major
	return major, nil
}

// forget lets the next use look again whether everything is ready.
func (s *Store) forget() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.major = 0
}

// version asks for the major version, 1 or 2. A server that was built by hand says none: then it is asked for something that 1.8 does not have.
func (s *Store) version(ctx context.Context) (int, error) {
	res, err := s.call(ctx, http.MethodGet, "ping", nil, nil, nil)
	if err != nil {
		return 0, err
	}
	says := res.Get("X-Influxdb-Version")
	major, _, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(says), "v"), ".")
	switch major {
	case "1":
		return 1, nil
	case "2":
		return 2, nil
	case "3":
		return 0, s.help("InfluxDB %s cannot delete points, so it cannot forget a machine that is erased: use InfluxDB 1.8 or 2.7", line(says))
	}
	if says == "" && res.Get("X-Influxdb-Build") == "" {
		return 0, s.help("what answers there does not say that it is InfluxDB: look at the address in --series")
	}
	_, err = s.call(ctx, http.MethodGet, "api/v2/buckets", url.Values{"limit": {"1"}}, nil, nil)
	if a, ok := errors.AsType[*answer](err); ok && a.status == http.StatusNotFound {
		return 1, nil
	} else if err != nil && (!ok || a.status != http.StatusUnauthorized && a.status != http.StatusForbidden) {
		return 0, err
	}
	return 2, nil
}

// help is an error that a person has to do something about.
func (s *Store) help(format string, args ...any) error {
	return &collector.DeliveryError{
		Trouble: collector.NeedsHelp,
		Reason:  fmt.Sprintf("the series in InfluxDB at %s: ", s.at()) + fmt.Sprintf(format, args...) + wire.Afterwards,
	}
}

// user is who the token of InfluxDB 1.8 is of.
func (s *Store) user() string {
	if name, _, ok := strings.Cut(s.token, ":"); ok {
		return name
	}
	return "USER"
}

// grant is how the rights are given.
func (s *Store) grant() string {
	return fmt.Sprintf(`in InfluxDB 1.8 let an administrator say GRANT ALL ON %s TO %s; in InfluxDB 2 make a token that may read and write the buckets %s_hours and %s_years`,
		ident(s.name), ident(s.user()), s.name, s.name)
}

// statements are what an administrator gives to make what is missing.
func (s *Store) statements() string {
	org := s.org
	if org == "" {
		org = "ORG"
	}
	var two []string
	for _, k := range keepings() {
		two = append(two, fmt.Sprintf("influx bucket create --org %q --name %q --retention %s --shard-group-duration %s",
			org, s.name+"_"+string(k), days(k.For()), days(shard(k))))
	}
	return "in InfluxDB 1.8 let an administrator say " + s.statements1() + " — in InfluxDB 2: " + strings.Join(two, "; ")
}

// statements1 are those for InfluxDB 1.8.
func (s *Store) statements1() string {
	return s.createDatabase() + "; " + s.createPolicy(collector.KeepHours) + "; " + s.createPolicy(collector.KeepYears) + "; " +
		"GRANT ALL ON " + ident(s.name) + " TO " + ident(s.user())
}

func (s *Store) createDatabase() string { return "CREATE DATABASE " + ident(s.name) }

func (s *Store) createPolicy(k collector.Keeping) string {
	return fmt.Sprintf("CREATE RETENTION POLICY %s ON %s DURATION %s REPLICATION 1 SHARD DURATION %s", ident(string(k)), ident(s.name), days(k.For()), days(shard(k)))
}
