package books

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"veille/collector"
	"veille/collector/table"
)

// The columns of a grid.
const (
	columnCriterion = "criterion"
	columnPriority  = "priority"
	columnStatus    = "status"
)

// criteria is how many criteria each theme of the RGESN of 2024 has, the first theme first: 78 in all.
func criteria() []int { return []int{10, 10, 7, 15, 8, 7, 4, 10, 7} }

// Grid reads a grid of the RGESN: columns criterion (ID, critère), priority (priorité), status (évaluation), as the official declaration has them, in
// French or with our words. Other columns are passed over, and so are lines above the titles and lines that are a title of a theme. A status that is
// left open is to-assess. Each criterion is there once; it is not looked at whether all 78 are there.
func Grid(file []byte) ([]collector.Criterion, error) {
	s, err := opened(file, "grid", []table.Column{
		{Name: columnCriterion, Known: []string{"ID", "critère", "n°", "numéro", "identifiant"}, Needed: true},
		{Name: columnPriority, Known: []string{"priorité"}, Needed: true},
		{Name: columnStatus, Known: []string{"évaluation", "statut", "état"}, Needed: true},
	})
	if err != nil {
		return nil, err
	}
	seen, id := once{}, regexp.MustCompile(`^(?:(?i:RGESN|crit[eè]re)\s*)?([1-9])[.,]([0-9]{1,2})\.?$`)
	var kept []collector.Criterion
	each(s, func(row table.Row) (struct{}, error) {
		c, err := criterion(row, id)
		if err != nil || c.ID == "" {
			return struct{}{}, err
		}
		kept = append(kept, c)
		return struct{}{}, seen.add(row.Number, "criterion "+c.ID+twice(c.ID), c.ID)
	})
	if len(kept) == 0 && s.wrong.Count() == 0 {
		return nil, errors.New("no line of the grid is a criterion")
	}
	return answer(s, kept)
}

// twice says why a criterion may be there twice: spreadsheets take 1.10 for the number 1.1.
func twice(id string) string {
	if strings.HasSuffix(id, ".1") {
		return " (a spreadsheet may have turned " + id + "0 into " + id + ": format the column as text)"
	}
	return ""
}

// criterion reads a line; one without an ID is the title of a theme.
func criterion(row table.Row, id *regexp.Regexp) (collector.Criterion, error) {
	text, priority, status := row.Cells[columnCriterion], row.Cells[columnPriority], row.Cells[columnStatus]
	parts := id.FindStringSubmatch(text)
	if parts == nil && priority == "" && status == "" {
		return collector.Criterion{}, nil
	}
	if parts == nil {
		return collector.Criterion{}, fmt.Errorf("criterion %.40q is not a number such as 6.3; where a spreadsheet made a date of it, format the column as text", text)
	}
	theme, err := strconv.Atoi(parts[1])
	number, err2 := strconv.Atoi(parts[2])
	if err = errors.Join(err, err2); err != nil || number < 1 || number > criteria()[theme-1] {
		return collector.Criterion{}, fmt.Errorf("criterion %.40q is none of the RGESN of 2024: theme %d has %d", text, theme, criteria()[theme-1])
	}
	c := collector.Criterion{ID: fmt.Sprintf("%d.%d", theme, number)}
	inFrench := []string{"prioritaire", "recommande", "modere"} //nolint:misspell // French, without accents
	if c.Priority, err = ours("priority", priority, collector.Priorities(), inFrench); err != nil {
		return c, err
	}
	switch table.Plain(status) {
	case "":
		status = "to-assess"
	case "en cours", "under way", "in progress":
		status = "underway"
	case "n a", "na":
		status = "not-applicable"
	}
	c.Status, err = ours("status", status, collector.Statuses(), []string{"valide", "en cours de deploiement", "non valide", "non applicable", "a evaluer"})
	return c, err
}

// ours is the word of ours that a text is, or that has the same place among the French ones.
func ours(what, text string, words, french []string) (string, error) {
	plain := table.Plain(text)
	for i, word := range words {
		if plain == table.Plain(word) || plain == french[i] || plain == french[i]+"e" {
			return word, nil
		}
	}
	return "", fmt.Errorf("%s %.40q is none of %s", what, text, strings.Join(words, ", "))
}
