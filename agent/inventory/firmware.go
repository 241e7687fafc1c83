package inventory

import (
	"slices"
	"strconv"
	"strings"
)

// Firmware is what a machine's firmware says of its kind, as it says it. It is NEVER SENT: a product that few have tells
// whose machine it is. It is there to look the product's declared power up.
type Firmware struct {
	Chassis byte   // SMBIOS chassis type; 0 when not known
	Maker   string // "Dell Inc."
	Name    string // "OptiPlex 7090"
	Version string // of the product; Lenovo writes its name here
}

// Firmware is what the firmware says, from sysfs or from the system's own call. It stays on the machine.
func (s Sources) Firmware() Firmware {
	if s.Facts.Mac.Model != "" {
		return Firmware{Maker: "Apple", Name: s.Facts.Mac.Model}
	}
	const id = "class/dmi/id/"
	kind, err := strconv.ParseUint(read(s.Sys, id+"chassis_type"), 10, 8)
	if err != nil {
		kind = 0
	}
	f := Firmware{
		Chassis: byte(kind), Maker: read(s.Sys, id+"sys_vendor"),
		Name: read(s.Sys, id+"product_name"), Version: read(s.Sys, id+"product_version"),
	}
	if f == (Firmware{}) {
		return s.Facts.Firmware
	}
	return f
}

// virtual knows a virtual machine by the maker or the product that its firmware names. Whether a hypervisor is present is
// not asked: one is on each Windows that isolates its own kernel (VBS) or has WSL.
func (f Firmware) virtual() bool {
	named := func(text string, names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(text, name) })
	}
	return named(f.Maker, "QEMU", "VMware", "innotek", "Xen", "Parallels", "Amazon EC2", "Bochs", "BHYVE", "KVM", "Apple Virtualization") ||
		f.Name == "Virtual Machine" || // Hyper-V, whose maker also makes notebooks
		named(f.Name, "VirtualBox", "VMware", "KVM", "HVM domU", "Google Compute Engine", "Parallels Virtual", "OpenStack", "RHEV", "BHYVE")
}

// Product is the maker and the name of the machine's product as the firmware gives them, such as
// "Dell Inc. OptiPlex 7090"; "" when the firmware names none. It is NEVER SENT, as Firmware is not: what may leave the
// machine is what Shared makes of it.
func Product(s Sources) string {
	f := s.Firmware()
	name := f.Name
	if strings.EqualFold(f.Maker, "LENOVO") && !placeholder(f.Version) {
		name = f.Version // its product name is the number of a configuration
	}
	if placeholder(f.Maker) || placeholder(name) {
		return ""
	}
	return f.Maker + " " + name
}

// Shared is the normal form of product when it is on the list of those allowed to be sent, and "" otherwise. Both sides are
// brought to their normal form.
func Shared(product string, allowed []string) string {
	word := Normal(product)
	if word == "" || !slices.ContainsFunc(allowed, func(a string) bool { return Normal(a) == word }) {
		return ""
	}
	return word
}

// Normal is the form in which products are compared and sent: at most 64 lower case letters, digits and - + . _, without
// what companies add to their names, without a word said twice: "HP HP EliteBook 840 G8" is "hp-elitebook-840-g8". The
// normal form of a normal form is itself.
func Normal(product string) string {
	const longest = 64
	words := strings.FieldsFunc(strings.ToLower(product), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '+' && r != '.' && r != '_'
	})
	for i, w := range words {
		words[i] = strings.Trim(w, ".")
	}
	words = slices.Compact(slices.DeleteFunc(words, func(w string) bool {
		return slices.Contains([]string{"", "inc", "co", "corp", "corporation", "ltd", "limited", "gmbh", "computer", "computers"}, w)
	}))
	for i := 0; i+1 < len(words); i++ {
		if words[i] == "hewlett" && words[i+1] == "packard" {
			words = slices.Replace(words, i, i+2, "hp")
		}
	}
	normal := ""
	for _, w := range slices.Compact(words) {
		if normal != "" {
			w = "-" + w
		}
		if len(normal)+len(w) > longest {
			break
		}
		normal += w
	}
	return normal
}

// placeholder tells whether a maker left a field of the firmware as it found it.
func placeholder(field string) bool {
	switch Normal(field) {
	case "", "to-be-filled-by-o.e.m", "o.e.m", "oem", "default-string", "default", "not-applicable", "not-specified",
		"not-available", "n-a", "na", "none", "unknown", "undefined", "invalid", "null", "empty", "string", "x.x", "0", "0.0", "1.0",
		"123456789", "0123456789", "all-series", "type1productconfigid", "type1family", "type1sku0", "product", "product-name",
		"system", "system-name", "system-manufacturer", "manufacturer", "system-product-name", "system-version", "version", "sku":
		return true
	}
	return false
}
