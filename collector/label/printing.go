package label

// printing are the lines of printers and paper: P1 people per printer, P2 printers that are shared, P3 sheets per person and year.
func printing() map[string]piece {
	return map[string]piece{
		"P1": ratioOf("staff", "printers", 1, false),
		"P2": ratioOf("printers-shared", "printers", percents, true),
		"P3": sheets,
	}
}

// yearMonths are the months of a year.
const yearMonths = 12

// sheets are those per person, brought to a year. Where they are stated for less than 60 percent of the period, they are not: holidays and exams
// would make any figure of it.
func sheets(f *facts, p period) answer {
	x, staff, why, ok := f.pair("sheets", "staff", p)
	switch {
	case !ok:
		return lacking(why)
	case staff.value == 0:
		return lacking(nothingOf("staff"))
	case percents*len(x.months) < representative*p.length():
		return lacking(tooLittleCovered())
	}
	a := declared(x.value/staff.value*yearMonths/float64(len(x.months)), x, staff)
	a.notes = append(a.notes, staff.partly(f)...)
	a.covering(float64(len(x.months)), float64(p.length()))
	return a
}
