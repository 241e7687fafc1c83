//nolint:misspell // some of it is French
package notice_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"veille/agent/notice"
)

var filled = notice.Notice{
	Organisation: "Région Démonstration", Address: "1 place de la République, Rennes", Contact: "dpd@example.org", DPO: "Camille Martin",
}

// each calls check with every notice there is.
func each(t *testing.T, check func(t *testing.T, lang, use, text string)) {
	t.Helper()
	for _, lang := range []string{"fr", "en"} {
		for _, use := range []string{"individual", "shared", "server", ""} {
			for _, paused := range []bool{false, true} {
				n := filled
				n.Use, n.Paused = use, paused
				t.Run(lang+"-"+use, func(t *testing.T) { check(t, lang, use, notice.Text(lang, n)) })
			}
		}
	}
}

// flat is a text without its line ends.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestEveryNoticeSaysWhatANoticeMustSay(t *testing.T) {
	must := map[string][]string{
		"fr": {
			"Ce qui est compté", "Ce qui ne l'est jamais", "90 jours", "30 jours", "contrôler le travail", "présence", "sanction", "élèves",
			"Responsable : Région Démonstration, 1 place de la République, Rennes. Pour toute question : dpd@example.org",
			"Délégué à la protection des données (DPD) : Camille Martin",
			"Seuls les administrateurs du collecteur peuvent lire ce qui est conservé d'une machine", "un numéro, et aucun nom",
			"un journal garde qui a regardé et pourquoi", "il le fait, sauf réglage contraire",
			"veille-agent show", "veille-agent pause", "consulter", "effacer", "opposer", "www.cnil.fr",
		},
		"en": {
			"What is counted", "What is never counted", "90 days", "30 days", "anybody's work", "presence", "discipline", "pupils",
			"Responsible: Région Démonstration, 1 place de la République, Rennes. For any question: dpd@example.org",
			"Data protection officer (DPO): Camille Martin",
			"Only the administrators of the collector can read what is kept of one machine", "a number there, and no name",
			"a log keeps who looked and why", "it does so unless it is told not to",
			"veille-agent show", "veille-agent pause", "ask to see", "erased", "object", "www.cnil.fr",
		},
	}
	each(t, func(t *testing.T, lang, _, text string) {
		for _, words := range must[lang] {
			if !strings.Contains(flat(text), words) {
				t.Errorf("%q is not said in\n%s", words, text)
			}
		}
	})
}

func TestANoticeTellsTheRecordsOfItsOwnUse(t *testing.T) {
	day := map[string]string{"fr": "Un relevé par jour, sans aucune heure", "en": "One record a day, without any hour"}
	hour := map[string]string{"fr": "Un relevé par heure", "en": "One record an hour"}
	each(t, func(t *testing.T, lang, use, text string) {
		hourly := use == "shared" || use == "server"
		if strings.Contains(text, day[lang]) == hourly || strings.Contains(text, hour[lang]) != hourly {
			t.Errorf("use %q is told\n%s", use, text)
		}
	})
}

// Figures of a personal workstation are rounded, and tell something all the same: a notice must not keep either back.
func TestOnlyAPersonalWorkstationIsToldOfRoundingAndOfWhatTimesStillTell(t *testing.T) {
	personal := map[string][]string{
		"fr": {"arrondies au hasard", "quart d'heure", "5 Wh", "un jour d'absence", "habitudes sur plusieurs semaines", "indirectement combien de temps personne n'a tapé"},
		"en": {"rounded at random", "quarter of an hour", "5 Wh", "a day of absence", "usual hours over many weeks", "indirectly for how long nobody typed"},
	}
	others := map[string]string{
		"fr": "Les pages montrent les heures des machines partagées et des serveurs, additionnées par site",
		"en": "The pages show the hours of shared machines and servers, added up by site",
	}
	each(t, func(t *testing.T, lang, use, text string) {
		hourly := use == "shared" || use == "server"
		for _, words := range personal[lang] {
			if strings.Contains(flat(text), words) == hourly {
				t.Errorf("use %q, %q:\n%s", use, words, text)
			}
		}
		if strings.Contains(flat(text), others[lang]) != hourly {
			t.Errorf("use %q, %q:\n%s", use, others[lang], text)
		}
	})
	for lang, words := range map[string]string{"fr": "quart d'heure", "en": "quarter of an hour"} {
		for use, want := range map[string]bool{"individual": true, "shared": false, "server": false} {
			if text := notice.Pupils(lang, notice.Notice{Use: use}); strings.Contains(flat(text), words) != want {
				t.Errorf("use %q, %q:\n%s", use, words, text)
			}
		}
	}
}

// Pages show groups of five personal workstations and more (collector/privacy.Inside), and single ones to those only who say why they look.
func TestEveryNoticeSaysHowManyMachinesAPageShowsAtLeast(t *testing.T) {
	each(t, func(t *testing.T, lang, _, text string) {
		words := map[string]string{"fr": "des groupes d'au moins cinq postes individuels", "en": "groups of at least five personal workstations"}[lang]
		if !strings.Contains(flat(text), words) {
			t.Errorf("%q is not said in\n%s", words, text)
		}
	})
}

func TestThePupilsNoticeNamesWhoReadsAndWhoAnswers(t *testing.T) {
	must := map[string][]string{
		"fr": {"seuls ses administrateurs les lisent", "effacés après 90 jours", "Responsable : Région Démonstration", "dpd@example.org", "données (DPD) : Camille Martin", "www.cnil.fr"},
		"en": {"only its administrators read them", "deleted after 90 days", "Responsible: Région Démonstration", "dpd@example.org", "officer (DPO): Camille Martin", "www.cnil.fr"},
	}
	for lang, list := range must {
		for _, words := range list {
			if text := notice.Pupils(lang, filled); !strings.Contains(flat(text), words) {
				t.Errorf("%q is not said in\n%s", words, text)
			}
		}
	}
}

func TestAPausedMachineSaysSo(t *testing.T) {
	for lang, words := range map[string]string{"fr": "Le comptage est suspendu", "en": "Counting is paused"} {
		n := filled
		if strings.Contains(notice.Text(lang, n), words) {
			t.Errorf("%s: a machine that counts says that it is paused", lang)
		}
		n.Paused = true
		if !strings.Contains(notice.Text(lang, n), words) {
			t.Errorf("%s: a paused machine does not say so", lang)
		}
	}
}

func TestALineHasEightyCharactersAndNoMarkIsLeft(t *testing.T) {
	check := func(t *testing.T, text string) {
		t.Helper()
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > notice.Width {
				t.Errorf("%d characters: %s", n, line)
			}
			if strings.ContainsAny(line, "{}") || strings.HasPrefix(line, "@") || strings.TrimSpace(line) != strings.TrimLeft(line, " ") {
				t.Errorf("left over: %q", line)
			}
			if strings.ContainsAny(strings.TrimSpace(line)[:min(1, len(strings.TrimSpace(line)))], ":;?!") || strings.HasSuffix(line, "«") {
				t.Errorf("a sign is parted from its word: %q", line)
			}
		}
	}
	each(t, func(t *testing.T, _, _, text string) { check(t, text) })
	for _, lang := range []string{"fr", "en"} {
		for _, use := range []string{"individual", "shared"} {
			n := filled
			n.Use = use
			check(t, notice.Pupils(lang, n))
		}
	}
}

func TestThePupilsNoticeHasTwelveLines(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		for _, use := range []string{"individual", "shared", "server"} {
			n := filled
			n.Use = use
			if lines := strings.Count(notice.Pupils(lang, n), "\n"); lines != 12 {
				t.Errorf("%s, %s: %d lines", lang, use, lines)
			}
		}
	}
}

func TestANameThatIsNotSetLeavesAVisibleBlank(t *testing.T) {
	for lang, blanks := range map[string][]string{
		"fr": {"[organisme]", "[adresse de contact]", "[nom du DPD]"}, "en": {"[organisation]", "[contact address]", "[name of the DPO]"},
	} {
		for _, text := range []string{notice.Text(lang, notice.Notice{}), notice.Pupils(lang, notice.Notice{Contact: " \n"})} {
			for _, blank := range blanks {
				if !strings.Contains(flat(text), blank) {
					t.Errorf("%q is not in\n%s", blank, text)
				}
			}
		}
		for address, want := range map[string]bool{"": true, "Rennes": false} {
			text := flat(notice.Text(lang, notice.Notice{Address: address}))
			if blank := map[string]string{"fr": "[adresse de l'organisme]", "en": "[address of the organisation]"}[lang]; strings.Contains(text, blank) != want {
				t.Errorf("address %q: %q in\n%s", address, blank, text)
			}
		}
	}
}

func TestANameCannotPassForALineOfTheNotice(t *testing.T) {
	text := notice.Text("en", notice.Notice{
		Organisation: "A\n\nWhat is counted\n- nothing", Contact: "@shared {organisation}", DPO: "B\n\nWhat is counted\n- nothing", Address: "C\nWhat is counted\n",
	})
	if strings.Contains(text, "\nWhat is counted\n- nothing") || strings.Count(text, "\nWhat is counted\n") != 1 || !strings.Contains(flat(text), "@shared {organisation}") {
		t.Errorf("%s", text)
	}
}

func FuzzNoticeWithAnyName(f *testing.F) {
	f.Add("Lycée Marie-Curie", "dpo@example.org", "shared", true)
	f.Add("« » : ;", strings.Repeat("x", 200), "@", false)
	f.Fuzz(func(t *testing.T, organisation, contact, use string, paused bool) {
		n := notice.Notice{Organisation: organisation, Address: contact, Contact: contact, DPO: organisation, Use: use, Paused: paused}
		for _, lang := range []string{"fr", "en"} {
			for _, text := range []string{notice.Text(lang, n), notice.Pupils(lang, n)} {
				if !strings.Contains(text, "veille-agent show") && !strings.Contains(flat(text), "veille-agent show") {
					t.Errorf("%q", text)
				}
				for line := range strings.Lines(text) {
					if utf8.RuneCountInString(line)-1 > notice.Width && strings.Contains(strings.TrimSpace(strings.TrimPrefix(line, "- ")), " ") && utf8.ValidString(line) &&
						len(strings.Fields(line)) > 3 {
						t.Errorf("%d characters: %q", utf8.RuneCountInString(line), line)
					}
				}
			}
		}
	})
}
