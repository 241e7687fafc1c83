package recording

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
)

// longest is the length of a value that can be kept, in bytes: one line with a number or some words.
const longest = 128

// clean is what may be kept of a file, and whether it may be kept at all. It does not look for what must go: it keeps what
// is known to name nobody, and one short line of any other file whose name promises none.
func clean(name string, text []byte) ([]byte, bool) {
	base := path.Base(name)
	for _, word := range []string{"serial", "uuid", "asset", "address", "hostname", "machine-id", "boot_id", "random"} {
		if strings.Contains(name, word) {
			return nil, false
		}
	}
	switch {
	case base == "edid":
		return screenSize(text), true
	case base == "cpuinfo":
		return lines(text, ":", "processor", "vendor_id", "flags", "CPU implementer", "CPU architecture"), true
	case base == "os-release":
		return lines(text, "=", "ID", "ID_LIKE", "VERSION_ID", "VERSION_CODENAME"), true
	case strings.HasSuffix(base, ".conf"):
		return settings(text), true
	}
	value := bytes.TrimSpace(text)
	if len(value) > longest || bytes.ContainsRune(value, '\n') || !isText(value) {
		return nil, false
	}
	return []byte(withoutAddress(string(value)) + "\n"), true
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
	return regexp.MustCompile(`(?i)\b[0-9a-f]{2}([:_-][0-9a-f]{2}){5}\b`).ReplaceAllString(s, "00:00:00:00:00:00")
}
