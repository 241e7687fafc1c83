package practice

import "math"

// blockingTime is for how long scripts keep the page from answering while it loads, in milliseconds. It depends on the machine that looks.
func blockingTime() Check {
	const most = 200 // of the sheet
	return Check{
		ID: "blocking-time", RWEB: []string{"0052"}, RefID: []string{"4020"}, RGESN: []string{"3.2"}, Browser: true, Unit: "ms", Most: most,
		Title: Words{"Temps de blocage par les scripts", "Time blocked by scripts"},
		Advice: Words{
			"Retirez les scripts dont la page peut se passer, et coupez les longs calculs en tâches courtes : les vieux téléphones suivent, et servent plus longtemps.",
			"Remove scripts that the page can do without, and cut long computing into short tasks: old telephones keep up, and stay in use for longer.",
		},
		Look: func(v *View) Finding {
			blocked := v.Shown.BlockedMS
			if math.IsNaN(blocked) || math.IsInf(blocked, 0) || blocked < 0 {
				return Finding{Status: Nothing, Why: Words{"le navigateur n’a pas mesuré ce temps", "the browser did not measure this time"}}
			}
			return judge(blocked, most, nil, Saving{})
		},
	}
}
