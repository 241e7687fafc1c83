package opendata

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"

	"veille/collector"
)

// catalogueName is the name of the catalogue of an organisation.
const catalogueName = "catalog.jsonld"

// Vocabularies of the European Union, and media types, that the catalogue points to.
const (
	frequency = "http://publications.europa.eu/resource/authority/frequency/MONTHLY"
	french    = "http://publications.europa.eu/resource/authority/language/FRA"
	themes    = "http://publications.europa.eu/resource/authority/data-theme/"
	formats   = "http://publications.europa.eu/resource/authority/file-type/"
	media     = "https://www.iana.org/assignments/media-types/"
	sha256IRI = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
)

// node is a node of the catalogue.
type node map[string]any

func ref(iri string) node { return node{"@id": iri} }

func typed(kind, value string) node { return node{"@type": kind, "@value": value} }

// both is a text in two languages.
func both(fr, en string) []node {
	return []node{{"@language": "fr", "@value": fr}, {"@language": "en", "@value": en}}
}

// prefixes are those of the catalogue: it needs nothing from the network to be read.
func prefixes() node {
	return node{
		"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/", "spdx": "http://spdx.org/rdf/terms#",
		"owl": "http://www.w3.org/2002/07/owl#", "rdfs": "http://www.w3.org/2000/01/rdf-schema#", "schema": "http://schema.org/", "xsd": "http://www.w3.org/2001/XMLSchema#",
	}
}

// about is who publishes, and under what licence.
type about struct {
	publisher node
	licence   node
	fr, en    string // title
}

// about says it of the organisation.
func (m *material) about() about {
	mark, marked := m.marks()
	return about{
		publisher: m.publisher(), licence: m.licenceNode(),
		fr: "Données ouvertes du numérique de " + m.of.Name + mark, en: "Open data on the IT of " + m.of.Name + marked,
	}
}

// marks are what titles of simulated figures end with.
func (m *material) marks() (fr, en string) {
	if m.simulated {
		return " (données simulées)", " (simulated data)"
	}
	return "", ""
}

func (m *material) publisher() node {
	return node{
		"@id": m.base + catalogueName + "#editeur", "@type": "foaf:Organization", "foaf:name": m.of.Name, "dct:identifier": m.of.SIREN,
		"rdfs:seeAlso": ref("https://annuaire-entreprises.data.gouv.fr/entreprise/" + m.of.SIREN),
	}
}

func (m *material) licenceNode() node {
	l := m.licence()
	n := node{"@type": "dct:LicenseDocument", "dct:title": l.Title}
	if l.Path != "" {
		n["@id"] = l.Path
	} else {
		n["@id"] = m.base + catalogueName + "#licence"
	}
	return n
}

// catalogueOf is a catalogue of data sets. It says nothing of when it was made.
func catalogueOf(base string, a about, datasets []any, modified collector.Date) ([]byte, error) {
	c := node{
		"@context": prefixes(), "@id": base + catalogueName + "#catalogue", "@type": "dcat:Catalog",
		"dct:title":       both(a.fr, a.en),
		"dct:description": both("Consommation, usage et empreinte du parc informatique, et EcoIndex des sites web publics.", "Electricity, use and footprint of IT equipment, and EcoIndex of public websites."),
		"dct:publisher":   a.publisher, "dct:license": a.licence, "dct:language": ref(french),
		"dcat:dataset": datasets,
	}
	if _, err := url.Parse(base); err != nil {
		return nil, fmt.Errorf("make the catalogue: %.200q is no address: %w", base, err)
	}
	if modified != "" {
		c["dct:modified"] = typed("xsd:date", string(modified))
	}
	return pretty(c)
}

// newest is the date of the newest content of data sets.
func newest(sets []published) (d collector.Date) {
	for _, s := range sets {
		d = max(d, s.last)
	}
	return d
}

// datasetNodes are the data sets as the catalogue has them.
func (m *material) datasetNodes(sets []published) []any {
	var nodes []any
	for _, s := range sets {
		nodes = append(nodes, m.datasetNode(s))
	}
	return nodes
}

// english is a data set's title, description and keywords in English: its schema is in French.
func english(name string) (title, description string, keywords []string) {
	if name == "ecoindex-sites-publics" {
		return "EcoIndex of public websites", "EcoIndex score of the pages of a public body's websites, at their last measure, with protocol and tool. One row for each page.",
			[]string{"responsible IT", "eco-design", "EcoIndex", "website", "accessibility"}
	}
	return "Footprint of IT equipment", "Electricity, hours of use, age and carbon footprint of a public body's IT equipment. One row for each organisation, site, class of equipment and month. Counts below 11 are never published.",
		[]string{"responsible IT", "IT equipment", "electricity", "carbon footprint", "workstation"}
}

func (m *material) datasetNode(p published) node {
	s := p.schema
	iri, mark, marked := m.base+s.Name, "", ""
	if mark, marked = m.marks(); mark != "" {
		iri += "-simulees"
	}
	title, description, keywords := english(s.Name)
	var words []node
	for _, k := range s.Keywords {
		words = append(words, node{"@language": "fr", "@value": k})
	}
	for _, k := range keywords {
		words = append(words, node{"@language": "en", "@value": k})
	}
	n := node{
		"@id": iri, "@type": "dcat:Dataset", "dct:identifier": iri,
		"dct:title":       both(s.Title+" – "+m.of.Name+mark, title+" – "+m.of.Name+marked),
		"dct:description": both(s.Description, description), "dcat:keyword": words,
		"dcat:theme": []node{ref(themes + "ENVI"), ref(themes + "GOVE")}, "dct:publisher": m.publisher(), "dct:language": ref(french),
		"dct:accrualPeriodicity": ref(frequency), "dct:conformsTo": m.standard(s), "dcat:landingPage": ref(m.base + s.Name + "/README.md"),
		"dcat:distribution": []node{m.distribution(p, p.data, "text/csv", "CSV"), m.distribution(p, p.json, "application/json", "JSON")},
	}
	if p.last != "" {
		n["dct:modified"] = typed("xsd:date", string(p.last))
		n["dct:temporal"] = node{
			"@type": "dct:PeriodOfTime", "dcat:startDate": typed("xsd:date", string(p.first)), "dcat:endDate": typed("xsd:date", string(p.last)),
			"schema:startDate": typed("xsd:date", string(p.first)), "schema:endDate": typed("xsd:date", string(p.last)),
		}
	}
	return n
}

// standard is the schema that data conform to.
func (m *material) standard(s schema) node {
	return node{"@id": s.Path, "@type": "dct:Standard", "dct:title": s.Title, "owl:versionInfo": s.Version}
}

// distribution is one file of data.
func (m *material) distribution(p published, f File, kind, format string) node {
	sum := sha256.Sum256(f.Bytes)
	n := node{
		"@id": m.base + f.Name, "@type": "dcat:Distribution", "dct:title": p.schema.Title + " (" + format + ")",
		"dcat:accessURL": ref(m.base + f.Name), "dcat:downloadURL": ref(m.base + f.Name), "dct:license": m.licenceNode(),
		"dcat:mediaType": ref(media + kind), "dct:format": ref(formats + format), "dct:conformsTo": m.standard(p.schema),
		"dcat:byteSize": typed("xsd:nonNegativeInteger", fmt.Sprint(len(f.Bytes))),
		"spdx:checksum": node{"@type": "spdx:Checksum", "spdx:algorithm": ref(sha256IRI), "spdx:checksumValue": typed("xsd:hexBinary", hex.EncodeToString(sum[:]))},
	}
	if p.last != "" {
		n["dct:modified"] = typed("xsd:date", string(p.last))
	}
	return n
}
