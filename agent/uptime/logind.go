package uptime

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// LogindSleep reads, below the root of a Linux system, after how long systemd-logind puts it to sleep or switches it off.
// It is never when the administrator has forbidden sleep. Otherwise it is unknown where a desktop is installed: GNOME
// and KDE decide by settings of each user, and their system-wide defaults are a binary database. It is unknown as well
// where systemd does not run.
func LogindSleep(root fs.FS) (SleepAfter, error) {
	unknown, never := SleepAfter{}, SleepAfter{Known: true}
	if root == nil || !hasLogind(root) {
		return unknown, nil
	}
	allow := allowed{suspend: true, hibernate: true}
	if err := configure(root, "sleep.conf", "Sleep", allow.set); err != nil {
		return unknown, fmt.Errorf("read the sleep policy: %w", err)
	}
	if masked(root, "sleep.target") || !allow.suspend && !allow.hibernate {
		return never, nil
	}
	if hasDesktop(root) {
		return unknown, nil
	}
	idle := idleAction{action: "ignore", after: 30 * time.Minute} // as systemd is compiled
	if err := configure(root, "logind.conf", "Login", idle.set); err != nil {
		return unknown, fmt.Errorf("read the sleep policy: %w", err)
	}
	if !idle.saves() || !allow.action(idle.action) || masked(root, idle.action+".target") {
		return never, nil
	}
	return SleepAfter{Known: true, After: idle.after}, nil
}

// allowed is what sleep.conf lets the system do. Keys other than the two simple ones only narrow the mixed actions.
type allowed struct{ suspend, hibernate bool }

func (a *allowed) set(key, value string) {
	var to *bool
	switch key {
	case "AllowSuspend":
		to = &a.suspend
	case "AllowHibernation":
		to = &a.hibernate
	default:
		return
	}
	switch strings.ToLower(value) {
	case "1", "yes", "y", "true", "t", "on":
		*to = true
	case "0", "no", "n", "false", "f", "off":
		*to = false
	}
}

func (a *allowed) action(name string) bool {
	switch name {
	case "suspend":
		return a.suspend
	case "hibernate":
		return a.hibernate
	case "hybrid-sleep", "suspend-then-hibernate":
		return a.suspend && a.hibernate
	}
	return true
}

// idleAction is what logind does of an idle system. A value that systemd would refuse leaves what was set before.
type idleAction struct {
	action string
	after  time.Duration
}

func (i *idleAction) set(key, value string) {
	switch key {
	case "IdleAction":
		switch value {
		case "ignore", "poweroff", "reboot", "halt", "kexec", "soft-reboot", "suspend", "hibernate", "hybrid-sleep",
			"suspend-then-hibernate", "sleep", "lock":
			i.action = value
		}
	case "IdleActionSec":
		if d, ok := timeSpan(value); ok {
			i.after = d
		}
	}
}

// saves tells whether the machine then uses less: a machine that is halted, locked or started again does not.
func (i *idleAction) saves() bool {
	switch i.action {
	case "suspend", "hibernate", "hybrid-sleep", "suspend-then-hibernate", "sleep", "poweroff":
		return i.after > 0
	}
	return false
}

func hasLogind(root fs.FS) bool {
	if _, err := fs.Stat(root, "run/systemd/system"); err != nil {
		return false // sd_booted(3): systemd may be installed and not run
	}
	return slices.ContainsFunc([]string{"usr/lib/systemd/systemd-logind", "lib/systemd/systemd-logind"}, func(name string) bool {
		_, err := fs.Lstat(root, name)
		return err == nil
	})
}

// hasDesktop looks for sessions that a greeter offers, and for the greeter, which may put the machine to sleep itself.
func hasDesktop(root fs.FS) bool {
	if _, err := fs.Lstat(root, "etc/systemd/system/display-manager.service"); err == nil {
		return true
	}
	for _, share := range []string{"usr/share/", "usr/local/share/"} {
		for _, kind := range []string{"xsessions", "wayland-sessions"} {
			if found, err := fs.Glob(root, share+kind+"/*.desktop"); err == nil && len(found) > 0 {
				return true
			}
		}
	}
	return false
}

// masked tells whether a unit cannot be started: the first of its files is empty, or a link to /dev/null.
func masked(root fs.FS, unit string) bool {
	for _, dir := range []string{"etc", "run", "usr/local/lib", "usr/lib", "lib"} {
		name := path.Join(dir, "systemd/system", unit)
		info, err := fs.Lstat(root, name)
		if err != nil {
			continue
		}
		return nowhere(root, name) || info.Mode().IsRegular() && info.Size() == 0
	}
	return false
}

func nowhere(root fs.FS, name string) bool {
	target, err := fs.ReadLink(root, name)
	return err == nil && strings.HasSuffix(target, "/dev/null")
}

// configure gives each assignment of a section to set, in systemd's order (logind.conf(5)): the first main file found, then
// the drop-ins by name, whatever their directory. Of drop-ins with one name the first directory's counts.
func configure(root fs.FS, file, section string, set func(key, value string)) error {
	dirs := []string{"etc/systemd/", "run/systemd/", "usr/local/lib/systemd/", "usr/lib/systemd/", "lib/systemd/"}
	for _, dir := range dirs {
		if _, err := fs.Lstat(root, dir+file); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := read(root, dir+file, section, set); err != nil {
			return err
		}
		break
	}
	dropIns := map[string]string{}
	for _, dir := range slices.Backward(dirs) {
		entries, err := fs.ReadDir(root, dir+file+".d")
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), ".conf") {
				dropIns[e.Name()] = dir + file + ".d/" + e.Name()
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(dropIns)) {
		if err := read(root, dropIns[name], section, set); err != nil {
			return err
		}
	}
	return nil
}

func read(root fs.FS, name, section string, set func(key, value string)) error {
	if nowhere(root, name) {
		return nil
	}
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return err
	}
	assignments(string(text), section, set)
	return nil
}
