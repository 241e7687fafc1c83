package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// ownLicence is that of our own programs.
const ownLicence = "EUPL-1.2"

// sbom writes what a program is made of, as the program itself says it, in CycloneDX's JSON: in its version 1.6, since many tools do not read the
// newest one. Beside it are the licences of all that.
func (r *release) sbom(ctx context.Context, s staged) error {
	text, err := os.ReadFile(s.binary())
	if err != nil {
		return err
	}
	info, err := buildinfo.Read(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("read what %s was built from: %w", s.program.name, err)
	}
	said, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOMODCACHE").Output()
	if err != nil {
		return fmt.Errorf("ask where modules are: %w", err)
	}
	goroot, cache, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
	texts, err := licenceTexts(info, goroot, cache)
	if err == nil {
		err = os.WriteFile(s.file(licencesFile), texts, 0o644)
	}
	if err != nil {
		return err
	}
	bom := r.bom(s, info, sha256.Sum256(text), cache)
	var b bytes.Buffer
	if err := cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return err
	}
	return os.WriteFile(s.file("sbom.cdx.json"), b.Bytes(), 0o644)
}

// bom is the list: the program, Go's own library, and each module with its sum and, where it can be named surely, its licence.
func (r *release) bom(s staged, info *debug.BuildInfo, sum [32]byte, cache string) *cdx.BOM {
	bom := cdx.NewBOM()
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8: of what is listed, so that it is the same when that is
	bom.SerialNumber = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	name := purl("generic", s.program.name, r.version.text)
	bom.Metadata = &cdx.Metadata{
		Timestamp: r.when().Format("2006-01-02T15:04:05Z"),
		Component: &cdx.Component{
			BOMRef: name, PackageURL: name, Type: cdx.ComponentTypeApplication, Name: s.program.name, Version: r.version.text, Licenses: licences(ownLicence),
			Properties: &[]cdx.Property{{Name: "veille:os", Value: s.target.os}, {Name: "veille:arch", Value: s.target.arch}},
		},
	}
	library := purl("golang", "std", strings.TrimPrefix(info.GoVersion, "go"))
	parts := []cdx.Component{{
		BOMRef: library, PackageURL: library, Type: cdx.ComponentTypeLibrary, Name: "std", Version: info.GoVersion, Licenses: licences("BSD-3-Clause"),
	}}
	refs := []string{library}
	for _, m := range info.Deps {
		c := component(m, cache)
		parts, refs = append(parts, c), append(refs, c.BOMRef)
	}
	bom.Components = &parts
	bom.Dependencies = &[]cdx.Dependency{{Ref: name, Dependencies: &refs}}
	return bom
}

// component is a module. Its hash is that of go.sum: of the list of its files, each with its own.
func component(m *debug.Module, cache string) cdx.Component {
	if m.Replace != nil {
		m = m.Replace
	}
	name := purl("golang", m.Path, m.Version)
	c := cdx.Component{BOMRef: name, PackageURL: name, Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version}
	if raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:")); err == nil && len(raw) == sha256.Size {
		c.Hashes = &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: hex.EncodeToString(raw)}}
		c.Properties = &[]cdx.Property{{Name: "veille:go.sum", Value: m.Sum}}
	}
	if id := licenceIn(folderOf(m, cache)); id != "" {
		c.Licenses = licences(id)
	}
	return c
}

// folderOf is where the files of a module are.
func folderOf(m *debug.Module, cache string) string {
	return filepath.Join(cache, filepath.FromSlash(escaped(m.Path))+"@"+escaped(m.Version))
}

// purl is the URL of a package, in which a plus sign is written as its number.
func purl(kind, name, version string) string {
	return "pkg:" + kind + "/" + name + "@" + strings.ReplaceAll(version, "+", "%2B")
}

func licences(id string) *cdx.Licenses { return &cdx.Licenses{{License: &cdx.License{ID: id}}} }

// escaped is a module's path or version as the cache of modules writes it: capitals behind an exclamation mark.
func escaped(text string) string {
	var b strings.Builder
	for _, c := range text {
		if c >= 'A' && c <= 'Z' {
			_, _ = b.WriteString("!")
			c += 'a' - 'A'
		}
		_, _ = b.WriteRune(c)
	}
	return b.String()
}
