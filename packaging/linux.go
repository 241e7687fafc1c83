package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// linux makes a .deb or an .rpm, named as such files are.
func (r *release) linux(ctx context.Context, s staged, kind string) error {
	name := fmt.Sprintf("%s_%s_%s.deb", s.program.name, r.version.text, s.target.arch)
	if kind == "rpm" {
		arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[s.target.arch]
		name = fmt.Sprintf("%s-%s-1.%s.rpm", s.program.name, r.version.text, arch)
	}
	c := exec.CommandContext(ctx, r.nfpm, "package", "--config", s.program.recipe, "--packager", kind, "--target", filepath.Join(r.out, name))
	c.Env = append(os.Environ(), "STAGE="+s.dir, "ARCH="+s.target.arch, "VERSION="+r.version.text, "SOURCE_DATE_EPOCH="+r.epoch)
	if text, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w; make tools installs it\n%s", r.nfpm, err, bytes.TrimSpace(text))
	}
	return r.finish(name)
}
