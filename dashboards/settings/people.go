package settings

import (
	"encoding/json"
	"strings"

	"veille/collector"
	"veille/dashboards/frame"
)

func usersPage() page {
	rights := func(needed bool) []field {
		return []field{{name: "role", kind: several, needed: needed, options: roleNames()}, {name: "site", kind: oneSite}}
	}
	user := field{name: "user", kind: pick, arg: true, needed: true}
	return page{name: "users", roles: deployers(), load: loadUsers, forms: []form{
		{command: "user add", fields: append([]field{{name: "user-name", arg: true, needed: true}}, rights(true)...)},
		{command: "user invite", fields: []field{user}, once: invitation},
		{command: "user set", fields: append([]field{user}, rights(false)...)},
		{command: "user remove", remove: true, fields: []field{user}},
	}}
}

func roleNames() []string {
	names := make([]string, 0, len(collector.Roles()))
	for _, r := range collector.Roles() {
		names = append(names, string(r))
	}
	return names
}

// invitation is the link of an invitation.
func invitation(q frame.Request, printed string, asJSON json.RawMessage) (sentence, text string) {
	var said struct {
		User      string
		Path      string
		ExpiresOn collector.Date `json:"expires_on"`
	}
	if err := json.Unmarshal(asJSON, &said); err != nil || !strings.HasPrefix(said.Path, "/") {
		return q.Say("settings.once"), strings.TrimSpace(printed) // the link is in it too, without the name of this server
	}
	scheme := "http://"
	if frame.Encrypted(q.HTTP) {
		scheme = "https://"
	}
	return q.Say("settings.invited", said.User, q.Day(said.ExpiresOn)), scheme + q.HTTP.Host + said.Path
}

func loadUsers(a asker) (l loaded, err error) {
	var all []struct {
		Name      string
		Roles     []string
		Site      string
		AddedOn   collector.Date `json:"added_on"`
		RemovedOn collector.Date `json:"removed_on"`
	}
	if err := a.list(&all, "user list", nil); err != nil {
		return l, err
	}
	if l.choices, err = a.anySite(); err != nil {
		return l, err
	}
	t := frame.Table{ID: "users", Caption: a.q.Say("settings.users.caption"), Columns: columns(a.q, "user", "roles", "site", "added", "removed")}
	good := 0
	for _, u := range all {
		roles := make([]string, len(u.Roles))
		for i, r := range u.Roles {
			roles[i] = a.called("role", r)
		}
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(u.Name), frame.Text(strings.Join(roles, ", ")), a.where(u.Site), frame.Text(a.q.Day(u.AddedOn)), frame.Text(a.q.Day(u.RemovedOn)),
		})
		if u.RemovedOn == "" {
			good++
			l.choices["user"] = append(l.choices["user"], choice{u.Name, u.Name})
		}
	}
	l.state = a.count("settings.state.users", good)
	l.tables = []frame.Table{t}
	return l, nil
}

func tokensPage() page {
	return page{name: "tokens", roles: deployers(), load: loadTokens, forms: []form{
		{command: "token create", fields: []field{
			{name: "site", kind: oneSite, needed: true},
			{name: "machines", kind: number, needed: true},
			{name: "days", kind: number, needed: true},
			{name: "group-name"},
			{name: "note"},
		}, mend: func(o *order) {
			if group := o.take("group-name"); group != "" {
				o.flags["group"] = group
			}
		}, once: func(q frame.Request, printed string, _ json.RawMessage) (sentence, text string) {
			return q.Say("settings.token"), strings.TrimSpace(printed)
		}},
		{command: "token revoke", remove: true, fields: []field{{name: "token-number", kind: pick, arg: true, needed: true}}},
	}}
}

func loadTokens(a asker) (l loaded, err error) {
	var all []struct {
		Number, Site, Group, State, Note string
		Enrolled, Machines               int
		ExpiresOn                        collector.Date `json:"expires_on"`
	}
	if err := a.list(&all, "token list", nil); err != nil {
		return l, err
	}
	if l.choices, err = a.anySite(); err != nil {
		return l, err
	}
	l.values = map[string]string{"machines": "1", "days": "7"}
	t := frame.Table{
		ID: "tokens", Caption: a.q.Say("settings.tokens.caption"), Columns: columns(a.q, "token", "site", "group", "enrolled", "allowed", "expires", "tokenstate", "note"),
		Empty: a.q.Say("settings.state.tokens.none"),
	}
	good := 0
	for _, x := range all {
		state := a.called("token", strings.Fields(x.State + " unknown")[0])
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(x.Number), frame.Text(x.Site), frame.Text(x.Group), frame.Num(float64(x.Enrolled)), frame.Num(float64(x.Machines)), frame.Text(a.q.Day(x.ExpiresOn)),
			frame.Text(state), frame.Text(x.Note),
		})
		if x.State == "good" {
			good++
			l.choices["token-number"] = append(l.choices["token-number"], choice{x.Number, a.q.Say("settings.token.of", x.Number, x.Site)})
		}
	}
	l.state = a.count("settings.state.tokens", good)
	l.tables = []frame.Table{t}
	return l, nil
}
