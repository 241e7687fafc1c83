package opendata

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"veille/collector"
)

// What is kept in memory at most, of how many organisations the files are made at the same time, how long that may take, and for how long a failure holds.
const (
	mostKept  = 64
	mostWait  = 32 // that are being made, or wait for it
	mostBytes = 128 << 20
	atOnce    = 1
	makeFor   = 2 * time.Minute
	failedFor = 30 * time.Second
)

// kept is the files of an organisation.
type kept struct {
	files    map[string]*keptFile
	nodes    []any // of the catalogue
	about    about
	modified collector.Date
	bytes    int64
}

type keptFile struct {
	kind          string
	bytes, zipped []byte // zipped is nil where it would not be shorter
	tag           string
}

// keep is a file as it is kept.
func keep(f File) *keptFile {
	sum := sha256.Sum256(f.Bytes)
	k := &keptFile{kind: f.Type, bytes: f.Bytes, tag: hex.EncodeToString(sum[:16])}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err := z.Write(f.Bytes)
	if err == nil {
		err = z.Close()
	}
	if err == nil && out.Len() < len(f.Bytes) {
		k.zipped = out.Bytes()
	}
	return k
}

// shelfKey is what is kept under: an organisation, as it is seen under an address, on a day.
type shelfKey struct {
	organisation int64
	base         string
	day          collector.Date
}

// slot is one place of the shelf. made and err hold once ready is closed.
type slot struct {
	ready chan struct{}
	made  *kept
	err   error
	at    time.Time // when it was ready
}

// shelf keeps what was made. Who asks for what is being made waits for it.
type shelf struct {
	makers chan struct{}

	mu     sync.Mutex
	making int // slots that are not ready
	slots  map[shelfKey]*slot
	order  []shelfKey // of slots, the one that was asked for first before the others
}

func newShelf() *shelf {
	return &shelf{makers: make(chan struct{}, atOnce), slots: map[shelfKey]*slot{}}
}

// get is what is kept under a key; it is made where it is not.
func (s *shelf) get(ctx context.Context, k shelfKey, build func(context.Context) (*kept, error)) (*kept, error) {
	x, mine := s.slot(k)
	if x == nil {
		return nil, errBusy
	}
	if mine {
		// It goes on when who asked for it has gone: others wait for it.
		go s.fill(context.WithoutCancel(ctx), k, x, build)
	}
	select {
	case <-x.ready:
		return x.made, x.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// errBusy says that too many wait.
var errBusy = errors.New("too much is being made at the same time")

// slot is the place of a key, and whether the caller is to fill it; nil where too many are being filled.
func (s *shelf) slot(k shelfKey) (*slot, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if x := s.slots[k]; x != nil {
		select {
		case <-x.ready:
			if x.err == nil || time.Since(x.at) < failedFor {
				return x, false
			}
			s.drop(k)
		default:
			return x, false
		}
	}
	if s.making == mostWait {
		return nil, false
	}
	s.making++
	x := &slot{ready: make(chan struct{})}
	s.slots[k] = x
	s.order = append(s.order, k)
	return x, true
}

// fill makes what belongs into a slot, and then room.
func (s *shelf) fill(ctx context.Context, k shelfKey, x *slot, build func(context.Context) (*kept, error)) {
	ctx, cancel := context.WithTimeout(ctx, makeFor)
	defer cancel()
	select {
	case s.makers <- struct{}{}:
		x.made, x.err = built(ctx, build)
		<-s.makers
	case <-ctx.Done():
		x.err = ctx.Err()
	}
	x.at = time.Now()
	close(x.ready)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.making--
	s.makeRoom(k)
}

// built runs build. A crash in it is that of one organisation's files, and not of the server.
func built(ctx context.Context, build func(context.Context) (*kept, error)) (made *kept, err error) {
	defer func() {
		if r := recover(); r != nil {
			made, err = nil, fmt.Errorf("make the public data: %v", r)
		}
	}()
	return build(ctx)
}

// makeRoom drops what is of other days, and then the oldest, until the rest is as much as may be kept. It leaves what is not ready, and the key that was
// just filled.
func (s *shelf) makeRoom(last shelfKey) {
	var sum int64
	ready := func(k shelfKey) bool {
		select {
		case <-s.slots[k].ready:
			return true
		default:
			return false
		}
	}
	size := func(k shelfKey) int64 {
		if x := s.slots[k]; ready(k) && x.made != nil {
			return x.made.bytes
		}
		return 0
	}
	for _, k := range s.order {
		sum += size(k)
	}
	for _, k := range append([]shelfKey(nil), s.order...) {
		if k == last || !ready(k) || k.day == last.day && sum <= mostBytes && len(s.order) <= mostKept {
			continue
		}
		sum -= size(k)
		s.drop(k)
	}
}

// drop takes a key off the shelf.
func (s *shelf) drop(k shelfKey) {
	delete(s.slots, k)
	for i := range s.order {
		if s.order[i] == k {
			s.order = append(s.order[:i], s.order[i+1:]...)
			return
		}
	}
}
