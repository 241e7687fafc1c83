package uptime

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

const address = 0x1_0000_2000 // where the values of the tests stand in memory

// rendered writes values as EvtRender does: the variants, then the name of the provider.
func rendered(provider string, id uint16, at time.Time, boot, target variant) []byte {
	name := utf16.Encode([]rune(provider + "\x00"))
	ticks := uint64(at.Unix()+11644473600)*1e7 + uint64(at.Nanosecond())/100
	values := []variant{{address + 5*variantSize, variantString}, {uint64(id), variantUInt16}, {ticks, variantFileTime}, boot, target}
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v.value)
		b = binary.LittleEndian.AppendUint32(b, 0)
		b = binary.LittleEndian.AppendUint32(b, v.kind)
	}
	for _, u := range name {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

type variant struct {
	value uint64
	kind  uint32
}

func TestTheValuesOfAnEvent(t *testing.T) {
	at := time.Date(2017, 1, 1, 22, 19, 38, 726978700, time.UTC)
	const kernelPower, kernelBoot = "Microsoft-Windows-Kernel-Power", "Microsoft-Windows-Kernel-Boot"
	absent := variant{}
	for _, tt := range []struct {
		name   string
		values []byte
		want   Event
	}{
		{"a sleep", rendered(kernelPower, 42, at, absent, variant{4, variantUInt32}), Event{KernelPower, 42, 4, at}},
		{"a boot", rendered(kernelBoot, 27, at, variant{1, variantHexInt32}, absent), Event{KernelBoot, 27, 1, at}},
		{"the end of standby", rendered(kernelPower, 507, at, absent, absent), Event{KernelPower, 507, 0, at}},
		{"the log itself", rendered("EventLog", 6006, at, absent, absent), Event{EventLog, 6006, 0, at}},
		{"another provider", rendered("USER32", 1074, at, absent, absent), Event{OtherSource, 1074, 0, at}},
	} {
		if got, err := eventOf(tt.values, address); err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
	}
	sleep := rendered(kernelPower, 42, at, absent, variant{4, variantUInt32})
	for name, values := range map[string][]byte{
		"a boot of no type": rendered(kernelBoot, 27, at, absent, absent),
		"no values":         nil,
		"too few":           sleep[:4*variantSize],
		"no name":           sleep[:5*variantSize],
		"a name cut short":  sleep[:5*variantSize+6],
	} {
		if got, err := eventOf(values, address); !errors.Is(err, errRendered) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if got, err := eventOf(sleep, address+uint64(len(sleep))); err == nil {
		t.Errorf("a name before its buffer: %+v", got)
	}
}

func TestTheQuestionToTheLogNamesNoEventWithPeopleInIt(t *testing.T) {
	q := systemQuery(time.Date(2026, 11, 16, 9, 0, 0, 0, time.FixedZone("CET", 3600)))
	if !strings.HasSuffix(q, "TimeCreated[@SystemTime>='2026-11-16T08:00:00.000Z']]]") || strings.Contains(q, "1074") {
		t.Errorf("got %s", q)
	}
	if n := strings.Count(q, "=") - 1; n > 20 { // >= is one more
		t.Errorf("%d expressions, Windows takes some 20: %s", n, q)
	}
	for _, id := range eventIDs() {
		some := false
		for source := range Source(len(sources())) {
			some = some || Event{Source: source, ID: uint16(id)}.means() != nothing
		}
		if !some {
			t.Errorf("event %d is asked for and means nothing", id)
		}
	}
	if bell := standbyQuery(); bell != "*[System[Provider[@Name='Microsoft-Windows-Kernel-Power'] and (EventID=506 or EventID=507)]]" {
		t.Errorf("got %s", bell)
	}
	if paths := strings.Join(renderedPaths(), " "); strings.Contains(paths, "Computer") || strings.Contains(paths, "Security") {
		t.Errorf("reads %s", paths)
	}
}

func FuzzEventOf(f *testing.F) {
	f.Add(rendered("Microsoft-Windows-Kernel-Power", 42, monday, variant{}, variant{4, variantUInt32}), uint64(address))
	f.Fuzz(func(t *testing.T, b []byte, base uint64) {
		if e, err := eventOf(b, base); err == nil && e.Source > EventLog {
			t.Errorf("%+v", e)
		}
	})
}
