//nolint:misspell // some of it is French
package main

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/agent"
	"veille/agent/notice"
	"veille/agent/wire"
)

// enrolled is the folder of an agent whose machine is shared, under a policy that names who answers.
func enrolled(t *testing.T, p wire.Policy) string {
	t.Helper()
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Version, p.Serial = wire.Version, 7
	signed, err := wire.SignPolicy(p, key)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if err := os.Mkdir(filepath.Join(data, "policies"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{"identity.json": agent.Identity{Credential: "x", Use: wire.Shared, PolicyKey: public}, "policies/7.json": signed} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

func TestTheNoticeNamesWhoAnswersUnderThePolicyInForce(t *testing.T) {
	p := wire.Policy{Organisation: "Lycée Marie-Curie", Contact: "dpd@example.org", TimeZone: "Europe/Paris"}
	n, err := noticeOf(enrolled(t, p))
	if want := (notice.Notice{Organisation: "Lycée Marie-Curie", Contact: "dpd@example.org", Use: "shared"}); err != nil || n != want {
		t.Errorf("got %+v, %v", n, err)
	}
	p.Use, p.Pause = wire.Individual, true
	n, err = noticeOf(enrolled(t, p))
	if err != nil || n.Use != "individual" || !n.Paused {
		t.Errorf("a policy that reduces: %+v, %v", n, err)
	}
	data := enrolled(t, wire.Policy{TimeZone: "Europe/Paris"})
	if err := agent.Pause(data); err != nil {
		t.Fatal(err)
	}
	if n, err = noticeOf(data); err != nil || !n.Paused {
		t.Errorf("paused here: %+v, %v", n, err)
	}
}

func TestWhoMayNotReadThePolicyReadsTheNoticeThatTheAgentWrote(t *testing.T) {
	denied := fmt.Errorf("read the identity: %w", fs.ErrPermission)
	data := t.TempDir()
	if _, err := noticeText(notice.Notice{}, denied, data, "fr", false); err == nil || !strings.Contains(err.Error(), "administrator") {
		t.Errorf("none was written: %v", err)
	}
	if err := agent.WriteNotices(data, wire.Policy{Organisation: "Région"}, agent.Limits{Use: wire.Server}); err != nil {
		t.Fatal(err)
	}
	text, err := noticeText(notice.Notice{}, denied, data, "fr", false)
	if err != nil || !strings.Contains(text, "Responsable : Région.") || !strings.Contains(text, "Cette machine est un serveur") {
		t.Errorf("%v\n%s", err, text)
	}
	if _, err := noticeText(notice.Notice{}, denied, data, "fr", true); err == nil {
		t.Error("pupils are given a notice with blanks")
	}
}
