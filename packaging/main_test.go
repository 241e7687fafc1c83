package main_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Versions that packages of the tests have.
const (
	older = "1.2.3~test"
	newer = "1.2.3"
)

// workshop is where packages are made for the tests, each version once.
type workshop struct {
	dir     string
	program string // ours
	once    map[string]func() (string, error)
}

// shop is made by TestMain, which alone can remove it when all tests are done.
var shop *workshop

func TestMain(m *testing.M) { os.Exit(open(m)) }

func open(m *testing.M) int {
	dir, err := os.MkdirTemp("", "veille-packages-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	shop = &workshop{dir: dir, program: filepath.Join(dir, "packaging"), once: map[string]func() (string, error){}}
	if text, err := exec.CommandContext(context.Background(), "go", "build", "-o", shop.program, "veille/packaging").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, text))
	}
	for _, version := range []string{older, newer} {
		shop.once[version] = sync.OnceValues(func() (string, error) {
			out := filepath.Join(dir, version)
			return out, errors.Join(
				shop.pack(context.Background(), "..", "--version", version, "--out", out, "--only", "agent/linux/amd64"),
				shop.pack(context.Background(), "..", "--version", version, "--out", out, "--only", "collector/linux/amd64/deb"))
		})
	}
	return m.Run()
}

// pack runs our program at the root of some sources. An error has what it printed.
func (w *workshop) pack(ctx context.Context, root string, args ...string) error {
	c := exec.CommandContext(ctx, w.program, args...)
	c.Dir = root
	if text, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", args, err, text)
	}
	return nil
}

// packages is the folder of the packages of a version.
func packages(t *testing.T, version string) string {
	t.Helper()
	needFile(t, "nfpm", "../.tools/nfpm-v2.43.4")
	dir, err := shop.once[version]()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// required tells whether a thing that a test needs must be there: REQUIRE names it, or says "all".
func required(what string) bool {
	return strings.Contains(","+os.Getenv("REQUIRE")+",", ","+what+",") || os.Getenv("REQUIRE") == "all"
}

// leave skips a test for want of something, or fails it where that must be there.
func leave(t *testing.T, what string, err error) {
	t.Helper()
	if required(what) {
		t.Fatalf("%s: %v", what, err)
	}
	t.Skipf("%s: %v; REQUIRE does not name it", what, err)
}

func needFile(t *testing.T, what, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		leave(t, what, err)
	}
}

func needCommand(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		leave(t, name, err)
	}
}

// output runs a command to its end, which must be well, and answers all that it printed.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, text)
	}
	return string(text)
}

func sumOf(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func TestEverythingBuiltFromAnotherFolderIsTheSameToTheByte(t *testing.T) {
	t.Parallel()
	first := packages(t, newer)
	elsewhere, out := filepath.Join(t.TempDir(), "another", "place"), t.TempDir()
	copySources(t, elsewhere)
	nfpm, err := filepath.Abs("../.tools/nfpm-v2.43.4")
	if err != nil {
		t.Fatal(err)
	}
	if err := shop.pack(t.Context(), elsewhere, "--version", newer, "--out", out, "--only", "agent/linux/amd64", "--nfpm", nfpm); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(out)
	if err != nil || len(names) != 4 {
		t.Fatalf("made %v, %v", names, err)
	}
	for _, e := range names {
		if e.Name() != "SHA256SUMS" && sumOf(t, filepath.Join(out, e.Name())) != sumOf(t, filepath.Join(first, e.Name())) {
			t.Errorf("%s is another file when it is built in another folder", e.Name())
		}
	}
}

// copySources copies what git knows, and git's own files, so that the commit is the same.
func copySources(t *testing.T, to string) {
	t.Helper()
	needFile(t, "git", "../.git")
	output(t, "git", "clone", "--quiet", "--shared", "--no-checkout", "..", to)
	listed := output(t, "git", "-C", "..", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	for name := range strings.SplitSeq(strings.TrimSuffix(listed, "\x00"), "\x00") {
		from, into := filepath.Join("..", name), filepath.Join(to, name)
		info, err := os.Lstat(from)
		if err != nil || !info.Mode().IsRegular() { // deleted, or a link to tools
			continue
		}
		text, err := os.ReadFile(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(into), 0o755)
		}
		if err == nil {
			err = os.WriteFile(into, text, info.Mode().Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	output(t, "git", "-C", to, "reset", "--quiet")
}

func TestPackagesAreAsSmallAsPromised(t *testing.T) {
	t.Parallel()
	dir := packages(t, newer)
	for name, most := range map[string]int64{"veille-agent_1.2.3_amd64.deb": 4e6, "veille-agent-1.2.3-1.x86_64.rpm": 4e6} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d bytes", name, info.Size())
		if info.Size() > most {
			t.Errorf("%s has %d bytes, more than %d", name, info.Size(), most)
		}
	}
}

func TestWhatIsAskedForWronglyIsSaid(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--version", "1.2"}, "is not three numbers"},
		{[]string{"--version", "256.0.0"}, "which Windows cannot compare"},
		{[]string{"--version", "1.2.3-4"}, "is not three numbers"},
		{[]string{"--version", "1.2.3; rm"}, "is not three numbers"},
		{[]string{"--version", "1.2.3", "--only", "plan9"}, `nothing that is made has "plan9" in its name`},
		{[]string{"--colour"}, "unknown flag"},
		{[]string{"now"}, "one word too many"},
	} {
		err := shop.pack(t.Context(), "..", slices.Concat([]string{"--out", t.TempDir()}, tt.args)...)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v; want it to say %q", tt.args, err, tt.want)
		}
	}
	if err := shop.pack(t.Context(), t.TempDir(), "--version", "1.2.3"); err == nil || !strings.Contains(err.Error(), "not the root") {
		t.Errorf("elsewhere: %v", err)
	}
}

func TestADeliveryIsSignedAndToldFromAnother(t *testing.T) {
	t.Parallel()
	needCommand(t, "minisign")
	needFile(t, "nfpm", "../.tools/nfpm-v2.43.4")
	dir := t.TempDir()
	public, secret := filepath.Join(dir, "minisign.pub"), filepath.Join(dir, "minisign.key")
	output(t, "minisign", "-G", "-W", "-p", public, "-s", secret)
	out := filepath.Join(dir, "dist")
	version := newer + "+4.gabcdef0"
	if err := shop.pack(t.Context(), "..", "--version", version, "--out", out, "--only", "darwin/arm64", "--sign-key", secret); err != nil {
		t.Fatal(err)
	}
	sums := filepath.Join(out, "SHA256SUMS")
	if said := output(t, "minisign", "-V", "-p", public, "-m", sums); !strings.Contains(said, "Trusted comment: Veille "+version) {
		t.Errorf("minisign says %s", said)
	}
	check := exec.CommandContext(t.Context(), "sha256sum", "-c", "SHA256SUMS")
	check.Dir = out
	if text, err := check.CombinedOutput(); err != nil {
		t.Errorf("sha256sum -c: %v\n%s", err, text)
	}
	if bom, err := os.ReadFile(filepath.Join(out, "veille-agent-"+version+"-darwin-arm64.cdx.json")); err != nil || !strings.Contains(string(bom), `"pkg:generic/veille-agent@1.2.3%2B4.gabcdef0"`) {
		t.Errorf("no URL of the package is in the list of its parts, %v:\n%s", err, bom)
	}
	text, err := os.ReadFile(sums)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sums, append(text, ' '), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := exec.CommandContext(t.Context(), "minisign", "-V", "-p", public, "-m", sums).CombinedOutput(); err == nil {
		t.Errorf("minisign verifies other sums: %s", text)
	}
	err = shop.pack(t.Context(), "..", "--version", newer, "--out", out, "--only", "darwin/arm64", "--sign-key", public)
	if err == nil || !strings.Contains(err.Error(), "open the key for signing") {
		t.Errorf("a public key for a secret one: %v", err)
	}
	if _, err := os.Stat(sums + ".minisig"); err == nil {
		t.Error("the signature of the sums before is still there")
	}
}

func TestATagBeforeAReleaseIsLessThanTheRelease(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module veille\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	git := func(args ...string) {
		t.Helper()
		output(t, "git", append([]string{"-C", dir, "-c", "user.name=Test", "-c", "user.email=test@example.invalid"}, args...)...)
	}
	git("init", "--quiet")
	git("add", ".")
	git("commit", "--quiet", "-m", "first")
	for _, tt := range []struct{ tag, want string }{
		{"", "version 0.1.0~git.20"},
		{"v1.2.0-rc.1", "version 1.2.0~rc.1, of"},
		{"", "version 1.2.0~rc.1+1.g"},
		{"v1.2.0", "version 1.2.0, of"},
		{"", "version 1.2.0+1.g"},
	} {
		if tt.tag != "" {
			git("tag", tt.tag)
		}
		err := shop.pack(t.Context(), dir, "--out", t.TempDir(), "--only", "plan9") // which says the version, and makes nothing
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v; want it to say %q", err, tt.want)
		}
		if tt.tag != "" {
			git("commit", "--quiet", "--allow-empty", "-m", "next")
		}
	}
}
