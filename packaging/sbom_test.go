package main_test

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

func TestTheListOfPartsIsThatOfGoSum(t *testing.T) {
	t.Parallel()
	f, err := os.Open(filepath.Join(packages(t, newer), "veille-collector-"+newer+"-linux-amd64.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(f, cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	if c := bom.Metadata.Component; c.Name != "veille-collector" || c.Version != newer || (*c.Licenses)[0].License.ID != "EUPL-1.2" {
		t.Errorf("it is of %+v", c)
	}
	if bom.SpecVersion != cdx.SpecVersion1_6 {
		t.Errorf("it is CycloneDX %v, which few tools read", bom.SpecVersion)
	}
	sums, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	licences := map[string]string{}
	for _, c := range *bom.Components {
		if c.Licenses != nil {
			licences[c.Name] = (*c.Licenses)[0].License.ID
		}
		if c.Name == "std" {
			continue
		}
		raw, err := hex.DecodeString((*c.Hashes)[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		if line := c.Name + " " + c.Version + " h1:" + base64.StdEncoding.EncodeToString(raw) + "\n"; !strings.Contains(string(sums), line) {
			t.Errorf("go.sum has no line %s", line)
		}
	}
	for name, want := range map[string]string{
		"std": "BSD-3-Clause", "golang.org/x/net": "BSD-3-Clause", "github.com/jackc/pgx/v5": "MIT", "github.com/prometheus/client_golang": "Apache-2.0", "github.com/rickar/cal/v2": "BSD-3-Clause",
	} {
		if licences[name] != want {
			t.Errorf("%s is said to be under %q, want %q", name, licences[name], want)
		}
	}
}
