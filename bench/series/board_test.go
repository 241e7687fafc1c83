package series_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"veille/collector/store/engines"
)

// The year of the Region: its first moment, and the first after it.
func begin() time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC) }
func end() time.Time   { return begin().AddDate(1, 0, 0) }

// siteOf is which site a group is of, and anySite a regular expression of all of them, as Grafana makes it where all are chosen.
func siteOf(want table) (of map[string]string, anySite string) {
	of, all := map[string]string{}, map[string]bool{}
	for c := range want {
		of[c.group], all[c.site] = c.site, true
	}
	return of, "(" + strings.Join(slices.Sorted(maps.Keys(all)), "|") + ")"
}

// ofInfluxBoard asks InfluxDB what the board of an officer asks for "each group, by month": InfluxDB adds up.
func ofInfluxBoard(server *engines.Influx, want table) ask {
	site, anySite := siteOf(want)
	query := fmt.Sprintf(`SELECT sum("wh") / 1000 FROM "years"."month_energy" WHERE "simulated" = 'no' AND "organisation" = '1' AND "site" =~ /^%s$/ AND "group" != '' AND "class" = '' `+
		`AND time >= %dms AND time < %dms GROUP BY time(1d), "group" fill(none)`, anySite, begin().UnixMilli(), end().UnixMilli())
	return func(ctx context.Context) (table, error) {
		got := table{}
		var said struct {
			Results []struct {
				Series []struct {
					Tags   struct{ Group string }
					Values [][2]json.Number
				}
			}
		}
		err := answer(ctx, server.URL+"/query", url.Values{"db": {"veille"}, "epoch": {"ms"}, "q": {query}}, server.Token, &said)
		for _, r := range said.Results {
			for _, s := range r.Series {
				for _, v := range s.Values {
					if err := got.add(site, s.Tags.Group, v[0], v[1]); err != nil {
						return nil, err
					}
				}
			}
		}
		return got, err
	}
}

// ofVictoriaBoard asks VictoriaMetrics the same, as the same board does.
func ofVictoriaBoard(address string, want table) ask {
	site, anySite := siteOf(want)
	query := `sum by (group) (last_over_time(month_energy_wh{db="veille",simulated="no",organisation="1",site=~"` + anySite + `",group!="",class=""}[1d] offset -86399999ms)) / 1000`
	form := url.Values{"query": {query}, "step": {"1d"}, "start": {strconv.FormatInt(begin().Unix(), 10)}, "end": {strconv.FormatInt(end().Unix()-86400, 10)}, "nocache": {"1"}}
	return func(ctx context.Context) (table, error) {
		got := table{}
		var said struct {
			Data struct {
				Result []struct {
					Metric struct{ Group string }
					Values [][2]json.Number
				}
			}
		}
		err := answer(ctx, address+"/api/v1/query_range", form, "", &said)
		for _, r := range said.Data.Result {
			for _, v := range r.Values {
				if err := got.add(site, r.Metric.Group, v[0]+"000", v[1]); err != nil {
					return nil, err
				}
			}
		}
		return got, err
	}
}

// add adds what a board shows of a group, at milliseconds since 1970, in kWh.
func (t table) add(site map[string]string, group string, ms, kwh json.Number) error {
	at, err := ms.Int64()
	if err != nil {
		return err
	}
	x, err := kwh.Float64()
	t[cell{site[group], group, time.UnixMilli(at).UTC().Format("2006-01")}] += x * 1000
	return err
}

// answer posts a form, and reads the JSON that comes back.
func answer(ctx context.Context, address string, form url.Values, token string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if user, password, ok := strings.Cut(token, ":"); ok {
		req.SetBasicAuth(user, password)
	}
	res, err := new(http.Client).Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %.300s %w", res.Status, text, err)
	}
	return json.Unmarshal(text, into)
}

func TestWhatABoardShowsIsAddedUpByGroupAndMonth(t *testing.T) {
	t.Parallel()
	want := table{cell{"1", "7", "2025-03"}: 3500, cell{"2", "9", "2025-03"}: 1}
	site, anySite := siteOf(want)
	got := table{}
	for _, x := range []struct {
		group   string
		ms, kwh json.Number
	}{{"7", "1740787200000", "3"}, {"7", "1740787200000", "0.5"}, {"9", "1740787200000", "0.001"}} {
		if err := got.add(site, x.group, x.ms, x.kwh); err != nil {
			t.Fatal(err)
		}
	}
	if !maps.Equal(got, want) || anySite != "(1|2)" {
		t.Errorf("%v %s, want %v", got, anySite, want)
	}
}
