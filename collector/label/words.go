package label

import (
	"fmt"

	"veille/collector"
)

// The reasons for which a line has no value are said in the same words everywhere: they are all in this file and in words_quantities.go.

// noEquipment says that there is no inventory to reckon from.
func noEquipment() Words {
	return Words{
		FR: "Aucun équipement en service n’est connu pour cette période : importez un inventaire.",
		EN: "No equipment in service is known for this period: import an inventory.",
	}
}

// noAges says that the inventory does not say when devices were bought.
func noAges() Words {
	return Words{
		FR: "L’inventaire ne donne pas de date d’achat : l’âge des équipements n’est pas connu.",
		EN: "The inventory gives no date of purchase: the age of devices is not known.",
	}
}

// noQuantity says that a quantity that the line is reckoned from was not stated.
func noQuantity(name string) Words {
	of := QuantityWords(name)
	return Words{
		FR: fmt.Sprintf("Donnée à déclarer pour cette période : %s.", of.FR),
		EN: fmt.Sprintf("To be declared for this period: %s.", of.EN),
	}
}

// noFactor says that a factor is missing: by its id, or by what it is of.
func noFactor(id string) Words {
	return Words{
		FR: fmt.Sprintf("Facteur inconnu : %s. Il se saisit ou s’importe dans les réglages.", id),
		EN: fmt.Sprintf("Factor not known: %s. It is typed in or imported in the settings.", id),
	}
}

// noPrice says that the price of electricity is missing for a month.
func noPrice() Words {
	return Words{
		FR: "Le prix du kWh n’est pas connu pour tous les mois. Il se saisit dans les réglages.",
		EN: "The price of a kWh is not known for every month. It is entered in the settings.",
	}
}

// noMonths says that no month of the period has figures of machines that may be shown.
func noMonths() Words {
	return Words{
		FR: "Aucun mois de cette période n’a encore de chiffres de machines.",
		EN: "No month of this period has figures of machines yet.",
	}
}

// hidden says that figures of machines of persons are hidden, and nothing about how many there are.
func hidden() Words {
	return Words{
		FR: "Les règles de confidentialité cachent les chiffres de cette période, pour que rien ne s’en déduise sur une personne.",
		EN: "The privacy rules hide the figures of this period, so that nothing about a person can be derived from them.",
	}
}

// tooLittleCovered says that less than 60 percent is known, and that nothing is reckoned from so little.
func tooLittleCovered() Words {
	return Words{
		FR: "Moins de 60 % du temps ou des machines est connu : rien n’est calculé à partir de si peu.",
		EN: "Less than 60% of the time or of the machines is known: nothing is reckoned from so little.",
	}
}

// partsMixed says that the parts of the day are not told apart.
func partsMixed() Words {
	return Words{
		FR: "Les heures d’ouverture et les autres ne sont pas distinguées pour cette période.",
		EN: "Open hours and other hours are not told apart in this period.",
	}
}

// noReading says that no meter of a building was imported.
func noReading() Words {
	return Words{
		FR: "Aucun relevé du compteur d’un bâtiment n’est connu pour cette période : importez-en un.",
		EN: "No reading of a building’s meter is known for this period: import one.",
	}
}

// noWebsite says that no web site was declared.
func noWebsite() Words {
	return Words{
		FR: "Aucun site web n’était déclaré à la fin de cette période.",
		EN: "No website was declared by the end of this period.",
	}
}

// noRun says that no web site was measured.
func noRun() Words {
	return Words{
		FR: "Aucun site web n’a été mesuré pendant cette période.",
		EN: "No website was measured in this period.",
	}
}

// noGrid says that there is no grid of the RGESN.
func noGrid() Words {
	return Words{
		FR: "Aucune grille RGESN validée par une personne n’est connue à la fin de cette période : importez-en une.",
		EN: "No RGESN grid validated by a person is known by the end of this period: import one.",
	}
}

// noStep says that no step of these kinds was entered.
func noStep(kinds ...string) Words {
	var fr, en string
	for i, kind := range kinds {
		if i > 0 {
			fr, en = fr+", ", en+", "
		}
		of := StepWords(kind)
		fr, en = fr+of.FR, en+of.EN
	}
	return Words{
		FR: fmt.Sprintf("Aucune étape de gouvernance n’est saisie : %s.", fr),
		EN: fmt.Sprintf("No governance step is entered: %s.", en),
	}
}

// nothingOf says that a share is of nothing: what it is divided by is 0.
func nothingOf(name string) Words {
	of := QuantityWords(name)
	return Words{
		FR: fmt.Sprintf("Division impossible : la valeur déclarée est 0 (%s).", of.FR),
		EN: fmt.Sprintf("No ratio is possible: the value declared is 0 (%s).", of.EN),
	}
}

// contradictory says that two values cannot both be right.
func contradictory(part, whole string) Words {
	a, b := QuantityWords(part), QuantityWords(whole)
	return Words{
		FR: fmt.Sprintf("Les valeurs se contredisent : la première ne peut pas dépasser la seconde (%s ; %s).", a.FR, b.FR),
		EN: fmt.Sprintf("The values contradict each other: the first cannot be above the second (%s; %s).", a.EN, b.EN),
	}
}

// otherScope says that two values are not of the same months or the same sites.
func otherScope(a, b string) Words {
	first, second := QuantityWords(a), QuantityWords(b)
	return Words{
		FR: fmt.Sprintf("Les valeurs ne portent pas sur les mêmes mois ou les mêmes sites : %s ; %s.", first.FR, second.FR),
		EN: fmt.Sprintf("The values do not cover the same months or the same sites: %s; %s.", first.EN, second.EN),
	}
}

// someSites says that a value is of some sites only, so that nothing of all of the organisation can be reckoned with it.
func someSites(name string) Words {
	of := QuantityWords(name)
	return Words{
		FR: fmt.Sprintf("Déclaré pour une partie des sites seulement : %s.", of.FR),
		EN: fmt.Sprintf("Declared for some of the sites only: %s.", of.EN),
	}
}

// DeviceWords are the name of a class of equipment, of collector.Devices; of any other, what it is called.
func DeviceWords(class string) Words {
	words, ok := map[string]Words{
		"notebook":    {FR: "Ordinateurs portables", EN: "Notebooks"},
		"desktop":     {FR: "Ordinateurs fixes", EN: "Desktops"},
		"mini":        {FR: "Mini-ordinateurs", EN: "Mini computers"},
		"all-in-one":  {FR: "Tout-en-un", EN: "All-in-one computers"},
		"thin-client": {FR: "Clients légers", EN: "Thin clients"},
		"server":      {FR: "Serveurs", EN: "Servers"},
		"monitor":     {FR: "Écrans", EN: "Screens"},
		"tablet":      {FR: "Tablettes", EN: "Tablets"},
		"printer":     {FR: "Imprimantes", EN: "Printers"},
		"other":       {FR: "Autres", EN: "Others"},
	}[class]
	if !ok {
		return Words{FR: class, EN: class}
	}
	return words
}

// StepWords are the name of a kind of step, of collector.StepKinds; of any other, what it is called.
//
//nolint:misspell // its words are French
func StepWords(kind string) Words {
	words, ok := map[string]Words{
		"charter":   {FR: "charte signée", EN: "charter signed"},
		"lead":      {FR: "référent numérique responsable désigné", EN: "sustainability officer named"},
		"committee": {FR: "réunion du comité", EN: "meeting of the committee"},
		"published": {FR: "indicateurs publiés", EN: "indicators published"},
		"consulted": {FR: "représentants du personnel consultés", EN: "staff representatives consulted"},
		"dpia":      {FR: "analyse d’impact sur la protection des données (AIPD) signée", EN: "data protection impact assessment (DPIA) signed"},
		"audit":     {FR: "audit", EN: "audit"},
		"award":     {FR: "label obtenu", EN: "label awarded"},
		"renewal":   {FR: "label renouvelé", EN: "label renewed"},
	}[kind]
	if !ok {
		return Words{FR: kind, EN: kind}
	}
	return words
}

// onDate is a date in words.
func onDate(d collector.Date) Words {
	if len(d) != len("2006-01-02") {
		return Words{FR: string(d), EN: string(d)}
	}
	return Words{FR: fmt.Sprintf("le %s/%s/%s", d[8:], d[5:7], d[:4]), EN: fmt.Sprintf("on %s", d)}
}
