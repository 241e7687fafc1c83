package listen

import (
	"context"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Notify tells systemd that the program is ready, and when ctx ends that it stops. If the unit has WatchdogSec= it also says twice in
// that time that the program is alive, while healthy answers nil; where it does not, systemd starts the program anew. So healthy should
// ask what a new start could cure: a ledger that hangs, not a full disk. Without NOTIFY_SOCKET in the environment it only waits for
// ctx. Certificates are read again without being told, so there is nothing to reload. Protocol: sd_notify(3).
func Notify(ctx context.Context, healthy func(context.Context) error, log *slog.Logger) {
	say := func(state string) {
		if _, err := daemon.SdNotify(false, state); err != nil {
			log.WarnContext(ctx, "systemd not told", "state", state, "err", err)
		}
	}
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.WarnContext(ctx, "systemd's watchdog is not understood", "err", err)
	}
	say(daemon.SdNotifyReady)
	defer say(daemon.SdNotifyStopping)
	if interval <= 0 {
		<-ctx.Done()
		return
	}
	ticker := time.NewTicker(interval / 2)
	defer ticker.Stop()
	for {
		if err := healthy(ctx); err == nil {
			say(daemon.SdNotifyWatchdog)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
