package agent

// frenchPhrases are the sentences of a survey, those of its parts included. A sentence that is a special case of another
// stands before it.
func frenchPhrases() []phrase {
	return []phrase{
		// meters that are used
		{"the wattmeter of the power supply", "le wattmètre de l'alimentation"},
		{"what the batteries give, while nothing else feeds the machine", "ce que donnent les batteries, tant que rien d'autre n'alimente la machine"},
		{"not now: %s", "pas maintenant : %s"},
		{"the platform's own energy counter, as long as it makes sense beside the processor's", "le compteur d'énergie de la plate-forme, tant qu'il est cohérent avec celui du processeur"},
		{"energy counters of the processor: %s", "compteurs d'énergie du processeur : %s"},
		{"energy meter interface: %s", "interface des compteurs d'énergie de Windows (EMI) : %s"},
		{"not added: %s", "non ajoutés : %s"},
		{"power of each state typical of class %s, times the measured time in that state", "puissance typique de chaque état pour la classe %s, multipliée par le temps mesuré dans cet état"},
		{"power of each state declared for this product, times the measured time in that state", "puissance de chaque état déclarée pour ce modèle, multipliée par le temps mesuré dans cet état"},
		{"power of each state declared for %s (%s), times the measured time in that state", "puissance de chaque état déclarée pour %s (%s), multipliée par le temps mesuré dans cet état"},
		{"while on, with what the processor uses more or less than in an idle machine of the class", "en marche, avec ce que le processeur consomme de plus ou de moins que dans une machine inactive de cette classe"},
		{"calibrated on battery, %s times ten minutes: %s W, %s W for each of the processor, %s W for the display", "étalonnée sur batterie, %s fois dix minutes : %s W, %s W pour chaque watt du processeur, %s W pour l'écran"},
		{"not calibrated yet: %s of %s times ten minutes on battery", "pas encore étalonnée : %s fois dix minutes sur batterie, sur %s"},
		{"the firmware names no chassis, so the range spans all classes of office machines (set --class to narrow it)", "le micrologiciel n'indique pas de châssis, la fourchette couvre donc toutes les classes de postes (la resserrer avec --class)"},
		{"this is a virtual machine: it cannot see its host's meters, and its host's energy must not be added to it", "c'est une machine virtuelle : elle ne voit pas les compteurs de son hôte, et l'énergie de l'hôte ne doit pas lui être ajoutée"},
		{"power typical of the size of each external screen (%s), while it is sent a picture, and in standby", "puissance typique de la taille de chaque écran externe (%s), quand il reçoit une image, et en veille"},

		// meters that are not
		{"this system shows no wattmeter of the power supply (some servers do)", "ce système ne montre pas de wattmètre de l'alimentation (certains serveurs en ont un)"},
		{"this machine has no battery of its own", "cette machine n'a pas de batterie propre"},
		{"this system shows no energy counter of the processor (Windows 11 does, on a real machine)", "ce système ne montre pas de compteur d'énergie du processeur (Windows 11 le fait, sur une machine physique)"},
		{"this system shows no energy counter of the processor", "ce système ne montre pas de compteur d'énergie du processeur"},
		{"this system shows no energy counter of the platform", "ce système ne montre pas de compteur d'énergie de la plate-forme"},
		{"the counter is there, and only root may read it: run the agent as its service, which is allowed to (%s)", "le compteur existe, mais seul root peut le lire : lancer l'agent comme service, qui en a le droit (%s)"},
		{"nothing typical can be said of servers", "on ne peut rien dire de typique des serveurs"},
		{"their energy is measured or not known", "leur énergie est mesurée ou inconnue"},
		{"the power of this product is declared", "la puissance de ce modèle est déclarée"},
		{"no declared power of products was imported (veille-agent models import)", "aucune puissance déclarée de modèle n'a été importée (veille-agent models import)"},
		{"none of the %s products imported is this machine", "aucun des %s modèles importés n'est cette machine"},
		{"no external screen is seen", "aucun écran externe n'est vu"},
		{"class/hwmon: %s power meters say they are of the whole machine: %s", "class/hwmon : %s wattmètres se disent celui de toute la machine : %s"},

		// counters that are not added, and why
		{"inside %s", "compris dans %s"},
		{"shows %s once more", "montre encore une fois %s"},
		{"shows the counter of %s", "montre le compteur de %s"},
		{"stands at zero", "reste à zéro"},
		{"neither a processor package nor memory", "ni processeur ni mémoire"},
		{"the graphics only", "seulement la partie graphique"},
		{"the processor only", "seulement le processeur"},
		{"a power supply on USB, maybe of another machine", "une alimentation sur USB, peut-être celle d'une autre machine"},
		{"a battery", "une batterie"},
		{"not known to be of the whole machine", "on ne sait pas si c'est celui de toute la machine"},
		{"not the only one that says it measures the whole machine", "pas le seul qui dise mesurer toute la machine"},
		{"measures a battery", "mesure une batterie"},
		{"measures a part of the machine", "mesure une partie de la machine"},
		{"shows no power", "ne montre pas de puissance"},
		{"does not say what it measures", "ne dit pas ce qu'il mesure"},
		{"counts in a unit that is not known: %s", "compte dans une unité inconnue : %s"},
		{"it counted %s while the processors inside it used %s", "il a compté %s alors que les processeurs qu'il contient ont consommé %s"},
		{"it counted %s while the processors used %s, which leaves more than %s for the rest", "il a compté %s alors que les processeurs ont consommé %s, ce qui laisse plus de %s pour le reste"},

		// why an interval has no figure
		{"the counter started again", "le compteur est reparti de zéro"},
		{"the machine slept, and nobody knows whether the counter went on", "la machine a dormi, et nul ne sait si le compteur a continué"},
		{"the counter stands still", "le compteur n'avance pas"},
		{"the counter could not be read at the start of the interval", "le compteur n'a pas pu être lu au début de l'intervalle"},
		{"the counter may have gone round more than once in the interval", "le compteur a pu faire plus d'un tour pendant l'intervalle"},
		{"sample more often", "mesurer plus souvent"},
		{"nobody knows which of them is the machine's, or whether they add up", "nul ne sait lequel est celui de la machine, ni s'ils s'additionnent"},
		{"read %s: %s: no machine that runs draws this", "lire %s : %s : aucune machine en marche ne consomme cela"},
		{"no machine that runs draws this", "aucune machine en marche ne consomme cela"},
		{"the readings lie too far apart to tell what was drawn in between", "les mesures sont trop éloignées pour dire ce qui a été consommé entre elles"},
		{"the dies of a package count alike, and too little yet to tell whether they are one counter", "les puces d'un même boîtier comptent pareil, et encore trop peu pour dire s'il s'agit d'un seul compteur"},
		{"batteries %s, before %s: %s", "batteries %s, avant %s : %s"},
		{"batteries %s: %s", "batteries %s : %s"},
		{"the batteries do not tell what is left in them", "les batteries ne disent pas ce qui leur reste"},
		{"the battery does not tell its charge", "la batterie ne dit pas sa charge"},
		{"the battery does not tell its voltage", "la batterie ne dit pas sa tension"},
		{"the battery does not tell whether an adapter is connected", "la batterie ne dit pas si un adaptateur est branché"},
		{"%s is a percentage, and no charge", "%s est un pourcentage, et non une charge"},
		{"read %s: %s is not a number of zero or more", "lire %s : %s n'est pas un nombre positif ou nul"},
		{"read %s: %s is not what a battery can have", "lire %s : %s ne peut être la valeur d'une batterie"},
		{"open %s: permission denied", "ouvrir %s : accès refusé"},
		{"open %s: file does not exist", "ouvrir %s : le fichier n'existe pas"},
		{"open %s: no such file or directory", "ouvrir %s : le fichier n'existe pas"},

		{"none", "aucune"},

		// the sleep setting
		{"unknown", "inconnu"},
		{"never", "jamais"},
	}
}
