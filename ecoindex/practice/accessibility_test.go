package practice

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// statementOf reads a page at https://www.example.org/a/.
func statementOf(t *testing.T, html string) Statement {
	t.Helper()
	v, err := NewView(seen(html))
	if err != nil {
		t.Fatal(err)
	}
	s := StatementOf(v)
	if s == nil {
		return Statement{}
	}
	return *s
}

const there = "https://www.example.org/"

func TestAMentionIsReadHoweverItIsWritten(t *testing.T) {
	link := func(text string) string {
		return `<footer><ul><li><a href="/accessibilite">` + text + `</a></li></ul></footer>`
	}
	partial := Statement{Mention: "partial", URL: there + "accessibilite"}
	none := Statement{Mention: "none", URL: there + "accessibilite"}
	total := Statement{Mention: "total", URL: there + "accessibilite"}
	for _, tt := range []struct {
		name, html string
		want       Statement
	}{
		{"in a link of the footer", link("Accessibilité : partiellement conforme"), partial},
		{"in capitals, with hard spaces", link("ACCESSIBILITÉ&nbsp;: NON&nbsp;CONFORME"), none},
		{"with a narrow space", link("Accessibilité\u202f: totalement conforme"), total},
		{"in entities", link("Accessibilit&eacute;&#160;: partiellement conforme"), partial},
		{"with accents written apart", link("Accessibilite\u0301 : partiellement conforme"), partial},
		{"without accents", link("Accessibilite: non-conforme"), none},
		{"over elements of a line", link(`<span>Accessibilité</span><span> : </span><strong>non</strong> conforme`), none},
		{"with its first letter on its own", link(`<b>A</b>ccessibilité : <em>partiellement</em> conforme`), partial},
		{"beside its link", `<p><a href="/accessibilite">Accessibilité</a> : partiellement conforme</p>`, partial},
		{"over a line break", link("Accessibilité :<br>non conforme"), none},
		{"as a list of terms", `<dl><dt>Accessibilité</dt><dd>Partiellement conforme</dd></dl>`, Statement{Mention: "partial"}},
		{"in brackets", link("Accessibilité (non conforme)"), none},
		{"with a dash", link("Accessibilité – totalement conforme"), total},
		{"of the site", link("Accessibilité du site : site partiellement conforme"), partial},
		{"digital", link("Accessibilité numérique : non conforme"), none},
		{"with its rate", link("Accessibilité : partiellement conforme (72,5&nbsp;%)"), Statement{Mention: "partial", Rate: 72.5, URL: there + "accessibilite"}},
		{"in English", link("Accessibility: partially compliant"), partial},
		{"in English, not", link("Accessibility: not compliant"), none},
		{"in English, with the other word", link("Accessibility: fully conformant"), total},
		{"in the label of a link", `<a href="/accessibilite" aria-label="Accessibilité : non conforme"><svg></svg></a>`, none},
		{"in the text of a picture", link(`<img src=a.png alt="Accessibilité : partiellement conforme">`), partial},
		{"as a noun", link("Accessibilité : conformité partielle"), partial},
		{"with a soft hyphen", link("Accessi\u00adbilité : non conforme"), none},

		{"not where nothing is said", "<p>Bienvenue", Statement{}},
		{"not where only the link is there", link("Accessibilité"), Statement{URL: there + "accessibilite"}},
		{"not of a swimming pool", "<p>Accessibilité : totalement conforme aux normes PMR</p>", Statement{}},
		{"not of contents", "<p>Accessibilité : non conformes, les documents anciens seront repris</p>", Statement{}},
		{"not where a law is explained", "<p>La page d’accueil porte « Accessibilité : totalement conforme » ou « Accessibilité : non conforme ».</p>", Statement{}},
		{"not where it is quoted", "<p>La page porte alors « Accessibilité : non conforme ».</p>", Statement{}},
		{"not where all are listed", "<ul><li>Accessibilité : totalement conforme<li>Accessibilité : partiellement conforme<li>Accessibilité : non conforme</ul>", Statement{}},
		{"but of the footer where the page lists all", "<ul><li>Accessibilité : totalement conforme<li>Accessibilité : non conforme</ul>" + link("Accessibilité : partiellement conforme"), partial},
		{"not where it is in progress", link("Accessibilité : en cours de mise en conformité"), Statement{URL: there + "accessibilite"}},
		{"not in a script", `<script>var a = "Accessibilité : non conforme"</script><!-- Accessibilité : non conforme -->`, Statement{}},
		{"not of goods", "<p>Produit non conforme. Accessibilité des locaux : conforme.</p>", Statement{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := statementOf(t, tt.html); got != tt.want {
				t.Errorf("%s\n%+v; want %+v", tt.html, got, tt.want)
			}
		})
	}
}

func TestTheLinksToTheDeclarationAndThePlanAreFound(t *testing.T) {
	for _, tt := range []struct {
		name, html, declaration, plan string
	}{
		{"by its name", `<a href="/mentions#x">Mentions</a><a href="/page/12">Déclaration d’accessibilité</a>`, there + "page/12", ""},
		{"by its address", `<a href="/declaration-d-accessibilite.html">En savoir plus</a>`, there + "declaration-d-accessibilite.html", ""},
		{"by a short name", `<a href="rgaa/">RGAA</a><a href="/a11y">a11y</a>`, there + "a/rgaa/", ""},
		{"in English", `<a href="/en/statement">Accessibility statement</a>`, there + "en/statement", ""},
		{"the best of several", `<a href="/accessibilite">Accessibilité</a><footer><a href="/d">Accessibilité : non conforme</a></footer>`, there + "d", ""},
		{"the one in the footer", `<a href="/1/accessibilite">Accessibilité</a><footer><a href="/2/accessibilite">Accessibilité</a></footer>`, there + "2/accessibilite", ""},
		{"at Ara", `<a href="https://ara.numerique.gouv.fr/declaration/abc">Accessibilité : partiellement conforme</a>`, "https://ara.numerique.gouv.fr/declaration/abc", ""},
		{"and the plan", `<a href="/declaration-accessibilite">D</a><a href="/f/schema-pluriannuel-accessibilite.pdf">Schéma (PDF)</a>`, there + "declaration-accessibilite", there + "f/schema-pluriannuel-accessibilite.pdf"},
		{"the plan by its name", `<a href="/doc/9">Schéma pluriannuel de mise en accessibilité 2024-2026</a>`, "", there + "doc/9"},
		{"the plan in English", `<a href="/plan">Multi-year accessibility plan</a>`, "", there + "plan"},

		{"not the top of the page", `<a href="#accessibilite">Accessibilité</a>`, "", ""},
		{"not the register of a building", `<a href="/registre">Registre public d’accessibilité</a>`, "", ""},
		{"not polling stations", `<a href="/accessibilite-bureaux">Accessibilité des bureaux de vote</a>`, "", ""},
		{"not the referential", `<a href="https://accessibilite.numerique.gouv.fr/">Accessibilité</a>`, "", ""},
		{"not the plan of investments", `<a href="/ppi">Plan pluriannuel d’investissement et d’accessibilité</a>`, "", ""},
		{"not news", `<a href="/actus/1">Accessibilité des plages : les nouveautés</a>`, "", ""},
		{"not a script", `<a href="javascript:accessibilite()">Accessibilité</a>`, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := statementOf(t, tt.html); got.URL != tt.declaration || got.Plan != tt.plan {
				t.Errorf("%s\n%+v; want %q and %q", tt.html, got, tt.declaration, tt.plan)
			}
		})
	}
}

// declared is a declaration with a state and more.
func declared(state, more string) string {
	return `<html lang=fr><title>Déclaration d’accessibilité - Lycée Exemple</title><body><header><nav><a href="/">Accueil</a></nav></header><main>
		<h1>Déclaration d’accessibilité</h1>
		<p>Le lycée Exemple s’engage à rendre son site accessible, conformément à l’article 47 de la loi n°&nbsp;2005-102 du 11 février 2005.</p>
		<h2>État de conformité</h2><p>www.example.org ` + state + ` avec le référentiel général d’amélioration de l’accessibilité (RGAA), version 4.1.</p>
		` + more + `<h2>Contenus non accessibles</h2><h3>Non-conformités</h3><p>Certains contenus sont non conformes.</p>
		<h2>Voies de recours</h2><p>Écrire au Défenseur des droits.</p></main></html>`
}

func TestADeclarationIsRead(t *testing.T) {
	for _, tt := range []struct {
		name, html string
		want       Statement
	}{
		{
			"as the State writes it", declared("est <strong>partiellement conforme</strong>", `<h2>Résultats des tests</h2><p>L’audit de conformité réalisé le 12 janvier 2024 par la société X révèle que :</p>
			<ul><li>72&nbsp;% des critères du RGAA sont respectés ;</li><li>le taux moyen de conformité du service en ligne s’élève à 85,4 %.</li></ul>
			<h2>Établissement de cette déclaration d’accessibilité</h2><p>Cette déclaration a été établie le 3 mars 2024. Elle a été mise à jour le 12/06/2025.</p>`),
			Statement{Mention: "partial", Here: true, Rate: 72, Date: "2025-06-12"},
		},
		{"with a decimal", declared("est non conforme", "<p>Le site respecte 43,75 % des critères. Déclaration établie le 1er août 2023.</p>"), Statement{Mention: "none", Here: true, Rate: 43.75, Date: "2023-08-01"}},
		{"in a table", declared("est en conformité totale", "<table><tr><td>Agents formés<td>40 %<tr><td>Taux global de conformité<td>100 %</table><p>Mise à jour le 2025-01-31"), Statement{Mention: "total", Here: true, Rate: 100, Date: "2025-01-31"}},
		{"in whose footer an older mention stands", declared("est partiellement conforme", "<footer>Accessibilité : non conforme</footer>"), Statement{Mention: "partial", Here: true}},
		{"that denies", declared("n’est pas conforme", ""), Statement{Mention: "none", Here: true}},
		{"as a non-conformity", declared("est en non-conformité", ""), Statement{Mention: "none", Here: true}},
		{"of which nobody filled the template", declared("est totalement/partiellement/non conforme", "<p>établie le 30 février 2024, XX % des critères</p>"), Statement{Here: true}},
		{
			"in English", `<title>Accessibility statement</title><h1>Accessibility statement</h1><h2>Compliance status</h2><p>This website is partially compliant with the WCAG.
			<p>An audit found that 88% of the RGAA criteria are met.<h2>Preparation of this accessibility statement</h2><p>This statement was prepared on 23 September 2024 and last reviewed on March 3rd, 2025.<h2>Feedback and contact`,
			Statement{Mention: "partial", Here: true, Rate: 88, Date: "2025-03-03"},
		},
		{
			"under a short title", `<title>Accessibilité | Ville</title><h1>Accessibilité : partiellement conforme</h1><p>Conforme à 61 % au RGAA. <p>Retour d’information, défenseur des droits.<p>Page publiée le 5 mai 2022`,
			Statement{Mention: "partial", Here: true, Rate: 61, Date: "2022-05-05"},
		},

		{"but not a guide", strings.ReplaceAll(declared("est partiellement conforme", "<p>72 % des critères, établie le 3 mars 2024"), "Déclaration d’acc", "Modèle de déclaration d’acc"), Statement{}},
		{"but not news of it", `<title>La déclaration d’accessibilité est en ligne</title><h1>La déclaration d’accessibilité est en ligne</h1><p>Publiée le 3 mars 2024, elle dit 72 %.`, Statement{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := statementOf(t, tt.html); got != tt.want {
				t.Errorf("%+v; want %+v", got, tt.want)
			}
		})
	}
}

func TestARateIsThatOfTheCriteria(t *testing.T) {
	for _, tt := range []struct {
		text string
		want float64
	}{
		{"Le taux de conformité est de 72 %.", 72},
		{"Taux de conformité : 64,5%", 64.5},
		{"L’audit révèle que 64.52 % des critères RGAA version 4.1 sont respectés.", 64.52},
		{"Le taux moyen de conformité est de 90 %. Le taux global est de 72 %.", 72},
		{"75 % des pages ont été vérifiées. 50,0 % des critères sont respectés.", 50},
		{"100 % des agents sont formés à l’accessibilité. Le site est conforme à 58 % au RGAA.", 58},
		{"Le taux de conformité passe de 45 % à 72 %.", 72},
		{"Le taux de conformité est de 72 %, contre 45 % lors de l’audit précédent.", 72},
		{"72 % des critères sont respectés, les autres ne sont pas applicables.", 72},
		{"The audit found that 81.2 % of the applicable criteria are met.", 81.2},

		{"Contre 45 % en 2022, le taux de conformité est de 72 %.", 72},
		{"60 % des critères de la page d’accueil sont respectés ; le taux global est de 72 %.", 72},

		{"100 % des agents sont formés à l’accessibilité.", 0},
		{"L’objectif est un taux de conformité de 75 % en 2026.", 0},
		{"28 % des critères ne sont pas respectés.", 0},
		{"Un taux de conformité de 172 %", 0},
		{"Un taux de conformité de 2 072 %", 0},
		{"Un taux de conformité de -12 %", 0},
		{"Un taux de conformité de 1.2.3 %", 0},
		{"TVA 20 %", 0},
		{"% de conformité", 0},
		{"", 0},
	} {
		if got, _ := rateIn(folded(tt.text)); got != tt.want {
			t.Errorf("%q states %v; want %v", tt.text, got, tt.want)
		}
	}
}

func TestADateIsThatOfTheDeclaration(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Cette déclaration a été établie le 3 mars 2024.", "2024-03-03"},
		{"Cette déclaration a été établie le 1er février 2024, puis mise à jour le 03/04/2025.", "2025-04-03"},
		{"Déclaration mise à jour le 31.12.2022", "2022-12-31"},
		{"Déclaration mise à jour le 2 - 1 - 2023", "2023-01-02"},
		{"Dernière mise à jour : 2024-02-29", "2024-02-29"},
		{"Date de publication : 7 déc. 2023", "2023-12-07"},
		{"This statement was prepared on December 9, 2021.", "2021-12-09"},
		{"The statement was last updated on the 22nd of August 2023", "2023-08-22"},
		{"Conformément à l’article 47 de la loi du 11 février 2005, cette déclaration a été établie le 9 mai 2024", "2024-05-09"},
		{"Page mise à jour le 1 juin 2025. Cette déclaration a été établie le 9 mai 2024.", "2024-05-09"},

		{"Établie en application du décret du 24 juillet 2019", ""},
		{"La loi du 11 février 2005", ""},
		{"Cette déclaration a été établie le 30 février 2024.", ""},
		{"Cette déclaration a été établie le 29/02/2023.", ""},
		{"Cette déclaration a été établie le 13/13/2023.", ""},
		{"Cette déclaration a été établie le 3 mars 2004.", ""},
		{"Cette déclaration a été établie le 3 mars 20245.", ""},
		{"Cette déclaration a été établie en mars 2024.", ""},
		{"Déclaration : prochaine mise à jour le 3 mars 2027.", ""},
		{"Un audit a été réalisé le 3 mars 2024.", ""},
		{"Les agents ont été formés le 3 mars 2024.", ""},
	} {
		if got := dateIn(folded(tt.text)); got != tt.want {
			t.Errorf("%q is of %q; want %q", tt.text, got, tt.want)
		}
	}
}

func TestASiteSaysWhatItsHomePageAndItsDeclarationSay(t *testing.T) {
	const declaration, other = there + "accessibilite", there + "old"
	read := &Statement{Mention: "partial", Here: true, Rate: 72, Date: "2024-03-03", Plan: there + "plan"}
	linked := func(mention string) *Statement { return &Statement{Mention: mention, URL: declaration} }
	for _, tt := range []struct {
		name  string
		pages []PageStatement
		want  *Statement
	}{
		{"nothing", []PageStatement{{there, nil}, {there + "a", nil}}, nil},
		{
			"the home page’s",
			[]PageStatement{{there, linked("partial")}, {there + "a", linked("none")}, {there + "b", linked("none")}, {declaration, read}},
			&Statement{Mention: "partial", URL: declaration, Here: true, Rate: 72, Date: "2024-03-03", Plan: there + "plan"},
		},
		{"the commonest", []PageStatement{{there + "a", linked("none")}, {there + "b", linked("none")}, {there + "c", linked("total")}}, &Statement{Mention: "none", URL: declaration}},
		{
			"a conflict",
			[]PageStatement{{there, linked("total")}, {declaration, read}},
			&Statement{Mention: "total", URL: declaration, Here: true, Rate: 72, Date: "2024-03-03", Plan: there + "plan", Conflict: true},
		},
		{
			"the linked declaration’s",
			[]PageStatement{{there, linked("")}, {other, &Statement{Mention: "none", Here: true, Rate: 90, Date: "2025-01-01"}}, {declaration + "/", read}},
			&Statement{Mention: "partial", URL: declaration + "/", Here: true, Rate: 72, Date: "2024-03-03", Plan: there + "plan"},
		},
		{
			"a declaration that nobody links to",
			[]PageStatement{{there, &Statement{Mention: "partial"}}, {other, read}},
			&Statement{Mention: "partial", URL: other, Here: true, Rate: 72, Date: "2024-03-03", Plan: there + "plan"},
		},
		{"the rate beside the mention", []PageStatement{{there, &Statement{Mention: "partial", Rate: 61}}}, &Statement{Mention: "partial", Rate: 61}},
	} {
		for range 5 {
			rand.Shuffle(len(tt.pages), func(i, j int) { tt.pages[i], tt.pages[j] = tt.pages[j], tt.pages[i] })
			if got := MergeStatements(there, tt.pages); !reflect.DeepEqual(got, tt.want) {
				t.Fatalf("%s: %+v; want %+v", tt.name, got, tt.want)
			}
		}
	}
}

func FuzzStatementOf(f *testing.F) {
	f.Add(declared("est partiellement conforme", "<p>72 % des critères. établie le 3 mars 2024"))
	f.Add(`<footer role=contentinfo><a href="/x"><a title="Accessibilité : non conforme" href=y>Accessibilité : <h1>non</a> conforme (1 %)`)
	f.Add("<title>accessib</title><h1>accessibilite\xff\xc3")
	f.Fuzz(func(t *testing.T, page string) {
		v, err := NewView(seen(page))
		if err != nil {
			return
		}
		s := StatementOf(v)
		if s == nil {
			return
		}
		switch {
		case *s == Statement{}:
			t.Error("nothing is nil")
		case s.Mention != "" && s.Mention != "total" && s.Mention != "partial" && s.Mention != "none", s.Rate < 0 || s.Rate > 100, s.Conflict:
			t.Errorf("%+v", s)
		}
	})
}

func FuzzRateIn(f *testing.F) {
	f.Add("taux de conformite : 72,5 %")
	f.Add("100 % des agents\n%\n ,% 1.% 99999999 %")
	f.Fuzz(func(t *testing.T, text string) {
		if rate, ok := rateIn(folded(text)); ok != (rate > 0) || rate < 0 || rate > 100 {
			t.Errorf("%q states %v, %t", text, rate, ok)
		}
	})
}

func FuzzDateIn(f *testing.F) {
	f.Add("etablie le 1er mars 2024")
	f.Add("mise a jour le 03 / 04/2024 ou 2024-02-30 ou march 3rd, 2024")
	f.Fuzz(func(t *testing.T, text string) {
		date := dateIn(folded(text))
		if date == "" {
			return
		}
		if len(date) != 10 {
			t.Fatalf("%q is of %q", text, date)
		}
		if _, ok := dayOf(date[:4], date[5:7], date[8:]); !ok || date < "2005" {
			t.Errorf("%q is of %q", text, date)
		}
	})
}

// What a page can ask for is bounded: a piece that is repeated over 400 kB is read in well under a second, where a search for each of them
// through all of the others takes minutes.
func TestHostileTextsAreReadInLinearTime(t *testing.T) {
	const long = 400_000
	for _, piece := range []string{
		"1%", "accessibilite ", "conform", "co", "2024 ", "1 mars 2024 ", "accessibilite : (((((", "non ", "accessibilite : site site site ", "9.9.9.9.%",
		"<a href=accessibilite>accessibilite", "<h1>accessibilite", "<footer>", "<a title='accessibilite : non' href=/accessibilite>", "\u0301", "<b>", "<svg><a>", "etablie le",
	} {
		v, err := NewView(seen("<title>declaration d'accessibilite</title>rgaa, etat de conformite, voies de recours " + strings.Repeat(piece, long/len(piece))))
		if err != nil {
			continue // the parser gives up
		}
		begin := time.Now()
		StatementOf(v)
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%.20q takes %v", piece, took)
		} else {
			t.Logf("%.20q: %v", piece, took)
		}
	}
}
