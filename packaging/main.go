// Command packaging builds what is released: the programs, their packages for Linux, Windows and macOS, the list of what each is made of, and
// the sums by which all of it is recognised. Built twice from one commit by one version of Go it gives the same files, but for the .msi.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, pflag.ErrHelp) {
		_, _ = fmt.Fprintln(os.Stderr, "packaging:", err)
		os.Exit(1)
	}
}

// options are what the command line asks for.
type options struct {
	version, out, only, signKey, codeCert, codeKey, nfpm string
}

func (o *options) parse(args []string) error {
	fs := pflag.NewFlagSet("packaging", pflag.ContinueOnError)
	fs.StringVar(&o.version, "version", "", "`version` of the packages, like 1.2.3; without it the one that git describes, or 0.1.0~git.DATE.COMMIT where no tag is before this commit")
	fs.StringVar(&o.out, "out", "dist", "`folder` for what is made; files of the same names are replaced")
	fs.StringVar(&o.only, "only", "", "make only what has this `text` in its name, like agent, linux/amd64 or agent/linux/amd64/deb")
	fs.StringVar(&o.signKey, "sign-key", "", "`file` of a secret key of minisign, which SHA256SUMS is signed with; its password is in VEILLE_SIGN_PASSWORD")
	fs.StringVar(&o.codeCert, "code-cert", "", "`file` (PEM) of the certificate that the .msi and the program in it are signed with, its chain behind it")
	fs.StringVar(&o.codeKey, "code-key", "", "`file` (PEM) of the certificate's key")
	fs.StringVar(&o.nfpm, "nfpm", ".tools/nfpm-v2.43.4", "`path` of nfpm, which makes .deb and .rpm; make tools installs it")
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() > 0 {
		return fmt.Errorf("%q is one word too many; see --help", fs.Arg(0))
	}
	return nil
}

func run(ctx context.Context, stdout io.Writer, args []string) error {
	var o options
	if err := o.parse(args); err != nil {
		return err
	}
	if text, err := os.ReadFile("go.mod"); err != nil || !strings.HasPrefix(string(text), "module veille\n") {
		return errors.New("this folder is not the root of Veille's sources: go there first")
	}
	r, err := newRelease(ctx, o, stdout)
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(r.stage) }()
	if err := r.build(ctx); err != nil {
		return err
	}
	return r.sum(o.signKey)
}

// release is what is being made.
type release struct {
	version  version
	epoch    string // seconds since 1970 of the commit: the time that everything in packages has
	out      string
	stage    string // folder of what is made on the way
	only     string
	nfpm     string
	codeCert string
	codeKey  string
	progress io.Writer
	made     []string // names of the files in out, as they are finished
}

func newRelease(ctx context.Context, o options, progress io.Writer) (*release, error) {
	v, epoch, err := versionOf(ctx, o.version)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder for packages: %w; choose another with --out", err)
	}
	stage, err := os.MkdirTemp("", "veille-packaging-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for what is made on the way: %w", err)
	}
	return &release{version: v, epoch: epoch, out: o.out, stage: stage, only: o.only, nfpm: o.nfpm, codeCert: o.codeCert, codeKey: o.codeKey, progress: progress}, nil
}

// build makes everything that was asked for.
func (r *release) build(ctx context.Context) error {
	_, _ = fmt.Fprintf(r.progress, "version %s, of %s\n", r.version.text, r.when().Format("2006-01-02 15:04:05Z"))
	for _, p := range programs() {
		for _, t := range p.targets {
			if !r.wanted(p, t) {
				continue
			}
			if err := r.target(ctx, p, t); err != nil {
				return fmt.Errorf("%s for %s: %w", p.name, t.system(), err)
			}
		}
	}
	if strings.Contains("agent/deploy.zip", r.only) {
		if err := r.deploy(); err != nil {
			return err
		}
	}
	if len(r.made) == 0 {
		return fmt.Errorf("nothing that is made has %q in its name; correct --only", r.only)
	}
	return nil
}

// wanted tells whether one of the packages of a target was asked for.
func (r *release) wanted(p program, t target) bool {
	for _, kind := range t.kinds {
		if r.wants(p, t, kind) {
			return true
		}
	}
	return false
}

func (r *release) wants(p program, t target, kind string) bool {
	return strings.Contains(p.short()+"/"+t.system()+"/"+kind, r.only)
}

// target makes the program for one system, and its packages.
func (r *release) target(ctx context.Context, p program, t target) error {
	s, err := r.compile(ctx, p, t)
	if err != nil {
		return err
	}
	for _, kind := range t.kinds {
		if !r.wants(p, t, kind) {
			continue
		}
		switch kind {
		case "deb", "rpm":
			err = r.linux(ctx, s, kind)
		case "tar.gz":
			err = r.macos(s)
		case "msi":
			err = r.windows(ctx, s)
		case "exe":
			err = r.plain(s)
		}
		if err != nil {
			return fmt.Errorf("the .%s: %w", kind, err)
		}
	}
	return r.copy(s.file("sbom.cdx.json"), fmt.Sprintf("%s-%s-%s-%s.cdx.json", p.name, r.version.text, t.os, t.arch))
}

// plain delivers the program as it is: the sum of an .msi is another with every build, and that of the program in it is not.
func (r *release) plain(s staged) error {
	return r.copy(s.binary(), fmt.Sprintf("%s-%s-%s-%s%s", s.program.name, r.version.text, s.target.os, s.target.arch, filepath.Ext(s.binary())))
}

// copy delivers a file under a name.
func (r *release) copy(file, name string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.out, name), text, 0o644); err != nil {
		return err
	}
	return r.finish(name)
}

// finish says that a file is done.
func (r *release) finish(name string) error {
	info, err := os.Stat(filepath.Join(r.out, name))
	if err != nil {
		return err
	}
	r.made = append(r.made, name)
	_, _ = fmt.Fprintf(r.progress, "%-60s %9d bytes\n", name, info.Size())
	return nil
}
