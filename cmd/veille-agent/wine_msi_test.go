//go:build linux

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"veille/agent/uptime"
)

// withinInstall is how long a machine may take from the start of the installer to its first record at the collector.
const withinInstall = 60 * time.Second

// unsettled is how much longer it takes where this machine was booted just before: its clock is believed ten minutes after, and the next sample
// comes within a minute. Elsewhere it is 0.
func unsettled(t *testing.T) time.Duration {
	t.Helper()
	now, err := uptime.Read()
	if err != nil {
		t.Fatal(err)
	}
	if left := 10*time.Minute - now.SinceBoot; left > 0 {
		return left + time.Minute
	}
	return 0
}

// install does what somebody does who installs the agent on many machines, without a window.
func (w *wine) install(t *testing.T) {
	certificate, key := signer(t)
	older, newer := w.installer(t, "1.2.3"), w.installer(t, "1.2.4", "--code-cert", certificate, "--code-key", key)
	build(t, nil, "osslsigncode", "verify", "-CAfile", certificate, "-in", newer)
	for _, file := range []string{older, newer} {
		if info, err := os.Stat(file); err != nil || info.Size() > 5e6 {
			t.Errorf("%s: %v, %v; want 5 MB at most", file, info, err)
		}
	}
	w.awake(t)
	address, token := w.collector(t)
	data := filepath.Join(w.disk, "ProgramData", "Veille", "agent")

	began := time.Now()
	w.msiexec(t, "/i", older, "COLLECTOR="+address, "TOKEN="+token, "USE=shared")
	installed := time.Since(began)
	w.running(t, began)
	most := withinInstall + unsettled(t)
	within(t, most, "a record that the collector has acknowledged", func() bool { // what waits was sent, perhaps, and not acknowledged
		return len(files(t, filepath.Join(data, "spool", "sent"))) > 0 && len(files(t, filepath.Join(data, "spool", "waiting"))) == 0
	})
	took := time.Since(began)
	t.Logf("installed in %.1f s, the first record acknowledged after %.1f s", installed.Seconds(), took.Seconds())
	if took > most {
		t.Errorf("the first record came after %v, want %v at most", took, most)
	}
	want := map[string]string{"collector": address, "token": "", "use": "shared"} // an enrolled machine needs no token
	w.settings(t, want)

	identity := read(t, filepath.Join(data, "identity.json"))
	w.windows(t, "reg", "add", `HKLM\SOFTWARE\Veille\Agent`, "/v", "colour", "/d", "red")
	w.msiexec(t, "/i", newer)
	until(t, "a service with a setting that none is named after ends with 2, and the installation is done all the same", func() bool {
		stdout, _, _ := w.program(t, "wine", "sc", "query", "VeilleAgent")
		return regexp.MustCompile(`STOPPED(?s:.*)SERVICE_EXIT_CODE *: 2\b`).MatchString(stdout)
	})
	w.windows(t, "reg", "delete", `HKLM\SOFTWARE\Veille\Agent`, "/v", "colour", "/f")
	began = time.Now()
	w.windows(t, "sc", "start", "VeilleAgent")
	w.running(t, began)
	w.settings(t, want)
	if now := read(t, filepath.Join(data, "identity.json")); !bytes.Equal(identity, now) {
		t.Error("the upgrade changed the identity")
	}
	w.stopped(t)
	w.msiexec(t, "/x", newer)
	w.removed(t)
	if now := read(t, filepath.Join(data, "identity.json")); !bytes.Equal(identity, now) {
		t.Error("the removal changed the identity")
	}

	began = time.Now()
	w.msiexec(t, "/i", newer, "COLLECTOR="+address)
	w.running(t, began) // as the machine it was: it has no token
	w.stopped(t)
	w.msiexec(t, "/x", newer, "PURGE=1")
	w.removed(t)
	if _, err := os.Stat(filepath.Dir(data)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("PURGE=1 left the folder: %v", err)
	}
}

// signer makes a certificate for signing programs, good for a day, and its key.
func signer(t *testing.T) (certificate, key string) {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ask := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}, BasicConstraintsValid: true, IsCA: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, ask, ask, secret.Public(), secret)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certificate, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: signed}, key: {Type: "PRIVATE KEY", Bytes: plain}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, key
}

// installer is the .msi of a version, made as make packages does.
func (w *wine) installer(t *testing.T, version string, flags ...string) string {
	t.Helper()
	out := t.TempDir()
	args := append([]string{"env", "--chdir=../..", "SOURCE_DATE_EPOCH=1", "go", "run", "./packaging", "--only", "agent/windows/amd64/msi", "--version", version, "--out", out}, flags...)
	if !build(t, nil, args...) {
		t.FailNow()
	}
	return filepath.Join(out, "veille-agent-"+version+"-x64.msi")
}

// awake keeps a program on the machine: Wine ends its services with the last program that is none.
func (w *wine) awake(t *testing.T) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "wine", "cmd")
	c.Env, c.WaitDelay = w.env, time.Second
	in, err := c.StdinPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = c.Wait() })
}

// msiexec installs or removes without a window. What went wrong is in its log, in English.
func (w *wine) msiexec(t *testing.T, what, file string, properties ...string) {
	t.Helper()
	_ = os.Remove(filepath.Join(w.disk, "msi.log"))
	args := append([]string{"wine", "msiexec", what, "Z:" + file, "/qn", "/l*v", `C:\msi.log`}, properties...)
	_, stderr, status := w.program(t, args...)
	if status != 0 {
		log, _ := os.ReadFile(filepath.Join(w.disk, "msi.log"))
		t.Fatalf("msiexec %s: exit %d\n%s%s", what, status, stderr, log)
	}
}

// windows runs one of Wine's own programs, which must end well.
func (w *wine) windows(t *testing.T, args ...string) {
	t.Helper()
	if stdout, stderr, status := w.program(t, append([]string{"wine"}, args...)...); status != 0 {
		t.Fatalf("%v: exit %d\n%s%s", args, status, stdout, stderr)
	}
}

// stopped stops the service: Wine's installer does so too, but does not wait for its end as Windows' does, and a program that runs stays there.
func (w *wine) stopped(t *testing.T) {
	t.Helper()
	w.windows(t, "sc", "stop", "VeilleAgent")
	until(t, "the service has ended", func() bool {
		stdout, _, _ := w.program(t, "wine", "sc", "query", "VeilleAgent")
		return strings.Contains(stdout, "STOPPED")
	})
}

// running waits for the service, and for the agent in it: it has enrolled, or is enrolled, and has counted since a moment.
func (w *wine) running(t *testing.T, since time.Time) {
	t.Helper()
	until(t, "the service runs and counts", func() bool {
		stdout, _, _ := w.program(t, "wine", "sc", "query", "VeilleAgent")
		counted, err := os.Stat(filepath.Join(w.disk, "ProgramData", "Veille", "agent", "running.json"))
		return strings.Contains(stdout, "RUNNING") && err == nil && counted.ModTime().After(since)
	})
}

// settings are the values in the registry that must be there, "" for none.
func (w *wine) settings(t *testing.T, want map[string]string) {
	t.Helper()
	for name, value := range want {
		stdout, _, _ := w.program(t, "wine", "reg", "query", `HKLM\SOFTWARE\Veille\Agent`, "/v", name)
		words := strings.Fields(stdout)
		if value == "" && len(words) > 0 && strings.Contains(stdout, "REG_SZ") || value != "" && (len(words) == 0 || words[len(words)-1] != value) {
			t.Errorf("the registry has of %s: %q; want %q", name, stdout, value)
		}
	}
}

// removed tells that of the installation nothing is left but the agent's data.
func (w *wine) removed(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(w.disk, "Program Files", "Veille")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the program is still there: %v", err)
	}
	for _, args := range [][]string{
		{"sc", "query", "VeilleAgent"},
		{"reg", "query", `HKLM\SOFTWARE\Veille\Agent`},
		{"reg", "query", `HKLM\SYSTEM\CurrentControlSet\Services\EventLog\Application\VeilleAgent`},
	} {
		if stdout, _, _ := w.program(t, append([]string{"wine"}, args...)...); strings.Contains(stdout, "Veille") {
			t.Errorf("%v still finds\n%s", args, stdout)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func files(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}
