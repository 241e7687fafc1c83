package practice

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// outsideTool is a service that pages call by addresses of its own.
type outsideTool struct {
	name string
	host string   // and those below it; "" for any, by the path alone
	path []string // of which the path has one as a part; none for all
}

// toolOf is the first tool of a list whose address this is; "" for none.
func toolOf(tools []outsideTool, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	host, path := strings.ToLower(u.Hostname()), strings.ToLower(u.Path)
	for _, t := range tools {
		if t.host != "" && host != t.host && !strings.HasSuffix(host, "."+t.host) {
			continue
		}
		if len(t.path) == 0 {
			return t.name
		}
		for _, part := range t.path {
			if strings.Contains(path, part) {
				return t.name
			}
		}
	}
	return ""
}

// groups gathers suspects by a name.
type groups struct {
	at    map[string]int
	found []suspect
}

// add adds a resource to the group of a name.
func (g *groups) add(name string, s suspect) {
	if g.at == nil {
		g.at = map[string]int{}
	}
	i, ok := g.at[name]
	if !ok {
		i = len(g.found)
		g.at[name] = i
		g.found = append(g.found, suspect{Offender: Offender{URL: s.URL, Detail: name}, node: s.node})
	}
	g.found[i].Bytes += s.Bytes
	g.found[i].requests += s.requests
}

// byTool gathers what the page loads by the tools of a list.
func byTool(v *View, tools []outsideTool) *groups {
	g := &groups{}
	exchanges := byAddress(v)
	for _, address := range loaded(v) {
		if name := toolOf(tools, address); name != "" {
			g.add(name, ofAddress(exchanges, address, ""))
		}
	}
	return g
}

// inlineScripts shows the text of the scripts written in the page, without comments, of each and of all no more than so many bytes.
func inlineScripts(v *View, visit func(n *html.Node, text string)) {
	const mostOne, mostAll = 256 << 10, 2 << 20
	read := 0
	eachElement(v, func(n *html.Node) {
		if !runsScript(n) || hasAttr(n, "src") || read >= mostAll {
			return
		}
		text := writtenIn(n)
		text = text[:min(len(text), mostOne)]
		read += len(text)
		visit(n, string(scriptCode([]byte(text), true)))
	})
}
