package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// program is one of ours, and where it is delivered to.
type program struct {
	name    string
	recipe  string   // of its .deb and .rpm, for nfpm
	flags   []string // of go build, beside those that all have
	targets []target
}

// short is the name in --only.
func (p program) short() string { return strings.TrimPrefix(p.name, "veille-") }

// target is a system, and the kinds of packages that are made for it.
type target struct {
	os, arch string
	kinds    []string
}

func (t target) system() string { return t.os + "/" + t.arch }

// programs are all that is delivered. Flags are those of the Makefile, where it is said why.
func programs() []program {
	linux := []target{{"linux", "amd64", []string{"deb", "rpm"}}, {"linux", "arm64", []string{"deb", "rpm"}}}
	agents := append([]target{{"windows", "amd64", []string{"exe", "msi"}}, {"darwin", "amd64", []string{"tar.gz"}}, {"darwin", "arm64", []string{"tar.gz"}}}, linux...)
	return []program{
		{"veille-agent", "agent/packaging/nfpm.yaml", []string{"-gcflags=all=-l", "-tags=nethttpomithttp2"}, agents},
		{"veille-collector", "collector/packaging/nfpm.yaml", []string{"-pgo=cmd/veille-collector/collector.pgo"}, linux},
		{"veille-ecoindex", "packaging/ecoindex.yaml", nil, linux},
	}
}

// staged is a program that is built, in a folder with what goes into its packages.
type staged struct {
	program program
	target  target
	dir     string
}

// file is one beside the program.
func (s staged) file(name string) string { return filepath.Join(s.dir, name) }

// binary is the file of the program.
func (s staged) binary() string {
	name := filepath.Join(s.dir, s.program.name)
	if s.target.os == "windows" {
		name += ".exe"
	}
	return name
}

// compile builds a program, its manual, what shells complete it by, and the list of what it is made of.
func (r *release) compile(ctx context.Context, p program, t target) (staged, error) {
	s := staged{p, t, filepath.Join(r.stage, p.name+"-"+t.os+"-"+t.arch)}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return s, err
	}
	if err := r.goBuild(ctx, p, t.os, t.arch, s.binary()); err != nil {
		return s, err
	}
	if err := r.papers(ctx, s); err != nil {
		return s, err
	}
	return s, r.sbom(ctx, s)
}

// goBuild builds a program as the Makefile does, whatever the settings of whoever builds.
func (r *release) goBuild(ctx context.Context, p program, system, arch, out string) error {
	args := append([]string{"build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w"}, p.flags...)
	c := exec.CommandContext(ctx, "go", append(args, "-o", out, "./cmd/"+p.name)...)
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=", "GOFIPS140=off")
	if text, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(text))
	}
	return nil
}

// papers asks the program, built for this machine, for its manual and its completions. They are the same for every system.
func (r *release) papers(ctx context.Context, s staged) error {
	here := filepath.Join(r.stage, s.program.name+"-"+runtime.GOOS+"-"+runtime.GOARCH, s.program.name)
	if _, err := os.Stat(here); err != nil {
		if err := r.goBuild(ctx, s.program, runtime.GOOS, runtime.GOARCH, here); err != nil {
			return err
		}
	}
	for name, args := range map[string][]string{
		"man.1": {"man"}, "completion.bash": {"completion", "bash"}, "completion.zsh": {"completion", "zsh"}, "completion.fish": {"completion", "fish"},
	} {
		c := exec.CommandContext(ctx, here, args...)
		c.Env = []string{"LC_ALL=C", "SOURCE_DATE_EPOCH=" + r.epoch}
		text, err := c.Output()
		if err != nil {
			return fmt.Errorf("%s %s: %w", s.program.name, strings.Join(args, " "), err)
		}
		if err := os.WriteFile(filepath.Join(s.dir, name), text, 0o644); err != nil {
			return err
		}
		if name == "man.1" {
			err = writeGzip(filepath.Join(s.dir, name+".gz"), text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeGzip writes text packed, without a name and a time.
func writeGzip(name string, text []byte) error {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(text); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}
