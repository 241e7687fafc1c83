package practice

// animations counts what moves by itself, by CSS or by scripts. Which elements move, nobody said.
func animations() Check {
	const most = 2 // of the sheet
	return Check{
		ID: "animations", RWEB: []string{"0009"}, RefID: []string{"0039"}, RGESN: []string{"4.1"}, Browser: true, Most: most,
		Title: Words{"Animations en cours", "Animations that run"},
		Advice: Words{
			"Retirez les animations de décor, ou ne les lancez qu’à une action du visiteur : chaque image calculée occupe son processeur et use sa batterie.",
			"Remove animations that decorate, or start them only when the visitor acts: each frame keeps the processor busy and drains the battery.",
		},
		Look: func(v *View) Finding {
			return judge(float64(max(0, v.Shown.Animations)), most, nil, Saving{})
		},
	}
}
