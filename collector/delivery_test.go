package collector_test

import (
	"testing"
	"time"

	"veille/collector"
)

func TestADestinationHasOneWordForHowItIsDoing(t *testing.T) {
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	said := now.Unix() - 3600
	for name, tt := range map[string]struct {
		d    collector.Delivery
		want collector.DeliveryState
	}{
		"nothing was said yet":              {collector.Delivery{}, collector.Well},
		"all is there":                      {collector.Delivery{Said: said, ComparedOn: "2026-11-23"}, collector.Well},
		"some is on its way":                {collector.Delivery{Said: said, Behind: 20, LagS: 900}, collector.Well},
		"some waits for long":               {collector.Delivery{Said: said, Behind: 20, LagS: 901}, collector.Late},
		"it could not be reached":           {collector.Delivery{Said: said, Error: "x", LagS: 30}, collector.Retrying},
		"it cannot be reached for long":     {collector.Delivery{Said: said, Error: "x", LagS: 3000}, collector.Late},
		"a person has to act":               {collector.Delivery{Said: said, Error: "x", LagS: 3000, Stopped: true}, collector.Stopped},
		"nobody delivers to it":             {collector.Delivery{Said: now.Unix() - 4*3600}, collector.Unattended},
		"nobody delivers, and it was wrong": {collector.Delivery{Said: now.Unix() - 4*3600, Stopped: true, LagS: 3000}, collector.Unattended},
		"the clock was set back":            {collector.Delivery{Said: now.Unix() + 9*3600}, collector.Well},
	} {
		if got := tt.d.State(now); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
