package books_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"veille/collector"
	"veille/collector/books"
)

const today = collector.Date("2026-11-22")

// text is answers as one text, a line each.
func text[T any](all []T, err error) string {
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, x := range all {
		_, _ = fmt.Fprintf(&b, "%v\n", x)
	}
	return b.String()
}

// latin is a text in Windows-1252.
func latin(t *testing.T, text string) string {
	t.Helper()
	out, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readings(file string) string {
	all, err := books.Readings([]byte(file), "m.csv", today)
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	for _, r := range all {
		_, _ = fmt.Fprintf(&b, "%d %s/%s %s %s %v %s\n", r.Number, r.Site, r.Meter, r.From, r.To, r.KWh, r.Source)
	}
	return b.String()
}

func TestReadingsOfMetersAreReadByDatesAndByMonths(t *testing.T) {
	const byDates = "2 A/M1 2026-01-01 2026-01-31 1234.5 m.csv\n3 A/M1 2026-02-01 2026-02-28 0 m.csv\n4 B/M1 2026-01-15 2026-02-15 7 m.csv\n"
	for name, c := range map[string]struct{ file, want string }{
		"dates":   {"site;meter;from;to;kwh\nA;M1;2026-01-01;2026-01-31;1234.5\nA;M1;2026-02-01;2026-02-28;0\nB;M1;2026-01-15;2026-02-15;7\n", byDates},
		"French":  {latin(t, "Établissement;Compteur;Du;Au;Énergie (kWh)\r\nA;M1;01/01/2026;31/01/2026;1\u00a0234,5\r\nA;M1;01/02/2026;28/02/2026;0\r\nB;M1;15/01/2026;15/02/2026;7\r\n"), byDates},
		"months":  {"site,meter,month,kwh\nA,M1,2024-02,10\nA,M1,03/2024,20\n", "2 A/M1 2024-02-01 2024-02-29 10 m.csv\n3 A/M1 2024-03-01 2024-03-31 20 m.csv\n"},
		"titles":  {"Relevés 2026\n\nsite;compteur;mois;kWh\nA;M1;janv. 2026;10\n", "4 A/M1 2026-01-01 2026-01-31 10 m.csv\n"},
		"today":   {"site;meter;from;to;kwh\nA;M;2026-11-01;2026-11-22;1\n", "2 A/M 2026-11-01 2026-11-22 1 m.csv\n"},
		"unknown": {"site;meter;month;kwh;price\nA;M;2026-01;1;2\n", "2 A/M 2026-01-01 2026-01-31 1 m.csv\n"},
	} {
		if got := readings(c.file); got != c.want {
			t.Errorf("%s:\n%s; want\n%s", name, got, c.want)
		}
	}
}

func TestReadingsThatCannotBeAreRefused(t *testing.T) {
	const dates, months = "site;meter;from;to;kwh\n", "site;meter;month;kwh\n"
	for _, c := range []struct{ file, want string }{
		{"", "read the readings of meters: the file is empty"},
		{"site;meter;kwh\nA;M;1\n", "either the columns from and to (du, au) or the column month (mois)"},
		{"site;meter;from;kwh\nA;M;2026-01-01;1\n", "either the columns from and to"},
		{"site;meter;from;to;month;kwh\nA;M;2026-01-01;2026-01-31;2026-01;1\n", "either the columns from and to"},
		{"site;meter;month;consommation (MWh)\nA;M;2026-01;1\n", "names no column kwh"},
		{dates + "A;M;2026-01-01;2026-01-31;1\nA;m;2026-01-31;2026-02-10;1\n", "line 3: 2026-01-31 to 2026-02-10 overlaps 2026-01-01 to 2026-01-31 of line 2; both dates are in a period"},
		{dates + "A;M;2026-03-01;2026-03-31;1\nA;M;2026-01-01;2026-12-31;1\n", "line 3: "},
		{dates + "A;M;2026-01-01;2026-06-30;1\nA;M;2026-02-01;2026-02-02;1\nA;M;2026-03-01;2026-03-02;1\n", "line 4: 2026-03-01 to 2026-03-02 overlaps 2026-01-01 to 2026-06-30 of line 2"},
		{months + "A;M;2026-01;1\nA;M;01/2026;2\n", "line 3: 2026-01-01 to 2026-01-31 overlaps"},
		{months + "A;M;2026-11;1\n", "line 2: it ends on 2026-11-30, after today"},
		{dates + "A;M;2026-01-01;2026-11-23;1\n", "line 2: it ends on 2026-11-23, after today"},
		{dates + "A;M;2026-01-31;2026-01-01;1\n", "line 2: reading: "},
		{dates + "A;M;2026-01;2026-02;1\n", "line 2: \"2026-01\" is a month: write the day too"},
		{dates + "A;M;2026-01-01;;1\n", "line 2: a date is missing"},
		{dates + "A;M;01/25/2026;25/02/2026;1\n", "dates of from, to, month: line 2"},
		{months + "A;M;;1\n", "line 2: no month is given"},
		{months + ";M;2026-01;1\n", "line 2: no site is named"},
		{months + "A;;2026-01;1\n", "line 2: reading: the meter is missing"},
		{months + "A;M;2026-01;-1\n", "line 2: reading: -1 kWh"},
		{months + "A;M;2026-01;1,234\n", "line 2: kwh: \"1,234\" is not a number: it may be 1234 or 1.234"},
		{months + "A;M;2026-01;\n", "line 2: kwh: \"\" is not a number"},
		{months + strings.Repeat("A;M;2026-01;x\n", 30), "… and 10 more: 30 of 30 lines are wrong"},
	} {
		if got := readings(c.file); !strings.Contains(got, c.want) {
			t.Errorf("%q: %s; want %q", c.file, got, c.want)
		}
	}
}

func TestPricesAreRead(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"from;euro_per_kwh;tax;source\n2026-01;0.1742;excluded;Contract\n2026-07;0,21;TTC;\n", "{0 2026-01 0.1742 excluded Contract}\n{0 2026-07 0.21 included p.csv}\n"},
		{"À partir de;Prix (€/kWh);TVA;Source\n01/01/2026;0,1742;HT;Contrat\n", "{0 2026-01 0.1742 excluded Contrat}\n"},
		{"from;€/MWh;tax\n2026-01;174;HT\n", "names no column euro_per_kwh"},
		{"from;€/kWh;tax\n2026-01;174;HT\n", "line 2: price: 174 euros a kWh are not from"},
		{"from;€/kWh;tax\n2026-01;0,1;HT\n2026-01-15;0,2;HT\n", "line 3: the price from 2026-01 is on line 2 already"},
		{"from;€/kWh;tax\n2026-01;0,1;\n", "line 2: tax \"\" is neither excluded (HT) nor included (TTC)"},
		{"from;€/kWh;tax\n;0,1;HT\n", "line 2: no from is given"},
		{"from;€/kWh;tax\n2026-01;-0,1;HT\n", "line 2: price: -0.1 euros"},
	} {
		if got := text(books.Prices([]byte(c.file), "p.csv")); !strings.Contains(got, c.want) || strings.HasPrefix(c.want, "{") && got != c.want {
			t.Errorf("%q:\n%s; want\n%s", c.file, got, c.want)
		}
	}
}

func TestFactorsAreRead(t *testing.T) {
	const head = "id;value;low;high;unit;year;source;link;licence;verified\n"
	for _, c := range []struct{ file, want string }{
		{head + "electricity;52,1;40;60;gCO2e/kWh;2023;Own;https://example.org/;LO 2.0;oui\n", "{0 electricity 52.1 40 60 gCO2e/kWh 2023 Own https://example.org/ LO 2.0 true}\n"},
		{"Identifiant;Valeur;Unité;Année;Source\nmade.notebook;169;kgCO2e;2024;Own\n", "{0 made.notebook 169 169 169 kgCO2e 2024 Own   false}\n"},
		{head + "e;1;1;;g;2023;S;;;\n", "line 2: a range has two ends"},
		{head + "e;1;2;3;g;2023;S;;;\n", "line 2: factor: "},
		{head + "e;1;;;g;23;S;;;\n", "line 2: year \"23\" is not a year"},
		{head + "e;1;;;g;2023;S;;;perhaps\n", "line 2: verified \"perhaps\" is neither"},
		{head + "e;1;;;g;2023;;;;\n", "line 2: factor: the source is missing"},
		{head + "e;1;;;g;2023;S;;;\ne;2;;;g;2023;S;;;\n", "line 3: factor e is on line 2 already"},
		{head + "e;1.234;;;g;2023;S;;;\n", "line 2: value: \"1.234\" is not a number: it may be 1234 or 1.234"},
	} {
		if got := text(books.Factors([]byte(c.file))); !strings.Contains(got, c.want) || strings.HasPrefix(c.want, "{") && got != c.want {
			t.Errorf("%q:\n%s; want\n%s", c.file, got, c.want)
		}
	}
}

func TestQuantitiesAreRead(t *testing.T) {
	const head = "quantity;from;to;value;site;source;owner;note\n"
	for _, c := range []struct{ file, want string }{
		{head + "staff;2025-09;2026-08;120;A;Register;DSI;\nPurchases reused;2025-09;2026-08;1 234,50;;;;n\n", "{2 A {0 0 0 staff 2025-09 2026-08 120 Register DSI }}\n{3  {0 0 0 purchases-reused 2025-09 2026-08 1234.5 q.csv  n}}\n"},
		{"Grandeur;Année;Valeur;Établissement\nstaff;2025;120;A\nstaff;2026;121;A\nstaff;2026;500;\n", "{2 A {0 0 0 staff 2025-01 2025-12 120 q.csv  }}\n{3 A {0 0 0 staff 2026-01 2026-12 121 q.csv  }}\n{4  {0 0 0 staff 2026-01 2026-12 500 q.csv  }}\n"},
		{head + "staff;01/09/2025;31/08/2026;1;;;;\n", "{2  {0 0 0 staff 2025-09 2026-08 1 q.csv  }}\n"},
		{"quantity;value\nstaff;1\n", "either the columns from and to (du, au) or the column year (année)"},
		{"quantity;from;to;year;value\nstaff;2025-01;2025-12;2025;1\n", "either the columns from and to"},
		{head + "stuff;2025-09;2026-08;1;;;;\n", "line 2: quantity: quantity \"stuff\" is none of staff"},
		{head + "staff;2025-09;2026-08;1,5;;;;\n", "line 2: quantity: 1.5 is not a whole number"},
		{head + "staff;2025-09;2026-08;-1;;;;\n", "line 2: quantity: -1"},
		{head + "staff;2026-08;2025-09;1;;;;\n", "line 2: quantity: "},
		{head + "staff;2025;2026;1;;;;\n", "line 2: from: \"2025\" is no date: it is a year alone"},
		{head + "weee;2025-01;2025-12;1;A;;;\nstaff;2025-01;2025-12;1;A;;;\nweee;2025-12;2026-01;2;a;;;\n", "line 4: 2025-12 to 2026-01 overlaps 2025-01 to 2025-12 of line 2"},
		{"quantity;year;value\nstaff;2025-2026;1\n", "line 2: year \"2025-2026\" is not a year"},
	} {
		if got := text(books.Quantities([]byte(c.file), "q.csv")); !strings.Contains(got, c.want) || strings.HasPrefix(c.want, "{") && got != c.want {
			t.Errorf("%q:\n%s; want\n%s", c.file, got, c.want)
		}
	}
}

func TestAGridIsReadAsTheDeclarationHasItAndWithOurWords(t *testing.T) {
	const official = "Nom du service : Portail;;;;\nDate de l’évaluation : 30/06/2026;;;;\n\nID;Libellé;Priorité;Évaluation;Évolutions potentielles\n" +
		"Contenus;;;;\n1.1;Utilité;Prioritaire;Validé;\n1.2;Cibles;Recommandé;En cours de déploiement;\n6.3.;Cache;Modéré;Non validé;\n" +
		"RGESN 9.7;Algorithme;Prioritaire;Non applicable;\nCritère 4,15;Interface;Prioritaire;À évaluer;\n8.10;Hébergement;Modéré;;\n"
	const want = "{1.1 priority validated}\n{1.2 recommended underway}\n{6.3 moderate not-validated}\n{9.7 priority not-applicable}\n{4.15 priority to-assess}\n{8.10 moderate to-assess}\n"
	const words = "criterion,priority,status\n1.1,priority,validated\n1.2,recommended,underway\n6.3,moderate,not-validated\n9.7,priority,not-applicable\n4.15,priority,to-assess\n8.10,moderate,to-assess\n"
	for name, file := range map[string]string{"official": official, "official in Windows-1252": latin(t, official), "words of ours": words} {
		if got := text(books.Grid([]byte(file))); got != want {
			t.Errorf("%s:\n%s; want\n%s", name, got, want)
		}
	}
}

func TestAGridThatIsNoneIsRefused(t *testing.T) {
	const head = "ID;Priorité;Évaluation\n"
	for _, c := range []struct{ file, want string }{
		{head + "1.1;Prioritaire;Validé\n1.1;Prioritaire;Validé\n", "line 3: criterion 1.1 (a spreadsheet may have turned 1.10 into 1.1: format the column as text) is on line 2 already"},
		{head + "7.5;Prioritaire;Validé\n", "line 2: criterion \"7.5\" is none of the RGESN of 2024: theme 7 has 4"},
		{head + "1.0;Prioritaire;Validé\n", "line 2: criterion \"1.0\" is none"},
		{head + "06/03/2026;Modéré;Validé\n", "line 2: criterion \"06/03/2026\" is not a number such as 6.3; where a spreadsheet made a date of it"},
		{head + "1.1;Urgent;Validé\n", "line 2: priority \"Urgent\" is none of priority, recommended, moderate"},
		{head + "1.1;;Validé\n", "line 2: priority \"\" is none"},
		{head + "1.1;Prioritaire;Oui\n", "line 2: status \"Oui\" is none of validated"},
		{head + "Contenus;;\n", "no line of the grid is a criterion"},
		{"ID;Évaluation\n1.1;Validé\n", "names no column priority"},
	} {
		if got := text(books.Grid([]byte(c.file))); !strings.Contains(got, c.want) {
			t.Errorf("%q: %s; want %q", c.file, got, c.want)
		}
	}
}

// All criteria of the RGESN of 2024 are known: 78 in nine themes.
func TestAGridOfAllCriteriaIsRead(t *testing.T) {
	file := "criterion;priority;status\n"
	for theme, n := range []int{10, 10, 7, 15, 8, 7, 4, 10, 7} {
		for i := range n {
			file += fmt.Sprintf("%d.%d;priority;validated\n", theme+1, i+1)
		}
	}
	all, err := books.Grid([]byte(file))
	if err != nil || len(all) != 78 {
		t.Errorf("%d criteria, %v; want 78", len(all), err)
	}
}

// Whatever the bytes, what is read is valid, and nothing is answered beside an error.
func FuzzBooks(f *testing.F) {
	for _, seed := range []string{
		"site;meter;from;to;kwh\nA;M1;2026-01-01;2026-01-31;1234.5\n", "site,meter,month,kwh\nA,M1,2024-02,10\n", "from;€/kWh;tax\n2026-01;0,1;HT\n",
		"id;value;unit;year;source\ne;1;g;2023;S\n", "quantity;year;value;site\nstaff;2025;120;A\n", "x\nID;Priorité;Évaluation\n1.1;Prioritaire;Validé\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := books.Readings(file, "x", today)
		for _, x := range r {
			if bad := x.Validate(); bad != nil || err != nil || x.To > today {
				t.Errorf("%+v: %v, %v", x, bad, err)
			}
		}
		p, err := books.Prices(file, "x")
		for _, x := range p {
			if bad := x.Validate(); bad != nil || err != nil {
				t.Errorf("%+v: %v, %v", x, bad, err)
			}
		}
		a, err := books.Factors(file)
		for _, x := range a {
			if bad := x.Validate(); bad != nil || err != nil {
				t.Errorf("%+v: %v, %v", x, bad, err)
			}
		}
		q, err := books.Quantities(file, "x")
		for _, x := range q {
			if bad := x.Validate(); bad != nil || err != nil {
				t.Errorf("%+v: %v, %v", x, bad, err)
			}
		}
		if g, err := books.Grid(file); (len(g) == 0) == (err == nil) {
			t.Errorf("%v, %v", g, err)
		}
	})
}

// Two periods of one meter are refused where they share a day, and only there.
func TestPeriodsOverlapWhereTheyShareADay(t *testing.T) {
	day := func(n int) string { return fmt.Sprintf("2026-01-%02d", n) }
	for a := 1; a <= 5; a++ {
		for b := a; b <= 5; b++ {
			for c := 1; c <= 5; c++ {
				for d := c; d <= 5; d++ {
					file := "site;meter;from;to;kwh\nA;M;" + day(a) + ";" + day(b) + ";1\nA;M;" + day(c) + ";" + day(d) + ";1\n"
					_, err := books.Readings([]byte(file), "x", today)
					if shared := max(a, c) <= min(b, d); shared != (err != nil) {
						t.Errorf("%d-%d and %d-%d: %v", a, b, c, d, err)
					}
				}
			}
		}
	}
}
