package machines

import (
	"cmp"

	"veille/collector"
	"veille/dashboards/frame"
)

// deliveriesTable is how the series that points are delivered to are doing.
func deliveriesTable(l frame.Language, all []collector.Delivery) frame.Table {
	t := frame.Table{ID: "deliveries", Caption: l.Say("machines.deliveries.caption"), Columns: []frame.Column{
		{ID: "destination", Title: l.Say("machines.deliveries.destination")},
		{ID: "state", Title: l.Say("machines.deliveries.state")},
		{ID: "behind", Title: l.Say("machines.deliveries.behind")},
		{ID: "lag_min", Title: l.Say("machines.deliveries.lag"), Unit: "min"},
		{ID: "refused", Title: l.Say("machines.deliveries.refused")},
		{ID: "compared", Title: l.Say("machines.deliveries.compared")},
		{ID: "differences", Title: l.Say("machines.deliveries.differences")},
		{ID: "error", Title: l.Say("machines.deliveries.error")},
	}}
	for _, d := range all {
		compared := l.Say("machines.deliveries.never")
		if d.ComparedOn != "" {
			compared = l.Day(d.ComparedOn)
		}
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(d.Destination), frame.Text(l.Say("machines.deliveries.state." + stateOf(d))),
			frame.Num(float64(d.Behind)), frame.Num(float64((d.LagS + 59) / 60)), frame.Num(float64(d.Refused)),
			frame.Text(compared), frame.Num(float64(d.Differences)), frame.Text(cmp.Or(d.Error, l.Say("machines.deliveries.no_error"))),
		})
	}
	return t
}

// late is for how many seconds something may wait before it is called late: points are sent a few minutes after they came at most.
const late = 15 * 60

// stateOf is the word for how a destination is doing.
func stateOf(d collector.Delivery) string {
	switch {
	case d.Stopped:
		return "stopped"
	case d.LagS > late:
		return "late"
	case d.Error != "":
		return "waiting"
	}
	return "well"
}

// deliveries adds what the series elsewhere are doing, if there are any, and a notice where a person has to do something.
func deliveries(l frame.Language, v *frame.View, all []collector.Delivery) {
	if len(all) == 0 {
		return
	}
	v.Tables = append(v.Tables, deliveriesTable(l, all))
	for _, d := range all {
		if d.Stopped {
			v.Notices = append(v.Notices, l.Say("machines.deliveries.stopped", d.Destination)+": "+d.Error)
		}
		if d.LostFrom != "" {
			v.Notices = append(v.Notices, l.Say("machines.deliveries.lost", d.Destination, l.Day(d.LostFrom), l.Day(d.LostTo)))
		}
	}
}
