//nolint:misspell // half of it is French
package main

// showWords are what show says around the records, in one language.
type showWords struct {
	words
	Nothing, Sent, WholeDay, Hour, History, Simulated   string
	Columns                                             [7]string
	Uses, Parts                                         map[string]string
	Kind, ScreensAre, Product, SleepsAfter, SleepsNever string
	Energy, Covers, NoEnergy, Cost, Wakeups, Dropped    string
	Left, Counting, Paused, NotEnrolled, NotForYou      string
	Damaged, Fields, NoMore                             string
}

func showWordsIn(lang string) showWords {
	if lang == "fr" {
		return frenchShow()
	}
	return showWords{
		words:   wordsIn(lang),
		Nothing: "Nothing has been sent.",
		Sent:    "This was sent about this machine: the last thirty days of records, each in a table, then as it was sent last, word for word.",

		WholeDay: "whole day", Hour: "hour %d from midnight", History: "a day before the agent was there, from the system's own log", Simulated: "simulated: of no real machine",
		Columns: [7]string{"part of the day", "on", "display off", "asleep", "off", "unknown", "energy"},
		Uses:    map[string]string{"individual": "personal workstation", "shared": "shared machine", "server": "server"},
		Parts:   map[string]string{"open": "open hours", "night": "night", "weekend": "weekend", "holiday": "closed day"},
		Kind:    "machine: %s; agent %s\n", ScreensAre: "screens: %s\n", Product: "product: %s\n",
		SleepsAfter: "goes to sleep when unused for %s min\n", SleepsNever: "never goes to sleep by itself\n",
		Energy: "%s: %s Wh (%s to %s), by %s", Covers: ", over %s", NoEnergy: "not known",
		Cost: "the agent itself: %s s of processor, %d bytes sent, %d received", Wakeups: ", woken up %d times", Dropped: ", %d records given up",
		Left:     "Waiting to be sent: %s. Refused by the collector: %s. The agent is %s.",
		Counting: "not paused", Paused: "paused: nothing is counted or sent", NotEnrolled: "not enrolled", NotForYou: "not for this account to see",
		Damaged: "The file of the record of %s is damaged and not shown: %s\n",
		Fields:  "Every field that an agent ever sends. A name in square brackets is a list.",
		NoMore:  "There is no other field. The message carries the machine's password besides, and comes from a network address that the collector does not keep.",
	}
}

func frenchShow() showWords {
	return showWords{
		words:   wordsIn("fr"),
		Nothing: "Rien n'a été envoyé.",
		Sent:    "Voici ce qui a été envoyé sur cette machine : les trente derniers jours de relevés, chacun en tableau, puis mot pour mot dans son dernier état.",

		WholeDay: "journée entière", Hour: "heure %d depuis minuit", History: "journée précédant l'installation, d'après le journal du système", Simulated: "simulé : d'aucune machine réelle",
		Columns: [7]string{"partie de la journée", "allumé", "écran éteint", "en veille", "éteint", "inconnu", "énergie"},
		Uses:    map[string]string{"individual": "poste individuel", "shared": "poste partagé", "server": "serveur"},
		Parts:   map[string]string{"open": "ouverture", "night": "nuit", "weekend": "week-end", "holiday": "fermeture"},
		Kind:    "machine : %s ; programme %s\n", ScreensAre: "écrans : %s\n", Product: "modèle : %s\n",
		SleepsAfter: "mise en veille après %s min sans utilisation\n", SleepsNever: "ne se met jamais en veille d'elle-même\n",
		Energy: "%s : %s Wh (%s à %s), par %s", Covers: ", sur %s", NoEnergy: "inconnue",
		Cost: "le programme lui-même : %s s de processeur, %d octets envoyés, %d reçus", Wakeups: ", réveillé %d fois", Dropped: ", %d relevés abandonnés",
		Left:     "En attente d'envoi : %s. Refusés par le collecteur : %s. %s.",
		Counting: "Le comptage n'est pas suspendu", Paused: "Le comptage est suspendu : rien n'est compté ni envoyé", NotEnrolled: "La machine n'est pas inscrite", NotForYou: "ce compte n'a pas à le voir",
		Damaged: "Le fichier du relevé de %s est endommagé et n'est pas affiché : %s\n",
		Fields:  "Tous les champs que le programme envoie. Des crochets désignent une liste.",
		NoMore:  "Il n'y en a pas d'autre. Le message porte en plus le mot de passe de la machine, et part d'une adresse réseau que le collecteur ne garde pas.",
	}
}
