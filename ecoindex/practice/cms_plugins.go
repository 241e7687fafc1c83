package practice

import "strings"

// cmsPlugins counts plug-ins of a content management system that leave files in the page. Those that leave none are not seen.
func cmsPlugins() Check {
	return Check{
		ID: "cms-plugins", RWEB: []string{"0022", "0068"}, RefID: []string{"0011", "4037"}, Most: 10,
		Title: Words{"Extensions du CMS", "Plug-ins of the CMS"},
		Advice: Words{
			"Désinstallez les extensions dont la page peut se passer : chacune ajoute styles et scripts, même là où elle ne sert pas.",
			"Remove plug-ins that the page can do without: each adds styles and scripts, even where it is of no use.",
		},
		Look: func(v *View) Finding {
			g := &groups{}
			exchanges := byAddress(v)
			for _, address := range loaded(v) {
				if name := cmsPlugin(address); name != "" {
					g.add(name, ofAddress(exchanges, address, ""))
				}
			}
			if len(g.found) == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(len(g.found)), 10, offending(g.found), saving(lightest(g.found, 10)))
		},
	}
}

// cmsPlugin is the plug-in that a file belongs to, by where WordPress, Drupal, Joomla and SPIP put them; "" for none.
func cmsPlugin(address string) string {
	address, _, _ = strings.Cut(address, "?")
	_, rest, _ := strings.Cut(address, "://")
	_, path, _ := strings.Cut(rest, "/")
	parts := strings.Split("/"+path, "/")
	for i := range len(parts) - 2 { // one name at least is that of the file
		next := parts[i+1]
		switch {
		case parts[i] == "wp-content" && (next == "plugins" || next == "mu-plugins") && i+3 < len(parts):
			return parts[i+2]
		case parts[i] == "modules" && (next == "contrib" || next == "custom") && i+3 < len(parts):
			return parts[i+2]
		case parts[i] == "modules" && i > 1 && (parts[i-1] == "all" || parts[i-1] == "default") && parts[i-2] == "sites":
			return next
		case parts[i] == "plugins" && next == "auto" && i+3 < len(parts):
			return parts[i+2]
		case parts[i] == "plugins" && (next == "system" || next == "content") && i+3 < len(parts):
			return "plg_" + next + "_" + parts[i+2]
		case (parts[i] == "components" || parts[i] == "modules" || parts[i] == "media") && isJoomla(next):
			return next
		}
	}
	return ""
}

// isJoomla tells whether a folder has the name of an extension of Joomla; those of its core are not counted.
func isJoomla(name string) bool {
	switch name {
	case "com_content", "com_wrapper", "com_finder", "com_search", "com_users", "com_contact", "com_media", "com_ajax", "com_tags", "mod_menu", "mod_languages":
		return false
	}
	return strings.HasPrefix(name, "com_") || strings.HasPrefix(name, "mod_") || strings.HasPrefix(name, "plg_")
}
