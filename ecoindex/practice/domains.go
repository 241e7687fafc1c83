package practice

import (
	"cmp"
	"slices"
	"strconv"
)

// domains counts the hosts that a page asks.
func domains() Check {
	const most = 5 // of the sheet; the extension grades 3 and less A, 6 and more C
	return Check{
		ID: "domains", RWEB: []string{"0081"}, RefID: []string{"0018"}, RGESN: []string{"6.7"}, Most: most,
		Title: Words{"Domaines appelés", "Domains that are asked"},
		Advice: Words{
			"Servez les ressources depuis peu de domaines : chacun coûte une résolution de nom, une connexion et une négociation de clés.",
			"Serve the resources from few domains: each costs the look-up of a name, a connection and a negotiation of keys.",
		},
		Look: func(v *View) Finding {
			hosts := hostsOf(v)
			if len(hosts) == 0 {
				return Finding{Status: Nothing}
			}
			return judge(float64(len(hosts)), most, hosts[:min(len(hosts), maxOffendersListed)], Saving{})
		},
	}
}

// hostsOf are the hosts that a page asks, those that are asked least first, since they are the easiest to do without. Each has the first
// address that was asked of it, and as its detail its name and how often it is asked.
func hostsOf(v *View) []Offender {
	count, first := map[string]int{}, map[string]string{}
	var names []string
	for i := range v.Exchanges {
		address := v.Exchanges[i].URL
		host := hostOf(address)
		if host == "" || !fetched(address) {
			continue
		}
		if count[host]++; count[host] == 1 {
			names, first[host] = append(names, host), address
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(count[a], count[b]) })
	list := make([]Offender, 0, len(names))
	for _, host := range names {
		list = append(list, Offender{URL: first[host], Detail: short(host) + " × " + strconv.Itoa(count[host])})
	}
	return list
}
