package frame_test

import (
	"slices"
	"testing"

	"veille/dashboards/frame"
)

func TestNamesAreSortedAsPeopleSortThem(t *testing.T) {
	names := []string{"Zola", "érables", "Frênes", "Hôtel", "École", "Érables B", "hotel de ville", "Œillets", "Ormes", "Nid", "Eaux", "Salle 10", "Salle 2"}
	want := []string{"Eaux", "École", "érables", "Érables B", "Frênes", "Hôtel", "hotel de ville", "Nid", "Œillets", "Ormes", "Salle 2", "Salle 10", "Zola"}
	if slices.SortFunc(names, frame.Alphabet()); !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	if compare := frame.Alphabet(); compare("Lycée", "Lycée") != 0 || compare("Lycée A", "Lycée B") >= 0 || compare("Lycée B", "Lycée A") <= 0 {
		t.Error("it does not say which of two names comes first")
	}
}
