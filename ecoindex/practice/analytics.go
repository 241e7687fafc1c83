package practice

import (
	"strings"

	"golang.org/x/net/html"
)

// analytics counts tools that measure visits: by what is loaded, and by what the scripts written in the page load.
func analytics() Check {
	return Check{
		ID: "analytics", RWEB: []string{"0111"}, RefID: []string{"4001"}, RGESN: []string{"1.6"}, Most: 1,
		Title: Words{"Outils de mesure d’audience", "Tools that measure visits"},
		Advice: Words{
			"Gardez un seul outil de mesure d’audience, celui dont quelqu’un lit les chiffres : chaque autre ajoute des scripts et des requêtes à chaque page.",
			"Keep a single tool to measure visits, the one whose figures somebody reads: each other one adds scripts and requests to every page.",
		},
		Look: func(v *View) Finding {
			tools := analyticsTools()
			g := byTool(v, tools)
			inlineScripts(v, func(n *html.Node, text string) {
				for _, t := range tools {
					if _, known := g.at[t.name]; !known && callsTool(t, text) {
						g.add(t.name, suspect{node: n})
					}
				}
			})
			return judge(float64(len(g.found)), 1, offending(g.found), saving(lightest(g.found, 1)))
		},
	}
}

// callsTool tells whether a script names the address of a tool, or for Matomo, whose address is anybody's, calls it.
func callsTool(t outsideTool, text string) bool {
	if t.host == "" {
		return strings.Contains(text, "_paq.push") || strings.Contains(text, "_mtm.push")
	}
	if len(t.path) == 0 {
		return strings.Contains(text, t.host)
	}
	for _, part := range t.path {
		if strings.Contains(text, t.host) && strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// analyticsTools are tools that measure visits, or what visitors do, by the addresses that are known of them. A tag manager is
// none: what it loads is.
func analyticsTools() []outsideTool {
	return []outsideTool{
		{name: "matomo", path: []string{"/matomo.js", "/matomo.php", "/piwik.js", "/piwik.php"}},
		{name: "matomo", host: "matomo.cloud"},
		{name: "google-analytics", host: "google-analytics.com"},
		{name: "google-analytics", host: "analytics.google.com"},
		{name: "google-analytics", host: "googletagmanager.com", path: []string{"/gtag/"}},
		{name: "plausible", host: "plausible.io"},
		{name: "umami", host: "umami.is"},
		{name: "fathom", host: "usefathom.com"},
		{name: "simple-analytics", host: "simpleanalyticscdn.com"},
		{name: "simple-analytics", host: "scripts.simpleanalyticscdn.com"},
		{name: "goatcounter", host: "goatcounter.com"},
		{name: "goatcounter", host: "gc.zgo.at"},
		{name: "at-internet", host: "xiti.com"},
		{name: "at-internet", host: "aticdn.net"},
		{name: "piano", host: "pa-cd.com"},
		{name: "eulerian", host: "eulerian.com"},
		{name: "eulerian", host: "eulerian.net"},
		{name: "wysistat", host: "wysistat.com"},
		{name: "smarttag", host: "smart-tag.io"},
		{name: "hotjar", host: "hotjar.com"},
		{name: "clarity", host: "clarity.ms"},
		{name: "contentsquare", host: "contentsquare.net"},
		{name: "mouseflow", host: "mouseflow.com"},
		{name: "crazyegg", host: "crazyegg.com"},
		{name: "fullstory", host: "fullstory.com"},
		{name: "mixpanel", host: "mixpanel.com"},
		{name: "mixpanel", host: "mxpnl.com"},
		{name: "amplitude", host: "amplitude.com"},
		{name: "segment", host: "segment.com", path: []string{"/analytics.js", "/v1/"}},
		{name: "segment", host: "segment.io"},
		{name: "heap", host: "heapanalytics.com"},
		{name: "posthog", host: "posthog.com"},
		{name: "adobe-analytics", host: "omtrdc.net"},
		{name: "adobe-analytics", host: "2o7.net"},
		{name: "adobe-analytics", host: "demdex.net"},
		{name: "chartbeat", host: "chartbeat.com"},
		{name: "comscore", host: "scorecardresearch.com"},
		{name: "quantcast", host: "quantserve.com"},
		{name: "yandex-metrica", host: "mc.yandex.ru"},
		{name: "statcounter", host: "statcounter.com"},
		{name: "cloudflare-insights", host: "cloudflareinsights.com"},
		{name: "wordpress-stats", host: "stats.wp.com"},
		{name: "new-relic", host: "nr-data.net"},
		{name: "new-relic", host: "js-agent.newrelic.com"},
		{name: "meta-pixel", host: "connect.facebook.net", path: []string{"/fbevents", "/signals/"}},
		{name: "linkedin-insight", host: "snap.licdn.com"},
		{name: "linkedin-insight", host: "px.ads.linkedin.com"},
		{name: "tiktok-pixel", host: "analytics.tiktok.com"},
		{name: "x-pixel", host: "static.ads-twitter.com"},
		{name: "pinterest-tag", host: "ct.pinterest.com"},
	}
}
