package practice

// socialButtons counts social networks whose own code the page loads to show buttons or posts.
func socialButtons() Check {
	return Check{
		ID: "social-buttons", RWEB: []string{"0058"}, RefID: []string{"0019"}, RGESN: []string{"2.10"}, Most: 0,
		Title: Words{"Code des réseaux sociaux", "Code of social networks"},
		Advice: Words{
			"Remplacez les boutons officiels par de simples liens de partage : ils font la même chose sans script, sans requête et sans suivi des visiteurs.",
			"Replace official buttons by plain share links: they do the same without scripts, requests or tracking of visitors.",
		},
		Look: func(v *View) Finding {
			g := byTool(v, socialTools())
			return judge(float64(len(g.found)), 0, offending(g.found), saving(g.found))
		},
	}
}

// socialTools are the addresses that networks and makers of share buttons give for their code and their frames, by their own
// documentation. Their audience measures are not among them.
func socialTools() []outsideTool {
	return []outsideTool{
		{name: "x", host: "platform.twitter.com"},
		{name: "x", host: "platform.x.com"},
		{name: "x", host: "syndication.twitter.com"},
		{name: "x", host: "cdn.syndication.twimg.com"},
		{name: "linkedin", host: "platform.linkedin.com"},
		{name: "linkedin", host: "www.linkedin.com", path: []string{"/embed/"}},
		{name: "pinterest", host: "assets.pinterest.com"},
		{name: "pinterest", host: "widgets.pinterest.com"},
		{name: "facebook", host: "connect.facebook.net", path: []string{"/sdk", "/all.js", "/xfbml"}},
		{name: "facebook", host: "facebook.com", path: []string{"/plugins/"}},
		{name: "sharethis", host: "sharethis.com"},
		{name: "addthis", host: "addthis.com"},
		{name: "addtoany", host: "addtoany.com"},
		{name: "instagram", host: "instagram.com", path: []string{"/embed"}},
		{name: "instagram", host: "platform.instagram.com"},
		{name: "tiktok", host: "tiktok.com", path: []string{"/embed", "/player/"}},
		{name: "tiktok", host: "ttwstatic.com"},
		{name: "bluesky", host: "embed.bsky.app"},
		{name: "reddit", host: "embed.reddit.com"},
		{name: "telegram", host: "telegram.org", path: []string{"/js/telegram-widget.js"}},
		{name: "vk", host: "vk.com", path: []string{"/js/api/"}},
		{name: "tumblr", host: "assets.tumblr.com", path: []string{"/share-button.js", "/post.js"}},
	}
}
