package browser

import (
	"encoding/json"
	"maps"
	"sync"
)

// root reads what the browser says that belongs to no page: workers that serve several documents, and windows that
// pages open.
type root struct {
	*connection
	events *queue
	done   sync.WaitGroup

	mu       sync.Mutex
	contexts map[string]*tab // by browser context
	sessions map[string]*tab // by the session of the page
}

// The types of the targets that belong to no page.
const (
	serviceWorker = "service_worker"
	sharedWorker  = "shared_worker"
)

// oversee starts reading. Service workers and shared workers are children of the browser, not of a page; they are
// attached here and given to the tab of their context. Windows that a page opens are closed.
func oversee(c *connection) *root {
	r := &root{connection: c, events: newQueue(), contexts: map[string]*tab{}, sessions: map[string]*tab{}}
	c.listen("", r.events)
	r.done.Go(r.pump)
	c.tell("", "Target.setDiscoverTargets", values{"discover": true, "filter": []values{{"type": "page"}, {"exclude": true}}})
	c.tell("", "Target.setAutoAttach", values{
		"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true,
		"filter": []values{{"type": serviceWorker}, {"type": sharedWorker}, {"exclude": true}},
	})
	return r
}

func (r *root) pump() {
	for {
		list, _, open := r.events.take()
		for _, m := range list {
			r.handle(m)
		}
		if !open {
			return
		}
		<-r.events.wake
	}
}

func (r *root) handle(m message) {
	var a attached
	if json.Unmarshal(m.Params, &a) != nil {
		return
	}
	switch m.Method {
	case "Target.attachedToTarget":
		if a.Target.Opener != "" { // a window is let go before it is closed: its opener waits for it
			r.tell(a.Session, "Runtime.runIfWaitingForDebugger", values{})
			r.tell("", "Target.closeTarget", values{"targetId": a.Target.ID})
			return
		}
		r.mu.Lock()
		t := r.contexts[a.Target.Context]
		r.mu.Unlock()
		if t == nil || (a.Target.Type != serviceWorker && a.Target.Type != sharedWorker) {
			return
		}
		r.listen(a.Session, t.events)
		t.equip(a.Session, a.Target.Type)
	case "Target.targetCreated":
		if a.Target.Opener != "" {
			r.tell("", "Target.attachToTarget", values{"targetId": a.Target.ID, "flatten": true})
		}
	case "Target.detachedFromTarget":
		r.mu.Lock()
		t := r.sessions[a.Session]
		r.mu.Unlock()
		if t != nil {
			t.events.push(m)
		}
	}
}

// adopt gives a tab what belongs to its context.
func (r *root) adopt(t *tab, context string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.contexts[context] = t
}

// claim tells a tab when its page goes away.
func (r *root) claim(t *tab, session string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sessions[session] = t
}

// abandon ends both.
func (r *root) abandon(t *tab) {
	r.mu.Lock()
	defer r.mu.Unlock()
	isT := func(_ string, other *tab) bool { return other == t }
	maps.DeleteFunc(r.contexts, isT)
	maps.DeleteFunc(r.sessions, isT)
}
