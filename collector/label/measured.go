package label

// measured are the lines that come from machines.
func measured() map[string]piece {
	return map[string]piece{
		"C1": followed, "C2": sitesCovered, "C3": observed,
		"C4.high": qualityLine(0), "C4.medium": qualityLine(1), "C4.low": qualityLine(2),
		"C5.bytes": costLine(cost.kilobytes), "C5.cpu": costLine(cost.seconds),
		"U1": offShare, "U1.sleep": sleepShare, "U2": useless, "U3": neverSleep, "U5": littleUsed,
		"U4.on": openDay(onOf), "U4.sleep": openDay(sleepOf), "U4.off": openDay(offOf),
		"E1": electricity, "E1n": perOpenDay, "E4a": locationBased, "E4b": marketBased, "E5": sumOf("moved"), "E6": ofBuildings,
		"E2": avoided, "E3": saved, "E4.avoided": avoidedCarbon,
	}
}
