package label

// servers are the lines of servers and data centres: S1 share of virtual servers, S2 virtual servers per host, S3 servers still in schools, and data
// centres under the Code of Conduct, S4 the ratios of the data centre. Those of several data centres are of all of them together.
func servers() map[string]piece {
	return map[string]piece{
		"S1":         virtualServers,
		"S2":         ratioOf("servers-virtual", "hosts", 1, false),
		"S3":         sumOf("servers-schools"),
		"S3.conduct": ratioOf("datacentres-conduct", "datacentres", percents, true),
		"S4.pue":     usageEffectiveness,
		"S4.wue":     ratioOf("datacentre-water", "datacentre-it", 1, false),
		"S4.erf":     ratioOf("datacentre-reused", "datacentre-site", 1, true),
		"S4.ref":     ratioOf("datacentre-renewable", "datacentre-site", 1, true),
	}
}

// virtualServers is the share of virtual ones among all servers without hosts.
func virtualServers(f *facts, p period) answer {
	virtual, physical, why, ok := f.pair("servers-virtual", "servers-physical", p)
	switch all := virtual.value + physical.value; {
	case !ok:
		return lacking(why)
	case all == 0:
		return lacking(nothingOf("servers-virtual"))
	default:
		a := declared(percents*virtual.value/all, virtual, physical)
		a.notes = append(a.notes, physical.partly(f)...)
		return a
	}
}

// usageEffectiveness is the PUE. Below 1 it is a slip: the IT is a part of the site.
func usageEffectiveness(f *facts, p period) answer {
	it, site, why, ok := f.pair("datacentre-it", "datacentre-site", p)
	switch {
	case !ok:
		return lacking(why)
	case it.value == 0:
		return lacking(nothingOf("datacentre-it"))
	case it.value > site.value:
		return lacking(contradictory("datacentre-it", "datacentre-site"))
	}
	return ratioOf("datacentre-site", "datacentre-it", 1, false)(f, p)
}
