package crawl

import (
	"fmt"
	"strings"

	"veille/collector"
)

// mostContact bounds a contact in the header, in bytes.
const mostContact = 300

// UserAgent is how we call ourselves to a website: what we are, and by what its people reach those who measure it. It is safe in a header
// whatever the contact is: what has no place there is written as in an address, %0D for the end of a line.
func UserAgent(w collector.Website, version string) string {
	name := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune(".-+_", r) {
			return r
		}
		return -1
	}, version)
	if name == "" {
		name = "1.0"
	}
	contact := strings.TrimSpace(w.Contact)
	if contact == "" {
		return "Mozilla/5.0 (compatible; VeilleEcoIndex/" + name + ")"
	}
	if strings.Contains(contact, "@") && !strings.Contains(contact, ":") {
		contact = "mailto:" + contact
	}
	return "Mozilla/5.0 (compatible; VeilleEcoIndex/" + name + "; +" + escape(contact) + ")"
}

// escape writes the bytes of a text that a comment of a header may not have as in an address.
func escape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if b.Len() > mostContact {
			break
		}
		c := text[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>"\;`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
