package influx

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/collector"
	"veille/collector/store/wire"
)

// trouble says, for people, why what was being done did not succeed, and what to do. An error that says so already is kept.
func (s *Store) trouble(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*collector.DeliveryError](err); ok {
		return err
	}
	doing = fmt.Sprintf("%s InfluxDB at %s", doing, s.at())
	if a, ok := errors.AsType[*answer](err); ok {
		kind, why := s.judge(a)
		if kind == collector.NeedsHelp {
			why += wire.Afterwards
		}
		return &collector.DeliveryError{Trouble: kind, Reason: doing + ": " + why, After: a.after}
	}
	if errors.Is(err, context.Canceled) {
		return &collector.DeliveryError{Reason: doing + ": it was interrupted", Err: err}
	}
	if wire.AboutTLS(err) {
		return &collector.DeliveryError{Trouble: collector.NeedsHelp, Err: err, Reason: doing + ": " + wire.Insecure}
	}
	return &collector.DeliveryError{Reason: doing + ": it cannot be reached, or broke off: look whether it runs, and at what stands between; it is tried again", Err: err}
}

// judge says what kind of trouble an answer tells of, and what to do. Its words count before its status: 1.8 says 400
// where a limit is reached, and 500 where its disk is full.
func (s *Store) judge(a *answer) (collector.Trouble, string) {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(a.said, w) })
	}
	switch {
	case a.status == http.StatusUnauthorized:
		return collector.NeedsHelp, "it does not know the token, or the token may not do this (" + a.Error() +
			"): put the right one into the file that --series-token-file (of migrate: --from-token-file, --to-token-file) names; for InfluxDB 1.8 that is user:password, for 2 a token that may read and write both buckets"
	case has("create admin user first"):
		return collector.NeedsHelp, "it has no administrator yet, and lets nobody in until it has one (" + a.Error() + "): let somebody say there CREATE USER admin WITH PASSWORD '…' WITH ALL PRIVILEGES, " +
			"which it takes from anybody until then; after that let this administrator say CREATE USER " + ident(s.user()) + " WITH PASSWORD '…', with the password in the file that --series-token-file names; " + s.statements1()
	case a.status == http.StatusForbidden:
		return collector.NeedsHelp, "the token has no right to do this (" + a.Error() + "): " + s.grant()
	case a.missing():
		return collector.NeedsHelp, "the database, policy, bucket or organisation is not there (" + a.Error() + "): look at the name in --series, and at org behind it; where they are right, " + s.statements()
	case has("max-series-per-database", "max-values-per-tag"):
		return collector.NeedsHelp, "a limit of its configuration is reached (" + a.Error() + "): set max-series-per-database = 0 and max-values-per-tag = 0 under [data], and start it again"
	case has("no space left on device", "read-only file system", "disk quota exceeded", "input/output error"):
		return collector.TryLater, "its disk takes no more (" + a.Error() + "): make room on the disk of the server, and start InfluxDB again, for 1.8 goes on refusing until then; what was not taken is sent again"
	case a.status == http.StatusRequestEntityTooLarge:
		return collector.Unusable, "that is too much for one request (" + a.Error() + "): raise max-body-size under [http] of InfluxDB 1.8, or the limit of the proxy before it; " + wire.LessAtATime
	case has("field type conflict"):
		return collector.Unusable, "somebody else has written that field there with another type (" + a.Error() + "), and such points are set aside: see which by veille-collector outbox refused; " +
			"give Veille a database of its own in --series, or let an administrator delete the other program's measurement, then veille-collector outbox again"
	case has("partial write") || a.status == http.StatusBadRequest || a.status == http.StatusUnprocessableEntity:
		return collector.Unusable, "it refuses points (" + a.Error() + "), " + wire.SetAside
	}
	return judgeRest(a)
}

// tooOld tells whether points were refused because they are older than what is kept, and how many; 0: it does not say. InfluxDB 1.8 and 2.0 say
// "points beyond retention policy dropped=3", 2.7 "dropped 3 points outside retention policy of duration …".
func tooOld(a *answer) (dropped int, old bool) {
	m := regexp.MustCompile(`partial write: (?:.*beyond retention policy.*dropped=(\d+)|dropped (\d+) points outside retention policy)`).FindStringSubmatch(a.said)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1] + m[2])
	if err != nil {
		return 0, true
	}
	return n, true
}

// old says what it means that points were refused for being too old. Where our clock agrees they never will be taken. Where it does not, the clock of
// the server is wrong or its policy too short, and a person has to mend that.
func (s *Store) old(ctx context.Context, b batch, at place, a *answer, dropped int) error {
	const edge = 10 * time.Minute // by which clocks may differ
	first := s.now().Add(-b.keeping.For())
	ours := 0
	for _, moment := range b.moments {
		if moment.Before(first.Add(edge)) {
			ours++
		}
	}
	doing := fmt.Sprintf("write %s into %s of InfluxDB at %s: ", count(len(b.moments)), at.provided, s.at())
	if ours > 0 && dropped <= ours {
		return &collector.DeliveryError{Trouble: collector.Unusable, Reason: doing + fmt.Sprintf(
			"%d of them are of before %s, and it keeps them for %s: they have served their time, and it has taken the others; nothing is to be done (%s)",
			ours, first.UTC().Format(time.DateOnly), days(b.keeping.For()), a.said)}
	}
	s.forget() // look again how long it keeps points, and at its clock
	if _, err := s.prepared(ctx); err != nil {
		return err
	}
	why := fmt.Sprintf("it refused points for being too old that are younger than %s (%s): look at its clock (date -u), and at how long %s is kept", days(b.keeping.For()), a.said, at.provided)
	if ahead := s.clock.ahead(); ahead != 0 {
		why = fmt.Sprintf("it refused points for being too old (%s): %s", a.said, s.aboutClock(ahead))
	}
	return &collector.DeliveryError{Trouble: collector.NeedsHelp, Reason: doing + why + wire.Afterwards}
}

// missing tells whether what points are kept in is not there. InfluxDB 1.8 says 500 where a policy is gone.
func (a *answer) missing() bool {
	return a.status == http.StatusNotFound || strings.Contains(a.said, "retention policy not found") || strings.Contains(a.said, "database not found")
}

// judgeRest is for answers that tell of no point, and of no name.
func judgeRest(a *answer) (collector.Trouble, string) {
	switch {
	case a.status == 0:
		return collector.TryLater, "it did not answer a question: " + a.said
	case a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable:
		return collector.TryLater, "it is too busy (" + a.Error() + "): it is tried again when it said"
	case a.status >= 500 || a.status == http.StatusRequestTimeout || a.status == http.StatusTooEarly:
		return collector.TryLater, "it failed (" + a.Error() + "): look at its log; it is tried again"
	case a.status >= 300 && a.status < 400:
		return collector.NeedsHelp, fmt.Sprintf("it sends on to %q (%s): write the address that it sends to into --series", a.to, a.Error())
	case a.status < 300:
		return collector.NeedsHelp, "what answers is no InfluxDB (" + a.Error() + ", where InfluxDB says 204): look at the address in --series, and at proxies before it"
	}
	return collector.NeedsHelp, "what answers does not do what InfluxDB does (" + a.Error() + "): look at the address in --series, and at proxies before it"
}
