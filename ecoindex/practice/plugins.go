package practice

import (
	"strings"

	"golang.org/x/net/html"
)

// plugins counts what needs Flash, Silverlight or Java. An object that shows a picture or a document needs none of them.
func plugins() Check {
	return Check{
		ID: "plugins", Most: 0,
		Title: Words{"Greffons disparus (Flash, Java…)", "Dead plug-ins (Flash, Java…)"},
		Advice: Words{
			"Retirez ces contenus ou refaites-les en HTML : plus aucun navigateur ne les montre, mais certains les chargent encore.",
			"Remove these contents or redo them in HTML: no browser shows them any more, but some still load them.",
		},
		Look: func(v *View) Finding {
			exchanges := byAddress(v)
			var found []suspect
			descend(v.Doc.Nodes[0], func(n *html.Node, _ int) bool {
				name, source := pluginOf(n)
				if name == "" {
					return true
				}
				one := ofAddress(exchanges, addressOf(v, source), name)
				one.node = n
				delete(exchanges, one.URL)
				found = append(found, one)
				return false // an embed inside an object is the same content
			})
			return judge(float64(len(found)), 0, offending(found), saving(found))
		},
	}
}

// pluginOf is the plug-in that an element needs, and what it loads; "" for none.
func pluginOf(n *html.Node) (name, source string) {
	switch {
	case isElement(n, "applet"):
		source, _ = attrOf(n, "archive")
		return "java", source
	case isElement(n, "embed"):
		source, _ = attrOf(n, "src")
	case isElement(n, "object"):
		source, _ = attrOf(n, "data")
	default:
		return "", ""
	}
	for _, sign := range []string{wordOf(n, "type"), wordOf(n, "classid"), "." + suffixOf(source)} {
		switch {
		case strings.Contains(sign, "shockwave-flash"), strings.Contains(sign, "futuresplash"), sign == ".swf", sign == "clsid:d27cdb6e-ae6d-11cf-96b8-444553540000":
			return "flash", source
		case strings.Contains(sign, "x-silverlight"), sign == ".xap", sign == "clsid:dfeaf541-f3e1-4c24-acac-99c30715084a":
			return "silverlight", source
		case strings.HasPrefix(sign, "application/x-java"), sign == ".jar", sign == ".class", strings.HasPrefix(sign, "java:"), sign == "clsid:8ad9c840-044e-11d1-b3e9-00805f499d93":
			return "java", source
		}
	}
	return "", ""
}
