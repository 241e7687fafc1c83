//nolint:misspell // half of it is French
package wire

func recordFields() []Field {
	return []Field{
		{"version", "whole number", "", "version of the message's form", "version de la forme du message", "", ""},
		{
			"records[].date", "date", "", "local date of the day counted", "date locale de la journée comptée",
			"one record a day of a personal workstation", "un relevé par jour pour un poste individuel",
		},
		{
			"records[].hour", "whole number", "h", "hour counted, from local midnight; absent: the whole day", "heure comptée depuis minuit ; absente : la journée entière",
			"never for a personal workstation, and refused if sent", "jamais pour un poste individuel, et refusée si elle arrivait",
		},
		{"records[].length_s", "whole number", "s", "exact length of that day or hour", "durée exacte de cette journée ou de cette heure", "", ""},
		{
			"records[].use", "text", "", "individual, shared or server, set by the administrator", "individual (poste individuel), shared (poste partagé) ou server, fixé par l'administrateur",
			"individual when nobody said otherwise", "individual si rien n'a été précisé",
		},
		{"records[].machine.class", "text", "", "kind of case, from the firmware", "type de boîtier, d'après le micrologiciel", "", ""},
		{"records[].machine.virtual", "yes or no", "", "it is a virtual machine; absent: no", "c'est une machine virtuelle ; absent : non", "", ""},
		{"records[].machine.hypervisor", "yes or no", "", "it hosts virtual machines; absent: no", "elle héberge des machines virtuelles ; absent : non", "", ""},
		{"records[].machine.os", "text", "", "family of the system", "famille du système", "", ""},
		{"records[].machine.os_version", "text", "", "major version of the system; absent: not known", "version majeure du système ; absente : inconnue", "", ""},
		{"records[].machine.os_end", "date", "", "end of support, from a table in the agent; absent: not known", "fin de support, d'après une table du programme ; absente : inconnue", "", ""},
		{"records[].machine.cpu", "text", "", "maker and range of the processor; absent: not known", "fabricant et gamme du processeur ; absent : inconnus", "", ""},
		{"records[].machine.ram", "text", "GiB", "range of memory; absent: not known", "tranche de mémoire ; absente : inconnue", "", ""},
		{"records[].machine.screens[]", "list of texts", "in", "of each screen: internal, or range of size; absent: none seen", "de chaque écran : intégré, ou tranche de taille ; absent : aucun vu", "", ""},
		{
			"records[].machine.product", "text", "", "maker and model, if on the organisation's list", "fabricant et modèle, s'ils sont sur la liste de l'organisme",
			"the list is to hold models of many machines only", "la liste ne doit contenir que des modèles répandus",
		},
		{"records[].machine.sleep_after", "text", "min", "the system's own sleep setting; absent: not known", "réglage de mise en veille du système ; absent : inconnu", "", ""},
		{"records[].machine.agent", "text", "", "version of the agent", "version du programme", "", ""},
	}
}

func partFields() []Field {
	return []Field{
		{
			"records[].parts[].part", "text", "", "part of the day: open, night, weekend or holiday, by the site's calendar",
			"partie de la journée : open (ouverture), night (nuit), weekend ou holiday (fermeture), selon le calendrier du site", "", "",
		},
		{"records[].parts[].length_s", "whole number", "s", "length of that part", "durée de cette partie", "", ""},
		{
			"records[].parts[].seconds.on", "whole number", "s", "time on, display lit or not known, from the system's clocks", "temps allumé, écran actif ou inconnu, d'après les horloges du système",
			"a sum over the part of the day; on a personal workstation rounded at random, see records[].rounded_s",
			"une somme sur la partie de la journée ; pour un poste individuel arrondie au hasard, voir records[].rounded_s",
		},
		{
			"records[].parts[].seconds.display_off", "whole number", "s", "time on with the display dark, as the system says", "temps allumé, écran éteint, d'après le système",
			"keyboard and mouse are not read; but displays go dark when nobody types", "ni clavier ni souris ne sont lus ; mais l'écran s'éteint quand personne ne tape",
		},
		{"records[].parts[].seconds.sleep", "whole number", "s", "time asleep, from the difference of two clocks", "temps en veille, d'après l'écart entre deux horloges", "", ""},
		{"records[].parts[].seconds.off", "whole number", "s", "time off or hibernating", "temps éteint ou en veille prolongée", "", ""},
		{"records[].parts[].seconds.unknown", "whole number", "s", "time that nobody can account for; never counted as off", "temps dont rien n'est su ; jamais compté comme éteint", "", ""},
		{
			"records[].parts[].energy[].wh", "number", "Wh", "energy, measured or estimated", "énergie, mesurée ou estimée",
			"of a personal workstation in steps of 5 Wh (cpu: 1), up or down at random", "d'un poste individuel, par pas de 5 Wh (cpu : 1), vers le haut ou le bas au hasard",
		},
		{"records[].parts[].energy[].low_wh", "number", "Wh", "the least it can be, rounding included", "sa borne basse, arrondi compris", "", ""},
		{"records[].parts[].energy[].high_wh", "number", "Wh", "the most it can be, rounding included", "sa borne haute, arrondi compris", "", ""},
		{"records[].parts[].energy[].method", "text", "", "how it was measured or estimated", "façon de la mesurer ou de l'estimer", "", ""},
		{"records[].parts[].energy[].scope", "text", "", "what it is of: machine, cpu or display", "ce sur quoi elle porte : machine, cpu (processeur) ou display (écrans)", "", ""},
		{"records[].parts[].energy[].covered_s", "whole number", "s", "time that the figure covers", "temps que le chiffre couvre", "", ""},
		{
			"records[].history", "yes or no", "", "made at the first start, from the system's own log; absent: no", "établi au premier démarrage d'après le journal du système ; absent : non",
			"days before the agent came: made unless it is switched off", "jours précédant l'installation : établi, sauf si on le désactive",
		},
		{"records[].simulated", "yes or no", "", "made up for a test; absent: no", "fabriqué pour un essai ; absent : non", "", ""},
	}
}

func costFields() []Field {
	return []Field{
		{"records[].cost.cpu_s", "number", "s", "processor time of the agent itself; no cost: not counted", "temps de processeur du programme lui-même ; pas de cost : non compté", "", ""},
		{"records[].cost.wakeups", "whole number", "", "times the agent was woken up; absent: not known", "nombre de réveils du programme ; absent : inconnu", "", ""},
		{"records[].cost.sent_bytes", "whole number", "bytes", "bytes it sent to the collector", "octets envoyés au collecteur", "", ""},
		{"records[].cost.received_bytes", "whole number", "bytes", "bytes it received from it", "octets reçus du collecteur", "", ""},
		{"records[].cost.dropped", "whole number", "", "records given up, too many or too old; absent: none", "relevés abandonnés, trop nombreux ou trop anciens ; absent : aucun", "", ""},
		{
			"records[].rounded_s", "whole number", "s", "about how many seconds times are rounded to, at random; absent: told to the second",
			"pas, environ, auquel les durées sont arrondies au hasard ; absent : à la seconde",
			"900, a quarter of an hour, for a personal workstation: a single day tells no exact time, sums of many stay right",
			"900, un quart d'heure, pour un poste individuel : un jour seul ne dit pas de durée exacte, la somme de beaucoup reste juste",
		},
		{"acked", "whole number", "", "records that the collector said it has of this machine; absent: none", "relevés que le collecteur a dit avoir de cette machine ; absent : aucun", "", ""},
	}
}

func enrolmentFields() []Field {
	return []Field{
		{"enrolment.version", "whole number", "", "version of the message's form", "version de la forme du message", "", ""},
		{
			"enrolment.install_key", "text", "", "128 random bits drawn on the machine", "128 bits tirés au hasard sur la machine",
			"pseudonym: the collector keeps only a keyed hash of it", "pseudonyme : le collecteur n'en garde qu'une empreinte à clé",
		},
		{"enrolment.use", "text", "", "as in records[].use", "comme records[].use", "", ""},
		{"enrolment.machine", "group of fields", "", "the fields of records[].machine; absent: not told", "les champs de records[].machine ; absent : non dit", "", ""},
		{
			"enrolment.personal", "yes or no", "", "it belongs to a person: it is refused; absent: no", "elle appartient à une personne : elle est refusée ; absent : non",
			"the agent of Veille then asks nothing", "le programme Veille ne demande alors rien",
		},
	}
}
