package main_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// docs/install.md is followed from its first line to its last, on one machine that is server and first machine: each block of commands is given to a
// shell as it stands. Only the version and the token are others, and somebody has a name server and a certificate.
func TestTheGuideLeadsFromNothingToTheFirstRecord(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/install.md")
	if err != nil {
		t.Fatal(err)
	}
	files := packages(t, newer)
	h := boot(t)
	for _, program := range []string{"veille-collector", "veille-agent"} {
		h.bring(filepath.Join(files, program+"_"+newer+"_amd64.deb"))
	}
	hasANameAndACertificate(h, "veille.example.org")

	begin, token := time.Now(), ""
	for step, block := range commandsOf(string(page)) {
		if strings.HasPrefix(block, "veille-agent show") {
			h.until("a record is acknowledged", time.Minute+unsettled(t), func() bool {
				said, err := h.try("veille-agent", "show", "--json")
				return err == nil && strings.Contains(said, `"use":"shared"`)
			})
			t.Logf("from the first line of the guide to the first record: %.0f s", time.Since(begin).Seconds())
		}
		block = strings.NewReplacer("0.1.0", newer, "TOKEN", token, "apt purge", "apt purge --yes").Replace(block)
		said := h.do("sh", "-e", "-c", "cd /root\n"+block)
		leads(t, step, block, said)
		if strings.Contains(block, "token create") {
			lines := strings.Fields(said)
			token = lines[len(lines)-1]
		}
	}
}

// commandsOf are the blocks of a page, in their order.
func commandsOf(page string) []string {
	var blocks []string
	for _, m := range regexp.MustCompile("(?s)\n```\n(.*?)\n```\n").FindAllStringSubmatch(page, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// leads holds what a block of the guide printed against what the guide says that it does.
func leads(t *testing.T, step int, block, said string) {
	t.Helper()
	want := []string{"site \"Lycée Marie-Curie\" added", "\n0 wrong, ", "", "shared", " shared ", "/invite?secret=", "the ledger is kept in"}
	if step >= len(want) {
		t.Fatalf("the guide has a block that this test does not know:\n%s", block)
	}
	if !strings.Contains(said, want[step]) {
		t.Errorf("%s\nprinted\n%s\nnot: %s", block, said, want[step])
	}
}

// hasANameAndACertificate gives the house what a server has before the guide begins: a name, and a certificate that the house trusts, in files of root.
func hasANameAndACertificate(h *house, name string) {
	h.t.Helper()
	certificate, key := selfSigned(h.t, name)
	h.do("sh", "-c", "echo 127.0.0.1 "+name+" >>/etc/hosts")
	h.write("/usr/local/share/ca-certificates/house.crt", certificate)
	h.do("update-ca-certificates")
	live := "/etc/letsencrypt/live/" + name
	h.do("install", "-d", "-m", "700", "/etc/letsencrypt", live)
	for file, text := range map[string]string{"fullchain.pem": certificate, "privkey.pem": key} {
		if err := os.WriteFile(h.root+filepath.Join(live, file), []byte(text), 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
}

// selfSigned is a certificate of a name for three months, and its key.
func selfSigned(t *testing.T, name string) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(0, 3, 0), DNSNames: []string{name},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	signed, err := x509.CreateCertificate(rand.Reader, about, about, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, body []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: body}))
	}
	return block("CERTIFICATE", signed), block("PRIVATE KEY", hidden)
}
