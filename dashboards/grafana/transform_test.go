package grafana_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// tableOf is an answer as Grafana makes a table of it.
func tableOf(g targetJSON, queries int, answers []answer) (rows []row) {
	for _, a := range answers {
		for _, values := range a.rows {
			r := row{}
			for name, value := range a.labels {
				r[name] = value
			}
			for i, column := range a.columns {
				switch {
				case column == "time":
					column = "Time"
				case g.Expr != "" && queries > 1:
					column = "Value #" + g.RefID
				case g.Expr != "":
					column = "Value"
				}
				if values[i] != nil {
					r[column] = values[i]
				}
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// transform brings tables together.
func transform(t *testing.T, steps []transformationJSON, tables [][]row) []row {
	t.Helper()
	for _, s := range steps {
		switch s.ID {
		case "filterFieldsByName":
			for _, rows := range tables {
				for _, r := range rows {
					for _, name := range s.Options.Exclude.Names {
						delete(r, name)
					}
				}
			}
		case "merge":
			tables = [][]row{merge(tables)}
		case "groupBy":
			tables[0] = groupBy(t, s, tables[0])
		case "calculateField":
			for _, r := range tables[0] {
				calculate(t, s, r)
			}
		case "organize":
			tables[0] = organize(t, s, tables[0])
		default:
			t.Fatalf("%s is not known here", s.ID)
		}
	}
	return tables[0]
}

// merge puts rows together that agree in all columns that all tables have.
func merge(tables [][]row) (all []row) {
	var common []string
	for i, rows := range tables {
		if len(rows) == 0 {
			continue
		}
		names := slices.Collect(maps.Keys(rows[0]))
		if common == nil && i == 0 {
			common = names
			continue
		}
		common = slices.DeleteFunc(common, func(n string) bool { return !slices.Contains(names, n) })
	}
	if len(tables) == 1 {
		return tables[0]
	}
	slices.Sort(common)
	index := map[string]int{}
	for _, rows := range tables {
		for _, r := range rows {
			key := ""
			for _, n := range common {
				key += fmt.Sprint(r[n], "|")
			}
			if i, ok := index[key]; ok {
				maps.Copy(all[i], r)
				continue
			}
			index[key] = len(all)
			all = append(all, r)
		}
	}
	return all
}

func groupBy(t *testing.T, s transformationJSON, rows []row) (all []row) {
	t.Helper()
	var by []string
	for name, f := range s.Options.Fields {
		if f.Operation == "groupby" {
			by = append(by, name)
		}
	}
	slices.Sort(by)
	groups := map[string][]row{}
	var keys []string
	for _, r := range rows {
		key := ""
		for _, n := range by {
			key += fmt.Sprint(r[n], "|")
		}
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], r)
	}
	for _, key := range keys {
		group, r := groups[key], row{}
		for _, n := range by {
			r[n] = group[0][n]
		}
		for name, f := range s.Options.Fields {
			for _, agg := range f.Aggregations {
				one := map[string]row{"first": group[0], "last": group[len(group)-1]}[agg]
				if one == nil {
					t.Fatalf("%s is no aggregation that is known here", agg)
				}
				if one[name] != nil {
					r[name+" ("+agg+")"] = one[name]
				}
			}
		}
		all = append(all, r)
	}
	return all
}

func calculate(t *testing.T, s transformationJSON, r row) {
	t.Helper()
	left, ok := r[s.Options.Binary.Left].(float64)
	right, ok2 := r[s.Options.Binary.Right].(float64)
	if n, err := strconv.ParseFloat(s.Options.Binary.Right, 64); err == nil {
		right, ok2 = n, true
	}
	if !ok || !ok2 {
		return
	}
	switch s.Options.Binary.Operator {
	case "/":
		r[s.Options.Alias] = left / right
	case "-":
		r[s.Options.Alias] = left - right
	case "*":
		r[s.Options.Alias] = left * right
	default:
		t.Fatalf("%q is no operator", s.Options.Binary.Operator)
	}
}

// organize names columns. Where everything is chosen, each name is that of a column of some row.
func organize(t *testing.T, s transformationJSON, rows []row) (all []row) {
	t.Helper()
	met := map[string]bool{}
	for _, r := range rows {
		o := row{}
		for name, value := range r {
			met[name] = true
			if s.Options.ExcludeByName[name] {
				continue
			}
			title, ok := s.Options.RenameByName[name]
			if !ok {
				t.Errorf("the column %s has no title", name)
			}
			o[title] = value
		}
		all = append(all, o)
	}
	for name := range s.Options.RenameByName {
		if everything := strings.Contains(t.Name(), "/all/"); everything && !met[name] {
			t.Errorf("no row has the column %s", name)
		}
	}
	return all
}
