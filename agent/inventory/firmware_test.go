package inventory_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"veille/agent/inventory"
)

// smbios is an answer of GetSystemFirmwareTable with these structures.
func smbios(structures ...[]byte) []byte {
	table := bytes.Join(structures, nil)
	answer := append([]byte{0, 3, 7, 0}, binary.LittleEndian.AppendUint32(nil, uint32(len(table)))...)
	return append(answer, table...)
}

// structure has fields after its head of four bytes, and texts.
func structure(kind byte, fields []byte, texts ...string) []byte {
	b := append([]byte{kind, byte(4 + len(fields)), 0x10, kind}, fields...)
	for _, text := range texts {
		b = append(append(b, text...), 0)
	}
	if len(texts) == 0 {
		b = append(b, 0)
	}
	return append(b, 0)
}

const serial = "SECRET-SERIAL"

// notebook is the table of a notebook: firmware, system with serial number and UUID, board, enclosure with serial number
// and asset tag, memory, end.
func notebook() []byte {
	uuid := []byte("SECRET-UUID-0123")
	return smbios(
		structure(0, []byte{1, 2, 0, 0xE0, 3}, "Dell Inc.", "1.23.0", "01/02/2026"),
		structure(1, append([]byte{1, 2, 3, 4}, append(uuid, 6, 5, 6)...), "Dell Inc.", "Latitude 5520", "A01", serial, "SKU", "Latitude"),
		structure(2, []byte{1, 2, 3, 4, 5}, "Dell Inc.", "0ABCDE", "A00", serial+"-BOARD", serial+"-TAG"),
		structure(3, []byte{1, 0x80 | 10, 2, 3, 4, 3, 3, 3, 3}, "Dell Inc.", "A01", serial+"-CHASSIS", serial+"-ASSET"),
		structure(17, bytes.Repeat([]byte{0}, 20), "DIMM A", serial+"-DIMM"),
		structure(3, []byte{0, 23}),
		structure(127, nil),
	)
}

func TestOfTheFirmwareTheKindIsReadAndNothingElse(t *testing.T) {
	got, err := inventory.ParseFirmware(notebook())
	if want := (inventory.Firmware{Chassis: 10, Maker: "Dell Inc.", Name: "Latitude 5520", Version: "A01"}); got != want || err != nil {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestADamagedFirmwareTableIsNone(t *testing.T) {
	whole := notebook()
	for _, tt := range []struct {
		name  string
		table []byte
		want  inventory.Firmware
		ok    bool
	}{
		{"no header", whole[:7], inventory.Firmware{}, false},
		{"no structures", smbios(), inventory.Firmware{}, true},
		{"no end", smbios(structure(3, []byte{0, 3})), inventory.Firmware{Chassis: 3}, true},
		{"the head of a structure only", smbios([]byte{1, 8, 0}), inventory.Firmware{}, false},
		{"a structure longer than the table", smbios([]byte{1, 200, 0, 0, 1, 1}), inventory.Firmware{}, false},
		{"a structure shorter than its head", smbios([]byte{1, 3, 0, 0, 0, 0}), inventory.Firmware{}, false},
		{"texts without an end", smbios([]byte{1, 5, 0, 0, 1, 'D', 0}), inventory.Firmware{}, false},
		{"numbers of texts that are not there", smbios(structure(1, []byte{9, 2, 0, 1}, "Maker")), inventory.Firmware{}, true},
		{"an old short enclosure", smbios(structure(3, []byte{1}, "Maker")), inventory.Firmware{}, true},
		{"a length beyond the answer", append([]byte{0, 3, 7, 0, 255, 255, 255, 255}, structure(3, []byte{0, 35})...), inventory.Firmware{Chassis: 35}, true},
		{"bytes beyond the length", append(smbios(structure(3, []byte{0, 35})), 1, 200), inventory.Firmware{Chassis: 35}, true},
	} {
		got, err := inventory.ParseFirmware(tt.table)
		if got != tt.want || (err == nil) != tt.ok {
			t.Errorf("%s: got %+v, %v; want %+v, ok %t", tt.name, got, err, tt.want, tt.ok)
		}
	}
	for n := range whole {
		if f, err := inventory.ParseFirmware(whole[:n]); err != nil && f != (inventory.Firmware{}) {
			t.Errorf("with %d of %d bytes: %+v and %v", n, len(whole), f, err)
		}
	}
}

func FuzzParseFirmware(f *testing.F) {
	f.Add(notebook())
	f.Add(smbios(structure(3, []byte{1, 3}, "x")))
	f.Add([]byte{0, 3, 7, 0, 6, 0, 0, 0, 1, 4, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, table []byte) {
		got, err := inventory.ParseFirmware(table)
		if err != nil && got != (inventory.Firmware{}) || got.Chassis > 127 {
			t.Fatalf("%+v, %v", got, err)
		}
		words(t, inventory.Look(inventory.Sources{Facts: inventory.Facts{Firmware: got}, Products: []string{got.Maker + " " + got.Name}}))
	})
}

func TestAProductIsNamedOnlyWhenManyHaveIt(t *testing.T) {
	allowed := []string{"Dell Inc. OptiPlex 7090", "hp-elitebook-840-g8", "", "  "}
	for product, want := range map[string]string{
		"Dell Inc. OptiPlex 7090":              "dell-optiplex-7090",
		"DELL  optiplex-7090":                  "dell-optiplex-7090",
		"HP HP EliteBook 840 G8":               "hp-elitebook-840-g8",
		"Hewlett-Packard EliteBook 840 G8":     "hp-elitebook-840-g8",
		"Dell Inc. OptiPlex 7090 of J. Martin": "",
		"Dell Inc. OptiPlex":                   "",
		"":                                     "",
		" - ":                                  "",
	} {
		if got := inventory.Shared(product, allowed); got != want {
			t.Errorf("%q is sent as %q, want %q", product, got, want)
		}
	}
	if got := inventory.Shared("Dell Inc. OptiPlex 7090", nil); got != "" {
		t.Errorf("without a list, %q is sent", got)
	}
}

func TestPlaceholdersAreNoProducts(t *testing.T) {
	for _, tt := range []struct {
		firmware inventory.Firmware
		want     string
	}{
		{inventory.Firmware{Maker: "Dell Inc.", Name: "OptiPlex 7090", Version: "ignored"}, "Dell Inc. OptiPlex 7090"},
		{inventory.Firmware{Maker: "LENOVO", Name: "20XW0026FR", Version: "ThinkPad T14 Gen 2"}, "LENOVO ThinkPad T14 Gen 2"},
		{inventory.Firmware{Maker: "LENOVO", Name: "20XW0026FR", Version: "Not Specified"}, "LENOVO 20XW0026FR"},
		{inventory.Firmware{Maker: "To Be Filled By O.E.M.", Name: "To Be Filled By O.E.M."}, ""},
		{inventory.Firmware{Maker: "ASUS", Name: "System Product Name"}, ""},
		{inventory.Firmware{Maker: "System manufacturer", Name: "PRIME B450"}, ""},
		{inventory.Firmware{Maker: "Gigabyte", Name: "Default string"}, ""},
		{inventory.Firmware{Maker: "Gigabyte", Name: "Not Applicable"}, ""},
		{inventory.Firmware{Maker: "Gigabyte", Name: "  "}, ""},
		{inventory.Firmware{Name: "OptiPlex"}, ""},
	} {
		if got := inventory.Product(inventory.Sources{Facts: inventory.Facts{Firmware: tt.firmware}}); got != tt.want {
			t.Errorf("%+v is %q, want %q", tt.firmware, got, tt.want)
		}
	}
}

func FuzzNormal(f *testing.F) {
	f.Add("Dell Inc. OptiPlex 7090")
	f.Add("Hewlett Inc Packard HP hewlett.-packard. packard")
	f.Add("a " + strings.Repeat("b", 63) + " inc")
	f.Add("\u212a..inc.. İ")
	f.Fuzz(func(t *testing.T, product string) {
		got := inventory.Normal(product)
		if again := inventory.Normal(got); again != got {
			t.Errorf("%q gave %q, which gave %q", product, got, again)
		}
		if len(got) > 64 || strings.Trim(got, "abcdefghijklmnopqrstuvwxyz0123456789-+._") != "" {
			t.Errorf("%q gave %q", product, got)
		}
		if shared := inventory.Shared(product, []string{strings.ToUpper(got)}); shared != got {
			t.Errorf("%q is allowed as %q, and gave %q", product, got, shared)
		}
	})
}
