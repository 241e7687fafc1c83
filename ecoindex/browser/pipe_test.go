package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// far is the other end of a connection: a browser that reads and says what a test wants.
type far struct {
	t     *testing.T
	hears *bufio.Reader
	in    *io.PipeReader
	out   *io.PipeWriter
}

// connected gives a connection and the browser it leads to, which ends with the test.
func connected(t *testing.T) (*connection, *far) {
	t.Helper()
	in, to := io.Pipe()
	from, out := io.Pipe()
	c := connect(from, to)
	f := &far{t: t, hears: bufio.NewReader(in), in: in, out: out}
	t.Cleanup(func() {
		f.end()
		<-c.ended
	})
	return c, f
}

// hear waits for the next command.
func (f *far) hear() message {
	f.t.Helper()
	raw, err := readMessage(f.hears)
	var m message
	if err == nil {
		err = json.Unmarshal(raw, &m)
	}
	if err != nil {
		f.t.Errorf("no command came: %v", err)
	}
	return m
}

// say writes messages, each with its end.
func (f *far) say(messages ...string) {
	f.t.Helper()
	for _, m := range messages {
		if _, err := io.WriteString(f.out, m+"\x00"); err != nil {
			f.t.Errorf("nobody reads %.100q: %v", m, err)
		}
	}
}

func (f *far) end() {
	_ = f.out.Close()
	_ = f.in.Close()
}

// methods are those of the events that wait in a queue.
func methods(q *queue) []string {
	list, _, _ := q.take()
	var names []string
	for _, m := range list {
		names = append(names, m.Method)
	}
	return names
}

func TestEachReplyReachesItsCallInWhateverOrderTheyCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := connected(t)
		var calls sync.WaitGroup
		for i := range 50 {
			calls.Go(func() {
				method, session := fmt.Sprintf("Test.m%d", i), fmt.Sprintf("s%d", i%3)
				var got struct{ Method, Session, Param string }
				if err := c.call(t.Context(), session, method, values{"param": method}, &got); err != nil {
					t.Errorf("%s: %v", method, err)
				}
				if got.Method != method || got.Session != session || got.Param != method {
					t.Errorf("%s in %s has the reply to %+v", method, session, got)
				}
			})
		}
		var heard []message
		for range 50 {
			heard = append(heard, f.hear())
		}
		slices.SortFunc(heard, func(a, b message) int { return strings.Compare(b.Method, a.Method) })
		for _, m := range heard {
			var params struct{ Param string }
			if err := json.Unmarshal(m.Params, &params); err != nil {
				t.Errorf("%s has the parameters %s: %v", m.Method, m.Params, err)
			}
			f.say(fmt.Sprintf(`{"id":%d,"sessionId":%q,"result":{"method":%q,"session":%q,"param":%q}}`, m.ID, m.Session, m.Method, m.Session, params.Param))
		}
		calls.Wait()
		if len(c.waiting) != 0 {
			t.Errorf("%d calls are still remembered", len(c.waiting))
		}
	})
}

func TestEventsGoToTheQueueOfTheirSessionAndOfTheSessionAboveIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := connected(t)
		browser, page, other := newQueue(), newQueue(), newQueue()
		c.listen("", browser)
		c.listen("page", page)
		c.listen("other", other)
		f.say(
			`{"method":"page 1","sessionId":"page"}`,
			`{"method":"Target.attachedToTarget","sessionId":"page","params":{"sessionId":"frame","targetInfo":{"type":"iframe"}}}`,
			`{"method":"frame 1","sessionId":"frame"}`,
			`{"method":"Target.attachedToTarget","sessionId":"frame","params":{"sessionId":"worker","targetInfo":{"type":"worker"}}}`,
			`{"method":"other 1","sessionId":"other"}`,
			`{"method":"worker 1","sessionId":"worker"}`,
			`{"method":"Target.attachedToTarget","params":{"sessionId":"service","targetInfo":{"type":"service_worker"}}}`,
			`{"method":"service 1","sessionId":"service"}`, // the browser's children have no queue until somebody listens
			`{"method":"nobody's","sessionId":"unknown"}`,
			`{"method":"page 2","sessionId":"page"}`,
		)
		synctest.Wait()
		attached := "Target.attachedToTarget"
		if got, want := methods(page), []string{"page 1", attached, "frame 1", attached, "worker 1", "page 2"}; !slices.Equal(got, want) {
			t.Errorf("the page has %q; want %q", got, want)
		}
		if got, want := methods(other), []string{"other 1"}; !slices.Equal(got, want) {
			t.Errorf("the other page has %q; want %q", got, want)
		}
		if got, want := methods(browser), []string{attached}; !slices.Equal(got, want) {
			t.Errorf("the browser has %q; want %q", got, want)
		}

		c.listen("service", page)
		c.forget(other)
		f.say(`{"method":"service 2","sessionId":"service"}`, `{"method":"other 2","sessionId":"other"}`)
		synctest.Wait()
		if got, want := methods(page), []string{"service 2"}; !slices.Equal(got, want) {
			t.Errorf("the page has %q; want %q", got, want)
		}
		c.forget(page)
		f.say(`{"method":"page 3","sessionId":"page"}`, `{"method":"frame 2","sessionId":"frame"}`, `{"method":"worker 2","sessionId":"worker"}`, `{"method":"browser 1"}`)
		synctest.Wait()
		if late := append(methods(page), methods(other)...); len(late) != 0 {
			t.Errorf("forgotten queues have %q", late)
		}
		if got, want := methods(browser), []string{"browser 1"}; !slices.Equal(got, want) {
			t.Errorf("the browser has %q; want %q", got, want)
		}
	})
}

func TestACommandThatCannotBeDoneSaysWhichAndWhy(t *testing.T) {
	for _, tt := range []struct{ name, reply, want string }{
		{"refused", `{"id":1,"error":{"code":-32601,"message":"'Test.none' wasn't found"}}`, "Test.call: 'Test.none' wasn't found"},
		{"refused with data", `{"id":1,"error":{"code":-32000,"message":"No target","data":"with id"}}`, "Test.call: No target"},
		{"another shape", `{"id":1,"result":{"number":"seven"}}`, "Test.call: read the reply: json: "},
		{"no result", `{"id":1}`, "Test.call: read the reply: unexpected end of JSON input"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, f := connected(t)
				go func() {
					f.hear()
					f.say(tt.reply)
				}()
				var result struct{ Number int }
				err := c.call(t.Context(), "", "Test.call", values{}, &result)
				if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
					t.Errorf("the error is %v; want %q", err, tt.want)
				}
				if refused, ok := errors.AsType[*commandError](err); ok != strings.Contains(tt.reply, `"error"`) || (ok && refused.Code == 0) {
					t.Errorf("the browser's own words are %+v, %t", refused, ok)
				}
			})
		})
	}
	t.Run("not JSON", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, _ := connected(t)
			if err := c.call(t.Context(), "", "Test.call", values{"param": make(chan int)}, nil); err == nil || !strings.HasPrefix(err.Error(), "Test.call: json: ") {
				t.Errorf("the error is %v", err)
			}
		})
	})
	t.Run("what is answered and not wanted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c, f := connected(t)
			go func() {
				f.hear()
				f.say(`{"id":1,"result":"anything"}`)
			}()
			if err := c.call(t.Context(), "", "Test.call", nil, nil); err != nil {
				t.Error(err)
			}
		})
	})
}

func TestCallsAndQueuesEndWithTheBrowser(t *testing.T) {
	for name, end := range map[string]func(*far){
		"between messages":         (*far).end,
		"in the middle of one":     func(f *far) { _, _ = io.WriteString(f.out, `{"id":1,"resu`); f.end() },
		"that hears to the last":   func(f *far) { _ = f.out.Close() },
		"with an error of its own": func(f *far) { _ = f.out.CloseWithError(errors.New("broken")) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, f := connected(t)
				page := newQueue()
				c.listen("page", page)
				var calls sync.WaitGroup
				for range 3 {
					calls.Go(func() {
						if err := c.call(t.Context(), "page", "Test.call", values{}, nil); !errors.Is(err, errGone) || !strings.HasPrefix(err.Error(), "Test.call: ") {
							t.Errorf("the error is %v; want %v", err, errGone)
						}
					})
				}
				f.hear()
				f.hear()
				f.hear()
				f.say(`{"method":"last","sessionId":"page"}`)
				end(f)
				calls.Wait()
				synctest.Wait()
				<-page.wake
				if list, _, open := page.take(); len(list) != 1 || open {
					t.Errorf("the queue has %v, open: %t; want the last event, and closed", list, open)
				}
				go func() { _, _ = io.Copy(io.Discard, f.hears) }() // a browser that reads what is still written
				if err := c.call(t.Context(), "page", "Test.late", values{}, nil); !errors.Is(err, errGone) {
					t.Errorf("a late call has the error %v; want %v", err, errGone)
				}
				c.tell("page", "Test.late", values{})
			})
		})
	}
}

func TestACallEndsWithItsContextAndItsLateReplyIsNobodys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := connected(t)
		heard := make(chan message, 3)
		go func() {
			for range 3 {
				heard <- f.hear()
			}
		}()
		reason := errors.New("no more time")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, reason)
		defer cancel()
		began := time.Now()
		if err := c.call(ctx, "", "Test.slow", values{}, nil); !errors.Is(err, reason) || !strings.HasPrefix(err.Error(), "Test.slow: ") {
			t.Errorf("the error is %v; want %v", err, reason)
		}
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("it took %v; want 10s", took)
		}
		c.tell("", "Test.told", values{})
		if len(c.waiting) != 0 {
			t.Errorf("%d calls are still remembered", len(c.waiting))
		}
		for range 2 {
			f.say(fmt.Sprintf(`{"id":%d,"result":{"of":"another"}}`, (<-heard).ID))
		}
		var got struct{ Of string }
		go func() { f.say(fmt.Sprintf(`{"id":%d,"result":{"of":"this"}}`, (<-heard).ID)) }()
		if err := c.call(t.Context(), "", "Test.next", values{}, &got); err != nil || got.Of != "this" {
			t.Errorf("the next call has the reply of %q, %v", got.Of, err)
		}
	})
}

func TestMessagesAreReadWholeHoweverTheyAreCut(t *testing.T) {
	long := strings.Repeat("é", 40_000) // longer than the buffer
	text := `{"id":1,"result":{"text":"` + long + `"}}` + "\x00" + `{"method":"next","sessionId":"page"}` + "\x00"
	for name, size := range map[string]int{"bytes": 1, "pieces": 1009, "buffers": 1 << 16, "at once": len(text)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, f := connected(t)
				page := newQueue()
				c.listen("page", page)
				go func() {
					f.hear()
					for piece := range slices.Chunk([]byte(text), size) {
						_, _ = f.out.Write(piece)
					}
				}()
				var got struct{ Text string }
				if err := c.call(t.Context(), "", "Test.call", values{}, &got); err != nil || got.Text != long {
					t.Errorf("the reply has %d bytes, %v; want %d", len(got.Text), err, len(long))
				}
				synctest.Wait()
				if names := methods(page); !slices.Equal(names, []string{"next"}) {
					t.Errorf("then came %q; want the next event", names)
				}
			})
		})
	}
}

func TestWhatCannotBeReadIsPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := connected(t)
		page := newQueue()
		c.listen("page", page)
		go func() {
			f.hear()
			f.say("", "\n", "garbage", "{", "[]", "null", `"text"`, `{"id":"1"}`, `{"id":1.5}`, `{"id":-1}`, `{"id":2,"result":{}}`,
				`{"method":7,"sessionId":"page"}`, `{"method":"good","sessionId":"page","params":{"a":`, "\xff\xfe{}", strings.Repeat("[", 100_000),
				`{"method":"Target.attachedToTarget","sessionId":"page","params":7}`,
				`{"method":"kept","sessionId":"page"}`, `{"id":1,"result":{"good":true}}`)
		}()
		var got struct{ Good bool }
		if err := c.call(t.Context(), "", "Test.call", values{}, &got); err != nil || !got.Good {
			t.Errorf("the reply is %+v, %v", got, err)
		}
		if names, want := methods(page), []string{"Target.attachedToTarget", "kept"}; !slices.Equal(names, want) {
			t.Errorf("the page has %q; want %q", names, want)
		}
	})
}

func TestAMessageThatIsTooLargeIsDroppedAndTheNextIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, f := connected(t)
		page := newQueue()
		c.listen("page", page)
		go func() {
			f.hear()
			for _, size := range []int{maxMessage, 2*maxMessage + 1} {
				_, _ = io.WriteString(f.out, `{"method":"large","sessionId":"page","params":"`)
				_, _ = io.CopyN(f.out, letters(), int64(size))
				f.say(`"}`)
			}
			f.say(`{"method":"small","sessionId":"page"}`, `{"id":1,"result":{"good":true}}`)
		}()
		var got struct{ Good bool }
		if err := c.call(t.Context(), "", "Test.call", values{}, &got); err != nil || !got.Good {
			t.Errorf("the reply is %+v, %v", got, err)
		}
		if names := methods(page); !slices.Equal(names, []string{"small"}) {
			t.Errorf("the page has %q; want only the small one", names)
		}
	})
}

// endless reads as its own bytes, again and again.
type endless []byte

func (e endless) Read(p []byte) (int, error) { return copy(p, e), nil }

func letters() endless { return bytes.Repeat([]byte("a"), 1<<20) }

func TestTheLargestMessageHasMaxMessageBytesWithItsEnd(t *testing.T) {
	for _, tt := range []struct{ size, want int }{{0, 0}, {1, 1}, {1 << 16, 1 << 16}, {maxMessage - 1, maxMessage - 1}, {maxMessage, 0}, {maxMessage + 1, 0}} {
		said := io.MultiReader(io.LimitReader(letters(), int64(tt.size)), strings.NewReader("\x00next\x00rest"))
		reader := bufio.NewReaderSize(said, 1<<16)
		got, err := readMessage(reader)
		if err != nil || len(got) != tt.want || (got == nil) != (tt.size >= maxMessage) {
			t.Errorf("a message of %d bytes is read as %d, none: %t, %v; want %d", tt.size, len(got), got == nil, err, tt.want)
		}
		if got, err := readMessage(reader); err != nil || string(got) != "next" {
			t.Errorf("after a message of %d bytes comes %q, %v", tt.size, got, err)
		}
		if got, err := readMessage(reader); !errors.Is(err, io.EOF) || got != nil {
			t.Errorf("what has no end is read as %q, %v; want %v", got, err, io.EOF)
		}
	}
}

// FuzzReadMessage wants every message that is well framed, within the largest, to be read as it was said. One of them
// is made long; the reader may get it byte by byte.
func FuzzReadMessage(f *testing.F) {
	f.Add([]byte("a\x00b\x00"), uint8(0), uint32(0), false)
	f.Add([]byte("\x00\x00{}\x00rest"), uint8(1), uint32(1<<16), true)
	f.Add([]byte("first\x00second\x00third\x00"), uint8(1), uint32(1<<17-1), false)
	f.Add([]byte("first\x00second\x00third\x00"), uint8(1), uint32(maxMessage), false)
	f.Fuzz(func(t *testing.T, said []byte, which uint8, more uint32, slow bool) {
		if more != maxMessage { // it takes long
			more %= 1 << 17
		}
		slow = slow && more != maxMessage
		parts := bytes.Split(said, []byte{0})
		chosen := int(which) % len(parts)
		parts[chosen] = append(bytes.Repeat([]byte("a"), int(more)), parts[chosen]...)
		var reader io.Reader = bytes.NewReader(bytes.Join(parts, []byte{0}))
		if slow {
			reader = iotest.OneByteReader(reader)
		}
		buffered := bufio.NewReaderSize(reader, 1<<16)
		for i, want := range parts[:len(parts)-1] { // what comes after the last zero byte is no message yet
			got, err := readMessage(buffered)
			if err != nil {
				t.Fatalf("message %d of %d is lost: %v", i, len(parts)-1, err)
			}
			if len(want) >= maxMessage {
				want = nil
			}
			if len(got) > maxMessage || !bytes.Equal(got, want) {
				t.Errorf("message %d of %d bytes is read as %.100q, %d bytes", i, len(want), got, len(got))
			}
		}
		if got, err := readMessage(buffered); !errors.Is(err, io.EOF) || got != nil {
			t.Errorf("what has no end is read as %.100q, %v; want %v", got, err, io.EOF)
		}
	})
}

// What a server tells a page by itself is left out before it is decoded, and nothing beside it.
func TestEventsOfAServerAreNotDecoded(t *testing.T) {
	c, browser := connected(t)
	q := newQueue()
	c.listen("S", q)
	browser.say(`{"method":"Network.eventSourceMessageReceived","params":{"data":"more"},"sessionId":"S"}`,
		`{"method":"Network.dataReceived","params":{},"sessionId":"S"}`)
	browser.end()
	<-c.ended
	if got := methods(q); !slices.Equal(got, []string{"Network.dataReceived"}) {
		t.Errorf("%q came through; want only what says how much came", got)
	}
}
