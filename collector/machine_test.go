package collector_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"veille/collector"
)

// witness is a machine of one kind that was last seen on a day of November, when the newest machine was apart.
func witness(number int64, seen int, apart int64) collector.Witness {
	return collector.Witness{Apart: apart, Machine: collector.Machine{
		ID: number, Use: "individual", Kind: collector.Kind{Class: "mini", OS: "windows", CPU: "intel-5-8", RAM: "8-16"}, SeenOn: collector.Date(fmt.Sprintf("2026-11-%02d", seen)),
	}}
}

func TestAMachineIsInDoubtWithThoseOfItsKindThatAreSilentSinceItCame(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(earlier, later *collector.Witness)
		want   []int64
	}{
		{"silent since", func(_, _ *collector.Witness) {}, []int64{1}},
		{"it has another system now", func(_, l *collector.Witness) { l.Kind.OS, l.Kind.Agent = "linux", "v2" }, []int64{1}},
		{"it has spoken since", func(e, _ *collector.Witness) { e.Apart = 2 }, nil},
		{"it spoke before, when others were there", func(e, _ *collector.Witness) { e.Apart = 1 }, []int64{1}},
		{"another class", func(_, l *collector.Witness) { l.Kind.Class = "notebook" }, nil},
		{"another processor", func(_, l *collector.Witness) { l.Kind.CPU = "intel-9-16" }, nil},
		{"another memory", func(_, l *collector.Witness) { l.Kind.RAM = "4-8" }, nil},
		{"another use", func(_, l *collector.Witness) { l.Use = "shared" }, nil},
		{"neither has told its kind", func(e, l *collector.Witness) { e.Kind, l.Kind = collector.Kind{}, collector.Kind{} }, nil},
		{"the earlier is known to be the later", func(e, _ *collector.Witness) { e.ReplacedBy = 2 }, nil},
		{"the earlier is another since", func(e, _ *collector.Witness) { e.ReplacedBy = 7 }, nil},
		{"the later is another since", func(_, l *collector.Witness) { l.ReplacedBy = 7 }, nil},
		{"the earlier was revoked", func(e, _ *collector.Witness) { e.RevokedOn = "2026-11-03" }, nil},
		{"the later was revoked", func(_, l *collector.Witness) { l.RevokedOn = "2026-11-03" }, nil},
		{"the administrator said no", func(_, l *collector.Witness) { l.Settled = true }, nil},
		{"the earlier was in doubt itself once", func(e, _ *collector.Witness) { e.Settled = true }, []int64{1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			earlier, later := witness(1, 2, 0), witness(2, 9, 2)
			tt.change(&earlier, &later)
			got := collector.Doubts([]collector.Witness{earlier, later})
			if len(got) != 2 || got[0].Doubtful != nil || !slices.Equal(got[1].Doubtful, tt.want) {
				t.Errorf("%+v; want the second to be in doubt with %v", got, tt.want)
			}
		})
	}
}

func TestTheLastSeenIsNamedFirstAndNotAllAreNamed(t *testing.T) {
	site := []collector.Witness{witness(1, 2, 0), witness(2, 4, 0), witness(3, 3, 0), witness(4, 4, 0), witness(5, 5, 0)}
	if got := collector.Doubts(site); !slices.Equal(got[4].Doubtful, []int64{4, 2, 3, 1}) {
		t.Errorf("in doubt with %v", got[4].Doubtful)
	}
	for n := range int64(20) {
		site = append(site, witness(6+n, 6, 0))
	}
	for _, m := range collector.Doubts(site) {
		if len(m.Doubtful) != min(int(m.ID)-1, collector.MaxDoubts) {
			t.Errorf("machine %d is in doubt with %v", m.ID, m.Doubtful)
		}
	}
}

func TestAMachineThatIsKnownToBeAnEarlierOneIsInNoDoubtWithOthers(t *testing.T) {
	site := []collector.Witness{witness(1, 2, 0), witness(2, 2, 0), witness(3, 9, 3)}
	site[0].ReplacedBy = 3
	for _, m := range collector.Doubts(site)[1:] {
		if m.Doubtful != nil {
			t.Errorf("machine %d is in doubt with %v", m.ID, m.Doubtful)
		}
	}
}

// Whatever happened at a site: nobody is in doubt with itself, a later one or one that has spoken since.
func TestDoubtsAreAboutEarlierSilentMachinesOnly(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	doubts := 0
	for range 500 {
		site := make([]collector.Witness, 1+random.IntN(30))
		for i := range site {
			site[i] = witness(int64(i+1), 1+random.IntN(28), random.Int64N(int64(len(site)+1)))
			site[i].Kind.RAM = []string{"4-8", "8-16"}[random.IntN(2)]
			site[i].Settled = random.IntN(8) == 0
		}
		for _, m := range collector.Doubts(site) {
			for _, n := range m.Doubtful {
				doubts++
				if o := site[n-1]; n >= m.ID || o.Apart >= m.ID || o.Kind != m.Kind || site[m.ID-1].Settled {
					t.Fatalf("machine %+v is in doubt with %+v", m, o)
				}
			}
		}
	}
	if doubts < 1000 {
		t.Errorf("%d doubts tried, want many", doubts)
	}
}

func TestTheNumberOfATokenIsTheBeginningOfItsHash(t *testing.T) {
	if got := (collector.Token{Hash: [32]byte{0x0a, 0xff, 0, 1, 2}}).Number(); got != "0aff0001" {
		t.Errorf("%q", got)
	}
}
