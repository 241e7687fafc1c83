package practice

// heavyHTML is the length of the page's own text, without compression. The threshold is ours.
func heavyHTML() Check {
	return Check{
		ID: "heavy-html", Unit: "kB", Most: 100,
		Title: Words{"Poids du HTML", "Weight of the HTML"},
		Advice: Words{
			"Allégez la page : paginez les longues listes, sortez les données et les images écrites dans le HTML, qui est renvoyé à chaque visite.",
			"Make the page lighter: divide long lists, move out data and pictures written in the HTML, which is sent again at each visit.",
		},
		Look: func(v *View) Finding {
			length := int64(len(v.HTML))
			if e := pageExchange(v); e != nil && e.Decoded > 0 {
				length = e.Decoded // as it was sent, before its scripts ran
			}
			if length == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(length)/1000, 100, largestParts(v), Saving{})
		},
	}
}
