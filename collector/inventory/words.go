package inventory

import (
	"fmt"
	"slices"
	"strings"

	"veille/collector"
	"veille/collector/table"
)

// Words of collector, by which ours are told apart.
const (
	stateRetired = "retired"
	wayNew       = "new"
	virtual      = "" // the class of what is no device
)

// word is a word of ours, and what people write for it, as table.Plain has it.
type word struct {
	ours  string
	known string // parted by commas
}

// classes are what types are called.
func classes() []word {
	return []word{
		{"notebook", "notebook,portable,laptop,ultrabook,ultraportable,ultra portable,netbook,chromebook,convertible,2 en 1,2 in 1,sub notebook,subnotebook,detachable,macbook,macbook air,macbook pro,station mobile,mobile workstation"},
		{"desktop", "desktop,tour,fixe,unite centrale,uc,tower,mini tower,minitower,mini tour,minitour,micro tour,low profile desktop,space saving,sff,small form factor,bureau,workstation,station de travail,stations de travail"},
		{"mini", "mini,minipc,usff,nuc,tiny,ultra compact"},
		{"all-in-one", "all in one,tout en un,aio,imac"},
		{"thin-client", "thin client,client leger,zero client,terminal leger"},
		{"server", "server,serveur,rack mount chassis,main server chassis,blade,serveur lame,serveur rack,serveur physique,physical server"},
		{"monitor", "monitor,moniteur,ecran,screen,display,lcd,tft,led,crt,ecran plat,ecran lcd,ecran led,moniteur lcd,lcd monitor"},
		{"tablet", "tablet,tablette,ipad,tablette tactile"},
		{"printer", "printer,imprimante,mfp,multifonction,imprimante multifonction,copieur,photocopieur,laser,imprimante laser,laser printer,jet encre,imprimante jet encre,inkjet,imprimante reseau,imprimante laser couleur,traceur"},
		{"other", "other,autre"},
		{virtual, "virtual,virtuelle,virtuel,virtual machine,machine virtuelle,serveur virtuel,virtual server,vm,vmware,virtualbox,hyper v,kvm,qemu,xen"},
	}
}

// filler tells whether a word says nothing of the class: a "PC" may be a notebook or a desktop.
func filler(w string) bool {
	return slices.Contains([]string{"ordinateur", "computer", "pc", "poste", "de", "d", "du", "travail", "professionnel", "pro", "pouce", "inch", "chassi", "un", "le"}, w) || strings.Trim(w, "0123456789") == ""
}

// looked is what a text stands for among words.
func looked(text string, words []word) (string, bool) {
	for _, w := range words {
		if text != "" && (strings.Contains(","+w.known+",", ","+text+",") || text == strings.ReplaceAll(w.ours, "-", " ")) {
			return w.ours, true
		}
	}
	return "", false
}

// typed is the class of a type as programs and people call it; virtual of virtual machines. Only whole names are known: "support d’écran" is no
// screen.
func typed(text string) (class string, known bool) {
	words := strings.Fields(table.Plain(text))
	if class, known = looked(strings.Join(words, " "), classes()); known {
		return class, true
	}
	for i, w := range words {
		if len(w) > 3 {
			words[i] = strings.TrimSuffix(w, "s")
		}
	}
	if class, known = looked(strings.Join(words, " "), classes()); known {
		return class, true
	}
	kept := slices.DeleteFunc(words, filler)
	if len(kept) == 0 {
		return "", false
	}
	return looked(strings.Join(kept, " "), classes())
}

// classOf is a class as our format says it, or in other words.
func classOf(text string) (string, error) {
	class, known := typed(text)
	if !known || class == virtual {
		return "", fmt.Errorf("class %.60q is none of %s", text, strings.Join(collector.Devices(), ", "))
	}
	return class, nil
}

// wayOf is how devices came.
func wayOf(text string) (string, error) {
	way, known := looked(table.Plain(text), []word{
		{wayNew, "neuf,neuve,neufs,achat neuf,achete neuf,bought new"},
		{"refurbished", "reconditionne,reconditionnee,reconditionnes"},
		{"reused", "reemploi,reemploye,reemployee,don,reutilise,reutilisation"},
	})
	if !known {
		return "", fmt.Errorf("acquired as %.40q is none of new, refurbished, reused (neuf, reconditionné, réemploi)", text)
	}
	return way, nil
}

// stateOf is what has become of devices; "" is in service, also of nothing. GLPI names a state below others: "En service > Prêt".
func stateOf(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	for part := range strings.SplitSeq(text, ">") {
		state, known := looked(table.Plain(part), []word{
			{"in-service", "en service,in use,en production,production,utilise,actif,active,affecte,deploye,en fonction,operationnel,en pret,prete,en panne,en reparation,en maintenance"},
			{"stock", "en stock,in stock,disponible,available,en reserve,reserve,spare"},
			{stateRetired, "reforme,reformee,a la reforme,mis au rebut,au rebut,rebut,hors service,sorti,sorti du parc,retire,decommissioned,disposed,disposed of,scrapped,recycle,donne,vendu,cede"},
		})
		if known && state == collector.EquipmentStates()[0] {
			return "", nil
		}
		if known {
			return state, nil
		}
	}
	return "", fmt.Errorf("state %.40q is not known: write in-service, stock or retired (en service, en stock, réformé)", text)
}

// endOf is where retired devices went; "" of nothing.
func endOf(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	end, known := looked(table.Plain(text), []word{
		{"reuse-inside", "reemploi interne,redeploye"},
		{"reuse-outside", "reemploi externe,reemploi,don,donne,vente,vendu,gift,sold"},
		{"recycling", "recyclage,recycle,deee,recycled"},
		{"other", "autre"},
	})
	if !known {
		return "", fmt.Errorf("where it went, %.40q, is none of %s (réemploi interne, réemploi externe, recyclage, autre)", text, strings.Join(collector.EquipmentEnds(), ", "))
	}
	return end, nil
}

// yes reads a yes or a no; nothing is no, because nobody says that there is a label.
func yes(text string) (bool, error) {
	switch table.Plain(text) {
	case "", "no", "non", "0", "false", "faux":
		return false, nil
	case "yes", "oui", "1", "true", "vrai", "x":
		return true, nil
	}
	return false, fmt.Errorf("ecolabel %.40q is neither yes nor no (oui, non)", text)
}
