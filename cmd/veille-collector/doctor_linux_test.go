package main

import (
	"os"
	"strings"
	"testing"

	"veille/collector/store/sqlite"
)

func TestFileSystemsOfTheNetworkAreKnown(t *testing.T) {
	t.Parallel()
	for number, want := range map[int64]distance{0x6969: surely, 0xfe534d42: surely, -0x1acb2be: surely, 0x65735546: perhaps, 0xef53: near, 0x9123683e: near} { // -0x1acb2be: SMB2 where the field is signed
		if name, far := farAway(number); far != want || name == "" {
			t.Errorf("%#x: %s, %d; want %d", number, name, far, want)
		}
	}
}

func TestOnlyServersThatRunAreSaidToRun(t *testing.T) {
	w := healthy(t)
	if h := holderOf(w.file("veille.db")); h.held {
		t.Errorf("%+v", h)
	}
	release, err := sqlite.Lock(w.file("veille.db"))
	w.must(err)
	if h := holderOf(w.file("veille.db")); !h.held || h.pid != os.Getpid() {
		t.Errorf("%+v; want this program, %d", h, os.Getpid())
	}
	if d := w.asked(); len(d.of("listen", wrong)) != 1 || !strings.Contains(d.of("listen", wrong)[0].Found, "nobody answers") {
		t.Errorf("%+v", d)
	}
	w.must(release())
}
