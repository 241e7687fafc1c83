package power

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"
)

// A counter of random width counts a random history of minutes. Every interval gives the energy that was used in it, or an
// error: never more, never less. After a reset it may give what the zone could have drawn in the time, and no more.
func TestACounterGivesTheTrueEnergyOrNone(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	given, resets := 0, 0
	for range 300 {
		limit := Energy(0)
		if r.IntN(4) > 0 {
			limit = 60_000*Joule + Energy(r.Int64N(int64(200_000*Joule)))
		}
		most := Power(r.Int64N(int64(500*Watt))) + 5*Watt
		now := Energy(r.Int64N(int64(60_000 * Joule)))
		for range 200 {
			over := Interval{Elapsed: time.Duration(1+r.IntN(300)) * time.Second, Suspended: r.IntN(20) == 0}
			used := Energy(r.Int64N(int64(most.Over(over.Elapsed)) + 1))
			last, reset := now, r.IntN(30) == 0
			if now += used; limit > 0 {
				now %= limit
			}
			if reset {
				now = Energy(r.Int64N(int64(used) + 1))
			}
			got, err := advance(last, now, limit, most, over)
			switch {
			case err != nil && got != 0:
				t.Fatalf("%v to %v gives %v beside %v", last, now, got, err)
			case err != nil:
			case over.Suspended:
				t.Fatal("an interval with a sleep is answered")
			case reset:
				resets++
				if got < 0 || got > most.Over(over.Elapsed) {
					t.Fatalf("a reset from %v to %v gives %v in %v of %v", last, now, got, over.Elapsed, most)
				}
			case got != used:
				t.Fatalf("%v to %v, round at %v, gives %v; %v was used", last, now, limit, got, used)
			default:
				given++
			}
		}
	}
	if given < 20_000 || resets == 0 {
		t.Errorf("%d intervals were answered, and %d with a reset; want most, and some", given, resets)
	}
}

func TestFourThingsThatHappenToACounterAreToldApart(t *testing.T) {
	minute := Interval{Elapsed: time.Minute}
	for _, tt := range []struct {
		name             string
		last, now, limit Energy
		over             Interval
		want             error
		used             Energy
	}{
		{"it counts", 5 * Joule, 65 * Joule, 1000 * Joule, Interval{Elapsed: time.Second}, nil, 60 * Joule},
		{"it goes round", 99_990 * Joule, 50 * Joule, 100_000 * Joule, minute, nil, 60 * Joule},
		{"it starts again", 50_000 * Joule, 40 * Joule, 200_000 * Joule, minute, ErrReset, 0},
		{"it starts again, and its limit is not known", 99_990 * Joule, 50 * Joule, 0, minute, ErrReset, 0},
		{"the machine slept", 5 * Joule, 65 * Joule, 100_000 * Joule, Interval{time.Minute, true}, ErrSuspended, 0},
		{"it stands still", 5 * Joule, 5 * Joule, 100_000 * Joule, minute, ErrDead, 0},
		{"it stands still for a moment", 5 * Joule, 5 * Joule, 100_000 * Joule, Interval{Elapsed: time.Millisecond}, nil, 0},
		{"it may have gone round twice", 5 * Joule, 6 * Joule, 50_000 * Joule, minute, ErrTooLong, 0},
	} {
		if used, err := advance(tt.last, tt.now, tt.limit, 0, tt.over); !errors.Is(err, tt.want) || used != tt.used {
			t.Errorf("%s: %v, %v; want %v, %v", tt.name, used, err, tt.used, tt.want)
		}
	}
}

// No zone that is counted is inside another, whatever the tree and whatever is asked for.
func TestACutHoldsNoZoneInsideAnother(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 500 {
		var all []*zone
		above := map[*zone]*zone{}
		var roots []*zone
		for range 1 + r.IntN(12) {
			z := &zone{}
			if n := r.IntN(len(all) + 1); n < len(all) {
				above[z] = all[n]
				all[n].inside = append(all[n].inside, z)
			} else {
				roots = append(roots, z)
			}
			all = append(all, z)
		}
		wanted := map[*zone]bool{}
		for _, z := range all {
			wanted[z] = r.IntN(2) == 0
		}
		c := cutAt(roots, func(z *zone) bool { return wanted[z] })
		taken := map[*zone]bool{}
		for _, z := range c.zones {
			taken[z] = true
		}
		for _, z := range all {
			covered := 0
			for up := z; up != nil; up = above[up] {
				if taken[up] {
					covered++
				}
			}
			if covered > 1 || (wanted[z] && covered != 1) {
				t.Fatalf("a zone is counted %d times", covered)
			}
		}
	}
}
