package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// maxMessage is the largest message that is read. Larger ones are dropped: they are events that carry a data: address,
// which no protocol counts.
const maxMessage = 32 << 20

// eventSource begins what the browser tells of each event that a server sends, with all of its text. What it weighs is
// told by the data that it came in; a flood of them, decoded, would keep what matters waiting.
const eventSource = `{"method":"Network.eventSourceMessageReceived"`

// writeTime is how long a browser may leave a command unread.
const writeTime = 10 * time.Second

// errGone is what calls answer once the browser has ended.
var errGone = errors.New("the browser ended")

// errJammed is the reason nothing more is asked of a browser that neither answers in time nor ends: what a page began
// may keep it busy after the page is gone.
var errJammed = errors.New("the browser answers no more")

// message is a command, a reply or an event of the DevTools protocol.
type message struct {
	ID      int64           `json:"id,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *commandError   `json:"error,omitempty"`

	mark chan struct{} // no message: closed when the reader of a queue comes to it
}

// commandError is the browser's refusal of a command.
type commandError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *commandError) Error() string { return e.Message }

// connection speaks the DevTools protocol over two pipes: JSON messages that end with a zero byte. It is safe for
// concurrent use.
type connection struct {
	writing sync.Mutex // one message at a time
	to      io.WriteCloser

	mu      sync.Mutex
	last    int64
	waiting map[int64]chan message
	sinks   map[string]*queue // of each session; "" is the browser itself
	ended   chan struct{}

	jammed atomic.Bool // it gets no more pages
}

// connect starts reading what the browser says, until it ends.
func connect(from io.Reader, to io.WriteCloser) *connection {
	c := &connection{to: to, waiting: map[int64]chan message{}, sinks: map[string]*queue{}, ended: make(chan struct{})}
	go c.read(from)
	return c
}

func (c *connection) read(from io.Reader) {
	defer c.end()
	reader := bufio.NewReaderSize(from, 1<<16)
	for {
		raw, err := readMessage(reader)
		if err != nil {
			return
		}
		var m message
		if raw == nil || bytes.HasPrefix(raw, []byte(eventSource)) || json.Unmarshal(raw, &m) != nil {
			continue
		}
		c.dispatch(m)
	}
}

// readMessage reads up to the next zero byte; a message that is too large is read away, and nil.
func readMessage(reader *bufio.Reader) ([]byte, error) {
	var whole []byte
	for tooLarge := false; ; {
		part, err := reader.ReadSlice(0)
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, fmt.Errorf("read from the browser: %w", err)
		}
		tooLarge = tooLarge || len(whole)+len(part) > maxMessage
		if tooLarge {
			whole = nil
		} else {
			whole = append(whole, part...)
		}
		if err == nil {
			return bytes.TrimSuffix(whole, []byte{0}), nil
		}
	}
}

// attached is the event of a session that begins below another.
type attached struct {
	Session string     `json:"sessionId"`
	Target  targetInfo `json:"targetInfo"`
	Waiting bool       `json:"waitingForDebugger"`
}

// targetInfo is what the browser says of a page, a frame or a worker.
type targetInfo struct {
	ID      string `json:"targetId"`
	Type    string `json:"type"`
	URL     string `json:"url"`
	Context string `json:"browserContextId"`
	Opener  string `json:"openerId"`
}

// dispatch hands a reply to its caller and an event to the queue of its session. The children of a session share its
// queue, and are known before their first event comes.
func (c *connection) dispatch(m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.ID != 0 {
		if caller, ok := c.waiting[m.ID]; ok {
			delete(c.waiting, m.ID)
			caller <- m // it has room for one
		}
		return
	}
	sink, ok := c.sinks[m.Session]
	if !ok {
		return
	}
	if m.Method == "Target.attachedToTarget" && m.Session != "" {
		var a attached
		if json.Unmarshal(m.Params, &a) == nil && a.Session != "" {
			c.sinks[a.Session] = sink
		}
	}
	sink.push(m)
}

// listen makes the events of a session, and of those that begin below it, go to q.
func (c *connection) listen(session string, q *queue) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sinks[session] = q
	select {
	case <-c.ended: // nobody else would tell its reader
		q.close()
	default:
	}
}

// forget ends what listen began.
func (c *connection) forget(q *queue) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for session, sink := range c.sinks {
		if sink == q {
			delete(c.sinks, session)
		}
	}
}

func (c *connection) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.ended)
	for _, q := range c.sinks {
		q.close()
	}
}

// send writes a command and does not wait for the reply, which comes on the channel.
func (c *connection) send(session, method string, params any) (<-chan message, int64, error) {
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", method, err)
	}
	reply := make(chan message, 1)
	c.mu.Lock()
	c.last++
	id := c.last
	c.waiting[id] = reply
	c.mu.Unlock()
	line, err := json.Marshal(message{ID: id, Session: session, Method: method, Params: raw})
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", method, err)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if pipe, ok := c.to.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = pipe.SetWriteDeadline(time.Now().Add(writeTime)) // a pipe that has none waits, as before
	}
	if _, err := c.to.Write(append(line, 0)); err != nil {
		c.jammed.Store(true)
		_ = c.to.Close() // a half of a command may have been read: nothing can follow it
		return nil, 0, fmt.Errorf("%s: %w", method, errGone)
	}
	return reply, id, nil
}

// tell sends a command whose reply nobody needs.
func (c *connection) tell(session, method string, params any) {
	_, id, err := c.send(session, method, params)
	if err == nil {
		c.drop(id)
	}
}

func (c *connection) drop(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiting, id)
}

// call sends a command and waits for its reply, which is decoded into result unless that is nil.
func (c *connection) call(ctx context.Context, session, method string, params, result any) error {
	reply, id, err := c.send(session, method, params)
	if err != nil {
		return err
	}
	var m message
	select {
	case m = <-reply:
	case <-c.ended:
		select {
		case m = <-reply: // its last words
		default:
			return fmt.Errorf("%s: %w", method, errGone)
		}
	case <-ctx.Done():
		c.drop(id)
		return fmt.Errorf("%s: %w", method, context.Cause(ctx))
	}
	if m.Error != nil {
		return fmt.Errorf("%s: %w", method, m.Error)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(m.Result, result); err != nil {
		return fmt.Errorf("%s: read the reply: %w", method, err)
	}
	return nil
}
