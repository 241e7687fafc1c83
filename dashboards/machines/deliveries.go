package machines

import (
	"strings"
	"time"

	"veille/collector"
	"veille/dashboards/frame"
)

// deliveriesTable is how the destinations that points are delivered to are doing. What they said is not in it: it may name hosts, databases and what
// belongs to other organisations of the collector, whose staff read this page too. The kind of trouble, and what to do, is.
func deliveriesTable(l frame.Language, all []collector.Delivery, now time.Time) frame.Table {
	t := frame.Table{ID: "deliveries", Caption: l.Say("machines.deliveries.caption"), Columns: []frame.Column{
		{ID: "destination", Title: l.Say("machines.deliveries.destination")},
		{ID: "state", Title: l.Say("machines.deliveries.state")},
		{ID: "todo", Title: l.Say("machines.deliveries.todo"), Hidden: true}, // a page has it below the table
		{ID: "behind", Title: l.Say("machines.deliveries.behind")},
		{ID: "lag_min", Title: l.Say("machines.deliveries.lag"), Unit: "min"},
		{ID: "refused", Title: l.Say("machines.deliveries.refused")},
		{ID: "compared", Title: l.Say("machines.deliveries.compared")},
		{ID: "differences", Title: l.Say("machines.deliveries.differences")},
		{ID: "still", Title: l.Say("machines.deliveries.still")},
		{ID: "restarts", Title: l.Say("machines.deliveries.restarts")},
		{ID: "restarted", Title: l.Say("machines.deliveries.restarted")},
		{ID: "advice", Title: l.Say("machines.deliveries.advice"), Hidden: true},
	}}
	day := func(d collector.Date) frame.Cell {
		if d == "" {
			return frame.Text(l.Say("machines.deliveries.never"))
		}
		return frame.Text(l.Day(d))
	}
	for _, d := range all {
		t.Rows = append(t.Rows, []frame.Cell{
			frame.Text(d.Destination), frame.Text(l.Say("machines.deliveries.state." + string(d.State(now)))), frame.Text(toDo(l, d, now)),
			frame.Num(float64(d.Behind)), frame.Num(float64((d.LagS + 59) / 60)), frame.Num(float64(d.Refused)),
			day(d.ComparedOn), frame.Num(float64(d.Differences)), frame.Num(float64(d.Still)),
			frame.Num(float64(d.Restarts)), day(d.RestartedOn), frame.Num(float64(len(d.Advice))),
		})
	}
	return t
}

// toDo is what is wrong with a destination and what a person is to do, in sentences; "" where nothing is.
func toDo(l frame.Language, d collector.Delivery, now time.Time) string {
	var all []string
	say := func(yes bool, key string) {
		if yes {
			all = append(all, l.Say("machines.deliveries."+key))
		}
	}
	unattended := d.State(now) == collector.Unattended
	say(unattended, "todo.unattended")
	say(!unattended && d.Cause != collector.NoCause, "cause."+string(d.Cause))
	say(d.Comparison != "", "todo.still")
	say(d.Refused > 0, "todo.refused")
	say(len(d.Advice) > 0, "todo.advice")
	return strings.Join(all, " ")
}

// todo is what is to be done about a destination.
type todo struct{ Destination, What string }

// deliveries adds how destinations are doing, if there are any, and a notice where nothing goes on until a person does something. It answers what is
// to be done.
func deliveries(l frame.Language, v *frame.View, all []collector.Delivery, now time.Time) (todos []todo) {
	if len(all) == 0 {
		return nil
	}
	v.Tables = append(v.Tables, deliveriesTable(l, all, now))
	for _, d := range all {
		if what := toDo(l, d, now); what != "" {
			todos = append(todos, todo{d.Destination, what})
		}
		switch d.State(now) {
		case collector.Stopped:
			v.Notices = append(v.Notices, l.Say("machines.deliveries.stopped", d.Destination))
		case collector.Unattended:
			since := l.Day(collector.DateOf(time.Unix(d.Said, 0).UTC()))
			v.Notices = append(v.Notices, l.Say("machines.deliveries.unattended", d.Destination, since, l.Count(int(collector.ForgottenAfter.Hours()/24))))
		}
		if d.LostFrom != "" {
			v.Notices = append(v.Notices, l.Say("machines.deliveries.lost", d.Destination, l.Day(d.LostFrom), l.Day(d.LostTo)))
		}
	}
	return todos
}
