package uptime_test

import (
	"errors"
	"io/fs"
	"maps"
	"testing"
	"testing/fstest"
	"time"

	"veille/agent/uptime"
)

// linux is a system that runs systemd, with these files; a text that begins with -> is a link.
func linux(files map[string]string) fstest.MapFS {
	root := fstest.MapFS{
		"run/systemd/system":             {Mode: fs.ModeDir | 0o755},
		"usr/lib/systemd/systemd-logind": {Data: []byte("\x7fELF")},
		"etc/systemd/logind.conf":        {Data: []byte("[Login]\n#IdleAction=suspend\n;IdleActionSec=1min\n")},
	}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
		if len(text) > 2 && text[:2] == "->" {
			root[name] = &fstest.MapFile{Mode: fs.ModeSymlink | 0o777, Data: []byte(text[2:])}
		}
	}
	return root
}

var never = uptime.SleepAfter{Known: true}

func after(d time.Duration) uptime.SleepAfter { return uptime.SleepAfter{Known: true, After: d} }

const suspend = "[Login]\nIdleAction=suspend\nIdleActionSec="

func TestLogindSleep(t *testing.T) {
	const conf, units = "etc/systemd/logind.conf", "etc/systemd/system/"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  uptime.SleepAfter
	}{
		{"systemd as it comes never sleeps", nil, never},
		{"suspend after twenty minutes", map[string]string{conf: suspend + "20min\n"}, after(20 * time.Minute)},
		{"thirty minutes when no time is said", map[string]string{conf: "[Login]\nIdleAction=suspend"}, after(30 * time.Minute)},
		{"a time without an action is never", map[string]string{conf: "[Login]\nIdleActionSec=20min"}, never},
		{"switching off is sleeping", map[string]string{conf: "[Login]\nIdleAction=poweroff"}, after(30 * time.Minute)},
		{"locking is not", map[string]string{conf: "[Login]\nIdleAction=lock"}, never},
		{"no time is never", map[string]string{conf: suspend + "0"}, never},
		{"no end is never", map[string]string{conf: suspend + "infinity"}, never},
		{"another section does not count", map[string]string{conf: "[Sleep]\nIdleAction=suspend\n[Login]\n"}, never},
		{"the last of two counts", map[string]string{conf: suspend + "5min\nIdleActionSec = 10min\r\n"}, after(10 * time.Minute)},
		{"a wrong value leaves the one before", map[string]string{conf: suspend + "5min\nIdleActionSec=soon\nIdleAction=nap\n"}, after(5 * time.Minute)},
		{"a line goes on after a backslash", map[string]string{conf: "[Login]\nIdleAction=\\\n# not this\nsuspend\n"}, after(30 * time.Minute)},

		{"a drop-in beats the main file", map[string]string{conf: suspend + "5min", conf + ".d/a.conf": suspend + "10min"}, after(10 * time.Minute)},
		{"a drop-in of the vendor beats the main file", map[string]string{conf: suspend + "5min", "usr/lib/systemd/logind.conf.d/a.conf": suspend + "10min"}, after(10 * time.Minute)},
		{"the last name counts, whatever its directory", map[string]string{conf + ".d/10.conf": suspend + "10min", "usr/lib/systemd/logind.conf.d/20.conf": suspend + "20min"}, after(20 * time.Minute)},
		{"of one name the one in etc counts", map[string]string{
			conf + ".d/a.conf": suspend + "10min", "run/systemd/logind.conf.d/a.conf": suspend + "20min", "usr/lib/systemd/logind.conf.d/a.conf": suspend + "30min",
		}, after(10 * time.Minute)},
		{"a drop-in linked to nowhere hides the vendor's", map[string]string{conf + ".d/a.conf": "->/dev/null", "usr/lib/systemd/logind.conf.d/a.conf": suspend + "30min"}, never},
		{"a file of another kind is no drop-in", map[string]string{conf + ".d/a.conf.bak": suspend + "10min"}, never},

		{"a masked sleep.target is never", map[string]string{conf: suspend + "5min", units + "sleep.target": "->/dev/null"}, never},
		{"masked until the next boot is never", map[string]string{conf: suspend + "5min", "run/systemd/system/sleep.target": "->/dev/null"}, never},
		{"an empty sleep.target is never", map[string]string{conf: suspend + "5min", units + "sleep.target": ""}, never},
		{"a sleep.target of its own is not masked", map[string]string{conf: suspend + "5min", units + "sleep.target": "[Unit]\n", "run/systemd/system/sleep.target": "->/dev/null"}, after(5 * time.Minute)},
		{"a masked action is never", map[string]string{conf: suspend + "5min", units + "suspend.target": "->/dev/null"}, never},
		{"another masked action does not count", map[string]string{conf: suspend + "5min", units + "hibernate.target": "->/dev/null"}, after(5 * time.Minute)},
		{"suspend that sleep.conf forbids is never", map[string]string{conf: suspend + "5min", "etc/systemd/sleep.conf.d/no.conf": "[Sleep]\nAllowSuspend=no\n"}, never},
		{"hibernation that it forbids does not count", map[string]string{conf: suspend + "5min", "etc/systemd/sleep.conf": "[Sleep]\nAllowHibernation=no\n"}, after(5 * time.Minute)},

		{"a desktop decides itself", map[string]string{conf: suspend + "5min", "usr/share/wayland-sessions/gnome.desktop": "[Desktop Entry]"}, uptime.SleepAfter{}},
		{"a greeter decides itself", map[string]string{units + "display-manager.service": "->/usr/lib/systemd/system/gdm.service"}, uptime.SleepAfter{}},
		{"a desktop cannot sleep when sleep is masked", map[string]string{"usr/share/xsessions/plasma.desktop": "", units + "sleep.target": "->/dev/null"}, never},
		{"a desktop cannot sleep when sleep.conf forbids it", map[string]string{
			"usr/share/xsessions/plasma.desktop": "", "etc/systemd/sleep.conf": "[Sleep]\nAllowSuspend=off\nAllowHibernation=0\n",
		}, never},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := uptime.LogindSleep(linux(tt.files)); err != nil || got != tt.want {
				t.Errorf("got %v, %v; want %v", got, err, tt.want)
			}
		})
	}
}

func TestTheTimeOfLogindIsReadLikeSystemdDoes(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90": 90 * time.Second, "1h 30min": 90 * time.Minute, "1h30m": 90 * time.Minute, "1.5 hours": 90 * time.Minute,
		"2 d": 48 * time.Hour, "1M": 2_629_800 * time.Second, "500ms": 500 * time.Millisecond, "7µs": 7 * time.Microsecond,
		"999999999999999y": 0,                                                                                       // never
		"":                 time.Hour, "-5": time.Hour, "1..2": time.Hour, "min": time.Hour, "5 parsecs": time.Hour, // refused
	} {
		got, err := uptime.LogindSleep(linux(map[string]string{"etc/systemd/logind.conf": suspend + "1h\nIdleActionSec=" + text}))
		if err != nil || got != after(want) {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, after(want))
		}
	}
}

func TestASystemWithoutLogindIsUnknown(t *testing.T) {
	for name, gone := range map[string]string{"systemd does not run": "run/systemd/system", "no logind": "usr/lib/systemd/systemd-logind"} {
		root := maps.Clone(linux(nil))
		delete(root, gone)
		if got, err := uptime.LogindSleep(root); err != nil || got.Known {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if got, err := uptime.LogindSleep(nil); err != nil || got.Known {
		t.Errorf("no root: got %v, %v", got, err)
	}
}

// denied refuses to open one file.
type denied struct {
	fstest.MapFS
	name string
}

func (d denied) Open(name string) (fs.File, error) {
	if name == d.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.MapFS.Open(name)
}

func (d denied) ReadFile(name string) ([]byte, error) {
	if name == d.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.MapFS.ReadFile(name)
}

func TestAPolicyThatMayNotBeReadIsAnError(t *testing.T) {
	got, err := uptime.LogindSleep(denied{linux(nil), "etc/systemd/logind.conf"})
	if got.Known || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v, %v", got, err)
	}
}

func FuzzLogindSleep(f *testing.F) {
	f.Add(suspend + "1h 30min\n")
	f.Add("[Login]\nIdleAction=\\\nsuspend\nIdleActionSec=1.5 d")
	f.Add("[Login\n=\n\\")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := uptime.LogindSleep(linux(map[string]string{"etc/systemd/logind.conf": "\n" + text, "etc/systemd/sleep.conf": "\n" + text}))
		if err != nil || !got.Known || got.After < 0 || got.Minutes() < 0 {
			t.Errorf("got %#v, %v", got, err)
		}
	})
}
