package listen_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"veille/collector/listen"
)

// pipes is a network in memory, in which synctest's clock passes.
type pipes struct {
	waiting chan net.Conn
	fail    chan error
	closed  chan struct{}
	once    sync.Once
}

func newPipes() *pipes {
	return &pipes{waiting: make(chan net.Conn, 100), fail: make(chan error, 1), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case err := <-p.fail:
		return nil, err
	case c := <-p.waiting:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// visitor is the other end of a connection.
type visitor struct {
	net.Conn
	read *bufio.Reader
}

func (p *pipes) visit(t *testing.T) *visitor {
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _ = ours.Close() })
	p.waiting <- theirs
	synctest.Wait()
	return &visitor{Conn: ours, read: bufio.NewReader(ours)}
}

// say sends text; it answers whether the other side took it within half a minute.
func (v *visitor) say(text string) bool {
	_ = v.SetWriteDeadline(time.Now().Add(30 * time.Second))
	_, err := io.WriteString(v, text)
	return err == nil
}

// ask sends a whole request and answers the answer's status; 0 for none.
func (v *visitor) ask() int {
	if !v.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n") {
		return 0
	}
	return v.answer()
}

func (v *visitor) answer() int {
	answer, err := http.ReadResponse(v.read, nil)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	return answer.StatusCode
}

// gone tells whether the other side has closed.
func (v *visitor) gone() bool {
	synctest.Wait()
	_ = v.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := v.read.ReadByte()
	_ = v.SetReadDeadline(time.Time{})
	return err == io.EOF
}

// room is a server with few places, in a network of pipes, whose pages /slow answer after a minute.
func room(t *testing.T, places int) (*pipes, *running, *listen.Metrics) {
	m := listen.NewMetrics()
	p := newPipes()
	r := runOn(t, p, listen.Options{Connections: places, Metrics: m, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/slow" {
			select {
			case <-time.After(time.Minute):
			case <-r.Context().Done():
			}
		}
		_, _ = io.WriteString(w, "hello\n")
	})})
	return p, r, m
}

func TestTheConnectionIdleForLongestMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r, m := room(t, 3)
		var all []*visitor
		for range 3 {
			v := p.visit(t)
			if got := v.ask(); got != 200 {
				t.Fatalf("status %d", got)
			}
			all = append(all, v)
			<-time.After(time.Second)
		}
		if got := all[0].ask(); got != 200 { // now the second has been idle for longest
			t.Fatalf("status %d", got)
		}
		if got := p.visit(t).ask(); got != 200 {
			t.Errorf("the fourth was answered %d; want 200", got)
		}
		if all[0].gone() || !all[1].gone() || all[2].gone() {
			t.Errorf("closed: %t %t %t; want the second only", all[0].gone(), all[1].gone(), all[2].gone())
		}
		if got := figures(t, m)["veille_connections_closed_for_room_total"]; got != 1 {
			t.Errorf("%g closed for room; want 1", got)
		}
		if got := figures(t, m)["veille_connections_open"]; got != 3 {
			t.Errorf("%g open; want 3", got)
		}
		_ = r.stop()
	})
}

func TestAnAnsweredConnectionMakesRoomAfterHalfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r, _ := room(t, 1)
		first := p.visit(t)
		if got := first.ask(); got != 200 {
			t.Fatalf("status %d", got)
		}
		start := time.Now()
		if got, took := p.visit(t).ask(), time.Since(start); got != 200 || took != 500*time.Millisecond || !first.gone() {
			t.Errorf("the next was answered %d after %v; want 200 after half a second", got, took)
		}
		_ = r.stop()
	})
}

func TestWhoWaitedLongestGoesWhetherIdleOrAsking(t *testing.T) {
	for _, idleFirst := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			p, r, _ := room(t, 2)
			idle, asking := p.visit(t), p.visit(t)
			for _, turn := range []bool{idleFirst, !idleFirst} {
				if turn {
					idle.ask()
				} else {
					asking.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nno")
				}
				<-time.After(3 * time.Second)
			}
			if got := p.visit(t).ask(); got != 200 {
				t.Errorf("status %d; want 200", got)
			}
			if idle.gone() != idleFirst || asking.gone() == idleFirst {
				t.Errorf("closed: the idle one %t, the asking one %t; the idle one was first: %t", idle.gone(), asking.gone(), idleFirst)
			}
			_ = r.stop()
		})
	}
}

func TestWhoHasNotAskedYetIsGivenTwoSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r, _ := room(t, 1)
		first := p.visit(t)
		first.say("GET / HTTP/1.1\r\nHo")
		second := p.visit(t)
		<-time.After(time.Second)
		if first.gone() {
			t.Fatal("closed after one second")
		}
		first.say("st: x\r\n\r\n")
		if got := first.answer(); got != 200 {
			t.Errorf("who asked within two seconds was answered %d; want 200", got)
		}
		if got := second.ask(); got != 200 || !first.gone() {
			t.Errorf("who waited was answered %d, the first is gone: %t; want 200 in its place", got, first.gone())
		}
		_ = r.stop()
	})
}

func TestASlowBodyGivesUpItsPlaceAndAnAnswerUnderWayDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r, _ := room(t, 2)
		busy, slow := p.visit(t), p.visit(t)
		busy.say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") // has sent all, and waits for us
		<-time.After(time.Second)
		slow.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nno")
		start := time.Now()
		if got := p.visit(t).ask(); got != 200 {
			t.Errorf("status %d; want 200", got)
		}
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("it took %v; want two seconds", took)
		}
		if busy.gone() || !slow.gone() {
			t.Errorf("closed: %t who is being answered, %t who sends slowly; want the latter", busy.gone(), slow.gone())
		}
		_ = r.stop()
	})
}

func TestWhoNeverReadsTheAnswerIsClosedAfterTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r, _ := room(t, 1)
		deaf := p.visit(t)
		deaf.say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
		start := time.Now()
		next := p.visit(t)
		if got, took := next.ask(), time.Since(start); got != 200 || took < 9*time.Second || took > 11*time.Second {
			t.Errorf("answered %d after %v; want 200 after ten seconds", got, took)
		}
		_ = r.stop()
	})
}

// A slowloris sends a byte of a header now and then, for ever, and comes back when it is closed.
func TestASlowlorisCrowdLocksNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const places, crowd = 20, 60
		p, r, m := room(t, places)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for i := range crowd {
			all.Go(func() {
				<-time.After(time.Duration(i) * 7 * time.Millisecond)
				for ctx.Err() == nil {
					ours, theirs := net.Pipe()
					p.waiting <- theirs
					header := "GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + strings.Repeat("a", 1000)
					for n := 0; ctx.Err() == nil; n++ {
						_ = ours.SetWriteDeadline(time.Now().Add(time.Minute))
						if _, err := io.WriteString(ours, header[n:n+1]); err != nil {
							break
						}
						<-time.After(300 * time.Millisecond)
					}
					_ = ours.Close()
				}
			})
		}
		<-time.After(10 * time.Second)
		for n := range 10 {
			start := time.Now()
			v := p.visit(t)
			if got, took := v.ask(), time.Since(start); got != 200 || took > 8*time.Second {
				t.Errorf("visitor %d was answered %d after %v; want 200 within seconds", n, got, took)
			}
			_ = v.Close()
		}
		open := figures(t, m)["veille_connections_open"]
		if open > places {
			t.Errorf("%g connections open; want %d at most", open, places)
		}
		cancel()
		_ = r.stop()
		all.Wait()
	})
}

func TestWhenNoMoreFilesMayBeOpenedAConnectionMakesRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r, _ := room(t, 10)
		old := p.visit(t)
		if got := old.ask(); got != 200 {
			t.Fatalf("status %d", got)
		}
		<-time.After(time.Second)
		p.fail <- &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
		<-time.After(time.Second)
		if !old.gone() {
			t.Error("the idle connection is still open")
		}
		_ = r.stop()
	})
}

func TestABrokenListenerIsAnError(t *testing.T) {
	p := newPipes()
	_ = p.Close()
	err := listen.Serve(t.Context(), p, listen.Options{Handler: http.NotFoundHandler(), Log: (&diary{}).logger()})
	if err == nil || !strings.Contains(err.Error(), "pipe") {
		t.Errorf("Serve() = %v; want an error that names the address", err)
	}
}
