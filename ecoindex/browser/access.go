package browser

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// present gives the context the cookies, and makes the requests of the page's origin stop for their headers.
func (t *tab) present(u *url.URL) error {
	t.origin = u.Scheme + "://" + u.Host
	access := t.options.Access
	if len(access.Cookies) > 0 {
		var list []values
		for _, name := range slices.Sorted(maps.Keys(access.Cookies)) {
			list = append(list, values{"name": name, "value": access.Cookies[name], "url": u.String()})
		}
		if err := t.call(t.ctx, "", "Storage.setCookies", values{"cookies": list, "browserContextId": t.context}, nil); err != nil {
			return err
		}
	}
	if len(access.Fields()) == 0 {
		return nil
	}
	return t.call(t.ctx, t.session, "Fetch.enable", t.stops(), nil)
}

func (t *tab) stops() values {
	return values{"patterns": []values{{"urlPattern": t.origin + "/*", "requestStage": "Request"}}}
}

// dress makes the requests of a new session stop too.
func (t *tab) dress(session string) {
	if t.origin != "" && len(t.options.Access.Fields()) > 0 {
		t.tell(session, "Fetch.enable", t.stops())
	}
}

// letGo sends a request that stopped on its way, with the headers of the access.
func (t *tab) letGo(m message) {
	var paused struct {
		ID      string `json:"requestId"`
		Request struct {
			URL     string            `json:"url"`
			Headers map[string]string `json:"headers"`
		} `json:"request"`
	}
	if json.Unmarshal(m.Params, &paused) != nil {
		return
	}
	if !strings.HasPrefix(paused.Request.URL, t.origin+"/") {
		t.tell(m.Session, "Fetch.continueRequest", values{"requestId": paused.ID})
		return
	}
	all := paused.Request.Headers
	if all == nil {
		all = map[string]string{}
	}
	for name, value := range t.options.Access.Fields() {
		maps.DeleteFunc(all, func(other, _ string) bool { return strings.EqualFold(other, name) })
		all[name] = value
	}
	var list []values
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, values{"name": name, "value": all[name]})
	}
	t.tell(m.Session, "Fetch.continueRequest", values{"requestId": paused.ID, "headers": list})
}
