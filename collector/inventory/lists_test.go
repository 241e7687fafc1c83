package inventory_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/inventory"
)

// file is a file of testdata: invented devices under real titles.
func file(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// typesOf are types as one text.
func typesOf(found inventory.Found) string {
	var all []string
	for _, x := range found.Types {
		all = append(all, fmt.Sprintf("%s=%s×%d", x.Text, x.Class, x.Count))
	}
	return strings.Join(all, ", ")
}

func TestExportsOfOtherProgramsAreRecognisedAndCounted(t *testing.T) {
	french, english := options("Siège", "Lycée Curie"), options("Head Office", "Curie School")
	for _, c := range []struct {
		name                 string
		o                    inventory.Options
		preset, encoding     string
		separator            rune
		lines, types         string
		assets, twice, dates int // devices, lines said again, devices without a date
		asNew                int
		notes                []string
	}{
		{
			"glpi-fr.csv", french, "glpi", "UTF-8", ';',
			"2 Lycée Curie notebook 2021-09 new 2 x\n4 Lycée Curie desktop 2019-03 new 1 x stock\n7 Siège monitor 2015-01 new 1 x retired\n9 Siège thin-client - new 1 x\n",
			"Ordinateur portable=notebook×2, Poste fixe=desktop×1, Écran plat=monitor×1, Client léger=thin-client×1",
			5, 1, 1, 5,
			[]string{"for which the date stands on which they came into service: 1", "lines of virtual machines, which are no devices and were passed over: 1"},
		},
		{
			"glpi-en.csv", english, "glpi", "UTF-8", ',',
			"2 Curie School notebook 2021-09 new 1 x\n3 Curie School desktop 2020-03 new 1 x stock\n4 Head Office all-in-one - new 1 x\n",
			"Laptop=notebook×1, Mini Tower=desktop×1, All in One=all-in-one×1", 3, 0, 1, 3, nil,
		},
		{
			"ocs-fr.csv", french, "ocs", "Windows-1252", ';',
			"2 Lycée Curie notebook - new 1 x\n3 Lycée Curie desktop - new 1 x\n5 Siège mini - new 1 x\n",
			"Portables=notebook×1, Tours=desktop×1, Mini PC=mini×1", 3, 1, 3, 3,
			[]string{"all of them are taken as in service"},
		},
		{
			"ocs-en.csv", english, "ocs", "UTF-8", ';',
			"2 Curie School notebook - new 1 x\n3 Head Office thin-client - new 1 x\n",
			"Laptop=notebook×1, Thin client=thin-client×1", 2, 0, 2, 2,
			[]string{"all of them are taken as in service"},
		},
		{
			"veille-fr.csv", french, "veille", "UTF-8", ';',
			"2 Lycée Curie notebook 2021-09 new 12 x label\n3 Lycée Curie monitor - reused 3 x stock\n4 Siège desktop 2015-09 refurbished 40 x retired 2024-02 recycling\n",
			"", 55, 0, 3, 0, nil,
		},
		{
			"veille-fr-utf16.csv", french, "veille", "UTF-16", ';',
			"2 Lycée Curie notebook 2021-09 new 12 x label\n3 Lycée Curie monitor - reused 3 x stock\n4 Siège desktop 2015-09 refurbished 40 x retired 2024-02 recycling\n",
			"", 55, 0, 3, 0, nil,
		},
		{"four-dates.csv", french, "veille", "UTF-8", ';', "2 Lycée Curie notebook 2021-09 new 15 x\n", "", 15, 0, 0, 0, nil},
	} {
		found, err := inventory.Read(file(t, c.name), c.o)
		if err != nil || written(found.Lines) != c.lines || typesOf(found) != c.types {
			t.Errorf("%s: %v\n%s%s; want\n%s%s", c.name, err, written(found.Lines), typesOf(found), c.lines, c.types)
		}
		got := fmt.Sprint(found.Preset, found.Encoding, string(found.Separator), found.Assets, found.Duplicates, found.Undated, found.TakenAsNew, len(found.Notes))
		want := fmt.Sprint(c.preset, c.encoding, string(c.separator), c.assets, c.twice, c.dates, c.asNew, len(c.notes))
		if got != want {
			t.Errorf("%s: %s, want %s; %q", c.name, got, want, found.Notes)
		}
		for i, note := range c.notes {
			if i < len(found.Notes) && !strings.Contains(found.Notes[i], note) {
				t.Errorf("%s: %q does not say %q", c.name, found.Notes[i], note)
			}
		}
	}
}

func TestAFileWithTenPercentOfBrokenLinesIsRefusedWhole(t *testing.T) {
	found, err := inventory.Read(file(t, "ten-percent-broken.csv"), options())
	if err == nil || found.Lines != nil {
		t.Fatalf("%+v", found)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 21 || !strings.HasPrefix(lines[0], "line 6: class ") || lines[20] != "… and 80 more: 100 of 1000 lines are wrong" {
		t.Errorf("%d lines\n%v", len(lines), err)
	}
}

func TestLinesOfOneDeviceThatDoNotAgreeNameBothLinesAndNoNumber(t *testing.T) {
	_, err := inventory.Read(file(t, "duplicates.csv"), options("Siège"))
	const want = `line 4: it is the device of line 2, and they do not agree on its date of purchase, state
line 5: it has the inventory number or the identifier of line 3, and another serial number
line 6: its numbers are those of two devices, of lines 2 and 3`
	if err == nil || err.Error() != want {
		t.Errorf("%v; want\n%s", err, want)
	}
}

func TestALineOfAListThatIsWrongIsNamed(t *testing.T) {
	const head = "Nom;Entité;Lieu;Type;Numéro de série;Date d'achat;Date de mise en service;Statut;Type d'acquisition;Date de réforme;Destination;Classe\n"
	for _, c := range []struct{ line, want string }{
		{"SECRET;Région;;Portable;SERIAL;;;;;;;", `no place is named, and entity "Région" is no site`},
		{"SECRET;;;Portable;SERIAL;;;;;;;", "no place is named: fill it in"},
		{"SECRET;Siège;Annexe > SECRET;Téléphone;SERIAL;;;;;;;", `type "Téléphone" is not known; known are portable (laptop)`},
		{"SECRET;Siège;;Poste de travail;SERIAL;;;;;;;", `type "Poste de travail" is not known`},
		{"SECRET;Siège;;Support d’écran;SERIAL;;;;;;;", "is not known"},
		{"SECRET;Siège;;;SERIAL;;;;;;;", "no type is named"},
		{"SECRET;Siège;;Portable;SERIAL;;;;;;;phone", `class "phone" is none of`},
		{"SECRET;Siège;;Portable;SERIAL;2021;;;;;;", "date of purchase: \"2021\" is no date: it is a year alone"},
		{"SECRET;Siège;;Portable;SERIAL;2027-01-01;;;;;;", "date of purchase 2027-01-01 is not from 1990 until today"},
		{"SECRET;Siège;;Portable;SERIAL;;1980-01-01;;;;;", "date of coming into service 1980-01-01 is not"},
		{"SECRET;Siège;;Portable;SERIAL;;;Volé;;;;", `state "Volé" is not known`},
		{"SECRET;Siège;;Portable;SERIAL;;;;Location;;;", `acquired as "Location" is none of new`},
		{"SECRET;Siège;;Portable;SERIAL;;;Réformé;;2027-01-01;;", "date of retirement 2027-01-01"},
		{"SECRET;Siège;;Portable;SERIAL;;;Réformé;;;Mars;", `where it went, "Mars"`},
		{"SECRET;Annexe;;Portable;SERIAL;;;;;;;", "several sites are called like \"Annexe\""},
	} {
		_, err := inventory.Read([]byte(head+c.line+"\n"), options("Siège", "annexe", "Annexé"))
		if err == nil || !strings.Contains(err.Error(), "line 2: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.line, err, c.want)
		}
		if err != nil && (strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "SERIAL")) {
			t.Errorf("%s: %v tells of the device", c.line, err)
		}
	}
}

func TestAListWithoutWhatIsNeededSaysWhichColumnToShow(t *testing.T) {
	for _, c := range []struct{ file, preset, want string }{
		{"Nom;Type\nA;Portable\n", "glpi", "no column says where devices are: show Lieu or Entité"},
		{"Nom;Lieu\nA;Siège\n", "auto", "no column says what devices are: show Type"},
		{"TAG;Machine\nSiège;A\n", "", "show Catégorie d'Actifs or Type"},
		{"Machine;RAM (Mo);Type\nA;1;Tour\n", "", "show TAG or Lieu"},
		{"Nom;Lieu;Type\nA;Siège;VMware\n", "", "no line of the file is a device: lines of virtual machines"},
	} {
		o := options("Siège")
		o.Preset = c.preset
		if found, err := inventory.Read([]byte(c.file), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %+v, %v; want %q", c.file, found, err, c.want)
		}
	}
	if _, err := inventory.Read([]byte("Nom;Lieu;Type\nA;Siège;Tour\n"), options()); err == nil || !strings.Contains(err.Error(), "has no site") {
		t.Error(err)
	}
}

func TestWhatTheFileSaysOfADeviceIsKept(t *testing.T) {
	const text = "Nom;Lieu;Type;Numéro de série;Date d'achat;Statut;Type d'acquisition;Date de réforme;Destination;Écolabel;Classe\n" +
		"A;Siège;Poste de travail;1;0000-00-00;En service > Prêt;Reconditionné;2030-01-01;;oui;tour\n" +
		"A;Siège;Portable;2;2016-02-01;Réformé;Don;2024-05-06;Réemploi externe;;\n" +
		"A;Siège;Portable;3;2016-02-01;Réformé;Don;2024-05-07;Réemploi externe;;\n" +
		"A;Siège;Portable;N/A;;;;;;;\nA;Siège;Portable;none;;;;;;;\n"
	const want = "2 Siège desktop - refurbished 1 x label\n3 Siège notebook 2016-02 reused 2 x retired 2024-05 reuse-outside\n5 Siège notebook - new 2 x\n"
	found, err := inventory.Read([]byte(text), options("Siège"))
	if err != nil || written(found.Lines) != want || found.TakenAsNew != 2 || found.Duplicates != 0 {
		t.Errorf("%v, %+v\n%s; want\n%s", err, found, written(found.Lines), want)
	}
}

func TestADateOfTheBIOSIsNoDateOfPurchase(t *testing.T) {
	found, err := inventory.Read(file(t, "ocs-fr.csv"), options("Siège", "Lycée Curie"))
	if err != nil || found.Undated != found.Assets {
		t.Errorf("%v, %d of %d devices have no date; want all", err, found.Undated, found.Assets)
	}
}

func TestArchivedComputersOfOCSAreNotCounted(t *testing.T) {
	found, err := inventory.Read([]byte("TAG;Machine;Type;Archiver\nSiège;A;Tour;\nSiège;B;Tour;1\nSiège;A;Tour;\n"), options("Siège"))
	if err != nil || found.Assets != 1 || found.Duplicates != 1 || !strings.Contains(strings.Join(found.Notes, " "), "archived in OCS Inventory and were passed over: 1") {
		t.Errorf("%v, %+v", err, found)
	}
}

// The classes that types are taken as are those of collector.
func TestEachTypeThatIsKnownIsOfAClass(t *testing.T) {
	for text, class := range map[string]string{
		"Notebook": "notebook", "Ordinateurs portables": "notebook", "PC Portable 15 pouces": "notebook", "2 en 1": "notebook", "Station mobile": "notebook",
		"Unité centrale": "desktop", "PC de bureau": "desktop", "Stations de travail": "desktop", "Mini-tour": "desktop", "Low Profile Desktop": "desktop",
		"mini PC": "mini", "Tout-en-un": "all-in-one", "Clients légers": "thin-client", "Serveur": "server", "Rack Mount Chassis": "server",
		"Écran 24 pouces": "monitor", "LCD": "monitor", "Tablettes": "tablet", "Imprimante jet d’encre": "printer", "Photocopieur": "printer", "Autre": "other",
	} {
		found, err := inventory.Read([]byte("Nom;Lieu;Type\nA;Siège;"+text+"\n"), options("Siège"))
		if err != nil || found.Types[0].Class != class || found.Lines[0].Class != class {
			t.Errorf("%s: %v, %+v; want %s", text, err, found, class)
		}
	}
	for _, class := range collector.Devices() {
		found, err := inventory.Read([]byte("Nom;Lieu;Type\nA;Siège;"+class+"\n"), options("Siège"))
		if err != nil || found.Lines[0].Class != class {
			t.Errorf("%s: %v, %+v", class, err, found)
		}
	}
}
