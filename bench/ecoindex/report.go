package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"veille/ecoindex"
)

// report is what is wanted of a report of lighthouse-plugin-ecoindex.
type report struct {
	Steps []struct {
		LHR struct {
			RequestedURL string
			Audits       map[string]audit
		}
	}
}

type audit struct {
	NumericValue any // a number, but text for the grade
	ErrorMessage string
	Details      struct {
		Items []struct {
			Items []struct{ URL, Size string } // kB with one decimal
		}
	}
}

// readReport reads the figures of each page, by its address.
func readReport(text []byte) (map[string]tally, error) {
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	tallies := map[string]tally{}
	for _, step := range r.Steps {
		tallies[step.LHR.RequestedURL] = reported(step.LHR.RequestedURL, step.LHR.Audits)
	}
	return tallies, nil
}

func reported(page string, audits map[string]audit) tally {
	t := tally{counted: []request{}}
	value := func(id string) float64 {
		a, ok := audits[id]
		number, isNumber := a.NumericValue.(float64)
		if !ok || !isNumber {
			t.problem = fmt.Sprintf("no figure for %s %s", id, a.ErrorMessage)
		}
		return number
	}
	t.measure = ecoindex.Measure{
		DOM:      int(value("eco-index-nodes")),
		Requests: int(value("eco-index-requests")),
		SizeKB:   value("eco-index-size") / 1000,
	}
	for _, table := range audits["eco-index-requests"].Details.Items {
		for _, row := range table.Items {
			if row.URL == "" {
				continue // the first table is of words
			}
			kb, _ := strconv.ParseFloat(row.Size, 64) // of use for reasons only
			t.counted = append(t.counted, request{path: local(page, row.URL), bytes: kb * 1000})
		}
	}
	return t
}
