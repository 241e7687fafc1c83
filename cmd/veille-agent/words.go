package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
)

// words are what once and explain say around the figures, in one language. Names of the record (methods, classes, scopes)
// are the same in every language.
type words struct {
	Machine, Virtual, Hypervisor, Support, Memory, SinceBoot, Processors, Energy, NotKnown, Problem string
	UsedFor, NotUsed, Sleeps, Screens, NoScreens                                                    string

	Scopes    map[string]string   // what a figure is of
	Screen    map[string]string   // words for a screen that are not a size
	translate func(string) string // a sentence of the survey
	point     string              // in a number
}

// number is x with some decimals.
func (w words) number(x float64, decimals int) string {
	return strings.Replace(strconv.FormatFloat(x, 'f', decimals, 64), ".", w.point, 1)
}

func wordsIn(lang string) words {
	if lang == "fr" {
		book := agent.French()
		return words{
			Machine: "machine", Virtual: "virtuelle", Hypervisor: "héberge des machines virtuelles", Support: "%s (support jusqu'au %s)", Memory: "%s Gio de mémoire",
			SinceBoot: "depuis le démarrage\t%v en marche, %v en veille", Processors: "processeurs\toccupés à %s %% pendant %s s",
			Energy: "%s\t%s W (%s à %s), %s Wh en %d s, par %s", NotKnown: "énergie\tinconnue", Problem: "problème",
			UsedFor: "utilisé pour %s : %s", NotUsed: "non utilisé : %s", Sleeps: "mise en veille si inutilisée", Screens: "écrans", NoScreens: "aucun détecté",
			Scopes:    map[string]string{"machine": "la machine", "cpu": "les processeurs", "display": "les écrans externes"},
			Screen:    map[string]string{"internal": "intégré", "unknown": "taille inconnue"},
			point:     ",",
			translate: func(s string) string { s, _ = book.Translate(s); return s },
		}
	}
	return words{
		Machine: "machine", Virtual: "virtual", Hypervisor: "hosts virtual machines", Support: "%s (supported until %s)", Memory: "%s GiB of memory",
		SinceBoot: "since the boot\t%v on, %v asleep", Processors: "processors\t%s %% busy over %s s",
		Energy: "%s\t%s W (%s to %s), %s Wh in %d s, by %s", NotKnown: "energy\tnot known", Problem: "problem",
		UsedFor: "used for %s: %s", NotUsed: "not used: %s", Sleeps: "sleep when unused", Screens: "screens", NoScreens: "none seen",
		Scopes:    map[string]string{"machine": "the machine", "cpu": "the processors", "display": "the external screens"},
		Screen:    map[string]string{"internal": "internal", "unknown": "size unknown"},
		point:     ".",
		translate: func(s string) string { return s },
	}
}

// kind is the kind of a machine in one line.
func (w words) kind(m wire.Machine) string {
	list := []string{m.Class}
	if m.Virtual {
		list = append(list, w.Virtual)
	}
	if m.Hypervisor {
		list = append(list, w.Hypervisor)
	}
	system := m.OS
	if m.OSVersion != "" {
		system = m.OSVersion
	}
	if m.OSEnd != "" {
		system = fmt.Sprintf(w.Support, system, m.OSEnd)
	}
	list = append(list, system)
	if m.CPU != "" {
		list = append(list, m.CPU)
	}
	if m.RAM != "" {
		list = append(list, fmt.Sprintf(w.Memory, m.RAM))
	}
	return strings.Join(list, ", ")
}

// langFlag is the flag of the language that people are spoken to.
func langFlag(fs *pflag.FlagSet, lang *string) {
	fs.StringVar(lang, "lang", language.Default(os.LookupEnv), "`language` of the words around the figures: en or fr")
	command.Values(fs, "lang", language.English, language.French)
}
