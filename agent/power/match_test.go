package power_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"veille/agent/power"
)

func TestAMachineIsFoundByItsNameHoweverItIsWritten(t *testing.T) {
	for _, tt := range []struct {
		row     power.Product
		maker   string
		product string
		want    bool
	}{
		{product("DELL", "Latitude 5420", 5), "Dell Inc.", "Latitude 5420", true},
		{product("DELL", "Latitude 5420", 5), "Dell Inc.", "LATITUDE-5420", true},
		{product("Dell", "Dell Latitude 5420", 5), "Dell Inc.", "Latitude 5420", true},
		{product("DELL", "Latitude 5420", 5), "Dell Inc.", "Latitude 5421", false},
		{product("DELL", "Latitude 5420", 5), "Dell Inc.", "Latitude 5420 Rugged", false},
		{product("DELL", "Latitude 5420", 5), "Lenovo", "Latitude 5420", false},
		{product("DELL", "Latitude 5420", 5), "", "Latitude 5420", false},
		{product("Hewlett-Packard", "EliteBook 840 G8", 5), "HP", "HP EliteBook 840 G8 Notebook PC", true},
		{product("HP Inc.", "HP EliteBook 840 G8 Notebook PC", 5), "Hewlett-Packard Company", "HP EliteBook 840 G8", true},
		{product("HP", "ProDesk 600 G6", 5), "HP", "HP ProDesk 600 G6 Desktop Mini PC", false}, // a smaller machine
		{product("Hewlett Packard Enterprise", "ProLiant 1", 50), "HP", "ProLiant 1", false},
		{product("ASUS", "ExpertBook B1", 5), "ASUSTeK COMPUTER INC.", "ExpertBook B1", true},
		{product("Fujitsu", "ESPRIMO D7010", 5), "FUJITSU CLIENT COMPUTING LIMITED", "ESPRIMO D7010", true},
		{product("Microsoft", "Surface", 5), "Microsoft Corporation", "Surface Laptop", false}, // not the word for its kind
		{product("Lenovo", "ThinkPad X1", 5, "20XW", "20XX"), "LENOVO", "20XX00ABFR", true},
		{product("Lenovo", "ThinkPad X1", 5, "20XW", "20XX"), "LENOVO", "20XZ00ABFR", false}, // capital X are letters
		{product("Lenovo", "ThinkPad T430", 5, "2347"), "LENOVO", "2347A12", true},
		{product("Example", "A", 5, "20XX"), "Example", "20XX00ABFR", false}, // only Lenovo's numbers begin with a type
		{product("Example", "A", 5, "P137Gxxx"), "Example", "P137G001", true},
		{product("Example", "A", 5, "P137Gxxx"), "Example", "P137G01", false},
		{product("Example", "A", 5, "P137Gxxx"), "Example", "P137G0011", false},
		{product("Example", "A", 5, "P137G*"), "Example", "P137G", true},
		{product("Example", "A", 5, "P137G-***"), "Example", "P137G-01", true},
		{product("Example", "A", 5, "RF23D*9600"), "Example", "RF23DX9600", true},
		{product("Example", "A", 5, "RF23D*9600"), "Example", "RF23DXX9600", false},
		{product("Example", "A", 5, "Tx4Axx"), "Example", "TX4A01", true},
		{product("Example", "A", 5, "Tx4Axx"), "Example", "TB4A01", false}, // one x alone is a letter
		{product("Example", "A", 5, "T14x"), "Example", "T14s", false},
		{product("Example", "A", 5, "1*"), "Example", "1234", false},
		{product("Example", "A", 5, "*"), "Example", "Tower 900", false},
		{product("Example", "Tower 70 901", 5), "Example", "Tower 7090 1", false},
		{product("Example", "Tower 900", 5), "Example", "Tower 9*0", false},
		{product("Example", "A", 5, "EX90xx"), "Example", "EX90?1", false},
		{product("Example", "A", 5, "EX90xx"), "Example", "EX901", false},
		{product("Example", "System Product Name", 5), "Example", "System Product Name", false},
		{product("Example", "To Be Filled By O.E.M.", 5), "Example", "To Be Filled By O.E.M.", false},
	} {
		c := power.Catalogue{Products: []power.Product{tt.row}}
		if _, got := c.Find(tt.maker, tt.product); got != tt.want {
			t.Errorf("%s %q of %q is found by %q %v: %t", tt.row.Maker, tt.product, tt.maker, tt.row.Name, tt.row.Numbers, got)
		}
	}
}

func TestTheBestNameAndTheClosestFitDecide(t *testing.T) {
	c := power.Catalogue{Products: []power.Product{
		product("Example", "Series 9", 9, "EX9*"), product("Example", "Wide", 10, "EX90*"), product("Example", "Exact", 11, "EX900"),
		product("Example", "Wider", 12, "EX9**"), product("Example", "Closer", 13, "EX90x", "EX90xx", "EX9010*"), product("Example", "Family", 14),
	}}
	backwards := slices.Clone(c.Products)
	slices.Reverse(backwards)
	for _, tt := range []struct {
		names []string
		want  float64
		fits  int
	}{
		{[]string{"EX900"}, 11, 1},
		{[]string{"EX90123"}, 10, 1},
		{[]string{"EX9010"}, 13, 1},
		{[]string{"nothing like it", "Family"}, 14, 1},
		{[]string{"Default string", "Family", "EX900"}, 14, 1},
		{[]string{"EX90123", "EX900"}, 10, 1},
	} {
		for _, c := range []power.Catalogue{c, {Products: backwards}} {
			p, ok := c.Find("Example", tt.names...)
			if !ok || p.ShortIdle.Watts != tt.want || p.Fits != tt.fits {
				t.Errorf("%q: %v W of %d products, %t; want %v of %d", tt.names, p.ShortIdle.Watts, p.Fits, ok, tt.want, tt.fits)
			}
		}
	}
	if p, ok := c.Find("Example", "EX91"); ok {
		t.Errorf("three letters and a wildcard are no name, and %v was found", p)
	}
}

func TestRowsThatFitEquallyGiveOneRangeOverAll(t *testing.T) {
	small, big, none := product("Example", "Tower 900 i3", 15, "Tower 900"), product("Example", "Tower 900 i9", 35, "Tower 900"), product("Example", "Tower 901", 60)
	small.Class, big.Class = "desktop", "mini"
	c := power.Catalogue{Products: []power.Product{small, big, none}}
	p, ok := c.Find("Example", "Tower 900")
	if !ok || p.Fits != 2 || p.ShortIdle != (power.Draw{Watts: 25, Low: 15, High: 35, N: 2, Error: 15}) || p.Class != "" {
		t.Fatalf("got %+v, %t", p, ok)
	}
	if m, _ := p.Modes("desktop"); !is(m.Idle, 12.75, 25, 40.25) {
		t.Errorf("idle %v; want 15 %% below the smaller to 15 %% above the bigger", m.Idle)
	}
	if len(small.Numbers) != 1 || small.Numbers[0] != "Tower 900" {
		t.Error("the catalogue was changed")
	}
}

func TestOwnReadingsGoBeforeDeclaredRowsWhichFillTheirGaps(t *testing.T) {
	row := product("Example", "Tower 900", 30)
	row.Sleep, row.Off, row.Class = declared(2), declared(.5), "desktop"
	own := power.Product{Maker: "Example", Name: "Tower 900", Source: "own wattmeter", ShortIdle: power.Draw{Watts: 20, Low: 19, High: 21, N: 3, Error: 2}}
	p, ok := power.Catalogue{Products: []power.Product{row, own}}.Find("Example", "Tower 900")
	if !ok || p.ShortIdle != own.ShortIdle || p.Sleep != row.Sleep || p.Source != "own wattmeter, ENERGY STAR" || p.Fits != 2 || p.Class != "desktop" {
		t.Errorf("got %+v", p)
	}
	own.ShortIdle = power.Draw{Watts: 1, Low: 1, High: 1, N: 3, Error: 2} // below the row's sleep
	p, ok = power.Catalogue{Products: []power.Product{row, own}}.Find("Example", "Tower 900")
	if !ok || p.ShortIdle != own.ShortIdle || p.Sleep.Known() || p.Source != "own wattmeter" {
		t.Errorf("a row that contradicts the readings fills them: %+v", p)
	}
}

func TestFindingInAFileIsFindingInTheCatalogue(t *testing.T) {
	c := power.Catalogue{Products: []power.Product{product("Example", "Model 1", 5), product("Example", "Model 2", 6, "Model 1"), product("Example", "Model 3", 7)}}
	var file bytes.Buffer
	if err := c.Write(&file); err != nil {
		t.Fatal(err)
	}
	want, _ := c.Find("Example", "Model 1")
	got, ok, err := power.FindIn(bytes.NewReader(file.Bytes()), "Example", "Model 1")
	if err != nil || !ok || got.ShortIdle != want.ShortIdle || got.Fits != 2 {
		t.Errorf("got %+v, %t, %v; want %+v", got, ok, err, want)
	}
	if _, ok, err := power.FindIn(bytes.NewReader(file.Bytes()), "Example", "Model 4"); ok || err != nil {
		t.Errorf("what is not there: %t, %v", ok, err)
	}
	if _, _, err := power.FindIn(strings.NewReader(file.String()[:file.Len()-3]), "Example", "Model 1"); err == nil {
		t.Error("half a file is believed")
	}
}
