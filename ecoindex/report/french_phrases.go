package report

import "veille/ecoindex/web"

// frenchPhrases are the sentences of the text of a page, in the order in which they stand there.
func frenchPhrases() []Phrase { return append(frenchFigures(), frenchWords()...) }

// frenchFigures are the sentences on the score and what it costs.
func frenchFigures() []Phrase {
	return []Phrase{
		{"%s (found at %s)", "%s (trouvée à l’adresse %s)"},
		{"after %s", "après %s"},
		{"not measured (%s): %s", "non mesurée (%s) : %s"},
		{"what was shown then: %s", "ce qui était alors affiché : %s"},

		// the score
		{"score", "score"},
		{"%d / 100", "%d / 100"},
		{"grade %s", "note %s"},
		{"(%s before rounding)", "(%s avant arrondi)"},
		{"per view", "par vue"},
		{"%s gCO2e", "%s g éq. CO2"},
		{"%s cl of water", "%s cl d’eau"},
		{"rating %s", "classe %s"},

		// budgets
		{"budget broken: %s", "budget dépassé : %s"},
		{"score %s is under %s", "le score de %s est inférieur à %s"},
		{"grade %s is worse than %s", "la note %s est moins bonne que %s"},
		{"%s elements are more than %s", "%s éléments, c’est plus que %s"},
		{"%s requests are more than %s", "%s requêtes, c’est plus que %s"},
		{"%s kB are more than %s", "%s ko, c’est plus que %s"},

		// what it costs
		{"costs most first:", "ce qui coûte, le plus cher d’abord :"},
		{"one less gains %s", "une unité de moins rapporte %s"},
		{"to reach grade %s: %s", "pour atteindre la note %s : %s"},
		{"nothing to remove, it is reached", "rien à retirer, elle est atteinte"},
		{"remove %s", "retirer %s"},
		{", or ", ", ou "},
		{"%s of each", "%s de chaque"},
		{"; not enough alone: %s", " ; ne suffisent pas seuls : %s"},
		{"heaviest, and the points to gain without each:", "les plus lourds, et les points à gagner sans chacun :"},
		{"largest parts of the document, and the points to gain without each:", "les plus grandes parties du document, et les points à gagner sans chacune :"},
	}
}

// frenchWords are the sentences on practices, those beside the figures, and things.
func frenchWords() []Phrase {
	return []Phrase{
		// practices
		{"practices that fail: %s, those with most to gain first; gains overlap", "pratiques à corriger : %s, celles qui rapportent le plus d’abord ; les gains se recoupent"},
		{"%s: %s (%s, at most %s%s)", "%s : %s (%s, au plus %s%s)"},
		{"and %s more: see --json", "et %s de plus : voir --json"},
		{"what to do: %s, and so for the name of each", "que faire : %s, et de même pour le nom de chacune"},

		// beside the figures
		{
			"runs: %s of %s measured, this is the one of median score: score %s, elements %s, requests %s, kB %s",
			"mesures réussies : %s sur %s ; celle-ci est celle du score médian : score %s, éléments %s, requêtes %s, poids en ko %s",
		},
		{"%s to %s", "%s à %s"},
		{"runs without figures: %s of %s, the last: %s", "mesures sans résultat : %s sur %s, la dernière : %s"},
		{"second visit, cache warm: score %d, grade %s, %s, %s, %s; the cache answered %s", "seconde visite, avec le cache : score %d, note %s, %s, %s, %s ; le cache en a répondu %s"},
		{"inner documents: %s, not in the score", "documents incorporés : %s, hors du score"},
		{"note: %s", "remarque : %s"},
		{"protocol: %s, mode %s", "protocole : %s, mode %s"},
		{"formula: %s", "formule : %s"},
		{
			"EcoIndex as npm ecoindex, the Lighthouse plugin and GreenIT-Analysis: the grade is read from the raw score",
			"EcoIndex comme npm ecoindex, le greffon de Lighthouse et GreenIT-Analysis : la note est lue sur le score brut",
		},
		{
			"EcoIndex reference: the grade is read from the score rounded half to even",
			"référence EcoIndex : la note est lue sur le score arrondi, au nombre pair le plus proche s’il est à mi-chemin",
		},

		// units and things that are counted
		{"%s kB", "%s ko"},
		{"%s %%", "%s %%"},
		{"element", "élément"},
		{"elements", "éléments"},
		{"request", "requête"},
		{"requests", "requêtes"},
		{"measure", "mesure"},
		{"measures", "mesures"},
		{"other", "autre"},
		{"others", "autres"},
		{"point", "point"},
		{"points", "points"},
		{"kB", "ko"},
	}
}

// frenchNames are words and sentences that measuring gives.
func frenchNames() []Phrase {
	return []Phrase{
		{"B", "o"},

		// kinds of resources
		{string(web.Document), "document"},
		{string(web.Stylesheet), "style"},
		{string(web.Script), "script"},
		{string(web.Image), "image"},
		{string(web.Font), "police"},
		{string(web.Media), "média"},
		{string(web.Frame), "cadre"},
		{string(web.Fetch), "appel"},

		// steps of a journey
		{"before consent", "avant le consentement"},
		{"after consent", "après le consentement"},

		// notes
		{"scripts were not run: what they add to the page is not counted", "les scripts n’ont pas été exécutés : ce qu’ils ajoutent à la page n’est pas compté"},
		{"the number of elements was given, not counted: a recording holds none", "le nombre d’éléments a été donné, et non compté : un enregistrement n’en dit rien"},
		{"the recording does not hold the page itself; it was perhaps begun too late", "l’enregistrement ne contient pas la page elle-même ; il a peut-être commencé trop tard"},
		{"the page did not say in time which errors its scripts made", "la page n’a pas dit à temps quelles erreurs ont faites ses scripts"},

		// sources of footprints
		{
			"EcoIndex (ecoindex.fr), by Frédéric Bordage, GreenIT.fr and the Collectif Conception Numérique Responsable", //nolint:misspell // a French name
			"EcoIndex (ecoindex.fr), par Frédéric Bordage, GreenIT.fr et le Collectif Conception Numérique Responsable",  //nolint:misspell // French
		},
		{
			"Sustainable Web Design Model, version 4 (sustainablewebdesign.org), as in @tgwf/co2 0.19",
			"Sustainable Web Design Model, version 4 (sustainablewebdesign.org), comme dans @tgwf/co2 0.19",
		},
	}
}

// frenchCauses say why a page could not be measured, by the code of the error.
func frenchCauses() map[string]string {
	return map[string]string{
		string(web.CodeURL):       "ce n’est pas l’adresse d’une page web",
		string(web.CodeDNS):       "le nom du serveur est inconnu",
		string(web.CodeConnect):   "le serveur ne répond pas",
		string(web.CodeTLS):       "la connexion sécurisée a échoué",
		string(web.CodeTimeout):   "la réponse a trop tardé",
		string(web.CodeStatus):    "le serveur a répondu par une erreur",
		string(web.CodeRobots):    "le site demande aux robots de ne pas venir",
		string(web.CodeMIME):      "ce n’est pas une page HTML",
		string(web.CodePrivate):   "l’adresse est dans un réseau privé",
		string(web.CodeRedirects): "trop de redirections, ou une qui ne mène nulle part",
		string(web.CodeSize):      "elle dépasse les limites de taille",
		string(web.CodeAnswer):    "la réponse est illisible",
		string(web.CodeCancelled): "la mesure a été interrompue",
		string(web.CodeCrash):     "l’onglet du navigateur s’est arrêté",
		string(web.CodeMemory):    "la page prend plus de mémoire que permis au navigateur",
		string(web.CodeClosed):    "la page s’est fermée elle-même",
		string(web.CodeStep):      "une étape du parcours n’a pas pu être faite",
		string(web.CodeBrowser):   "le navigateur manque ou ne répond pas",
		internal:                  "une erreur qui ne vient pas de la page",
	}
}
