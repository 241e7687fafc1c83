package static

import (
	"context"
	"net/http"

	"veille/ecoindex/web"
)

// Validators are what a server said by which it will know a page again (RFC 9110, section 8.8). Either may be "".
type Validators struct{ ETag, LastModified string }

// maxValidator bounds the bytes of a validator that is kept; real ones have less than a tenth.
const maxValidator = 1000

// Changed asks whether the page at address is still the one that before was said of. It makes one request, and one more
// for each redirect, by the limits and the rule on private addresses of Measure. False is answered for the status 304
// alone: a server without validators, or that ignores them, always has a changed page. The validators are those to ask
// with the next time. The error is a *web.Error, and what Measure would say of a status or a type that is no page.
//
// A page is taken as its HTML: that a style sheet or an image has changed, or what the page shows in a frame, is not
// noticed. Measure each page again from time to time.
func (m *Measurer) Changed(ctx context.Context, address string, before Validators) (Validators, bool, error) {
	fields := before.fields()
	f, err := m.ask(ctx, address, fields)
	if err != nil {
		return Validators{}, false, err
	}
	defer f.close()
	now := validatorsIn(f.response.Header)
	if f.response.StatusCode == http.StatusNotModified && len(fields) > 0 {
		return Validators{ETag: orDefault(now.ETag, before.ETag), LastModified: orDefault(now.LastModified, before.LastModified)}, false, nil
	}
	if err := refuse(f.url, f.response); err != nil {
		return Validators{}, false, err
	}
	return now, true, nil
}

// ValidatorsOf are those of the page that was looked at: of its last document. There are none of a page that sent its
// reader on by itself, because a server can tell about the first of its documents only.
func ValidatorsOf(s *web.Sight) Validators {
	var found *web.Exchange
	for i := range s.Exchanges {
		e := &s.Exchanges[i]
		switch {
		case e.Kind != web.Document:
		case found != nil:
			return Validators{}
		case !isRedirect(e.Status):
			found = e
		}
	}
	if found == nil || found.Status != http.StatusOK {
		return Validators{}
	}
	return validatorsIn(found.Header)
}

func validatorsIn(h http.Header) Validators {
	return Validators{ETag: sendable(h.Get("ETag")), LastModified: sendable(h.Get("Last-Modified"))}
}

// fields are the header fields that ask with them.
func (v Validators) fields() map[string]string {
	fields := map[string]string{}
	if tag := sendable(v.ETag); tag != "" {
		fields["If-None-Match"] = tag
	}
	if date := sendable(v.LastModified); date != "" {
		fields["If-Modified-Since"] = date
	}
	return fields
}

// sendable is a validator, or "" where it is too long to keep or holds what a request may not.
func sendable(text string) string {
	if len(text) > maxValidator {
		return ""
	}
	for _, c := range []byte(text) {
		if c < ' ' || c == 0x7f {
			return ""
		}
	}
	return text
}
