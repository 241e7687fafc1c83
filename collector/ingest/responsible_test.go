package ingest_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"testing"

	"veille/agent/wire"
	"veille/collector"
	"veille/collector/enrol"
	"veille/collector/ingest"
)

// answering are the policies of an organisation that has told who answers for what is collected.
type answering struct{}

func (answering) Policy(_ context.Context, s collector.Site, _ collector.Date, _ int64) (collector.Policy, error) {
	return collector.Policy{
		Serial: 1, Organisation: "Région", Address: "Rennes", Contact: "dpd@example.org", DPO: "Camille Martin", Site: s.Name, TimeZone: s.TimeZone,
	}, nil
}

// The notice on a machine names whom the policy names.
func TestThePolicyTellsAMachineWhoAnswers(t *testing.T) {
	r := newRig(t)
	r.Config.Handler = ingest.New(ingest.Parts{Registry: enrol.New(bytes.Repeat([]byte{1}, 32), r.store), Ledger: r.store, Policies: answering{}, Key: key(), Now: now, Log: slog.New(slog.DiscardHandler)})
	status, text := r.post(t, "/api/v1/enrol", r.token, "", []byte(`{"version":1,"install_key":"00112233445566778899aabbccddeeff","use":"individual"}`))
	var c wire.Credentials
	if err := json.Unmarshal([]byte(text), &c); err != nil || status != 200 {
		t.Fatalf("%d %s, %v", status, text, err)
	}
	p, err := c.Policy.Open(ed25519.PublicKey(c.PolicyKey))
	if err != nil || p.Organisation != "Région" || p.Address != "Rennes" || p.Contact != "dpd@example.org" || p.DPO != "Camille Martin" {
		t.Errorf("%+v, %v", p, err)
	}
}
