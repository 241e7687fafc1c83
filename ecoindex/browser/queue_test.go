package browser

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

func TestEventsLeaveTheQueueInTheOrderTheyCame(t *testing.T) {
	q := newQueue()
	var got []string
	for i := range 1000 { // nobody reads, and nobody waits
		q.push(message{Method: fmt.Sprint(i), Params: json.RawMessage("{}")})
		if i%300 == 7 {
			got = append(got, methods(q)...)
		}
	}
	list, over, open := q.take()
	for _, m := range list {
		got = append(got, m.Method)
	}
	var want []string
	for i := range 1000 {
		want = append(want, fmt.Sprint(i))
	}
	if !slices.Equal(got, want) || over || !open {
		t.Errorf("%d events came, dropped some: %t, open: %t; want 1000 in order", len(got), over, open)
	}
	if list, over, open := q.take(); len(list) != 0 || over || !open {
		t.Errorf("then came %v, %t, %t; want nothing, and open", list, over, open)
	}
}

func TestAQueueThatIsOverItsBytesDropsAndSaysSo(t *testing.T) {
	megabyte := make(json.RawMessage, 1<<20)
	q := newQueue()
	for range maxQueued >> 20 {
		q.push(message{Method: "kept", Params: megabyte})
	}
	if list, over, open := q.take(); len(list) != maxQueued>>20 || over || !open {
		t.Errorf("%d events came, dropped some: %t, open: %t; want all of a full queue", len(list), over, open)
	}
	for range maxQueued >> 20 {
		q.push(message{Method: "kept", Params: megabyte})
	}
	q.push(message{Method: "dropped", Params: json.RawMessage("1")})
	if names, over, _ := q.take(); len(names) != maxQueued>>20 || names[len(names)-1].Method != "kept" || !over {
		t.Errorf("%d events came, dropped some: %t; want those that fitted, and to know of the other", len(names), over)
	}
	q.push(message{Method: "room again", Params: megabyte})
	if list, over, open := q.take(); len(list) != 1 || !over || !open {
		t.Errorf("then came %d events, dropped some: %t, open: %t; want one, and never to forget", len(list), over, open)
	}
}

func TestClosingAQueueWakesItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		var got []string
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				list, _, open := q.take()
				for _, m := range list {
					got = append(got, m.Method)
				}
				if !open {
					return
				}
				<-q.wake
			}
		}()
		synctest.Wait()
		q.push(message{Method: "one"})
		q.push(message{Method: "two"})
		synctest.Wait()
		q.push(message{Method: "three"})
		q.close()
		q.close()
		q.push(message{Method: "late"})
		<-done
		if want := []string{"one", "two", "three"}; !slices.Equal(got, want) {
			t.Errorf("it read %q; want %q", got, want)
		}
	})
}

func TestNoEventOfSeveralWritersIsLostToAReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		last := map[string]int{}
		var reading, writing sync.WaitGroup
		reading.Go(func() {
			for {
				list, _, open := q.take()
				for _, m := range list {
					if n := len(m.Params); n != last[m.Session]+1 {
						t.Errorf("event %d of %s comes after %d", n, m.Session, last[m.Session])
					}
					last[m.Session] = len(m.Params)
				}
				if !open {
					return
				}
				<-q.wake
			}
		})
		for i := range 8 {
			writing.Go(func() {
				for n := range 500 {
					q.push(message{Session: fmt.Sprint(i), Params: make(json.RawMessage, n+1)})
				}
			})
		}
		writing.Wait()
		q.close()
		reading.Wait()
		for i := range 8 {
			if last[fmt.Sprint(i)] != 500 {
				t.Errorf("writer %d was read up to %d of 500", i, last[fmt.Sprint(i)])
			}
		}
	})
}
