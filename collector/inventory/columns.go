package inventory

import (
	"fmt"
	"slices"
	"strings"

	"veille/collector/table"
)

// The columns, by our names.
const (
	columnSite     = "site"
	columnClass    = "class"
	columnBought   = "bought"
	columnAs       = "as"
	columnCount    = "count"
	columnState    = "state"
	columnEcolabel = "ecolabel"
	columnLeft     = "left"
	columnTo       = "to"

	columnPlace    = "place"  // of a list: where a device is
	columnEntity   = "entity" // of GLPI: whose it is
	columnType     = "type"
	columnCategory = "category" // of OCS, where there is no type
	columnUsed     = "used"     // since when it is used
	columnName     = "name"
	columnSerial   = "serial"
	columnNumber   = "number" // of the inventory
	columnID       = "id"     // in the program
	columnUUID     = "uuid"
	columnArchived = "archived"
)

// ownColumns are those of our format.
func ownColumns() []table.Column {
	return append([]table.Column{
		{Name: columnSite, Known: []string{"établissement", "lieu"}, Needed: true},
		{Name: columnClass, Known: []string{"classe"}, Needed: true},
		{Name: columnBought, Known: []string{"achat", "date d’achat", "acheté", "acheté le", "date of purchase", "purchase date"}, Needed: true},
		{Name: columnAs, Known: []string{"provenance", "acquired as"}, Needed: true},
		{Name: columnCount, Known: []string{"nombre", "quantité", "number", "quantity"}, Needed: true},
		{Name: columnState, Known: []string{"état", "statut", "status"}},
	}, ends()...)
}

// ends are columns that all formats may have.
func ends() []table.Column {
	return []table.Column{
		{Name: columnEcolabel, Known: []string{"écolabel", "éco-label", "eco-label"}},
		{Name: columnLeft, Known: []string{"sortie", "date de sortie", "date de réforme", "réformé le", "retired on", "decommission date"}},
		{Name: columnTo, Known: []string{"destination", "devenir"}},
	}
}

// listColumns are those of lists of GLPI and OCS: none is needed by itself.
func listColumns(more ...table.Column) []table.Column {
	const group, groupe = "Financial and administrative information - ", "Informations financières et administratives - "
	return append(append([]table.Column{
		{Name: columnClass, Known: []string{"classe"}},
		{Name: columnBought, Known: []string{"Date of purchase", "Date d'achat", "Purchase date", group + "Date of purchase", groupe + "Date d'achat"}},
		{Name: columnUsed, Known: []string{"Startup date", "Date de mise en service", group + "Startup date", groupe + "Date de mise en service"}},
		{Name: columnAs, Known: []string{"provenance", "Type d'acquisition", "Mode d'acquisition", "Acquisition type"}},
		{Name: columnState, Known: []string{"Status", "Statut", "État"}},
		{Name: columnSerial, Known: []string{"Serial number", "Numéro de série", "N° de série"}},
		{Name: columnNumber, Known: []string{"Inventory number", "Numéro d'inventaire", "N° d'inventaire"}},
		{Name: columnUUID},
	}, ends()...), more...)
}

// presetColumns are those that a preset reads.
func presetColumns(preset string) []table.Column {
	switch preset {
	case PresetGLPI:
		return listColumns(
			table.Column{Name: columnPlace, Known: []string{"Location", "Lieu"}},
			table.Column{Name: columnEntity, Known: []string{"Entité"}},
			table.Column{Name: columnType, Known: []string{"Computer type", "Type d'ordinateur", "Monitor type", "Type de moniteur", "Printer type", "Type d'imprimante"}},
			table.Column{Name: columnID},
			table.Column{Name: columnName, Known: []string{"Nom"}},
		)
	case PresetOCS:
		return listColumns(
			table.Column{Name: columnPlace, Known: []string{"TAG", "Location", "Lieu", "Localisation", "Site", "Établissement"}},
			table.Column{Name: columnType, Known: []string{"Chassis type", "Type de châssis"}},
			table.Column{Name: columnCategory, Known: []string{"Assets category", "Asset category", "Catégorie d'Actifs"}},
			table.Column{Name: columnID, Known: []string{"Computer Id", "Id de la machine"}},
			table.Column{Name: columnName, Known: []string{"Computer", "Machine", "Nom"}},
			table.Column{Name: columnArchived, Known: []string{"Archive", "Archiver", "Archivé"}},
		)
	default:
		return ownColumns()
	}
}

// ocsColumns are titles that the list of OCS has and no other.
func ocsColumns() []string {
	return []string{"Computer Id", "Id de la machine", "Last inventory", "Dernier inventaire", "RAM (MB)", "RAM (Mo)", "CPU (MHz)", "TAG", "Assets category", "Catégorie d'Actifs"}
}

// recognised is the preset that a file is read by: that which was asked for, or that which its columns tell. Where they tell none, the hint says what
// they could have told.
func recognised(file []byte, asked string) (preset, hint string, err error) {
	if !slices.Contains(append(Presets(), ""), asked) {
		return "", "", fmt.Errorf("preset %.20q is none of %s", asked, strings.Join(Presets(), ", "))
	}
	if asked != "" && asked != PresetAuto {
		return asked, "", nil
	}
	head, err := table.Head(file)
	if err != nil {
		return "", "", fmt.Errorf("read the inventory: %w", err)
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(head, func(title string) bool {
			return slices.ContainsFunc(names, func(name string) bool { return table.Plain(name) == table.Plain(title) })
		})
	}
	switch {
	case has(columnCount, "nombre", "quantité", "quantity") && has(columnClass, "classe"):
		return PresetVeille, "", nil
	case has("Machine", "Computer", "Name", "Nom") && has(ocsColumns()...):
		return PresetOCS, "", nil
	case has("Location", "Lieu", "Entity", "Entité") && has("Type", "Computer type", "Type d'ordinateur", "Monitor type", "Printer type", "Serial number", "Numéro de série", "Inventory number", "Numéro d'inventaire", "Name", "Nom"):
		return PresetGLPI, "", nil
	}
	return PresetVeille, "\na list of GLPI is recognised by the columns Lieu or Entité and Type (Location or Entity and Type), a list of OCS Inventory by Machine and TAG (Computer and TAG)", nil
}
