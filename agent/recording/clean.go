package recording

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// longest is the length of a value that can be kept, in bytes: one line with a number or some words.
const longest = 128

// clean is what may be kept of a file, and whether it may be kept at all. It does not look for what must go: it keeps what
// is known to name nobody, and one short line of any other file whose name promises none.
func clean(name string, text []byte) ([]byte, bool) {
	base := path.Base(name)
	switch {
	case secret(name):
		return nil, false
	case len(text) == 0: // which tells something of a unit of systemd
		return nil, true
	case base == "edid":
		return screenSize(text), true
	case base == "cpuinfo":
		return lines(text, ":", "processor", "vendor_id", "flags", "CPU implementer", "CPU architecture", "isa", "cpu"), true
	case base == "os-release":
		return lines(text, "=", "ID", "ID_LIKE", "VERSION_ID", "VERSION_CODENAME", "SUPPORT_END"), true
	case strings.HasSuffix(base, ".conf"):
		return settings(text), true
	case base == "compatible": // of a device tree: words that end in zeros
		text = bytes.ReplaceAll(text, []byte{0}, []byte{' '})
	}
	value := bytes.TrimSpace(text)
	if len(value) > longest || bytes.ContainsRune(value, '\n') || !isText(value) {
		return nil, false
	}
	return []byte(withoutAddress(string(value)) + "\n"), true
}

// secret tells whether the name of a file says that it names a machine.
func secret(name string) bool {
	return slices.ContainsFunc([]string{"serial", "uuid", "asset", "address", "hostname", "machine-id", "boot_id", "random"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}

// telling is the name under which a file is kept that matters by being there, and whether it does: a sensor of power or
// energy, what such a sensor measures, and the session of a desktop, which may be somebody's own.
func telling(name string) (string, bool) {
	dir, base := path.Split(name)
	for _, pattern := range []string{"power*_average", "power*_input", "energy*_input"} {
		if sensor, err := path.Match(pattern, base); err == nil && sensor {
			return name, true
		}
	}
	if path.Base(dir) == "measures" {
		return name, true
	}
	return dir + "session.desktop", strings.HasSuffix(base, ".desktop")
}

// screenSize is the first block of an EDID with the size of the screen, and all else of it zero: neither its maker nor its
// serial number, nor the week it was made in.
func screenSize(edid []byte) []byte {
	const block, size = 128, 21
	if len(edid) < block {
		return nil
	}
	clean := make([]byte, block)
	copy(clean, edid[:8])
	copy(clean[size:], edid[size:size+2])
	var sum, before byte
	for i, b := range edid[:block] {
		before += b
		if i < block-1 {
			sum += clean[i]
		}
	}
	clean[block-1] = before - sum // as right, or as wrong, as it was
	return clean
}

// lines keeps the lines with one of the keys, of which only the words that matter: the flags of a processor tell whether it
// is that of a virtual machine.
func lines(text []byte, separator string, keys ...string) []byte {
	var kept []string
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), separator)
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if strings.HasPrefix(key, "processor ") { // of s390, followed by the number of this one that was made
			key, value = "processor", ""
		}
		if key == "isa" || key == "cpu" { // of which only that it is there tells anything
			value = ""
		}
		if !ok || !slices.Contains(keys, key) || len(value) > longest && key != "flags" {
			continue
		}
		if key == "flags" {
			value = "fpu"
			if strings.Contains(" "+line+" ", " hypervisor ") || strings.HasSuffix(strings.TrimSpace(line), " hypervisor") {
				value = "fpu hypervisor"
			}
		}
		kept = append(kept, key+separator+value)
	}
	return []byte(strings.Join(kept, "\n") + "\n")
}

// settings are the settings of a file that decide on sleep, without its comments: other settings may name users.
func settings(text []byte) []byte {
	var kept []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		key, _, _ := strings.Cut(line, "=")
		if strings.HasPrefix(line, "[") || strings.HasPrefix(key, "Allow") || strings.HasPrefix(key, "IdleAction") {
			kept = append(kept, line)
		}
	}
	return []byte(strings.Join(kept, "\n") + "\n")
}

// withoutAddress is s with each hardware address zero: those of mice and headsets stand in the names of their batteries.
func withoutAddress(s string) string {
	const zero = "00:00:00:00:00:00"
	for i := 0; i+len(zero) <= len(s); i++ {
		end := i + len(zero)
		if isAddress(s[i:end]) && (i == 0 || !isWord(s[i-1])) && (end == len(s) || !isWord(s[end])) {
			s = s[:i] + zero + s[end:]
			i = end - 1
		}
	}
	return s
}

// isAddress tells whether 17 characters are six pairs of hexadecimal digits with signs between them.
func isAddress(s string) bool {
	for i, c := range []byte(s) {
		if i%3 == 2 && !strings.ContainsRune(":_-", rune(c)) || i%3 != 2 && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

func isWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// isSupply tells whether a power supply is called by its kind, a number and little else.
func isSupply(name string) bool {
	for _, kind := range []string{
		"BAT", "CMB", "AC", "ACAD", "ADP", "MAINS", "usb", "ucsi-source-psy-", "hidpp_battery_", "qcom-battmgr-bat", "qcom-battmgr-ac", "qcom-battmgr-usb", "qcom-battmgr-wls", "macsmc-battery", "macsmc-ac", "supply", "battery", "main-battery",
	} {
		if rest, ok := strings.CutPrefix(name, kind); ok && len(rest) <= len("USBC000:001") && strings.Trim(rest, "0123456789:BCSU") == "" {
			return true
		}
	}
	return false
}
