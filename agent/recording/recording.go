// Package recording keeps what a machine's meters read, so that it can be read again elsewhere, and nothing that names the
// machine.
package recording

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// Version is the version of the archive that this package writes, and the only one it reads.
const Version = 1

// maxFiles and maxName are more files than any recording has, and longer names, in bytes.
const maxFiles, maxName = 10_000, 500

// maxArchive is more than any recording has, in bytes.
const maxArchive = 16 << 20

// Recording is a machine at two moments, some seconds apart.
type Recording struct {
	About   string // for people: who made it, and what it leaves out
	Machine Machine
	trees   [2]map[string]file // by name, such as sys/class/dmi/id/chassis_type; the second has what differs from the first
}

// Machine is what was read of the machine elsewhere than in files.
type Machine struct {
	Version int             `json:"version"`
	OS      string          `json:"os"` // linux, windows or darwin
	Memory  uint64          `json:"memory_bytes"`
	Moments [2]Moment       `json:"moments"`
	Windows *Windows        `json:"windows,omitempty"` // where the system is Windows
	IOReg   [2]string       `json:"ioreg,omitzero"`    // of macOS: what its registry says of the battery, at the two moments
	Screens []Screen        `json:"screens,omitempty"` // connected, where no file tells them
	Kind    json.RawMessage `json:"kind,omitempty"`    // what the system tells of its kind when it is called, as the agent understands it
}

// Moment is what the system said of itself at one moment. The time of day is not in it.
type Moment struct {
	AwakeS     float64 `json:"awake_s"`             // since the boot, awake
	SinceBootS float64 `json:"since_boot_s"`        // since the boot
	DownS      float64 `json:"down_s,omitempty"`    // of the time since the boot, hibernated or shut down in a way that keeps the boot
	StandbyS   float64 `json:"standby_s,omitempty"` // of the time awake, in Modern Standby
	BusyS      float64 `json:"busy_s"`              // of all processors together, since the boot
	TotalS     float64 `json:"total_s"`             // the same, idle time included
	Display    string  `json:"display,omitempty"`
}

// Screen is one screen connected.
type Screen struct {
	Internal bool   `json:"internal,omitempty"`
	Size     string `json:"size,omitempty"` // range of its diagonal in inches
}

// Windows is what a machine with Windows answered.
type Windows struct {
	EMI     []EMIDevice        `json:"emi,omitempty"`
	Battery [2]json.RawMessage `json:"battery,omitzero"` // what its batteries say together, as the agent understands it
}

// EMIDevice is one device of the Energy Meter Interface, with its answers as they came, in hexadecimal.
type EMIDevice struct {
	Version  uint16    `json:"version"`
	Metadata string    `json:"metadata"`
	Measured [2]string `json:"measured"` // at the two moments
}

// file is what became of reading one file.
type file struct {
	text   []byte
	link   string // where it leads, when it is a symbolic link
	denied bool   // it is there, and may not be read
	gone   bool   // it was there at the first moment, and is not at the second
}

// The names of the parts of an archive, and what stands before the names of files of the second moment.
const (
	machineFile = "machine.json"
	deniedFile  = "denied"
	goneFile    = "after/gone"
	linksFile   = "links"
	after       = "after/"
	hexSuffix   = ".hex"       // of a file that is not text
	notKept     = "not kept\n" // in a file of which only matters that it is there
)

// Write writes the recording as a txtar archive: a text that a person can read before handing it on.
func (r *Recording) Write(w io.Writer) error {
	var facts bytes.Buffer
	e := json.NewEncoder(&facts)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false) // people read it
	if err := e.Encode(r.Machine); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	a := txtar.Archive{Comment: []byte(strings.TrimSpace(r.About) + "\n\n")}
	a.Files = append(a.Files, txtar.File{Name: machineFile, Data: facts.Bytes()})
	var denied, gone, links []string
	for moment, tree := range r.trees {
		prefix := ""
		if moment == 1 {
			prefix = after
		}
		for _, name := range names(tree) {
			switch f := tree[name]; {
			case f.gone:
				gone = append(gone, name)
			case f.denied:
				denied = append(denied, prefix+name)
			case f.link != "":
				links = append(links, prefix+name+" "+f.link)
			case isText(f.text) && !strings.HasSuffix(name, hexSuffix):
				a.Files = append(a.Files, txtar.File{Name: prefix + name, Data: f.text})
			default:
				a.Files = append(a.Files, txtar.File{Name: prefix + name + hexSuffix, Data: []byte(hex.EncodeToString(f.text) + "\n")})
			}
		}
	}
	for name, list := range map[string][]string{deniedFile: denied, goneFile: gone, linksFile: links} {
		if len(list) > 0 {
			a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(strings.Join(list, "\n") + "\n")})
		}
	}
	slices.SortStableFunc(a.Files, func(x, y txtar.File) int { return strings.Compare(rank(x.Name), rank(y.Name)) })
	if _, err := w.Write(txtar.Format(&a)); err != nil {
		return fmt.Errorf("write the recording: %w", err)
	}
	return nil
}

// rank puts what is said of the machine first, and each file of the second moment after the same of the first.
func rank(name string) string {
	if !strings.Contains(name, "/") || name == goneFile {
		return name
	}
	if rest, ok := strings.CutPrefix(name, after); ok {
		return "~" + rest + "~"
	}
	return "~" + name
}

func names(tree map[string]file) []string {
	var list []string
	for name := range tree {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

func isText(b []byte) bool {
	return !bytes.ContainsFunc(b, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' || c >= 0x7f }) &&
		!bytes.HasPrefix(b, []byte("-- ")) && !bytes.Contains(b, []byte("\n-- "))
}

// normal is the text of a file as an archive keeps it: with one end of line, unless it is empty or no text.
func normal(b []byte) []byte {
	if len(b) == 0 || !isText(b) {
		return b
	}
	return append(bytes.TrimRight(b, "\n"), '\n')
}

// Read reads an archive that Write has written, or that a person wrote in its place.
func Read(r io.Reader) (*Recording, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxArchive+1))
	if err != nil {
		return nil, fmt.Errorf("read the recording: %w", err)
	}
	if len(text) > maxArchive {
		return nil, fmt.Errorf("read the recording: it has more than %d MiB, and no recording has", maxArchive>>20)
	}
	a := txtar.Parse(text)
	if len(a.Files) > maxFiles {
		return nil, fmt.Errorf("read the recording: it has more than %d files, and no recording has", maxFiles)
	}
	rec := &Recording{About: strings.TrimSpace(string(a.Comment)), trees: [2]map[string]file{{}, {}}}
	found := false
	for _, f := range a.Files {
		switch f.Name {
		case machineFile:
			found = true
			err = json.Unmarshal(f.Data, &rec.Machine)
		case deniedFile, goneFile, linksFile:
			err = rec.list(f.Name, string(f.Data))
		default:
			err = rec.put(f.Name, f.Data)
		}
		if err != nil {
			return nil, fmt.Errorf("read the recording: %s: %w", f.Name, err)
		}
	}
	switch {
	case !found:
		return nil, fmt.Errorf("read the recording: it has no part called %s; make one with veille-agent record", machineFile)
	case rec.Machine.Version != Version:
		return nil, fmt.Errorf("read the recording: it has version %d, and this program reads %d", rec.Machine.Version, Version)
	}
	if err := rec.Machine.validate(); err != nil {
		return nil, err
	}
	return rec, nil
}

func (m Machine) validate() error {
	a, b := m.Moments[0], m.Moments[1]
	const lifetime = 100 * 365 * 24 * 3600
	for _, x := range []float64{
		a.AwakeS, a.SinceBootS, a.DownS, a.StandbyS, a.BusyS, a.TotalS, b.AwakeS, b.SinceBootS, b.DownS, b.StandbyS, b.BusyS, b.TotalS,
	} {
		if x < 0 || x > lifetime*10_000 { // of ten thousand processors
			return fmt.Errorf("read the recording: %v s are no time of a machine", x)
		}
	}
	switch {
	case m.OS != "linux" && m.OS != "windows" && m.OS != "darwin":
		return fmt.Errorf("read the recording: system %q is none of linux, windows, darwin", m.OS)
	case max(a.SinceBootS, b.SinceBootS) > lifetime, a.AwakeS+a.DownS > a.SinceBootS+1, b.AwakeS+b.DownS > b.SinceBootS+1, // clocks read one after the other
		a.StandbyS > a.AwakeS, b.StandbyS > b.AwakeS:
		return errors.New("read the recording: more time awake than since the boot, or more than a hundred years")
	case b.AwakeS <= a.AwakeS || b.SinceBootS < a.SinceBootS:
		return errors.New("read the recording: the second moment is not after the first")
	}
	for _, s := range m.Screens {
		if !slices.Contains([]string{"", "<23", "23-24", "25-27", "28-32", ">32"}, s.Size) {
			return fmt.Errorf("read the recording: a screen of %.20q is none", s.Size)
		}
	}
	return nil
}

// list reads one of the lists of names.
func (r *Recording) list(kind, text string) error {
	for line := range strings.Lines(text) {
		name, target := strings.TrimSpace(line), ""
		if name == "" {
			continue
		}
		if kind == linksFile {
			name, target, _ = strings.Cut(name, " ")
		}
		moment, name := momentOf(name)
		switch target = strings.TrimSpace(target); {
		case !isName(name):
			return fmt.Errorf("%q is no name of a file below sys, proc or root", name)
		case kind == deniedFile:
			r.trees[moment][name] = file{denied: true}
		case kind == goneFile:
			r.trees[1][name] = file{gone: true}
		case target == "" || !isText([]byte(target)):
			return fmt.Errorf("the link %q leads nowhere", name)
		default:
			r.trees[moment][name] = file{link: target}
		}
	}
	return nil
}

// isName tells whether a file may have this name: below one of the roots, in one line, with nothing that a list or the heading
// of a part of an archive would take for something else.
func isName(name string) bool {
	root, below, ok := strings.Cut(name, "/")
	return ok && slices.Contains([]string{"sys", "proc", "root"}, root) && fs.ValidPath(below) && below != "." &&
		isText([]byte(name)) && !strings.ContainsAny(name, " \t\n")
}

func (r *Recording) put(name string, data []byte) error {
	if short, ok := strings.CutSuffix(name, hexSuffix); ok {
		decoded, err := hex.DecodeString(strings.TrimSpace(string(data)))
		if err != nil {
			return err
		}
		name, data = short, decoded
	}
	moment, name := momentOf(name)
	if !isName(name) {
		return fmt.Errorf("%q is no name of a file below sys, proc or root", name)
	}
	r.trees[moment][name] = file{text: normal(data)}
	return nil
}

func momentOf(name string) (int, string) {
	if rest, ok := strings.CutPrefix(name, after); ok {
		return 1, rest
	}
	return 0, name
}
