// Package grafana writes boards for those who point Grafana at their own store: dashboards for IT staff, for the sustainability officer and for the
// webmaster, and the files that install them.
package grafana

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Engine is where the points are.
type Engine string

// The engines.
const (
	Influx   Engine = "influx"   // InfluxDB, asked in InfluxQL
	Victoria Engine = "victoria" // VictoriaMetrics, asked in PromQL
)

// Engines are all that there are boards for.
func Engines() []Engine { return []Engine{Influx, Victoria} }

// Languages are the codes of the languages that boards are written in.
func Languages() []string { return []string{"en", "fr"} }

// Names are the names behind the numbers that points carry; numbers without a name are shown as they are.
type Names struct {
	Organisations, Sites, Groups, Websites, Meters map[int64]string
}

// Options say which boards are written.
type Options struct {
	Lang   string // of Languages
	Engine Engine
	Names  Names
}

// File is a file below the folder of Grafana's provisioning.
type File struct {
	Name  string // with slashes
	Bytes []byte
}

//go:embed words/*.json provisioning/*.yaml
var files embed.FS

// Write writes what Files answers below a folder, which is made where it is missing. Each file takes the place of one of its name at once. An error
// names the file that could not be written, or the option that there is not; files before that one stay.
func Write(dir string, o Options) error {
	all, err := Files(o)
	if err != nil {
		return err
	}
	for _, f := range all {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w; choose another folder", name, err)
		}
		if err := replace(name, f.Bytes); err != nil {
			return fmt.Errorf("write %s: %w; choose another folder", name, err)
		}
	}
	return nil
}

// replace writes a file aside and puts it in its place: Grafana, which may be reading, sees the one before or the whole of the new one.
func replace(name string, text []byte) error {
	aside := name + ".new"
	if err := os.WriteFile(aside, text, 0o644); err != nil { //nolint:gosec // Grafana runs as another user; no secret is in it
		return err
	}
	if err := os.Rename(aside, name); err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	return nil
}

// Files are what Write writes. The same options give the same bytes. Its error says which option is not one of those there are.
func Files(o Options) ([]File, error) {
	if !slices.Contains(Engines(), o.Engine) {
		return nil, fmt.Errorf("there are no boards for %.40q: choose %s or %s", o.Engine, Influx, Victoria)
	}
	if !slices.Contains(Languages(), o.Lang) {
		return nil, fmt.Errorf("there are no boards in %.40q: choose en or fr", o.Lang)
	}
	text, err := files.ReadFile("words/" + o.Lang + ".json")
	if err != nil {
		return nil, fmt.Errorf("read the words: %w", err)
	}
	var words map[string]string
	if err := json.Unmarshal(text, &words); err != nil {
		return nil, fmt.Errorf("read the words: %w", err)
	}
	var all []File
	for from, to := range map[string]string{"provisioning/" + string(o.Engine) + ".yaml": "datasources/veille.yaml", "provisioning/provider.yaml": "dashboards/veille.yaml"} {
		text, err := files.ReadFile(from)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", from, err)
		}
		all = append(all, File{to, text})
	}
	for name, compose := range map[string]func(*board){"it": (*board).itBoard, "officer": (*board).officerBoard, "web": (*board).webBoard} {
		b := &board{Options: o, words: words}
		compose(b)
		if len(b.missing) > 0 {
			return nil, errors.New("no words for " + b.missing[0])
		}
		text, err := encoded(b.dash)
		if err != nil {
			return nil, fmt.Errorf("write the board %s: %w", name, err)
		}
		all = append(all, File{path.Join("dashboards", "veille", "veille-"+name+".json"), text})
	}
	slices.SortFunc(all, func(a, b File) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return all, nil
}

// encoded is JSON to be read by people too.
func encoded(d dashboard) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(d); err != nil {
		return nil, err
	}
	return text.Bytes(), nil
}

// sorted are the numbers of names, by name.
func sorted(names map[int64]string) []int64 {
	return slices.SortedFunc(maps.Keys(names), func(a, b int64) int {
		if names[a] != names[b] {
			return bytes.Compare([]byte(names[a]), []byte(names[b]))
		}
		return int(a - b)
	})
}
