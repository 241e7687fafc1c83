package practice

import "slices"

// requests counts what a page asks for. What is more than the threshold can be saved: which of them, the page knows better.
func requests() Check {
	const most = 40 // of the sheet
	return Check{
		ID: "requests", RWEB: []string{"0046"}, RefID: []string{"0009"}, RGESN: []string{"6.1"}, Most: most,
		Title: Words{"Nombre de requêtes", "Number of requests"},
		Advice: Words{
			"Retirez ce qui n’est pas indispensable, regroupez les petits fichiers et ne chargez le reste que si le visiteur le demande.",
			"Remove what can be spared, join small files, and load the rest only where the visitor asks for it.",
		},
		Look: func(v *View) Finding {
			hosts := hostsOf(v)
			slices.Reverse(hosts) // where most requests go
			return judge(float64(v.Requests), most, hosts[:min(len(hosts), maxOffendersListed)], Saving{Requests: max(0, v.Requests-most)})
		},
	}
}
