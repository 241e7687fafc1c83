package collector

// The scopes of sites, as open data have them.
const (
	ScopeOffice     = "administration"
	ScopeSchool     = "lycees"
	ScopeDataCentre = "centre_donnees"
	ScopeOther      = "autre"
)

// SiteScopes are all scopes.
func SiteScopes() []string { return []string{ScopeOffice, ScopeSchool, ScopeDataCentre, ScopeOther} }

// Quantities are what can be stated, in the order in which forms ask for it.
func Quantities() []QuantityKind {
	return []QuantityKind{
		{Name: "staff", Standing: true, Whole: true},               // people who work there: F1, L9, P1, P3, G3, L4
		{Name: "pupils", Standing: true, Whole: true},              // F1, apart
		{Name: "area", Unit: "m²", Standing: true},                 // heated floor
		{Name: "purchases", Unit: "€"},                             // of IT and telephony, before VAT: L2
		{Name: "purchases-reused", Unit: "€"},                      // of them reused, refurbished or with recycled matter: L2
		{Name: "gifts", Whole: true},                               // notebooks under five years received as gifts, 200 € each: L2
		{Name: "purchased", Whole: true},                           // devices bought: L6
		{Name: "purchased-ecolabel", Whole: true},                  // of them with an eco-label of type I: L6
		{Name: "contracts", Whole: true},                           // L7
		{Name: "contracts-clause", Whole: true},                    // with an environmental clause: L7
		{Name: "retired", Whole: true},                             // devices under ten years retired and in stock on 1 January: L3
		{Name: "retired-reused", Whole: true},                      // of them given to reuse in the year: L3
		{Name: "weee", Unit: "kg"},                                 // waste of electrical and electronic equipment: L4
		{Name: "weee-organised", Unit: "kg"},                       // of it handed to a producer-responsibility body: L4
		{Name: "broken", Whole: true},                              // L8
		{Name: "repaired", Whole: true},                            // L8
		{Name: "os-ended", Whole: true, Standing: true},            // machines whose system is out of support: L10
		{Name: "printers", Whole: true, Standing: true},            // P1, P2
		{Name: "printers-shared", Whole: true, Standing: true},     // P2
		{Name: "sheets", Whole: true},                              // of paper: P3
		{Name: "hosts", Whole: true, Standing: true},               // physical servers that run virtual ones: S1, S2
		{Name: "servers-physical", Whole: true, Standing: true},    // other physical servers: S1
		{Name: "servers-virtual", Whole: true, Standing: true},     // S1, S2
		{Name: "servers-schools", Whole: true, Standing: true},     // physical servers that are still in schools: S3
		{Name: "datacentres", Whole: true, Standing: true},         // S3
		{Name: "datacentres-conduct", Whole: true, Standing: true}, // under the Code of Conduct: S3
		{Name: "datacentre-site", Unit: "kWh"},                     // electricity of the data centre, all of it: S4 (PUE)
		{Name: "datacentre-it", Unit: "kWh"},                       // of its IT: S4
		{Name: "datacentre-water", Unit: "L"},                      // S4 (WUE)
		{Name: "datacentre-reused", Unit: "kWh"},                   // heat given away: S4 (ERF)
		{Name: "datacentre-renewable", Unit: "kWh"},                // S4 (REF)
		{Name: "other-devices", Unit: "kWh"},                       // electricity of devices without an agent, reckoned by hand: E1
		{Name: "moved", Unit: "kWh"},                               // moved into off-peak hours: E5
		{Name: "trained", Whole: true},                             // people: G3
		{Name: "workshops", Whole: true},                           // G4
		{Name: "reached", Whole: true},                             // people reached by them: G4
		{Name: "datasets", Whole: true, Standing: true},            // open data sets, ours included: G8
	}
}
