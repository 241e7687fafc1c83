package metering

import (
	"context"
	"math"
	"time"

	"veille/collector"
)

// When posts are folded into blocks: when about so many bytes of them wait, or after so long. Each time all blocks that they belong to are written anew.
const (
	foldFrom      = 4 << 20
	foldAfter     = 10 * time.Minute
	accountAfter  = time.Hour
	look          = 5 * time.Second
	bytesOfSample = 12
)

// Run folds posts, makes accounts of days each hour, and deletes what has served each day, until ctx ends. One of several collectors that share a ledger may
// do so, or all: what two do at once is done again.
func (h *Handler) Run(ctx context.Context) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	var folded, accounted time.Time
	var tidied collector.Date
	for {
		if time.Since(folded) >= foldAfter || h.waiting.Load() >= foldFrom {
			h.Fold(ctx)
			folded = time.Now()
		}
		if time.Since(accounted) >= accountAfter {
			h.report(ctx, "accounts of meters were not made, it is made up for in an hour", h.Account(ctx))
			accounted = time.Now()
		}
		if now, err := h.Now(); err == nil && collector.DateOf(now) != tidied {
			tidied = collector.DateOf(now)
			h.report(ctx, "what meters said long ago was not deleted, it is made up for tomorrow", h.Ledger.TidyMeters(ctx, tidied))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-h.full:
		}
	}
}

// Fold folds all posts that wait.
func (h *Handler) Fold(ctx context.Context) {
	for before := int64(math.MaxInt64); ; {
		debt, err := h.Ledger.FoldMeters(ctx)
		h.report(ctx, "posts of meters were not folded, they stay as they are, and it is tried again", err)
		if err != nil {
			return
		}
		h.waiting.Store(debt.Bytes)
		if debt.Posts == 0 || debt.Bytes >= before || debt.Bytes < foldFrom/4 {
			return
		}
		before = debt.Bytes
	}
}

// Account makes the accounts of the dates that have changed.
func (h *Handler) Account(ctx context.Context) error {
	_, err := h.Ledger.AccountMeters(ctx)
	return err
}

func (h *Handler) report(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		h.Log.ErrorContext(ctx, "meters: work in the background failed", "what", what, "err", err)
	}
}
