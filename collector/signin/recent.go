package signin

import "container/list"

// mostKept is how many names, addresses or sessions are kept in memory; the one that was not used for longest goes first. That is about
// 3 MB of each.
const mostKept = 10_000

// recent keeps values by their keys, and of too many those that were used last.
type recent[K comparable, V any] struct {
	places map[K]*list.Element
	order  *list.List // of pair[K, V], the last used in front
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

func newRecent[K comparable, V any]() *recent[K, V] {
	return &recent[K, V]{places: map[K]*list.Element{}, order: list.New()}
}

// get is the value of a key.
func (r *recent[K, V]) get(key K) (value V, ok bool) {
	place, ok := r.places[key]
	if !ok {
		return value, false
	}
	p, _ := place.Value.(pair[K, V])
	return p.value, true
}

// set keeps a value, which counts as a use. Where there are too many, it answers the key that went for it.
func (r *recent[K, V]) set(key K, value V) (gone K, full bool) {
	if place, ok := r.places[key]; ok {
		place.Value = pair[K, V]{key, value}
		r.order.MoveToFront(place)
		return gone, false
	}
	r.places[key] = r.order.PushFront(pair[K, V]{key, value})
	if r.order.Len() <= mostKept {
		return gone, false
	}
	gone, _, _ = r.oldest()
	r.remove(gone)
	return gone, true
}

// oldest is what was not used for longest.
func (r *recent[K, V]) oldest() (key K, value V, ok bool) {
	place := r.order.Back()
	if place == nil {
		return key, value, false
	}
	p, _ := place.Value.(pair[K, V])
	return p.key, p.value, true
}

// each tells of all, the one that was not used for longest first.
func (r *recent[K, V]) each(tell func(K, V)) {
	for place := r.order.Back(); place != nil; place = place.Prev() {
		p, _ := place.Value.(pair[K, V])
		tell(p.key, p.value)
	}
}

func (r *recent[K, V]) remove(key K) {
	if place, ok := r.places[key]; ok {
		r.order.Remove(place)
		delete(r.places, key)
	}
}
