package metering

import (
	"errors"
	"fmt"
	"net"
	"net/http"

	"veille/collector/intake"
)

// maxText is how many bytes a post may have, compressed or not.
const maxText = 16 << 20

// mostBefore is how many bytes of memory a post gets before it has sent as many.
const mostBefore = 256 << 10

// overhead is the memory that a post takes beside its text: what is read of it at once, and what that is packed into.
const overhead = 768 << 10

// unreadable answers a body that cannot be read.
func (h *Handler) unreadable(w answers, err error) {
	if errors.Is(err, intake.ErrBusy) {
		h.counts.Busy.Add(1)
		w.later(http.StatusServiceUnavailable, "unavailable", "the collector is busy; send it again later")
		return
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		h.counts.Failed.Add(1)
		w.later(http.StatusServiceUnavailable, "unavailable", "the post did not arrive in time; send it again")
		return
	}
	h.counts.Unusable.Add(1)
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		w.refuse(http.StatusRequestEntityTooLarge, "request too large", fmt.Sprintf("the post is larger than %d bytes, decompressed; send fewer lines at once", maxText))
		return
	}
	w.refuse(http.StatusBadRequest, "invalid", fmt.Sprintf("the post cannot be read: %v", err))
}
