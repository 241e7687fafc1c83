package metering_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/metering"
)

// described is what the description of the addresses for programs says of the door.
type described struct {
	Paths map[string]struct {
		Post struct{ Responses map[string]json.RawMessage }
	}
	Components struct {
		Schemas map[string]struct {
			Required   []string
			Properties map[string]struct{ Enum []string }
		}
	}
}

func TestTheDoorAnswersAsItsDescriptionSays(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "dashboards", "openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d described
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	answers, refusal := d.Paths["/api/v2/write"].Post.Responses, d.Components.Schemas["MeterRefusal"]
	if len(answers) == 0 || !slices.Equal(refusal.Required, []string{"code", "message"}) {
		t.Fatalf("the door is not described: %d answers, %+v", len(answers), refusal)
	}
	m, h := newMemory()
	behind := newBehind(t)
	seen := map[string]bool{}
	for _, x := range []struct {
		ledger metering.Ledger
		text   string
		to     *metering.Handler
		status string
	}{
		{m, "power w=1", h, "204"},
		{m, "power w", h, "400"},
		{strangers{m}, "power w=1", h, "401"},
		{m, strings.Repeat("power w=1\n", 2<<20), h, "413"},
		{m, "cpu w=1", h, "422"},
		{nil, "power w=1", behind, "429"},
		{&failing{m, true}, "power w=1", h, "503"},
	} {
		if x.ledger != nil {
			x.to.Ledger = x.ledger
		}
		w := send(t, x.to, x.text)
		var said struct{ Code, Message string }
		if w.Body.Len() > 0 {
			if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
				t.Errorf("%s: %v", x.status, err)
			}
		}
		status := strings.Fields(w.Result().Status)[0]
		if status != x.status || answers[status] == nil || (status == "204") != (said.Message == "") ||
			status != "204" && !slices.Contains(refusal.Properties["code"].Enum, said.Code) {
			t.Errorf("%s %s; want %s, and as it is described", status, w.Body, x.status)
		}
		if later := strings.Contains(string(answers[status]), "Retry-After"); later != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After is described: %t, and it is %q", status, later, w.Header().Get("Retry-After"))
		}
		seen[status] = true
	}
	if len(seen) != len(answers) {
		t.Errorf("seen are %v, and described %d", seen, len(answers))
	}
}

// newBehind is a door whose ledger does not follow.
func newBehind(t *testing.T) *metering.Handler {
	m, h := newMemory()
	m.debt = collector.MeterDebt{Posts: 1000, Bytes: 600 << 20}
	h.Fold(t.Context())
	return h
}

// strangers is a ledger whose tokens open nothing.
type strangers struct{ metering.Ledger }

func (strangers) MeterEntrance(context.Context, [32]byte, collector.Date) (collector.MeterEntrance, error) {
	return collector.MeterEntrance{}, collector.ErrToken
}
