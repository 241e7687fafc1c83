package main

import (
	"context"
	"runtime"
	"runtime/debug"
)

// A small heap is worth more than the time the collector of garbage takes: the agent allocates little and rarely.
const (
	heapGrowth  = 20      // percent
	memoryLimit = 8 << 20 // bytes, of the Go runtime
)

// rest makes Go's runtime small and quiet for a service that works for a millisecond in a minute. One processor is enough,
// and each more would be woken to look for work. It may start the program again, in the same process, so it comes before
// anything is opened.
func rest(ctx context.Context) {
	if ctx.Err() == nil { // a signal to stop that has come is not lost
		_ = coalesce() // without it the service wakes more often, and works
	}
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(heapGrowth)
	debug.SetMemoryLimit(memoryLimit)
}
