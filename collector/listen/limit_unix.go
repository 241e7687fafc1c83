//go:build unix

package listen

import (
	"context"
	"log/slog"
	"syscall"
)

// reserved are the files that the rest of the program has open: the database, its journal, temporary files, web pages being measured.
const reserved = 256

// withinFiles is room, or less where the system lets this program open too few files for so many connections. Go has raised the soft
// limit to the hard one when the program began.
func withinFiles(ctx context.Context, room int, log *slog.Logger) int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || int64(limit.Cur) >= int64(room)+reserved || int64(limit.Cur) < 0 {
		return room
	}
	fewer := max(int(limit.Cur)-reserved, int(limit.Cur)/2, 1)
	log.WarnContext(ctx, "fewer connections than asked for: too few files may be open", "connections", fewer, "asked_for", room, "open_files", limit.Cur)
	return fewer
}
