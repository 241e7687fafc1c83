package site

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// trembling is a maze of which some addresses fail once or more for what may pass, and some of these want to be left alone.
func trembling(seed uint64) *world {
	random := rand.New(rand.NewPCG(seed, 7))
	w := maze(random, 10+random.IntN(60))
	w.fails, w.after = map[string]int{}, map[string]time.Duration{}
	for _, address := range slices.Sorted(maps.Keys(w.pages)) {
		if random.IntN(8) == 0 {
			w.fails[address] = 1 + random.IntN(3)
			w.after[address] = time.Duration(random.IntN(3)) * 90 * time.Second // none, waited for, too long
		}
	}
	return w
}

func TestACrawlThatIsKilledAnywhereEndsAsOneThatIsNot(t *testing.T) {
	failed, healed := 0, 0
	for seed := range uint64(60) {
		o := Options{Rules: start(t), Delay: -1, Wait: func(context.Context, time.Duration) error { return nil }}
		random := rand.New(rand.NewPCG(seed, 8))
		if seed%2 == 0 {
			o.MaxPages = 5 + random.IntN(30)
		}
		w := trembling(seed)
		sum, want := crawls(t, w, o)
		undisturbed := len(w.visits)

		w = trembling(seed)
		name := filepath.Join(t.TempDir(), "crawl.ndjson")
		total, lost := 0, 0
		asked := map[string]int{} // by address, to their end
		for done := false; !done; {
			w.visits, w.die = nil, 1+random.IntN(20)
			waits := random.IntN(30)
			o.Wait = func(context.Context, time.Duration) error { // or while the site is left alone
				if waits--; waits == 0 {
					return errKilled
				}
				return nil
			}
			j := journal(t, name)
			s, err := Crawl(t.Context(), w, j, o)
			if err != nil && !errors.Is(err, errKilled) {
				t.Fatalf("seed %d: %v", seed, err)
			}
			done = err == nil
			total += len(w.visits)
			if len(w.visits) == w.die {
				lost++
				w.visits = w.visits[:w.die-1]
			}
			for _, address := range w.visits {
				asked[address]++
			}
			if done && (s.Pages != sum.Pages || s.Failed != sum.Failed || s.Aliases != sum.Aliases || s.Found != sum.Found || !maps.Equal(s.Left, sum.Left)) {
				t.Errorf("seed %d: %+v; want %+v", seed, s, sum)
			}
			if random.IntN(2) == 0 && !done { // in the middle of a line
				if err := os.WriteFile(name, append(read(t, name), []byte(`{"page":{"n":3,"url":"htt`)[:random.IntN(20)]...), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		got := kept(t, journal(t, name))
		if len(got) != len(want) || total != undisturbed+lost {
			t.Errorf("seed %d: %d addresses in the journal, and %d in that of a crawl that was not killed; %d visits, %d, of them %d without end", seed, len(got), len(want), total, undisturbed, lost)
		}
		for address, p := range want {
			if g := got[address]; g.State != p.State || g.To != p.To || string(g.Result) != string(p.Result) {
				t.Errorf("seed %d: %s is %+v; want %+v", seed, address, g, p)
			}
		}
		for address, n := range asked {
			if n > 2 {
				t.Errorf("seed %d: %s was asked for %d times; want two at most", seed, address, n)
			}
			if n == 2 && got[address].State == Failed {
				failed++
			} else if n == 2 {
				healed++
			}
		}
	}
	if failed < 20 || healed < 20 {
		t.Errorf("of the pages that were asked for twice %d failed and %d did not; want some of each", failed, healed)
	}
}
