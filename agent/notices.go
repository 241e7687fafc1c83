package agent

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"veille/agent/notice"
	"veille/agent/wire"
)

// NoticeOf is what the notice says under a policy.
func NoticeOf(p wire.Policy, l Limits) notice.Notice {
	return notice.Notice{
		Organisation: p.Organisation, Address: p.Address, Contact: p.Contact, DPO: p.DPO, Use: string(l.Use), Paused: l.Paused,
	}
}

// WriteNotices writes the notice for the users of the machine, in French and English, beside the agent's files, where everybody
// may read it: notice/NOTICE.fr.txt and notice/NOTICE.en.txt.
func WriteNotices(data string, p wire.Policy, l Limits) error {
	if err := os.MkdirAll(filepath.Join(data, noticeFolder), 0o755); err != nil { // for everybody
		return fmt.Errorf("write the notice: %w", err)
	}
	for _, lang := range []string{"fr", "en"} {
		name, text := filepath.Join(data, noticeFolder, "NOTICE."+lang+".txt"), []byte(notice.Text(lang, NoticeOf(p, l)))
		if before, err := os.ReadFile(name); err == nil && bytes.Equal(before, text) {
			continue
		}
		if err := keepFile(name, text, forAll); err != nil {
			return fmt.Errorf("write the notice: %w", err)
		}
	}
	return nil
}
