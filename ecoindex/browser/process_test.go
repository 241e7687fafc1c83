package browser

import (
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// echoing makes this test binary a program that is told of two pipes as a browser is, and says what it hears.
const echoing = "VEILLE_TEST_ECHO"

func TestAProgramIsHeardAndToldOverTwoPipes(t *testing.T) {
	if os.Getenv(echoing) != "" {
		in, out := theirPipes(t)
		if _, err := io.Copy(out, in); err != nil {
			t.Fatal(err)
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "--")
	program.Env = append(os.Environ(), echoing+"=1")
	from, to, err := start(program)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(to, `{"id":1}`+"\x00"); err != nil {
		t.Error(err)
	}
	if err := to.Close(); err != nil {
		t.Error(err)
	}
	said, err := io.ReadAll(from)
	if err != nil || string(said) != `{"id":1}`+"\x00" {
		t.Errorf("the program said %q, %v", said, err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	_ = from.Close()
}

// theirPipes are the pipes that a browser is given: files 3 and 4, and on Windows the handles of its command line.
func theirPipes(t *testing.T) (in, out *os.File) {
	t.Helper()
	numbers := []string{"3", "4"}
	if runtime.GOOS == "windows" {
		_, list, _ := strings.Cut(os.Args[len(os.Args)-1], "--remote-debugging-io-pipes=")
		numbers = strings.Split(list, ",")
	}
	var files []*os.File
	for _, n := range numbers {
		number, err := strconv.ParseUint(n, 10, 64)
		if err != nil {
			t.Fatalf("no pipe is named by %q", os.Args)
		}
		files = append(files, os.NewFile(uintptr(number), "pipe"))
	}
	return files[0], files[1]
}
