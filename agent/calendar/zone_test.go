package calendar_test

import (
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"veille/agent/calendar"
)

// changes are the offsets of a zone from a year to another, as a collector writes them into a policy.
func changes(z *time.Location, from, to int) []calendar.Change {
	var list []calendar.Change
	for at := time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < to; at = at.Add(15 * time.Minute) {
		_, s := at.In(z).Zone()
		if offset := time.Duration(s) * time.Second; len(list) == 0 || list[len(list)-1].Offset != offset {
			list = append(list, calendar.Change{From: at, Offset: offset})
		}
	}
	return list
}

// same tells whether two clocks show the same at a moment.
func same(a, b *time.Location, at time.Time) bool {
	_, one := at.In(a).Zone()
	_, other := at.In(b).Zone()
	return one == other
}

func TestAZoneMadeOfItsChangesShowsWhatTheRealOneShows(t *testing.T) {
	for _, tt := range []struct {
		name    string
		changed int // times from 2024 to 2029
	}{
		{"Europe/Paris", 12},
		{"Indian/Reunion", 0},
		{"America/Guadeloupe", 0},
		{"Pacific/Marquesas", 0}, // -9:30
		{"Australia/Lord_Howe", 12},
		{"Africa/Casablanca", 13}, // Ramadan moves
		{"America/Miquelon", 12},
		{"Asia/Kathmandu", 0}, // +5:45
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(3, 4))
			want := zone(t, tt.name)
			list := changes(want, 2024, 2030)
			got, err := calendar.Zone(tt.name, list)
			if err != nil {
				t.Fatal(err)
			}
			if len(list) != 1+tt.changed || got.String() != tt.name {
				t.Errorf("%d changes of %s; want %d of %s", len(list)-1, got, tt.changed, tt.name)
			}
			for _, c := range list[1:] {
				for s := -1800; s <= 1800; s++ {
					if at := c.From.Add(time.Duration(s) * time.Second); !same(got, want, at) {
						t.Fatalf("%v is %v, want %v", at, at.In(got), at.In(want))
					}
				}
			}
			for range 10_000 {
				at := time.Date(2024, 1, 1, 0, 0, random.IntN(6*365*86_400), 0, time.UTC)
				if !same(got, want, at) {
					t.Fatalf("%v is %v, want %v", at, at.In(got), at.In(want))
				}
			}
			for _, at := range []time.Time{time.Unix(0, 0), time.Date(2023, 7, 1, 0, 0, 0, 0, time.UTC)} {
				if _, offset := at.In(got).Zone(); time.Duration(offset)*time.Second != list[0].Offset {
					t.Errorf("%d s ahead of UTC before the first change, want %v", offset, list[0].Offset)
				}
			}
			last := list[len(list)-1].Offset
			for _, at := range []time.Time{time.Date(2030, 7, 1, 0, 0, 0, 0, time.UTC), time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)} {
				if _, offset := at.In(got).Zone(); time.Duration(offset)*time.Second != last {
					t.Errorf("%d s ahead of UTC after the last change, want %v", offset, last)
				}
			}
		})
	}
}

func TestDaysAndPartsOfAMadeZoneAreThoseOfTheRealOne(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for _, name := range []string{"Europe/Paris", "Australia/Lord_Howe", "Africa/Casablanca", "America/Miquelon", "Africa/Cairo", "Asia/Beirut"} {
		want := calendar.Default(zone(t, name))
		made, err := calendar.Zone(name, changes(want.Zone(), 2024, 2030))
		if err != nil {
			t.Fatal(err)
		}
		got := calendar.Default(made)
		for range 3_000 {
			at := time.Date(2024, 1, 2, 0, 0, random.IntN(5*365*86_400), 0, time.UTC)
			date, start, end := got.Day(at)
			wantDate, wantStart, wantEnd := want.Day(at)
			if date != wantDate || !start.Equal(wantStart) || !end.Equal(wantEnd) || got.Part(at) != want.Part(at) || !got.Next(at, end).Equal(want.Next(at, end)) {
				t.Fatalf("%s: %v is in %s from %v to %v, want %s from %v to %v", name, at, date, start, end, wantDate, wantStart, wantEnd)
			}
		}
	}
}

func TestAZoneWithoutChangesIsTheOneOfThisMachine(t *testing.T) {
	if z, err := calendar.Zone("", nil); err != nil || z != time.Local {
		t.Errorf("got %v, %v; want the zone of the machine", z, err)
	}
	if z, err := calendar.Zone("Europe/Paris", nil); err != nil || z.String() != "Europe/Paris" {
		t.Errorf("got %v, %v", z, err)
	}
	if _, err := calendar.Zone("Europe/Nowhere", nil); err == nil {
		t.Error("a zone that nobody knows was found")
	}
	z, err := calendar.Zone("Europe/Nowhere", []calendar.Change{{Offset: time.Hour}})
	if err != nil || z.String() != "Europe/Nowhere" {
		t.Errorf("got %v, %v; changes need no known name", z, err)
	}
}

func TestAnAbbreviationIsTheOffset(t *testing.T) {
	for offset, want := range map[time.Duration]string{
		0: "+00", time.Hour: "+01", -3 * time.Hour: "-03", 5*time.Hour + 45*time.Minute: "+0545",
		-(9*time.Hour + 30*time.Minute): "-0930", 17*time.Minute + 30*time.Second: "+001730",
	} {
		z, err := calendar.Zone("Some/Where", []calendar.Change{{Offset: offset}})
		if err != nil {
			t.Fatal(err)
		}
		if got, s := time.Unix(0, 0).In(z).Zone(); got != want || time.Duration(s)*time.Second != offset {
			t.Errorf("%v is called %s and is %d s; want %s", offset, got, s, want)
		}
	}
}

// at is days after the beginning of 2026.
func at(days float64) time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(days * 24 * float64(time.Hour)))
}

func TestClocksThatNoSiteHasAreRefused(t *testing.T) {
	const h = time.Hour
	many := make([]calendar.Change, 18)
	for i := range many {
		many[i] = calendar.Change{From: at(float64(30 * i)), Offset: time.Duration(i) * time.Minute}
	}
	endless := make([]calendar.Change, 1001)
	for i := range endless {
		endless[i] = calendar.Change{From: at(float64(i))}
	}
	for _, tt := range []struct {
		name string
		list []calendar.Change
		want string // in the error; "": none
	}{
		{"one offset", []calendar.Change{{at(0), -h}}, ""},
		{"summer time, the first moment at any distance", []calendar.Change{{at(85), h}, {at(88), 2 * h}, {at(300), h}}, ""},
		{"the same offset again is no change", []calendar.Change{{at(0), h}, {at(30), 2 * h}, {at(31), 2 * h}, {at(60), h}}, ""},
		{"half a second", []calendar.Change{{at(0), h + time.Second/2}}, "no offset"},
		{"too far east", []calendar.Change{{at(0), 15*h + time.Second}}, "no offset"},
		{"too far west", []calendar.Change{{at(0), -15*h - time.Second}}, "no offset"},
		{"the smallest number", []calendar.Change{{at(0), -1 << 63}}, "no offset"},
		{"not in order", []calendar.Change{{at(0), h}, {at(60), 2 * h}, {at(30), h}}, "order"},
		{"twice the same moment", []calendar.Change{{at(0), h}, {at(0), 2 * h}}, "order"},
		{"a jump that cuts a day short", []calendar.Change{{at(0), h}, {at(30), 3*h + time.Minute}}, "at once"},
		{"a jump over a night, back", []calendar.Change{{at(0), 12 * h}, {at(30), -12 * h}}, "at once"},
		{"twice a week", []calendar.Change{{at(0), h}, {at(30), 2 * h}, {at(37), h}}, "twice"},
		{"twice a week, with nothing between", []calendar.Change{{at(0), h}, {at(30), 2 * h}, {at(33), 2 * h}, {at(37), h}}, "twice"},
		{"eighteen offsets", many, "offsets"},
		{"a thousand and one", endless, "1001 changes"},
	} {
		z, err := calendar.Zone("Some/Where", tt.list)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: refused: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "Some/Where")):
			t.Errorf("%s: %v, %v; want an error that says %q", tt.name, z, err, tt.want)
		}
	}
}

// FuzzZone reads changes of eight bytes of seconds and four of offset, and checks that an accepted zone keeps them all.
func FuzzZone(f *testing.F) {
	change := func(b []byte, at int64, offset int32) []byte {
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(b, uint64(at)), uint32(offset))
	}
	f.Add(change(nil, 0, 3600))
	f.Add(change(change(change(nil, 1_711_846_800, 3600), 1_729_990_800, 7200), 1_743_296_400, 3600))
	f.Add(change(nil, -1<<63, -34_200))
	f.Fuzz(func(t *testing.T, b []byte) {
		var list []calendar.Change
		for ; len(b) >= 12; b = b[12:] {
			at, offset := int64(binary.BigEndian.Uint64(b)), int32(binary.BigEndian.Uint32(b[8:]))
			list = append(list, calendar.Change{From: time.Unix(at, 0), Offset: time.Duration(offset) * time.Second})
		}
		z, err := calendar.Zone("Some/Where", list)
		if err != nil || len(list) == 0 {
			return
		}
		for _, c := range list {
			if _, offset := c.From.In(z).Zone(); time.Duration(offset)*time.Second != c.Offset {
				t.Errorf("%v: %d s ahead of UTC, want %v", c.From.Unix(), offset, c.Offset)
			}
		}
	})
}
