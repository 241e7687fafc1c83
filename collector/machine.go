package collector

import (
	"cmp"
	"encoding/hex"
	"slices"
)

// Use says how finely a machine may be described: individual, shared or server.
type Use string

// Hourly tells whether machines of this use may have records and points per hour.
func (u Use) Hourly() bool { return u == "shared" || u == "server" }

// Kind is what kind of machine one is, in classes that identify nobody. All of it is empty until the machine has told it.
type Kind struct {
	Class string // of its chassis
	OS    string
	CPU   string // maker and range of processors
	RAM   string // range of memory in GiB
	Agent string // version of its agent
}

// Machine is an enrolled machine. Its pseudonym is all that tells it from the others.
type Machine struct {
	ID         int64
	Site       Site
	Group      int64 // of the site; 0: none
	Use        Use
	Kind       Kind
	EnrolledOn Date
	SeenOn     Date    // when it last sent something; a date, never a time
	RevokedOn  Date    // when its password was taken away; "": it is good
	ReplacedBy int64   // the machine that it is since it was installed anew; 0: none
	Doubtful   []int64 // earlier machines that it may be, installed anew; filled in by lists of machines only, see Doubts
}

// Enrolment is what a ledger keeps of a machine that asks for an identity.
type Enrolment struct {
	Token      [32]byte // SHA-256 of the site's token
	Pseudonym  [32]byte // HMAC-SHA256 of the install key: the same machine has the same one
	Credential [32]byte // SHA-256 of the password given to the machine
	Use        Use
	Kind       Kind
	On         Date
}

// Enrolled is a machine that was enrolled, and how many of its kind it may be, installed anew: those of its site and use, not
// seen since before that day. 0 for a machine that was known already, or that has not told its kind.
type Enrolled struct {
	Machine
	Silent int
}

// Token is a site's permission to enrol machines.
type Token struct {
	Hash      [32]byte // SHA-256 of the token itself, which nobody keeps
	Site      int64
	Quota     int  // machines it may enrol
	Used      int  // machines it has enrolled
	CreatedOn Date // "": by a version that did not keep it
	ExpiresOn Date // the first date on which it is refused
	RevokedOn Date // "": it is good
	Note      string
}

// Number is how people name the token: the first 8 hexadecimal digits of its hash, which do not help to guess it.
func (t Token) Number() string { return hex.EncodeToString(t.Hash[:4]) }

// Witness is a machine, and what speaks against its being an earlier or a later one.
type Witness struct {
	Machine

	// Apart is the number of the newest machine there was when this one last spoke, or when the administrator last said that it
	// is one of its own: all up to it are others.
	Apart int64
	// Settled: the administrator said that it is no earlier machine installed anew.
	Settled bool
}

// MaxDoubts is how many earlier machines are named that one may be.
const MaxDoubts = 8

// Doubts fills in which earlier machines each of one site may be, installed anew: those of its use, class, processor and
// memory that have not spoken since it was enrolled, the last seen first, and at most MaxDoubts. A machine of which that is
// known is in no doubt: it has replaced one or was replaced, it was revoked, or the administrator said so. A machine whose
// memory or processor was changed as well is not found.
func Doubts(site []Witness) []Machine {
	type look struct {
		use             Use
		class, cpu, ram string
	}
	alike := func(m Machine) look { return look{m.Use, m.Kind.Class, m.Kind.CPU, m.Kind.RAM} }
	replaces := map[int64]bool{}
	silent := map[look][]Witness{}
	for _, w := range site {
		replaces[w.ReplacedBy] = true
		if w.known() {
			silent[alike(w.Machine)] = append(silent[alike(w.Machine)], w)
		}
	}
	for _, group := range silent {
		slices.SortFunc(group, func(a, b Witness) int { return cmp.Or(cmp.Compare(b.SeenOn, a.SeenOn), cmp.Compare(b.ID, a.ID)) })
	}
	machines := make([]Machine, len(site))
	for i, w := range site {
		machines[i] = w.Machine
		if !w.known() || w.Settled || replaces[w.ID] {
			continue
		}
		for _, o := range silent[alike(w.Machine)] {
			if len(machines[i].Doubtful) == MaxDoubts {
				break
			}
			if o.ID < w.ID && o.Apart < w.ID {
				machines[i].Doubtful = append(machines[i].Doubtful, o.ID)
			}
		}
	}
	return machines
}

// known tells whether w can be in doubt: its kind is known, and nothing else was said of it.
func (w Witness) known() bool { return w.Kind.Class != "" && w.RevokedOn == "" && w.ReplacedBy == 0 }
