package ecoindex_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A fused multiply-add rounds once where Go's source rounds twice. The compiler may use one on some processors and not
// on others, so that a score could differ in the last bit, and a half be rounded the other way.
func TestNoProcessorFusesAMultiplicationWithAnAddition(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the package for two processors")
	}
	control := filepath.Join(t.TempDir(), "control.go")
	source := "package control\n\nfunc Fused(x, y, z float64) float64 { return x*y + z }\n"
	if err := os.WriteFile(control, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, processor := range [][]string{{"GOARCH=arm64"}, {"GOARCH=amd64", "GOAMD64=v3"}} {
		t.Run(strings.Join(processor, " "), func(t *testing.T) {
			t.Parallel()
			if fused, _ := fusedIn(t, processor, control); len(fused) != 1 {
				t.Fatalf("%d fused multiply-adds are found in a function that has one", len(fused))
			}
			fused, assembly := fusedIn(t, processor, ".")
			for _, f := range []string{"Compute", "place", "ToReach", "Measure.without", "Footprint.GHG", "line.at", "transferFile.model"} {
				if !strings.Contains(assembly, "\nveille/ecoindex."+f+" STEXT ") {
					t.Errorf("the function %s was not compiled, or is named otherwise", f)
				}
			}
			for _, instruction := range fused {
				t.Errorf("fused: %s; put float64(…) around the product", instruction)
			}
		})
	}
}

// fusedIn compiles what is at path and answers the fused multiply-adds in its assembly, which is printed again when
// the compiled package is in the build cache.
func fusedIn(t *testing.T, environment []string, path string) (fused []string, assembly string) {
	t.Helper()
	build := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-S", path)
	build.Env = append(os.Environ(), append(environment, "CGO_ENABLED=0", "GOFLAGS=")...)
	out, err := build.CombinedOutput()
	if err != nil {
		t.Fatalf("compile %s for %v: %v\n%s", path, environment, err, out)
	}
	fma := regexp.MustCompile(`(?m)^.*\t(?:FN?M(?:ADD|SUB)[SD]|VFN?M(?:ADD|SUB)\d+[SP][SD])\t.*$`)
	return fma.FindAllString(string(out), -1), string(out)
}
