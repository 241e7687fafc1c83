package recording_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"veille/agent/recording"
)

// facts is a machine of which nothing but the time is known.
func facts() recording.Machine {
	return recording.Machine{OS: "linux", Moments: [2]recording.Moment{{AwakeS: 10, SinceBootS: 12}, {AwakeS: 20, SinceBootS: 22}}}
}

// tree is files; a text that begins with -> is a link.
func tree(files map[string]string) fstest.MapFS {
	all := fstest.MapFS{}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
		if target, ok := strings.CutPrefix(text, "->"); ok {
			all[name] = &fstest.MapFile{Mode: fs.ModeSymlink | 0o777, Data: []byte(target)}
		}
	}
	return all
}

// denying refuses to open some files.
type denying struct {
	fs.FS
	names []string
}

func (d denying) Open(name string) (fs.File, error) {
	if slices.Contains(d.names, name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return d.FS.Open(name)
}

// readAll lists all folders of a tree and reads its files but those of desktops, which are listed only, as the agent does.
func readAll(files fs.FS) {
	_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasSuffix(name, ".desktop") {
			_, _ = fs.ReadFile(files, name)
		}
		return nil
	})
}

// kept is the recording of files that are read twice, as an archive, and read again from it.
func kept(t *testing.T, root string, first, second fs.FS) (*recording.Recording, string, int) {
	t.Helper()
	k := recording.NewKeeper()
	readAll(k.Tree(root, first))
	k.Next()
	readAll(k.Tree(root, second))
	archive := written(t, k.Recording("A machine of a test.", facts()))
	return readArchive(t, archive), archive, k.LeftOut()
}

func written(t *testing.T, r *recording.Recording) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func readArchive(t *testing.T, archive string) *recording.Recording {
	t.Helper()
	r, err := recording.Read(strings.NewReader(archive))
	if err != nil {
		t.Fatalf("%v in\n%s", err, archive)
	}
	return r
}

func at(t *testing.T, r *recording.Recording, root string, moment int) fs.FS {
	t.Helper()
	files, err := r.Tree(root, moment)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestARecordingHoldsNothingThatNamesAMachineOrAPerson(t *testing.T) {
	const secret = "QX7SECRET042"
	_, archive, left := kept(t, "sys", tree(map[string]string{
		"class/dmi/id/product_name":                                         "OptiPlex 7090\n",
		"class/dmi/id/product_serial":                                       secret + "\n",
		"class/dmi/id/product_uuid":                                         secret + "\n",
		"class/dmi/id/chassis_asset_tag":                                    secret + "\n",
		"class/net/eth0/address":                                            secret + "\n",
		"class/power_supply/hid-a4:5e:60:01:02:03-battery/type":             "Battery\n",
		"class/power_supply/hid-a4:5e:60:01:02:03-battery/model":            "Mouse A4-5E-60-01-02-03\n",
		"class/power_supply/sony_controller_battery_b5:6f:70:01:02:03/type": "Battery\n",
		"class/power_supply/hid-SN0042QX7-battery/type":                     "Battery\n",
		"class/power_supply/hid-Jeanne Dupont/type":                         "Battery\n",
		"class/power_supply/BAT0/serial_number":                             secret + "\n",
		"class/power_supply/BAT0/uevent":                                    "POWER_SUPPLY_SERIAL_NUMBER=" + secret + "\nPOWER_SUPPLY_NAME=BAT0\n",
		"class/hwmon/hwmon0/long":                                           strings.Repeat("x", 200) + secret,
		"kernel/random/boot_id":                                             secret + "\n",
		"etc/machine-id":                                                    secret + "\n",
		"proc/cpuinfo":                                                      "processor\t: 0\nvendor_id\t: GenuineIntel\nSerial\t\t: " + secret + "\nmodel name\t: " + secret + "\nflags\t\t: fpu vme hypervisor aes\n",
		"s390/cpuinfo":                                                      "vendor_id       : IBM/S390\nprocessor 0: version = FF,  identification = " + secret + ",  machine = 2964\n",
		"riscv/cpuinfo":                                                     "processor\t: 0\nisa\t\t: rv64imafdc_" + secret + "\n",
		"etc/os-release":                                                    "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"" + secret + "\"\nSUPPORT_END=2026-07-11\n",
		"etc/systemd/logind.conf":                                           "# of the machine " + secret + "\n[Login]\nIdleAction=suspend\nHandlePowerKey=" + secret + "\nIdleActionSec=20min\n",
		"usr/share/xsessions/" + strings.ToLower(secret) + ".desktop":       "Exec=" + secret,
		"etc/a file of " + secret:                                           "1\n",
		"device-tree/hypervisor/compatible":                                 "linux,kvm\x00",
		"class/hwmon/hwmon1/device/measures/LNXSYBUS:00/sun":                secret + " and more\nin lines\n",
		"class/hwmon/hwmon1/power1_average":                                 "238000000\n",
		"class/drm/card0-DP-1/status":                                       "connected\n",
		"class/powercap/intel-rapl:0/name":                                  "package-0\n",
		"class/powercap/intel-rapl:0/constraint_0_power_limit_uw":           "65000000\n",
		"class/power_supply/hid-a4:5e:60:01:02:03-battery/scope":            "Device\n",
		"class/power_supply/hid-a4:5e:60:01:02:03-battery/online":           "1\n",
		"class/power_supply/hid-a4:5e:60:01:02:03-battery/serial_name":      secret,
	}), fstest.MapFS{})
	for _, bad := range []string{secret, strings.ToLower(secret), "a4:5e:60", "A4-5E-60", "b5:6f", "SN0042", "Dupont", "HandlePowerKey", "machine-id -"} {
		if strings.Contains(archive, bad) {
			t.Errorf("the archive holds %q:\n%s", bad, archive)
		}
	}
	for _, good := range []string{
		"OptiPlex 7090", "-- sys/class/power_supply/supply1/type --\nBattery\n", "-- sys/class/power_supply/supply4/type --\nBattery\n", "Mouse 00:00:00:00:00:00",
		"processor:0\nvendor_id:GenuineIntel\nflags:fpu hypervisor\n", "vendor_id:IBM/S390\nprocessor:\n", "processor:0\nisa:\n",
		"ID=debian\nVERSION_ID=\"12\"\nSUPPORT_END=2026-07-11\n", "[Login]\nIdleAction=suspend\nIdleActionSec=20min\n",
		"-- sys/usr/share/xsessions/session.desktop --\nnot kept\n", "compatible --\nlinux,kvm\n", "power1_average --\n238000000\n",
	} {
		if !strings.Contains(archive, good) {
			t.Errorf("the archive does not hold %q:\n%s", good, archive)
		}
	}
	if left == 0 {
		t.Errorf("left out: %d files", left)
	}
}

// edid is a block with a maker, a serial number and a size, whose checksum is right, or wrong by one.
func edid(wrong byte) []byte {
	b := make([]byte, 256)
	copy(b, []byte{0, 255, 255, 255, 255, 255, 255, 0, 0x10, 0xac, 0xbe, 0xd0, 0x53, 0x45, 0x43, 0x52})
	b[21], b[22] = 60, 34
	copy(b[77:], "QX7SECRET042")
	var sum byte
	for _, x := range b[:127] {
		sum += x
	}
	b[127] = -sum + wrong
	return b
}

func TestOnlyTheSizeOfAScreenIsKeptAndItsChecksumStaysAsItWas(t *testing.T) {
	for _, wrong := range []byte{0, 1} {
		const name = "class/drm/card0-DP-1/edid"
		r, archive, _ := kept(t, "sys", fstest.MapFS{name: {Data: edid(wrong)}}, fstest.MapFS{name: {Data: edid(wrong)}})
		got, err := fs.ReadFile(at(t, r, "sys", 0), name)
		if err != nil || len(got) != 128 || !strings.Contains(archive, "-- sys/"+name+".hex --\n") {
			t.Fatalf("%d bytes, %v, in\n%s", len(got), err, archive)
		}
		var sum byte
		for i, x := range got {
			sum += x
			if size := i == 21 || i == 22; x != 0 && i >= 8 && i < 127 && !size {
				t.Errorf("byte %d is %d", i, x)
			}
		}
		if sum != wrong || got[21] != 60 || got[22] != 34 {
			t.Errorf("the bytes sum to %d, not to %d, with a size of %d and %d", sum, wrong, got[21], got[22])
		}
	}
	for name, text := range map[string]string{"short": "\x00\xff\xff", "none": ""} {
		r, _, _ := kept(t, "sys", fstest.MapFS{name + "/edid": {Data: []byte(text)}}, fstest.MapFS{})
		if got, err := fs.ReadFile(at(t, r, "sys", 0), name+"/edid"); err != nil || len(got) > 1 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestWhatMayNotBeReadIsRefusedAgain(t *testing.T) {
	files := tree(map[string]string{"a/name": "package-0\n", "a/energy_uj": "1\n"})
	r, archive, _ := kept(t, "sys", denying{files, []string{"a/energy_uj"}}, files)
	if !strings.Contains(archive, "-- denied --\nsys/a/energy_uj\n") {
		t.Errorf("no list of what is denied in\n%s", archive)
	}
	first := at(t, r, "sys", 0)
	if _, err := fs.ReadFile(first, "a/energy_uj"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v, want it denied", err)
	}
	if found, err := fs.Glob(first, "a/energy*"); err != nil || len(found) != 1 {
		t.Errorf("the folder shows %v, %v", found, err)
	}
	if got, err := fs.ReadFile(at(t, r, "sys", 1), "a/energy_uj"); err != nil || string(got) != "1\n" {
		t.Errorf("at the second moment it is %q, %v", got, err)
	}
}

func TestFilesThatComeAndGoDoSoAgain(t *testing.T) {
	r, archive, _ := kept(t, "sys",
		tree(map[string]string{"p/AC/online": "0\n", "p/BAT0/type": "Battery\n", "p/BAT0/energy_now": "5\n"}),
		tree(map[string]string{"p/AC/online": "1\n", "p/BAT1/type": "Battery\n"}))
	for _, part := range []string{"-- after/gone --\nsys/p/BAT0/energy_now\nsys/p/BAT0/type\n", "-- after/sys/p/AC/online --\n1\n", "-- after/sys/p/BAT1/type --\n"} {
		if !strings.Contains(archive, part) {
			t.Errorf("no %q in\n%s", part, archive)
		}
	}
	for moment, want := range [][]string{{"p/AC", "p/BAT0"}, {"p/AC", "p/BAT1"}} {
		if got, err := fs.Glob(at(t, r, "sys", moment), "p/*"); err != nil || !slices.Equal(got, want) {
			t.Errorf("at moment %d: %v, %v, want %v", moment, got, err, want)
		}
	}
	if _, err := fs.ReadFile(at(t, r, "sys", 1), "p/BAT0/type"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v, want it gone", err)
	}
}

func TestWhatStaysTheSameIsWrittenOnce(t *testing.T) {
	files := tree(map[string]string{"a": "1\n", "b/c": "x\n"})
	_, archive, _ := kept(t, "proc", files, files)
	if strings.Contains(archive, "after/") || !strings.Contains(archive, "-- proc/b/c --\nx\n") {
		t.Errorf("got\n%s", archive)
	}
}

func TestLinksAndWhatIsOnlyAskedForAreThereAgain(t *testing.T) {
	k := recording.NewKeeper()
	files := k.Tree("root", tree(map[string]string{
		"bus/driver": "->../../drivers/nvidia", "etc/mask.target": "->/dev/null", "usr/sleep.target": "[Unit]\nDescription=of QX7SECRET042\n",
		"usr/empty.target": "", "usr/bin/pveversion": "#!/usr/bin/perl\nuse strict;\n", "run/systemd/system/x": "",
	}))
	for _, name := range []string{"bus/driver", "etc/mask.target"} {
		if _, err := fs.ReadLink(files, name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"etc/mask.target", "usr/sleep.target", "usr/empty.target", "usr/nothing"} {
		_, _ = fs.Lstat(files, name)
	}
	for _, name := range []string{"usr/bin/pveversion", "run/systemd/system", "usr/nobody"} {
		_, _ = fs.Stat(files, name)
	}
	archive := written(t, k.Recording("", facts()))
	again := at(t, readArchive(t, archive), "root", 0)
	if strings.Contains(archive, "SECRET") || strings.Contains(archive, "perl") || strings.Contains(archive, "nobody") {
		t.Errorf("got\n%s", archive)
	}
	if to, err := fs.ReadLink(again, "bus/driver"); err != nil || to != "../../drivers/nvidia" {
		t.Errorf("%q, %v", to, err)
	}
	if info, err := fs.Lstat(again, "etc/mask.target"); err != nil || info.Mode()&fs.ModeSymlink == 0 || info.Name() != "mask.target" || info.IsDir() {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := again.Open("etc/mask.target"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v: where the link leads was not recorded", err)
	}
	if _, err := fs.ReadLink(again, "usr/sleep.target"); err == nil {
		t.Error("a file is no link")
	}
	for name, empty := range map[string]bool{"usr/sleep.target": false, "usr/empty.target": true} {
		if info, err := fs.Lstat(again, name); err != nil || (info.Size() == 0) != empty {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if info, err := fs.Stat(again, "run/systemd/system"); err != nil || !info.IsDir() {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := fs.Stat(again, "usr/bin/pveversion"); err != nil {
		t.Error(err)
	}
}

func TestAFileThatALinkLeadsToCountsMoreThanTheLink(t *testing.T) {
	k := recording.NewKeeper()
	files := k.Tree("root", tree(map[string]string{"etc/logind.conf": "->../usr/logind.conf", "usr/logind.conf": "[Login]\n"}))
	_, _ = fs.ReadLink(files, "etc/logind.conf")
	_, _ = fs.ReadFile(files, "etc/logind.conf")
	again := at(t, readArchive(t, written(t, k.Recording("", facts()))), "root", 0)
	if got, err := fs.ReadFile(again, "etc/logind.conf"); err != nil || string(got) != "[Login]\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestArchivesThatCannotBeOfAMachineAreRefused(t *testing.T) {
	const head = "-- machine.json --\n"
	good := head + `{"version":1,"os":"linux","moments":[{"awake_s":1,"since_boot_s":1},{"awake_s":2,"since_boot_s":2}]}` + "\n"
	readArchive(t, good)
	for name, archive := range map[string]string{
		"nothing":             "",
		"no facts":            "-- sys/a/b --\n1\n",
		"no JSON":             head + "{\n",
		"another version":     strings.Replace(good, `"version":1`, `"version":2`, 1),
		"another system":      strings.Replace(good, "linux", "plan9", 1),
		"time that stands":    strings.Replace(good, `"awake_s":2`, `"awake_s":1`, 1),
		"time that goes back": strings.Replace(good, `"since_boot_s":1}`, `"since_boot_s":3}`, 1),
		"awake before boot":   strings.Replace(good, `"since_boot_s":2`, `"since_boot_s":0.5`, 1),
		"time without end":    strings.Replace(good, `"since_boot_s":2`, `"since_boot_s":1e300`, 1),
		"less than no time":   strings.Replace(good, `"awake_s":1,`, `"awake_s":-1,`, 1),
		"down too long":       strings.Replace(good, `"awake_s":1,`, `"down_s":1e300,"awake_s":1,`, 1),
		"a file of no root":   good + "-- etc/passwd --\nx\n",
		"a file above":        good + "-- sys/../etc/passwd --\nx\n",
		"an absolute file":    good + "-- /etc/passwd --\nx\n",
		"no hexadecimal":      good + "-- sys/a/b.hex --\nxyz\n",
		"a denied root":       good + "-- denied --\nsys\n",
		"a link to nothing":   good + "-- links --\nsys/a\n",
		"gone from above":     good + "-- after/gone --\n../a\n",
	} {
		if r, err := recording.Read(strings.NewReader(archive)); err == nil || r != nil {
			t.Errorf("%s is taken for a machine", name)
		}
	}
}

func FuzzRecording(f *testing.F) {
	f.Add("about\n\n-- machine.json --\n" + `{"version":1,"os":"windows","moments":[{"awake_s":1,"since_boot_s":1},{"awake_s":2,"since_boot_s":2}],` +
		`"windows":{"emi":[{"version":2,"metadata":"00","measured":["01","02"]}],"battery":[{"a":1},null]},"kind":{"b":"<"},"ioreg":["<plist>",""]}` +
		"\n-- sys/a/b.hex --\n00ff\n-- sys/a/c --\n1\n-- after/sys/a/c --\n2\n-- denied --\nsys/a/d\nafter/sys/a/e\n-- after/gone --\nsys/a/b\n-- links --\nsys/x/y ../z\n")
	f.Add("-- machine.json --\n" + `{"version":1,"os":"linux","moments":[{"awake_s":1,"since_boot_s":1},{"awake_s":2,"since_boot_s":2}]}` +
		"\n-- sys/a/b.hex.hex --\n61\n-- sys/empty --\n-- sys/lines --\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := recording.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		first := written(t, r)
		again := readArchive(t, first)
		if second := written(t, again); second != first {
			t.Fatalf("written again it is\n%s\nand before\n%s", second, first)
		}
		if !reflect.DeepEqual(plain(t, r.Machine), plain(t, again.Machine)) || r.About != again.About {
			t.Fatalf("%+v became %+v", r, again)
		}
		for _, root := range []string{"sys", "proc", "root"} {
			for moment := range 2 {
				a, errA := r.Tree(root, moment)
				b, errB := again.Tree(root, moment)
				if (errA == nil) != (errB == nil) {
					t.Fatalf("%s: %v, and again %v", root, errA, errB)
				}
				if errA == nil && !reflect.DeepEqual(contents(a), contents(b)) {
					t.Fatalf("%s at %d: %v became %v", root, moment, contents(a), contents(b))
				}
			}
		}
	})
}

// plain is the facts as JSON means them: without the spaces and the escapes in its raw parts.
func plain(t *testing.T, m recording.Machine) (v any) {
	t.Helper()
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// contents are the files of a tree, and what becomes of reading them.
func contents(files fs.FS) map[string]string {
	all := map[string]string{}
	_ = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, name)
		link, _ := fs.ReadLink(files, name)
		all[name] = string(text) + link
		if err != nil {
			all[name] += err.Error()
		}
		return nil
	})
	return all
}
