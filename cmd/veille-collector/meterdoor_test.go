package main

import (
	"reflect"
	"strings"
	"testing"

	"veille/collector"
)

// What a shell, the page and the API give as tags: with commas between, with spaces, and with commas in them.
func TestTagsOfAMeterAreTakenAsTheyWereMeant(t *testing.T) {
	t.Parallel()
	pc := collector.Tags{{Name: "device", Value: "p7"}, {Name: "room", Value: "12"}}
	for _, test := range []struct {
		tags, by []string
		want     collector.MeterRule
		err      string
	}{
		{tags: []string{"room=12", "device=p7"}, want: collector.MeterRule{Tags: pc}},
		{tags: []string{"device=p7, room=12 "}, want: collector.MeterRule{Tags: pc}},
		{tags: []string{`"topic=a,b=c"`}, want: collector.MeterRule{Tags: collector.Tags{{Name: "topic", Value: "a,b=c"}}}},
		{tags: []string{`device=p7, "room=a, ""b"""`}, want: collector.MeterRule{Tags: collector.Tags{{Name: "device", Value: "p7"}, {Name: "room", Value: `a, "b"`}}}},
		{by: []string{"outlet, host", "host"}, want: collector.MeterRule{By: []string{"host", "outlet"}}},
		{tags: []string{""}},
		{tags: []string{"topic=a,b"}, err: `--tag "b" is not name=value; one whose value holds a comma stands in double quotes: '"name=a,b"'`},
		{tags: []string{"device=p7,device=p8"}, err: `tag "device" is given twice`},
		{tags: []string{`topic="a,b"`}, err: `--tag "topic=\"a,b\"": double quotes stand around a whole text`},
		{tags: []string{"=x"}, err: `--tag "=x" is not name=value`},
		{by: []string{`"host`}, err: `--by "\"host": double quotes`},
	} {
		var got collector.MeterRule
		err := tagsGiven(&got, test.tags, test.by)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%q by %q: %v, want %s", test.tags, test.by, err, test.err)
			}
			continue
		}
		if err != nil || len(got.Tags) != len(test.want.Tags) || len(got.Tags) > 0 && !reflect.DeepEqual(got.Tags, test.want.Tags) || strings.Join(got.By, " ") != strings.Join(test.want.By, " ") {
			t.Errorf("%q by %q: %+v, %v; want %+v", test.tags, test.by, got, err, test.want)
		}
	}
}
