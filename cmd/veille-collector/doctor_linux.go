package main

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownerOf is whose a file is, by number and by name, or by number where there is no name.
func ownerOf(info fs.FileInfo) (uid int, name string) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return -1, "?"
	}
	number := strconv.FormatUint(uint64(stat.Uid), 10)
	if u, err := user.LookupId(number); err == nil {
		return int(stat.Uid), u.Username
	}
	return int(stat.Uid), number
}

// mayWrite tells whether this program may make files in a folder, without making one.
func mayWrite(dir string) bool { return unix.Access(dir, unix.W_OK|unix.X_OK) == nil }

// fileSystem names what a folder is on; "" where nobody knows.
func fileSystem(dir string) (name string, far distance) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return "", near
	}
	return farAway(int64(s.Type)) //nolint:unconvert // the types differ between processors
}

// holderOf finds who holds the lock of a database, by what the kernel lists. It does not take the lock to see: a collector that starts just then would
// be refused.
func holderOf(database string) holder {
	info, err := os.Stat(database + ".lock")
	if err != nil {
		return holder{}
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return holder{}
	}
	list, err := os.Open("/proc/locks")
	if err != nil {
		return holder{}
	}
	defer func() { _ = list.Close() }()
	file := fmt.Sprintf("%02x:%02x:%d", unix.Major(stat.Dev), unix.Minor(stat.Dev), stat.Ino)
	for lines := bufio.NewScanner(list); lines.Scan(); {
		// 1: FLOCK  ADVISORY  WRITE 4711 fe:00:1234 0 EOF
		if words := strings.Fields(lines.Text()); len(words) > 5 && words[1] == "FLOCK" && words[3] == "WRITE" && words[5] == file {
			pid, _ := strconv.Atoi(words[4])
			return holder{held: true, pid: max(pid, 0)}
		}
	}
	return holder{}
}

// filesOf is how many files a program may have open; 0, false where nobody says. pid 0 is this one.
func filesOf(pid int) (limit uint64, known bool) {
	if pid == 0 {
		var l syscall.Rlimit
		err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l)
		return l.Cur, err == nil
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", pid))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, "Max open files"); is {
			if words := strings.Fields(rest); len(words) > 1 { // the hard one: Go raises the soft one to it
				limit, err := strconv.ParseUint(words[1], 10, 64)
				return limit, err == nil
			}
		}
	}
	return 0, false
}
