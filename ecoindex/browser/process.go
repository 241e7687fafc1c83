package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"veille/ecoindex/web"
)

// process is a Chromium that runs, with a profile of its own that is thrown away.
type process struct {
	*connection
	program *exec.Cmd
	profile string
	said    *tail
	pages   sync.WaitGroup // under way
	exited  chan struct{}
	root    *root
	memory  *watch
	guard   *guard // nil when private addresses are allowed
}

// startTime is how long Chromium may take to answer its first command, on a busy machine.
const startTime = 30 * time.Second

// arguments are those of every start. No request is made but for the pages: no update, no synchronisation, no field
// trial. Tabs that nobody looks at run at full speed.
func arguments(profile string) []string {
	list := []string{
		"--headless", "--remote-debugging-pipe", "--user-data-dir=" + profile, "--no-first-run", "--no-default-browser-check", "--no-startup-window",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
		"--disable-default-apps", "--disable-client-side-phishing-detection", "--disable-domain-reliability",
		"--disable-crash-reporter", "--disable-breakpad", "--no-service-autorun", "--metrics-recording-only",
		"--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
		"--disable-features=Translate,OptimizationHints,MediaRouter,InterestFeedContentSuggestions,HttpsUpgrades," +
			"WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup", // a second of processor for each window, for an address bar that nobody sees
		"--disable-gpu", "--mute-audio", "--hide-scrollbars", "--disable-quic", "--password-store=basic", "--use-mock-keychain",
		"--disable-dev-shm-usage", "--window-size=1280,800", "--lang=en-US", // the language of the reference
	}
	if os.Geteuid() == 0 { // Chromium refuses to start its sandbox as root
		list = append(list, "--no-sandbox")
	}
	return list
}

// launch starts a browser and waits until it answers. The error is a *web.Error of CodeBrowser, or of ctx.
func launch(ctx context.Context, o Options) (*process, error) {
	path, err := Find(o.Path)
	if err != nil {
		return nil, err
	}
	p := &process{said: &tail{}, exited: make(chan struct{})}
	if err := p.start(ctx, path, o); err != nil {
		p.close()
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		text := fmt.Sprintf("%s does not answer (%v)", path, err)
		if said := p.said.last(); said != "" {
			text += ", it said: " + said
		}
		text += "; run it once by hand, or give another with --browser"
		return nil, &web.Error{Code: web.CodeBrowser, URL: "with a browser", Text: text, Err: err}
	}
	return p, nil
}

func (p *process) start(ctx context.Context, path string, o Options) (err error) {
	if p.profile, err = newProfile(); err != nil {
		return err
	}
	flags := arguments(p.profile)
	if !o.AllowPrivate {
		if p.guard, err = newGuard(ctx, o.dial); err != nil {
			return err
		}
		flags = append(flags, p.guard.arguments()...)
	}
	program := exec.Command(path, flags...) //nolint:noctx // it outlives the page that started it; close ends it
	program.Stderr, program.WaitDelay = p.said, time.Second
	program.Env = environment(os.Environ(), p.profile)
	from, to, err := start(program)
	if err != nil {
		return err
	}
	p.program, p.connection = program, connect(from, to)
	go func() {
		_ = program.Wait()
		_ = from.Close()
		close(p.exited)
	}()
	p.root = oversee(p.connection)
	p.guardMemory(o.MaxMemory)
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	return p.call(ctx, "", "Browser.getVersion", struct{}{}, nil)
}

// start runs the program with the two pipes of the protocol.
func start(program *exec.Cmd) (from io.ReadCloser, to io.WriteCloser, err error) {
	theirIn, ourOut, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	ourIn, theirOut, err := os.Pipe()
	if err != nil {
		_, _ = theirIn.Close(), ourOut.Close()
		return nil, nil, fmt.Errorf("make a pipe: %w", err)
	}
	if err = hand(program, theirIn, theirOut); err == nil {
		err = program.Start()
	}
	_, _ = theirIn.Close(), theirOut.Close()
	if err != nil {
		_, _ = ourIn.Close(), ourOut.Close()
		return nil, nil, fmt.Errorf("%w", err)
	}
	return ourIn, ourOut, nil
}

// longestProfile is how long the path of a profile may be: the browser makes a socket below it, whose path has a limit
// of a hundred-odd bytes.
const longestProfile = 50

func newProfile() (string, error) {
	parent := os.TempDir()
	if len(parent)+len("/veille-ecoindex-1234567890") > longestProfile && runtime.GOOS != "windows" {
		parent = "/tmp"
	}
	profile, err := os.MkdirTemp(parent, "veille-ecoindex-")
	if err != nil {
		return "", fmt.Errorf("make a folder for its profile: %w", err)
	}
	return profile, nil
}

// useless says whether the browser has ended or answers no more.
func (p *process) useless() bool {
	select {
	case <-p.ended:
		return true
	default:
		return p.jammed.Load()
	}
}

// close asks the browser to end, then makes it, waits for what served it, and removes its profile.
func (p *process) close() {
	if p.program != nil {
		p.tell("", "Browser.close", struct{}{})
		_ = p.to.Close()
		select {
		case <-p.exited:
		case <-time.After(3 * time.Second):
		}
		kill(p.program)
		<-p.exited
		<-p.ended
		p.root.done.Wait()
		p.memory.done.Wait()
	}
	if p.guard != nil {
		p.guard.close()
	}
	for range 20 { // its children may still write for a moment
		if p.profile == "" || os.RemoveAll(p.profile) == nil {
			return
		}
		<-time.After(50 * time.Millisecond)
	}
}

// tail keeps the end of what the browser says, to be shown when it cannot be used.
type tail struct {
	mu   sync.Mutex
	text []byte
}

var _ io.Writer = (*tail)(nil)

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if over := len(t.text) - 4096; over > 0 {
		t.text = t.text[over:]
	}
	return len(p), nil
}

// last is the last line that says something.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(t.text)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
