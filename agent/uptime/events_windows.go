package uptime

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// evt is what is used of wevtapi.dll.
type evt struct{ query, subscribe, next, render, createContext, close *windows.LazyProc }

func loadEvt() (evt, error) {
	dll := windows.NewLazySystemDLL("wevtapi.dll")
	e := evt{
		dll.NewProc("EvtQuery"), dll.NewProc("EvtSubscribe"), dll.NewProc("EvtNext"),
		dll.NewProc("EvtRender"), dll.NewProc("EvtCreateRenderContext"), dll.NewProc("EvtClose"),
	}
	for _, p := range []*windows.LazyProc{e.query, e.subscribe, e.next, e.render, e.createContext, e.close} {
		if err := p.Find(); err != nil {
			return evt{}, fmt.Errorf("use the event log: %w", err)
		}
	}
	return e, nil
}

func (e evt) release(handle uintptr) {
	if handle != 0 {
		_, _, _ = e.close.Call(handle)
	}
}

// failed is why a function of wevtapi answered no. Some systems say no without a reason.
func failed(name string, err error) error {
	if errno := syscall.Errno(0); errors.As(err, &errno) && errno == 0 {
		err = errors.New("refused without a reason")
	}
	return fmt.Errorf("%s: %w", name, err)
}

// systemEvents asks the System log for the events since a moment that say when the machine ran, in the order written.
// Whether NT SERVICE\VeilleAgent may read that log is unverified.
func systemEvents(ctx context.Context, since time.Time) ([]Event, error) {
	e, err := loadEvt()
	if err != nil {
		return nil, err
	}
	all, err := e.since(ctx, since)
	if err != nil {
		return nil, fmt.Errorf("read the System log: %w", err)
	}
	return all, nil
}

func (e evt) since(ctx context.Context, since time.Time) ([]Event, error) {
	channel, err := windows.UTF16PtrFromString("System")
	if err != nil {
		return nil, err
	}
	text, err := windows.UTF16PtrFromString(systemQuery(since))
	if err != nil {
		return nil, err
	}
	const channelPath, forward = 0x1, 0x100
	result, _, err := e.query.Call(0, uintptr(unsafe.Pointer(channel)), uintptr(unsafe.Pointer(text)), channelPath|forward)
	if result == 0 {
		return nil, failed("EvtQuery", err)
	}
	defer e.release(result)
	paths, err := e.paths()
	if err != nil {
		return nil, err
	}
	defer e.release(paths)

	var all []Event
	buffer := make([]uint64, 256) // grows to the longest event
	for {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		handles, err := e.batch(result, 5*time.Second)
		if errors.Is(err, windows.ERROR_NO_MORE_ITEMS) {
			return all, nil
		}
		if err != nil {
			return nil, failed("EvtNext", err)
		}
		for i, h := range handles {
			var event Event
			if event, buffer, err = e.values(paths, h, buffer); err == nil {
				all = append(all, event)
			}
			e.release(handles[i])
		}
		if len(all) > mostEvents {
			return nil, fmt.Errorf("more than %d events", mostEvents)
		}
	}
}

// mostEvents is more than a log of the usual size holds.
const mostEvents = 200_000

// paths makes the context that has EvtRender give renderedPaths and nothing else.
func (e evt) paths() (uintptr, error) {
	names := renderedPaths()
	pointers := make([]*uint16, len(names))
	for i, name := range names {
		p, err := windows.UTF16PtrFromString(name)
		if err != nil {
			return 0, err
		}
		pointers[i] = p
	}
	const renderValues = 0 // EvtRenderContextValues
	handle, _, err := e.createContext.Call(uintptr(len(pointers)), uintptr(unsafe.Pointer(&pointers[0])), renderValues)
	if handle == 0 {
		return 0, failed("EvtCreateRenderContext", err)
	}
	return handle, nil
}

// batch is the next events of a result. The caller releases them.
func (e evt) batch(result uintptr, wait time.Duration) ([]uintptr, error) {
	handles, n := make([]uintptr, 64), uint32(0)
	ok, _, err := e.next.Call(result, uintptr(len(handles)), uintptr(unsafe.Pointer(&handles[0])),
		uintptr(wait.Milliseconds()), 0, uintptr(unsafe.Pointer(&n)))
	if ok == 0 {
		return nil, err
	}
	if n == 0 {
		return nil, windows.ERROR_NO_MORE_ITEMS
	}
	return handles[:min(int(n), len(handles))], nil
}

// values reads an event into buffer, or a longer one, which it gives back.
func (e evt) values(paths, event uintptr, buffer []uint64) (Event, []uint64, error) {
	for range 2 {
		var used, count uint32
		const eventValues = 0 // EvtRenderEventValues
		ok, _, err := e.render.Call(paths, event, eventValues, uintptr(len(buffer)*8), uintptr(unsafe.Pointer(&buffer[0])),
			uintptr(unsafe.Pointer(&used)), uintptr(unsafe.Pointer(&count)))
		if ok == 0 && errors.Is(err, windows.ERROR_INSUFFICIENT_BUFFER) && used < 1<<20 {
			buffer = make([]uint64, used/8+1)
			continue
		}
		if ok == 0 {
			return Event{}, buffer, failed("EvtRender", err)
		}
		if int(used) > len(buffer)*8 || int(count) != len(renderedPaths()) {
			return Event{}, buffer, errRendered
		}
		read := unsafe.Slice((*byte)(unsafe.Pointer(&buffer[0])), used)
		found, err := eventOf(read, uint64(uintptr(unsafe.Pointer(&buffer[0]))))
		return found, buffer, err
	}
	return Event{}, buffer, errRendered
}

// doorbell rings when Windows enters or leaves Modern Standby. It is a subscription that sets an event object, which is
// looked at when asked: no callback and no thread of ours, so nothing wakes up for it.
type doorbell struct {
	evt
	signal       windows.Handle
	subscription uintptr
}

func newDoorbell() (*doorbell, error) {
	e, err := loadEvt()
	if err != nil {
		return nil, err
	}
	channel, err := windows.UTF16PtrFromString("System")
	if err != nil {
		return nil, err
	}
	text, err := windows.UTF16PtrFromString(standbyQuery())
	if err != nil {
		return nil, err
	}
	const manual, toFuture = 1, 1
	signal, err := windows.CreateEvent(nil, manual, 0, nil)
	if err != nil {
		return nil, fmt.Errorf("watch for Modern Standby: %w", err)
	}
	subscription, _, err := e.subscribe.Call(0, uintptr(signal), uintptr(unsafe.Pointer(channel)), uintptr(unsafe.Pointer(text)),
		0, 0, 0, toFuture)
	if subscription == 0 {
		_ = windows.CloseHandle(signal)
		return nil, fmt.Errorf("watch for Modern Standby: %w", failed("EvtSubscribe", err))
	}
	return &doorbell{e, signal, subscription}, nil
}

// rang tells whether the bell rang since it was last asked.
func (d *doorbell) rang() bool {
	if d == nil {
		return false
	}
	if state, err := windows.WaitForSingleObject(d.signal, 0); err != nil || state != windows.WAIT_OBJECT_0 {
		return false
	}
	_ = windows.ResetEvent(d.signal) // before the last event is taken: one that comes in between rings again
	for range 100 {
		handles, err := d.batch(d.subscription, time.Second)
		if err != nil {
			break
		}
		for _, h := range handles {
			d.release(h)
		}
	}
	return true
}

func (d *doorbell) close() error {
	if d == nil {
		return nil
	}
	d.release(d.subscription)
	return windows.CloseHandle(d.signal)
}
