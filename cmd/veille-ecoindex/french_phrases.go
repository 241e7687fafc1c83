package main

import (
	"veille/ecoindex/report"
	"veille/ecoindex/site"
)

// frenchPhrases are the sentences of this program in French, beside those of package report.
func frenchPhrases() []report.Phrase {
	return append([]report.Phrase{
		// while it works
		{English: "measured %d of %d", French: "mesurées : %d sur %d"},
		{English: "%d pages looked at, %d failed, %d more known", French: "pages vues : %d, en échec : %d, connues en plus : %d"},
		{English: "browser: %d of %d pages", French: "navigateur : %d sur %d pages"},

		// when nothing comes of it, or too little
		{English: "%s: %s", French: "%s : %s"},
		{English: "not looked at: %s: %s", French: "pas vue : %s : %s"},
		{English: "no page of the site could be looked at", French: "aucune page du site n’a pu être vue"},
		{English: "the mean score of the site is %s, under %s", French: "le score moyen du site est de %s, il est inférieur à %s"},

		// the site
		{English: "%s: %s looked at, %s by a browser", French: "%s : %s, dont %s avec un navigateur"},
		{English: "mean %s, median %s", French: "moyenne %s, médiane %s"},
		{English: "%s (%s to %s)", French: "%s (%s à %s)"},
		{English: "%s %s", French: "%s %s"},
		{English: "grades", French: "notes"},
		{English: "%s pages", French: "%s pages"},
		{English: "without scripts: what they add is not counted", French: "sans les scripts : ce qu’ils ajoutent n’est pas compté"},
		{English: "as a browser would find them; a range is that of 95 sites in 100", French: "telles qu’un navigateur les trouverait ; une fourchette est celle de 95 sites sur 100"},

		// the crawl
		{English: "crawl", French: "parcours"},
		{
			English: "%s found, %d failed, %d lead to another, %d unchanged since the last time; %s between pages",
			French:  "%s ; échecs : %d, renvois : %d, sans changement depuis la dernière fois : %d ; %s entre les pages",
		},
		{English: "%s not followed: %s", French: "%s sans suite : %s"},
		{English: "left alone: %s", French: "laissé en paix : %s"},
		{English: "sitemap", French: "sitemap"},
		{English: "%s, not read to its end: %s", French: "%s, pas lu jusqu’au bout : %s"},
		{English: "%s, %s", French: "%s, %s"},

		// what to do
		{English: "What to mend first", French: "À corriger d’abord"},
		{English: "Rules of the whole site", French: "Règles du site entier"},
		{English: "(at most %s)", French: "(au plus %s)"},
		{English: "%d of %d are held", French: "tenues : %d sur %d"},
		{English: "Accessibility, as the site states it: mention %s, declaration %s", French: "Accessibilité, selon le site : mention %s, déclaration %s"},
		{English: "stated rate %s, of %s", French: "taux déclaré %s, date %s"},
		{English: "Templates, those that cost most first", French: "Gabarits, les plus coûteux d’abord"},
		{English: "%s of what is lost", French: "%s de ce qui est perdu"},
		{English: "The worst pages", French: "Les pires pages"},

		// things that are counted
		{English: "page", French: "page"},
		{English: "pages", French: "pages"},
		{English: "link", French: "lien"},
		{English: "links", French: "liens"},
		{English: "time", French: "fois"},
		{English: "times", French: "fois"},
		{English: "address", French: "adresse"},
		{English: "addresses", French: "adresses"},
	}, frenchNames()...)
}

// frenchNames are words that a survey gives.
func frenchNames() []report.Phrase {
	return []report.Phrase{
		// what a site says of its accessibility
		{English: "fully conformant", French: "« totalement conforme »"},
		{English: "partly conformant", French: "« partiellement conforme »"},
		{English: "not conformant", French: "« non conforme »"},
		{English: "none found", French: "introuvable"},
		{English: "no date", French: "inconnue"},

		// why links are not followed
		{English: string(site.Outside), French: "un autre site"},
		{English: string(site.Excluded), French: "exclu par un motif"},
		{English: string(site.File), French: "un fichier, pas une page"},
		{English: string(site.TooDeep), French: "trop de liens depuis le départ"},
		{English: string(site.Variants), French: "trop d’adresses du même chemin"},
		{English: string(site.Enough), French: "assez de pages ont été vues"},
		{English: string(site.ByRobots), French: "robots.txt le demande"},

		// what is wrong with sitemaps
		{English: string(site.ProblemEmpty), French: "vide"},
		{English: string(site.ProblemRoot), French: "ni un sitemap ni un flux"},
		{English: string(site.ProblemGzip), French: "mal compressé"},
		{English: string(site.ProblemXML), French: "XML incorrect"},
		{English: string(site.ProblemCut), French: "coupé avant la fin"},
		{English: string(site.ProblemLarge), French: "trop lourd"},
		{English: string(site.ProblemMany), French: "trop d’adresses"},
		{English: string(site.ProblemToken), French: "balise ou texte trop long"},
		{English: string(site.ProblemTokens), French: "trop de balises"},
		{English: string(site.ProblemDeep), French: "balises trop emboîtées"},
		{English: string(site.ProblemSpace), French: "espace avant la déclaration XML"},
		{English: string(site.ProblemCharset), French: "pas en UTF-8"},
		{English: string(site.ProblemCharacter), French: "caractère interdit"},
		{English: string(site.ProblemEntity), French: "entité incorrecte"},
		{English: string(site.ProblemTag), French: "balise mal fermée"},
		{English: string(site.ProblemNoAddress), French: "entrée sans adresse"},
		{English: string(site.ProblemAddress), French: "adresse incorrecte"},
		{English: string(site.ProblemLong), French: "adresse trop longue"},
		{English: string(site.ProblemScheme), French: "adresse ni http ni https"},
		{English: string(site.ProblemForeign), French: "adresse d’un autre serveur"},
		{English: string(site.ProblemModified), French: "date de modification incorrecte"},
	}
}
