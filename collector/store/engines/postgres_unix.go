//go:build unix

package engines

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// owner is whom PostgreSQL must run as where this program is root, which it refuses to be.
func owner() (id *syscall.Credential, err error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root, and there is no user postgres: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: false}, nil
}

// giveAway makes a folder that of whom PostgreSQL runs as.
func giveAway(dir string) error {
	id, err := owner()
	if err != nil || id == nil {
		return err
	}
	if err := os.Chown(dir, int(id.Uid), int(id.Gid)); err != nil {
		return fmt.Errorf("give the folder of PostgreSQL away: %w", err)
	}
	return nil
}

// asPostgres lets a program run as whom PostgreSQL may be.
func asPostgres(c *exec.Cmd) {
	if id, err := owner(); err == nil && id != nil {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: id}
	}
}

// ended tells whether a program has ended by itself.
func ended(c *exec.Cmd) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, c.Process.Pid, &info, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err != nil || info.Signo != 0
}
