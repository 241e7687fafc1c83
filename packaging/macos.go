package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// macos makes a .tar.gz with the agent, its LaunchDaemon, and scripts that install and remove them.
func (r *release) macos(s staged) error {
	folder := fmt.Sprintf("%s-%s-macos-%s", s.program.name, r.version.text, s.target.arch)
	const from = "agent/packaging/"
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range []struct {
		name, source string
		mode         int64
	}{ // in the order of their names
		{"agent.conf", from + "agent.conf", 0o644},
		{"agent.md", "docs/agent.md", 0o644},
		{"install.sh", from + "macos/install.sh", 0o755},
		{licencesFile, s.file(licencesFile), 0o644},
		{"sbom.cdx.json", s.file("sbom.cdx.json"), 0o644},
		{"uninstall.sh", from + "macos/uninstall.sh", 0o755},
		{"veille-agent", s.binary(), 0o755},
		{"veille-agent.1", s.file("man.1"), 0o644},
		{"veille-agent.plist", from + "macos/veille-agent.plist", 0o644},
	} {
		text, err := os.ReadFile(f.source)
		if err != nil {
			return err
		}
		// No user, no group, and the time of the commit: the same file whoever builds it.
		header := &tar.Header{Typeflag: tar.TypeReg, Name: folder + "/" + f.name, Size: int64(len(text)), Mode: f.mode, ModTime: r.when(), Format: tar.FormatUSTAR}
		if err := w.WriteHeader(header); err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := writeGzip(filepath.Join(r.out, folder+".tar.gz"), b.Bytes()); err != nil {
		return err
	}
	return r.finish(folder + ".tar.gz")
}
