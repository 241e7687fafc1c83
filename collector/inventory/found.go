package inventory

import "veille/collector"

// The presets: how the columns of a file are called, and what a line of it is.
const (
	PresetAuto   = "auto"   // what the columns of the file say
	PresetVeille = "veille" // our own: a line is devices, with a count
	PresetGLPI   = "glpi"   // a list of GLPI, exported as CSV: a line is a device
	PresetOCS    = "ocs"    // the list of computers of OCS Inventory, exported as CSV: a line is a device
)

// Presets are all of them, "auto" first.
func Presets() []string { return []string{PresetAuto, PresetVeille, PresetGLPI, PresetOCS} }

// Options say what is known of a file before it is read.
type Options struct {
	Source string         // the name of the file, which is kept beside what it says
	Today  collector.Date // nothing was bought or retired after it
	Preset string         // of Presets; "" is "auto"

	// Sites are the names of the sites of the organisation. GLPI and OCS name places, "Lycée X > Bâtiment A": each has to name one of them. Our
	// own format names sites itself and does not look here.
	Sites []string
}

// Line is devices of one class at a site, as a file names it.
type Line struct {
	Number int    // of the line in the file, from 1; of the first where several were put together
	Site   string // its name or number
	collector.Equipment
}

// Type is how many devices of a file were of a type, and as which class they were taken.
type Type struct {
	Text  string // as the file says it first
	Class string // of collector.Devices
	Count int
}

// Found is what a file says. No name, serial number or inventory number of a device is in it.
type Found struct {
	Lines []Line // in the order of the file, those of the same devices put together

	Preset    string // by which it was read: never "auto"
	Encoding  string // as in table.Table
	Separator rune   // as in table.Table

	Assets     int      // devices that Lines are of
	Duplicates int      // lines that say of a device what another line has said: they were not counted again
	Undated    int      // devices of which nobody knows when they were bought
	TakenAsNew int      // devices that are taken as bought new, because the file does not say how they came
	Types      []Type   // that a list of GLPI or OCS has, in its order; nil with our own format
	Notes      []string // what people have to know of the file beside: sentences in English
}
