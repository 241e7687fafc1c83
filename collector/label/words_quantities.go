package label

import "maps"

// QuantityWords are the name of a quantity, of collector.Quantities, as forms and reasons write it; of any other, what it is called.
func QuantityWords(name string) Words {
	all := maps.Clone(peopleWords())
	maps.Copy(all, placeWords())
	words, ok := all[name]
	if !ok {
		return Words{FR: name, EN: name}
	}
	return words
}

// peopleWords are the names of quantities of people, purchases, contracts, ends of life and training.
//
//nolint:misspell // its words are French
func peopleWords() map[string]Words {
	return map[string]Words{
		"staff":              {FR: "effectif (personnes qui travaillent dans l’organisation)", EN: "staff (people who work in the organisation)"},
		"pupils":             {FR: "nombre d’élèves", EN: "number of pupils"},
		"purchases":          {FR: "achats d’informatique et de téléphonie, € hors taxes", EN: "purchases of IT and telephony, € excluding VAT"},
		"purchases-reused":   {FR: "achats issus du réemploi, reconditionnés ou avec des matières recyclées, € hors taxes", EN: "purchases reused, refurbished or with recycled materials, € excluding VAT"},
		"gifts":              {FR: "ordinateurs portables de moins de cinq ans reçus en don", EN: "notebooks under five years old received as gifts"},
		"purchased":          {FR: "équipements achetés", EN: "devices bought"},
		"purchased-ecolabel": {FR: "équipements achetés avec un écolabel de type I", EN: "devices bought with a type I eco-label"},
		"contracts":          {FR: "marchés informatiques", EN: "IT contracts"},
		"contracts-clause":   {FR: "marchés informatiques avec une clause environnementale", EN: "IT contracts with an environmental clause"},
		"retired":            {FR: "équipements de moins de dix ans réformés, en stock au 1er janvier", EN: "devices under ten years old, retired and in stock on 1 January"},
		"retired-reused":     {FR: "équipements réformés donnés au réemploi dans l’année", EN: "retired devices given to reuse in the year"},
		"weee":               {FR: "déchets d’équipements électriques et électroniques (DEEE), kg", EN: "electrical and electronic waste (WEEE), kg"},
		"weee-organised":     {FR: "DEEE remis à un éco-organisme, kg", EN: "WEEE handed to a producer-responsibility body, kg"},
		"broken":             {FR: "équipements tombés en panne", EN: "devices that broke down"},
		"repaired":           {FR: "équipements réparés", EN: "devices repaired"},
		"trained":            {FR: "personnes formées au numérique responsable", EN: "people trained in responsible IT"},
		"workshops":          {FR: "ateliers de sensibilisation", EN: "awareness workshops"},
		"reached":            {FR: "personnes touchées par les ateliers", EN: "people reached by the workshops"},
		"datasets":           {FR: "jeux de données ouverts publiés par l’organisation", EN: "open data sets published by the organisation"},
	}
}

// placeWords are the names of quantities of places, machines, printing and data centres.
//
//nolint:misspell // its words are French
func placeWords() map[string]Words {
	return map[string]Words{
		"area":                 {FR: "surface chauffée, m²", EN: "heated floor area, m²"},
		"os-ended":             {FR: "ordinateurs dont le système d’exploitation n’est plus maintenu", EN: "computers whose operating system is out of support"},
		"printers":             {FR: "imprimantes", EN: "printers"},
		"printers-shared":      {FR: "imprimantes mutualisées", EN: "shared printers"},
		"sheets":               {FR: "feuilles de papier", EN: "sheets of paper"},
		"hosts":                {FR: "serveurs physiques qui hébergent des serveurs virtuels", EN: "physical servers that run virtual ones"},
		"servers-physical":     {FR: "autres serveurs physiques", EN: "other physical servers"},
		"servers-virtual":      {FR: "serveurs virtuels", EN: "virtual servers"},
		"servers-schools":      {FR: "serveurs physiques encore dans les lycées", EN: "physical servers still in schools"},
		"datacentres":          {FR: "centres de données", EN: "data centres"},
		"datacentres-conduct":  {FR: "centres de données sous le code de conduite européen", EN: "data centres under the European Code of Conduct"},
		"datacentre-site":      {FR: "électricité du centre de données, kWh", EN: "electricity of the data centre, kWh"},
		"datacentre-it":        {FR: "électricité de l’informatique du centre de données, kWh", EN: "electricity of the data centre’s IT, kWh"},
		"datacentre-water":     {FR: "eau du centre de données, L", EN: "water of the data centre, L"},
		"datacentre-reused":    {FR: "chaleur du centre de données réutilisée, kWh", EN: "heat of the data centre that is reused, kWh"},
		"datacentre-renewable": {FR: "énergie renouvelable du centre de données, kWh", EN: "renewable energy of the data centre, kWh"},
		"other-devices":        {FR: "électricité des équipements sans agent, kWh", EN: "electricity of devices without an agent, kWh"},
		"moved":                {FR: "électricité déplacée vers les heures creuses, kWh", EN: "electricity moved into off-peak hours, kWh"},
	}
}
