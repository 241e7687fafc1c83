package victoria_test

import (
	"reflect"
	"testing"
	"time"

	"veille/collector"
	"veille/collector/store/engines"
	"veille/collector/store/victoria"
)

// batch is what an outbox sends in one go: some hours of a machine.
func batch(day time.Time, n int) (points []collector.Point) {
	for h := range 24 {
		points = append(points, energy(day.Add(time.Duration(h)*time.Hour), n+1, 3600, float64(n*24+h)/7))
	}
	return points
}

func tally(t *testing.T, s *victoria.Store, q collector.Query) []collector.Tally {
	t.Helper()
	all, err := s.Tally(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Two nodes have the same points, each by an outbox of its own. One of them is killed while it is written to.
func TestEitherOfTwoNodesAnswersInFullAfterOneWasKilledAndSentTheSameAgain(t *testing.T) {
	t.Parallel()
	nodes := []engines.Victoria{engines.StartVictoria(t, flags()...), engines.StartVictoria(t, flags()...)}
	stores := []*victoria.Store{open(t, nodes[0]), open(t, nodes[1])}
	const batches, killedAfter = 60, 40
	day := today()
	<-time.After(1100 * time.Millisecond) // a node tells the second in which it was started
	var before []string
	for i, s := range stores {
		run, err := s.Started(t.Context())
		if err != nil || run == "" {
			t.Fatal(run, err)
		}
		before = append(before, run)
		for n := range killedAfter {
			put(t, stores[i], batch(day, n)...)
		}
	}
	nodes[1].Kill()
	for n := killedAfter; n < batches; n++ {
		put(t, stores[0], batch(day, n)...)
	}
	err := stores[1].Append(t.Context(), batch(day, killedAfter))
	if err == nil || collector.TroubleOf(err) != collector.TryLater {
		t.Errorf("a dead node answered %v", err)
	}
	if _, err := stores[1].Started(t.Context()); collector.TroubleOf(err) != collector.TryLater || err == nil {
		t.Errorf("a dead node is said to run: %v", err)
	}
	nodes[1].Restart()

	for i, s := range stores {
		run, err := s.Started(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if (run != before[i]) != (i == 1) {
			t.Errorf("node %d: started %q, before %q", i, run, before[i])
		}
	}
	acknowledged := killedAfter * 24
	had := 0
	for _, day := range tally(t, stores[1], hourly(day, 1)) {
		had += int(day.Points)
	}
	t.Logf("the killed node had acknowledged %d points and has %d", acknowledged, had)
	if had >= acknowledged {
		t.Error("nothing was lost, and this test shows nothing")
	}
	for n := range batches { // what the outbox holds back, and what the node did not take
		put(t, stores[1], batch(day, n)...)
	}
	first, second := tally(t, stores[0], hourly(day, 1)), tally(t, stores[1], hourly(day, 1))
	if !reflect.DeepEqual(first, second) || len(first) != 1 || first[0].Points != batches*24 {
		t.Errorf("the nodes have\n%v and\n%v", first, second)
	}
	nodes[0].Kill() // either node alone
	points := get(t, stores[1], hourly(day, 1))
	if len(points) != batches*24 {
		t.Errorf("alone, the second has %d points", len(points))
	}
	nodes[0].Restart()
	for n := range batches {
		put(t, stores[0], batch(day, n)...)
	}
	nodes[1].Kill()
	if got := get(t, stores[0], hourly(day, 1)); !reflect.DeepEqual(got, points) {
		t.Errorf("alone, the first has %d other points", len(got))
	}
}

// A node answers before a deletion is on its disk, as it does for a write: whoever delivers deletes again what it deleted in the last minute.
func TestADeletionIsUndoneByAKillAndMadeGoodByDeletingAgain(t *testing.T) {
	t.Parallel()
	s, node := begin(t)
	p, other := energy(today(), 1, 9, 1), energy(today(), 2, 9, 5)
	put(t, s, p, other)
	s = again(t, node)
	if err := s.Delete(t.Context(), ever(machine("1"))); err != nil {
		t.Fatal(err)
	}
	want(t, s, ever(nil), other)
	node.Kill()
	node.Restart()
	want(t, s, ever(nil), p, other) // undone
	if err := s.Delete(t.Context(), ever(machine("1"))); err != nil {
		t.Fatal(err)
	}
	s = again(t, node)
	want(t, s, ever(nil), other)
}

func TestAFullDiskCostsNothingAndIsToldOfWithWhatToDo(t *testing.T) {
	t.Parallel()
	node, disk := engines.StartVictoriaOnSmallDisk(t, 64, append(flags(), "-storage.minFreeDiskSpaceBytes=20MB")...)
	s := open(t, node)
	put(t, s, batch(today(), 0)...)
	disk.Fill(t)
	err := fails(t, s, batch(today(), 1))
	told(t, err, collector.TryLater, "make room on its disk")
	if _, err := s.Started(t.Context()); err != nil {
		t.Error(err)
	}
	want(t, s, hourly(today(), 1), get(t, s, hourly(today(), 1))...) // it still answers
	disk.Empty(t)
	works(t, s, batch(today(), 1))
	if got := get(t, s, hourly(today(), 1)); len(got) != 48 {
		t.Errorf("%d points are there", len(got))
	}
}

// A node that is told to use its disk to the end dies of it.
func TestANodeThatDiesOfAFullDiskIsTriedAgain(t *testing.T) {
	t.Parallel()
	node, disk := engines.StartVictoriaOnSmallDisk(t, 64, append(flags(), "-storage.minFreeDiskSpaceBytes=0", "-inmemoryDataFlushInterval=1s")...)
	s := open(t, node)
	put(t, s, batch(today(), 0)...)
	disk.Fill(t)
	err := fails(t, s, batch(today(), 1))
	told(t, err, collector.TryLater, "cannot be reached")
}

// fails writes until it is refused.
func fails(t *testing.T, s *victoria.Store, points []collector.Point) error {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if err := s.Append(t.Context(), points); err != nil {
			return err
		}
	}
	t.Fatal("it took everything for a minute")
	return nil
}

// works writes until it is taken.
func works(t *testing.T, s *victoria.Store, points []collector.Point) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		if err = s.Append(t.Context(), points); err == nil {
			return
		}
	}
	t.Fatalf("it took nothing for a minute: %v", err)
}
