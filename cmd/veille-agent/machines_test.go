package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"veille/agent"
	"veille/agent/recording"
)

const machineDir = "testdata/machines"

// machineNames are the names of the recorded machines.
func machineNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(machineDir + "/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded machines: %v", err)
	}
	var names []string
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".txtar"))
	}
	return names
}

func archiveOf(name string) string { return filepath.Join(machineDir, name+".txtar") }

// asked is what the program prints for args, about the machine recorded under name.
func asked(t *testing.T, name string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := program(&stdout, &stderr)
	p.Stdout, p.Stderr, p.Lookup = &stdout, &stderr, func(string) (string, bool) { return "", false }
	if status := p.Run(t.Context(), append(args, "--recorded", archiveOf(name))); status != 0 {
		t.Fatalf("%s: %v gives status %d: %s", name, args, status, &stderr)
	}
	if stderr.Len() > 0 {
		t.Errorf("%s: %v says on standard error: %s", name, args, &stderr)
	}
	return stdout.String()
}

func onceJSON(t *testing.T, name string) (m agent.Measurement) {
	t.Helper()
	if err := json.Unmarshal([]byte(asked(t, name, "once", "--json")), &m); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return m
}

func recorded(t *testing.T, name string) (*recording.Recording, []byte) {
	t.Helper()
	text, err := os.ReadFile(archiveOf(name))
	if err != nil {
		t.Fatal(err)
	}
	r, err := recording.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return r, text
}

func TestEachRecordedMachineIsDescribedAsBefore(t *testing.T) {
	for _, name := range machineNames(t) {
		for file, args := range map[string][]string{
			"once.json":      {"once", "--json"},
			"explain.txt":    {"explain", "--lang", "en"},
			"explain.fr.txt": {"explain", "--lang", "fr"},
		} {
			golden, got := filepath.Join(machineDir, "golden", name+"."+file), asked(t, name, args...)
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v; UPDATE_GOLDEN=1 makes it", err)
			}
			if got != string(want) {
				t.Errorf("%s: %v gives\n%s\nwant\n%s", name, args, got, want)
			}
		}
	}
}

func TestFiguresOfRecordedMachinesAreTrue(t *testing.T) {
	want := machineTable()
	names := machineNames(t)
	for name := range want {
		if !slices.Contains(names, name) {
			t.Errorf("there is no machine %s", name)
		}
	}
	for _, name := range names {
		w, ok := want[name]
		if !ok {
			t.Errorf("%s is not in the table: say what it must give", name)
			continue
		}
		if err := w.check(onceJSON(t, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// check tells what is wrong with a measurement.
func (w machineWant) check(m agent.Measurement) error {
	if len(m.MeanW) != len(w.figures) {
		return fmt.Errorf("%d figures, want %d: %v", len(m.MeanW), len(w.figures), m.MeanW)
	}
	for _, f := range w.figures {
		i := slices.IndexFunc(m.MeanW, func(x agent.Watts) bool { return x.Scope == f.scope })
		if i < 0 {
			return fmt.Errorf("no figure of %s", f.scope)
		}
		if m.Energy[i].Method != f.method || m.MeanW[i].W < f.low || m.MeanW[i].W > f.high {
			return fmt.Errorf("%s: %.2f W by %s, want %v to %v W by %s", f.scope, m.MeanW[i].W, m.Energy[i].Method, f.low, f.high, f.method)
		}
	}
	if m.Machine.Class != w.class {
		return fmt.Errorf("a %s, want a %s", m.Machine.Class, w.class)
	}
	if text := strings.Join(m.Problems, "\n"); w.problem == "" && text != "" || !strings.Contains(text, w.problem) {
		return fmt.Errorf("the problem is %q, want one with %q", text, w.problem)
	}
	return nil
}

func TestNoRecordedMachineGivesAFigureThatMakesNoSense(t *testing.T) {
	methods := []string{"plug", "battery", "psys", "emi", "rapl", "rapl+model", "model-declared", "model-class"}
	for _, name := range machineNames(t) {
		m := onceJSON(t, name)
		var scopes []string
		for i, e := range m.Energy {
			w := m.MeanW[i]
			for _, x := range []float64{e.LowWh, e.Wh, e.HighWh, w.Low, w.W, w.High} {
				if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
					t.Errorf("%s: %v is no figure of energy", name, x)
				}
			}
			if e.LowWh > e.Wh || e.Wh > e.HighWh || w.Low > w.W || w.W > w.High {
				t.Errorf("%s: the range of %+v, %+v does not hold it", name, e, w)
			}
			if float64(e.CoveredS) > m.ForS {
				t.Errorf("%s: %+v covers more than %v s", name, e, m.ForS)
			}
			if !slices.Contains(methods, e.Method) || slices.Contains(scopes, e.Scope) {
				t.Errorf("%s: method or scope of %+v beside %v", name, e, scopes)
			}
			scopes = append(scopes, e.Scope)
		}
		if !slices.Contains(append(methods, "none"), m.Method) || (m.Method == "none") == slices.Contains(scopes, "machine") {
			t.Errorf("%s: method %q beside figures of %v", name, m.Method, scopes)
		}
		if m.CPULoad == nil || *m.CPULoad < 0 || *m.CPULoad > 1 {
			t.Errorf("%s: load %v", name, m.CPULoad)
		}
	}
}

func TestWhatIsSaidOfRecordedMachinesIsSaidInFrench(t *testing.T) {
	book := agent.French()
	english := regexp.MustCompile(`\b(read|open|not|the|of|is|counter|battery does)\b`)
	said := func(name, text string) {
		if text == "" {
			return
		}
		if french, all := book.Translate(text); !all {
			t.Errorf("%s: %q has no French; it becomes %q", name, text, french)
		} else if word := english.FindString(french); word != "" {
			t.Errorf("%s: %q is half English (%s): %q", name, text, word, french)
		}
	}
	for _, name := range machineNames(t) {
		m := onceJSON(t, name)
		for _, meter := range m.Meters {
			said(name, meter.Detail)
			said(name, meter.Reason)
		}
		for _, p := range m.Problems {
			said(name, p)
		}
		en, fr := asked(t, name, "explain", "--lang", "en"), asked(t, name, "explain", "--lang", "fr")
		if strings.Count(en, "\n") != strings.Count(fr, "\n") {
			t.Errorf("%s is explained in %d lines, and in French in %d", name, strings.Count(en, "\n"), strings.Count(fr, "\n"))
		}
	}
}

// A machine that was recorded records itself again: all that is read of it is there, and nothing that may not be kept.
func TestARecordedMachineCanBeRecordedAgain(t *testing.T) {
	for _, name := range machineNames(t) {
		r, text := recorded(t, name)
		if again := written(t, r); again != string(text) {
			t.Errorf("%s is not as record writes it:\n%s", name, again)
		}
		first, second := onceOf(t, r), onceOf(t, recordAgain(t, name, r))
		if first != second {
			t.Errorf("%s: recorded again it gives\n%s\nand before\n%s", name, second, first)
		}
	}
}

func written(t *testing.T, r *recording.Recording) string {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// recordAgain records the recorded machine, and checks that nothing comes in that was not there.
func recordAgain(t *testing.T, name string, r *recording.Recording) *recording.Recording {
	t.Helper()
	system, err := agent.Recorded(r)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	again, err := system.Record(t.Context(), agent.Told{Version: "devel"}, time.Minute)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if strings.Contains(again.About, "left out") {
		t.Errorf("%s holds what may not be kept: %s", name, again.About)
	}
	before := filesIn(written(t, r))
	for part, text := range filesIn(written(t, again)) {
		if part == "denied" || part == "after/gone" || part == "links" {
			for line := range strings.Lines(text) {
				if !strings.Contains(before[part], line) {
					t.Errorf("%s: recorded again it has %s among %s", name, strings.TrimSpace(line), part)
				}
			}
		} else if text != before[part] {
			t.Errorf("%s: recorded again it has %q in %s, and before %q", name, text, part, before[part])
		}
	}
	return again
}

func filesIn(archive string) map[string]string {
	all := map[string]string{}
	for _, f := range txtar.Parse([]byte(archive)).Files {
		all[f.Name] = string(f.Data)
	}
	return all
}

func onceOf(t *testing.T, r *recording.Recording) string {
	t.Helper()
	system, err := agent.Recorded(r)
	if err != nil {
		t.Fatal(err)
	}
	survey, err := system.Look(context.Background(), agent.Told{Version: "devel"})
	if err != nil {
		t.Fatal(err)
	}
	m, err := system.Once(context.Background(), survey, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + system.SleepAfter()
}

func TestRecordedMachinesNameNobodyAndSayWhereTheyAreFrom(t *testing.T) {
	private := regexp.MustCompile(`(?i)\b[0-9a-f]{2}([:-][0-9a-f]{2}){5}\b|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|serial|uuid|hostname|machine-id|asset|@`)
	readme, err := os.ReadFile(machineDir + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	names := machineNames(t)
	for _, name := range names {
		r, text := recorded(t, name)
		if found := private.Find(text); found != nil {
			t.Errorf("%s holds %q", name, found)
		}
		if n := strings.Count(r.About, "\n") + 1; n < 2 || n > 5 || !strings.Contains(r.About, "It must show: ") {
			t.Errorf("%s has a comment of %d lines: it says in two to five what machine it is, what it must show, and where it is from", name, n)
		}
		if strings.Count(string(readme), "\n| "+name+" |") != 1 {
			t.Errorf("%s has no line of its own in README.md", name)
		}
	}
	if lines := strings.Count(string(readme), "\n| "); lines != len(names)+1 {
		t.Errorf("the table of README.md has %d lines, and there are %d machines", lines-1, len(names))
	}
}
