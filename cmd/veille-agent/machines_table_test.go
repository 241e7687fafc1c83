package main

// machineWant is what must be known of a recorded machine: each of its figures, its class, and a part of what is said to be
// wrong.
type machineWant struct {
	class   string
	figures []figureWant
	problem string
}

type figureWant struct {
	scope, method string
	low, high     float64 // watts
}

func whole(method string, low, high float64) figureWant {
	return figureWant{"machine", method, low, high}
}

func processors(method string, low, high float64) figureWant {
	return figureWant{"cpu", method, low, high}
}

func screens(low, high float64) figureWant { return figureWant{"display", "model-class", low, high} }

// machineTable has each machine. Of the processor there is no figure where its counter is denied, frozen, backwards, gone or
// nonsense. An estimate of the whole machine lies about the middle of its class.
func machineTable() map[string]machineWant {
	const notebook, desktop, server, unknown = "notebook", "desktop", "server", "unknown"
	is := func(class, problem string, figures ...figureWant) machineWant {
		return machineWant{class, figures, problem}
	}
	typical := map[string]figureWant{
		notebook: whole("model-class", 6, 8), desktop: whole("model-class", 22, 25), unknown: whole("model-class", 14, 17), "mini": whole("model-class", 9, 11),
	}
	return map[string]machineWant{
		"notebook-battery-energy":        is(notebook, "", whole("battery", 5.1, 5.2), processors("rapl", 2, 2.2)),
		"notebook-battery-charge":        is(notebook, "", whole("battery", 9.7, 9.9)),
		"notebook-battery-power-only":    is(notebook, "charge_now", typical[notebook]),
		"notebook-two-batteries":         is(notebook, "", whole("battery", 27.5, 27.8)),
		"notebook-charging":              is(notebook, "", processors("rapl", 3, 3.2), whole("rapl+model", 6, 9)),
		"notebook-wireless-mouse":        is(notebook, "", whole("battery", 5.9, 6.1)),
		"notebook-battery-stuck":         is(notebook, "stands still", processors("rapl", 8.9, 9.1), whole("rapl+model", 12, 16)),
		"notebook-battery-between-steps": is(notebook, "the gauge has not moved yet", typical[notebook]),
		"notebook-battery-put-in":        is(notebook, "", typical[notebook]),
		"notebook-second-battery-put-in": is(notebook, "before BAT0: the counter started again", typical[notebook]),
		"notebook-battery-taken-out":     is(notebook, "before BAT0 BAT1: the counter started again", typical[notebook]),
		"notebook-psys":                  is(notebook, "", whole("psys", 6.6, 6.7), processors("rapl", 3.8, 3.9)),
		"notebook-psys-on-battery":       is(notebook, "", whole("battery", 9.2, 9.4), processors("rapl", 3.1, 3.3)),
		"notebook-psys-too-low":          is(notebook, "", processors("rapl", 5.1, 5.3), whole("rapl+model", 8, 12)),
		"notebook-psys-too-high":         is(notebook, "", processors("rapl", 4.8, 5), whole("rapl+model", 8, 12)),
		"notebook-lid-closed":            is(notebook, "", processors("rapl", 3.9, 4.1), whole("rapl+model", 7, 10), screens(12, 12)),
		"notebook-display-dark":          is(notebook, "", processors("rapl", 2.1, 2.3), whole("rapl+model", 3, 4.5)),
		"convertible":                    is(notebook, "", typical[notebook]),
		"notebook-rapl-wrong-unit":       is(notebook, "package-0: the counter moved by more than such a part can use", typical[notebook]),
		"notebook-arm":                   is(notebook, "", typical[notebook]),

		"desktop-rapl":             is(desktop, "", processors("rapl", 9.4, 9.6), whole("rapl+model", 20, 25), screens(12, 12)),
		"desktop-mmio-twin":        is(desktop, "", processors("rapl", 9.5, 9.7), whole("rapl+model", 20, 25)),
		"desktop-mmio-only":        is(desktop, "", processors("rapl", 7.9, 8.1), whole("rapl+model", 18, 24)),
		"desktop-wrapped":          is(desktop, "", processors("rapl", 39.9, 40.1), whole("rapl+model", 50, 65)),
		"desktop-wrapped-65kJ":     is(desktop, "", processors("rapl", 10.7, 10.9), whole("rapl+model", 20, 27)),
		"desktop-counter-reset":    is(desktop, "package-0: the counter started again", typical[desktop]),
		"desktop-counter-frozen":   is(desktop, "package-0: the counter stands still", whole("model-class", 33, 37)), // three tenths busy
		"desktop-denied":           is(desktop, "", typical[desktop]),
		"desktop-counter-missing":  is(desktop, "", typical[desktop]),
		"desktop-counter-negative": is(desktop, "is not a number of zero or more", typical[desktop]),
		"desktop-counter-text":     is(desktop, "", typical[desktop]),
		"desktop-counter-huge":     is(desktop, "is not a number of zero or more", typical[desktop]),
		"desktop-counter-vanishes": is(desktop, "energy_uj: file does not exist", typical[desktop]),
		"desktop-slept":            is(desktop, "", typical[desktop]),
		"desktop-no-meters":        is(desktop, "", typical[desktop], screens(10, 10)),
		"mini-pc":                  is("mini", "", whole("psys", 11.7, 11.9), processors("rapl", 5, 5.2), screens(17, 17)),
		"all-in-one":               is("all-in-one", "", processors("rapl", 6.4, 6.6), whole("rapl+model", 26, 31), screens(12, 12)),
		"desktop-ryzen":            is(desktop, "", processors("rapl", 21.3, 21.5), whole("rapl+model", 33, 41), screens(17, 17)),
		"desktop-threadripper":     is(desktop, "", processors("rapl", 67.5, 68.5), whole("rapl+model", 80, 125)), // 125 W at the plug
		"thin-client":              is(desktop, "", typical[desktop], screens(10, 10)),
		"unknown-chassis":          is(unknown, "", processors("rapl", 2.9, 3.1), whole("rapl+model", 10, 15)),
		"desktop-kvm-host":         is(desktop, "", processors("rapl", 32.9, 33.1), whole("rapl+model", 45, 56)),
		"desktop-wireless-mouse":   is(desktop, "", typical[desktop], screens(17, 17)),
		"desktop-nvidia":           is(desktop, "", processors("rapl", 12.9, 13.1), whole("rapl+model", 24, 30), screens(25, 25)),

		"server-two-sockets":       is(server, "", processors("rapl", 29.6, 29.8)),
		"server-dram-zero":         is(server, "", processors("rapl", 59.9, 60.1)),
		"server-acpi-meter":        is(server, "", whole("plug", 239, 241)),
		"server-acpi-meter-broken": is(server, "no machine that runs draws this"),
		"server-multi-die":         is(server, "", processors("rapl", 150.9, 151.1)),
		"server-granite-rapids":    is(server, "", processors("rapl", 638, 641)),
		"kvm-guest":                is(unknown, "", typical[unknown]),
		"xen-guest-two-counters":   is(unknown, "package-0: the counter started again", typical[unknown]),
		"proxmox-host":             is(server, ""),
		"xen-host":                 is(server, ""),

		"windows11-intel-mains":   is(notebook, "", processors("emi", 14.9, 15), whole("rapl+model", 19, 24)),
		"windows11-intel-battery": is(notebook, "", whole("battery", 9.1, 9.2), processors("emi", 4.2, 4.3)),
		"windows11-amd-cores":     is(desktop, "", processors("emi", 31.3, 31.5), whole("rapl+model", 44, 54), screens(29, 29)),
		"windows11-threadripper":  is(desktop, "", processors("emi", 44.9, 45.1), whole("rapl+model", 58, 72), screens(25, 25)),
		"windows11-emi-zero":      is(desktop, "RAPL_Package0_PKG: the counter stands still", whole("model-class", 26, 31), screens(12, 12)), // busy
		"windows10-desktop":       is(desktop, "", typical[desktop], screens(10, 10)),
		"windows10-emi-v1":        is(notebook, "", typical[notebook]),
		"windows11-vm":            is(unknown, "", typical[unknown]),
		"windows11-dark":          is(desktop, "", processors("emi", 6.6, 6.8), whole("rapl+model", 15, 20), screens(.3, .3)),
		"windows11-slept":         is(notebook, "", typical[notebook]),

		"macbook-m1-battery":     is(notebook, "", whole("battery", 9.8, 10)),
		"macbook-intel-charging": is(notebook, "", typical[notebook]),
		"macbook-intel-battery":  is(notebook, "", whole("battery", 21.7, 21.9)),
		"macbook-macos27":        is(notebook, "", whole("battery", 7.8, 8)),
		"macbook-m2-idle":        is(notebook, "the gauge has not moved yet", typical[notebook]),
		"macmini-m1":             is("mini", "", typical["mini"], screens(17, 17)),
		"macmini-m2":             is(unknown, "", typical[unknown], screens(12, 12)),
	}
}
