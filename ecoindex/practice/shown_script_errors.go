package practice

// scriptErrors counts errors of scripts while the page loads and is scrolled. Unlike a parser, which the GreenIT-Analysis extension asks,
// a browser knows the syntax of its day.
func scriptErrors() Check {
	return Check{
		ID: "script-errors", Browser: true, Most: 0,
		Title: Words{"Erreurs de scripts", "Errors of scripts"},
		Advice: Words{
			"Ouvrez la console du navigateur et corrigez ces erreurs, ou retirez le script : ce qui échoue est chargé et exécuté pour rien.",
			"Open the console of the browser and mend these errors, or remove the script: what fails is loaded and run for nothing.",
		},
		Look: func(v *View) Finding {
			return judge(float64(max(0, v.Shown.Errors)), 0, nil, Saving{})
		},
	}
}
