package uptime

import (
	"context"
	"fmt"
	"time"
)

// History is not known on macOS: pmset -g log is not read.
func History(context.Context, time.Time) ([]Stretch, error) {
	return nil, fmt.Errorf("macOS: %w", ErrNoHistory)
}
