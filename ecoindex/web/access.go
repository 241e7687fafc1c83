package web

import (
	"encoding/base64"
	"maps"
)

// Access is what lets a page be seen that not everybody may see. It is sent to the page's own origin only.
type Access struct {
	Headers map[string]string // by name
	Cookies map[string]string // by name, for the page's host
	User    string            // of HTTP basic authentication; none when empty
	Secret  string
}

// Fields are the header fields to add to each request of the page's origin, by name; none when nothing is to be added.
func (a Access) Fields() map[string]string {
	all := maps.Clone(a.Headers)
	if all == nil {
		all = map[string]string{}
	}
	if a.User != "" {
		all["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(a.User+":"+a.Secret))
	}
	return all
}
