package power_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"veille/agent/power"
)

// secret stands where a machine prints serial numbers.
const secret = "QX7SECRET042"

// printed is what ioreg prints of a battery: a heading, a list, and in it a dictionary with these keys and values.
func printed(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<array>
	<dict>
` + body + `	</dict>
</array>
</plist>
`
}

// silicon is a portable Mac with Apple's processor: CurrentCapacity is a percentage. The keys are those that such machines
// print; the values are ours. Dictionaries inside have keys that the battery has as well.
func silicon(milliampHours, millivolts int, connected, charging bool, milliamps string) string {
	return printed(fmt.Sprintf(`		<key>AdapterDetails</key>
		<dict>
			<key>Voltage</key><integer>20000</integer>
			<key>IsCharging</key><false/>
			<key>SerialString</key><string>%[6]s</string>
		</dict>
		<key>Amperage</key>
		<integer>%[5]s</integer>
		<key>AppleRawBatteryVoltage</key>
		<integer>%[2]d</integer>
		<key>AppleRawCurrentCapacity</key>
		<integer>%[1]d</integer>
		<key>AppleRawMaxCapacity</key>
		<integer>5800</integer>
		<key>BatteryData</key>
		<dict>
			<key>CellVoltage</key>
			<array><integer>3801</integer><integer>3799</integer><integer>3800</integer></array>
			<key>Voltage</key><integer>9999</integer>
			<key>RemainingCapacity</key><integer>17</integer>
			<key>ManufactureDate</key><data>AAECAwQ=</data>
			<key>Serial</key><string>%[6]s</string>
			<key>LifetimeData</key>
			<dict><key>AppleRawCurrentCapacity</key><integer>1</integer></dict>
		</dict>
		<key>BatteryInstalled</key>
		<true/>
		<key>CurrentCapacity</key>
		<integer>71</integer>
		<key>ExternalConnected</key>
		<%[3]t/>
		<key>FullyCharged</key>
		<false/>
		<key>IsCharging</key>
		<%[4]t/>
		<key>MaxCapacity</key>
		<integer>100</integer>
		<key>PowerTelemetryData</key>
		<dict>
			<key>AppleRawCurrentCapacity</key><integer>2</integer>
			<key>SystemLoad</key><integer>6120</integer>
			<key>BatteryPower</key><integer>18446744073709545496</integer>
		</dict>
		<key>Serial</key>
		<string>%[6]s</string>
		<key>Voltage</key>
		<integer>%[2]d</integer>
		<key>IORegistryEntryChildren</key>
		<array>
			<dict>
				<key>ExternalConnected</key><true/>
				<key>AppleRawCurrentCapacity</key><integer>3</integer>
			</dict>
		</array>
`, milliampHours, millivolts, connected, charging, milliamps, secret))
}

// intel is an older portable Mac: CurrentCapacity is in mAh, and a current below zero is printed without its sign.
func intel(milliampHours int, connected bool) string {
	return printed(fmt.Sprintf(`<key>Amperage</key><integer>18446744073709550895</integer><key>BatterySerialNumber</key><string>%s</string>
<key>CurrentCapacity</key><integer>%d</integer><key>MaxCapacity</key><integer>6200</integer><key>DesignCapacity</key><integer>6669</integer>
<key>ExternalConnected</key><%t/><key>FullyCharged</key><false/><key>IsCharging</key><false/><key>Temperature</key><real>30.1</real>
<key>UpdateTime</key><date>2026-01-01T00:00:00Z</date><key>Voltage</key><integer>11400</integer>
`, secret, milliampHours, connected))
}

// answers gives one answer after the other.
func answers(list ...string) func() ([]byte, error) {
	return func() ([]byte, error) {
		next := list[0]
		list = list[1:]
		return []byte(next), nil
	}
}

func TestThePortableMacCountsWhatItsBatteryGives(t *testing.T) {
	newest := func(milliampHours int) string {
		return printed(fmt.Sprintf(`<key>Other</key><dict><key>RemainingCapacity</key><integer>1</integer></dict><key>BatteryData</key><dict><key>RemainingCapacity</key><integer>%d</integer><key>FullChargeCapacity</key><integer>5492</integer></dict>
<key>CurrentCapacity</key><integer>99</integer><key>MaxCapacity</key><integer>100</integer><key>ExternalConnected</key><false/><key>Voltage</key><integer>11400</integer>`, milliampHours))
	}
	for _, tt := range []struct {
		name          string
		before, after string
	}{
		{"Apple silicon", silicon(4000, 11410, false, false, "-600"), silicon(3990, 11390, false, false, "-600")},
		{"Apple silicon, a current without its sign", silicon(4000, 11400, false, false, "18446744073709551016"), silicon(3990, 11400, false, false, "18446744073709551016")},
		{"Intel", intel(4000, false), intel(3990, false)},
		{"Intel, nearly empty", intel(60, false), intel(50, false)},
		{"in BatteryData", newest(5100), newest(5090)},
		{"without a list around it", strings.NewReplacer("<array>\n\t<dict>", "<dict>", "</dict>\n</array>", "</dict>").Replace(silicon(4000, 11400, false, false, "-600")), silicon(3990, 11400, false, false, "-600")},
	} {
		b, err := power.NewAppleBattery(answers(tt.before, tt.after))
		if err != nil || b.Problem() != nil {
			t.Errorf("%s: %v, %v", tt.name, err, b.Problem())
			continue
		}
		list, err := b.Advance(minute()) // 10 mAh at 11.4 V
		if err != nil || len(list) != 1 || list[0].Energy.WattHours() < .11399 || list[0].Energy.WattHours() > .11401 ||
			list[0].Method != power.MethodBattery || list[0].Scope != power.ScopeMachine || list[0].Covered != time.Minute {
			t.Errorf("%s: %+v, %v; want 0.114 Wh of the machine", tt.name, list, err)
		}
	}
}

func TestThePortableMacHasNoFigureWhenItsBatteryDoesNotFeedItAlone(t *testing.T) {
	for _, tt := range []struct {
		name, before, after string
		want                error
	}{
		{"on mains and full", silicon(5800, 13000, true, false, "0"), silicon(5800, 13000, true, false, "0"), power.ErrIdle},
		{"charging", silicon(4000, 12000, true, true, "1500"), silicon(4020, 12000, true, true, "1500"), power.ErrIdle},
		{"a weak adapter helps", silicon(4000, 12000, true, false, "-400"), silicon(3990, 12000, true, false, "-400"), power.ErrIdle},
		{"charging, and the adapter not told of yet", silicon(4000, 12000, false, false, "900"), silicon(3990, 12000, false, false, "900"), power.ErrIdle},
		{"charging begins", silicon(4000, 12000, false, true, "0"), silicon(3990, 12000, false, true, "0"), power.ErrIdle},
		{"plugged in between", silicon(4000, 12000, false, false, "-400"), silicon(3990, 12000, true, true, "900"), power.ErrIdle},
		{"Intel on mains", intel(4000, true), intel(3990, true), power.ErrIdle},
		{"another gauge", intel(4000, false), silicon(3990, 11400, false, false, "-1"), power.ErrReset},
		{"the gauge was set right", silicon(4000, 11400, false, false, "-1"), silicon(4100, 11400, false, false, "-1"), power.ErrReset},
		{"taken out", intel(4000, false), "", power.ErrIdle},
	} {
		b, err := power.NewAppleBattery(answers(tt.before, tt.after))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if list, err := b.Advance(minute()); !errors.Is(err, tt.want) || len(list) > 0 {
			t.Errorf("%s: %+v, %v; want %v", tt.name, list, err, tt.want)
		}
	}
}

func TestAMacWithoutABatteryHasNoSuchMeter(t *testing.T) {
	for _, answer := range []string{
		"", "\n", `<plist version="1.0"><array/></plist>`, `<plist version="1.0"><array></array></plist>`,
		strings.Replace(silicon(0, 0, true, false, "0"), "<key>BatteryInstalled</key>\n\t\t<true/>", "<key>BatteryInstalled</key>\n\t\t<false/>", 1),
	} {
		if b, err := power.NewAppleBattery(answers(answer)); !errors.Is(err, power.ErrNoMeter) || b != nil {
			t.Errorf("%.60q: %v, %v; want ErrNoMeter", answer, b, err)
		}
	}
	_, err := power.NewAppleBattery(func() ([]byte, error) { return nil, fmt.Errorf("elsewhere: %w", power.ErrNoMeter) })
	if !errors.Is(err, power.ErrNoMeter) {
		t.Errorf("got %v; want ErrNoMeter", err)
	}
}

func TestAnAnswerThatMakesNoSenseIsAProblemThatTellsNoSerialNumber(t *testing.T) {
	good := silicon(4000, 11400, false, false, "-600")
	without := func(key string) string { return strings.ReplaceAll(good, "<key>"+key+"</key>", "<key>No</key>") }
	with := func(old, replacement string) string { return strings.Replace(good, old, replacement, 1) }
	percent := strings.Replace(intel(71, false), "6200", "100", 1)
	deep := strings.Repeat("<array>", 50_000) + strings.Repeat("</array>", 50_000)
	for _, tt := range []struct{ name, answer, want string }{
		{"cut", good[:len(good)/2], "no well-formed XML"},
		{"cut in the heading", good[:60], "no well-formed XML"},
		{"garbage", secret + " is not here", "no property list"},
		{"binary", "bplist00\xd1\x01\x02", "no well-formed XML"},
		{"only a heading", `<?xml version="1.0"?>`, "no property list"},
		{"another page", "<html><body>" + secret + "</body></html>", "no property list"},
		{"an entity", with("<integer>-600</integer>", "<integer>&"+secret+";</integer>"), "no well-formed XML"},
		{"an element that ends as another", with("</string>", "</"+secret+">"), "no well-formed XML"},
		{"an element of nobody", with("<false/>", "<"+secret+"/>"), "no property list"},
		{"an element of another space", with("<false/>", `<x:false xmlns:x="y"/>`), "no property list"},
		{"two lists", good + `<plist version="1.0"><array/></plist>`, "no property list"},
		{"an empty list", `<plist version="1.0"></plist>`, "no property list"},
		{"two values at the top", `<plist version="1.0"><array/><array/></plist>`, "no property list"},
		{"text after it", good + secret, "no property list"},
		{"text between", with("<key>Amperage</key>", secret+"<key>Amperage</key>"), "no property list"},
		{"a key without a value", with("<integer>-600</integer>", ""), "no property list"},
		{"a last key without a value", with("	</dict>\n</array>\n</plist>", "<key>x</key></dict></array></plist>"), "no property list"},
		{"a value without a key", with("<key>Amperage</key>", ""), "no property list"},
		{"an element in a number", with("<integer>-600</integer>", "<integer><string>"+secret+"</string></integer>"), "no property list"},
		{"too deep", with("<key>Amperage</key>", "<key>a</key>"+deep+"<key>Amperage</key>"), "no property list"},
		{"too long", good + strings.Repeat(" ", 1<<20) + "<!-- -->", "more than 1048576 bytes"},
		{"told twice", with("<key>MaxCapacity</key>", "<key>Voltage</key><integer>1</integer><key>MaxCapacity</key>"), "Voltage is told twice"},
		{"text for a number", with("<integer>-600</integer>", "<string>"+secret+"</string>"), "Amperage is not told as it should be"},
		{"a serial number for a number", with("<integer>-600</integer>", "<integer>"+secret+"</integer>"), "Amperage is not told as it should be"},
		{"an empty number", with("<integer>-600</integer>", "<integer/>"), "Amperage is not told as it should be"},
		{"a number of many digits", with("<integer>-600</integer>", "<integer>"+strings.Repeat("0", 500)+"7</integer>"), ""},
		{"a number for yes", strings.Replace(good, "<key>ExternalConnected</key>\n\t\t<false/>", "<key>ExternalConnected</key>\n\t\t<integer>0</integer>", 1), "ExternalConnected is not told"},
		{"yes for a number", with("<integer>-600</integer>", "<true/>"), "Amperage is not told as it should be"},
		{"a percentage", percent, "CurrentCapacity is a percentage"},
		{"a percentage, and the raw gauge gone", strings.NewReplacer("AppleRaw", "No", "Remaining", "No").Replace(good), "CurrentCapacity is a percentage"},
		{"a gauge without its full charge", without("AppleRawMaxCapacity"), "AppleRawCurrentCapacity without AppleRawMaxCapacity"},
		{"no gauge", printed("<key>ExternalConnected</key><false/>"), "does not tell its charge"},
		{"an empty dictionary", printed(""), "does not tell its charge"},
		{"no voltage", strings.Replace(without("Voltage"), "AppleRawBatteryVoltage", "No", 1), "does not tell its voltage"},
		{"a voltage of nobody", silicon(4000, 230_000, false, false, "-1"), "230000 mV"},
		{"a charge below nothing", silicon(-5, 11400, false, false, "-1"), "AppleRawCurrentCapacity is -5"},
		{"a charge above full", silicon(12_000, 11400, false, false, "-1"), "AppleRawCurrentCapacity is 12000"},
		{"a full charge of nobody", strings.Replace(good, "5800", "58000", 1), "of 58000 mAh"},
		{"mains not told", strings.Replace(good, "<key>ExternalConnected</key>\n\t\t<false/>", "", 1), "does not tell whether an adapter"},
		{"two batteries", strings.Replace(good, "<array>\n", "<array><dict></dict>", 1), "2 batteries"},
	} {
		b, err := power.NewAppleBattery(answers(tt.answer, good, silicon(3990, 11400, false, false, "-1")))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		problem := fmt.Sprint(b.Problem())
		if (tt.want == "") != (b.Problem() == nil) || !strings.Contains(problem, tt.want) || strings.Contains(problem, secret) {
			t.Errorf("%s: %.200s; want %q", tt.name, problem, tt.want)
		}
		if tt.want == "" {
			continue
		}
		if list, err := b.Advance(minute()); err == nil || len(list) > 0 {
			t.Errorf("%s, then good: %+v, %v; want no figure", tt.name, list, err)
		}
		wantFigure(t, b)
	}
}

func TestAMacThatCannotBeAskedHasAProblem(t *testing.T) {
	silent := errors.New("no answer")
	b, err := power.NewAppleBattery(func() ([]byte, error) { return nil, silent })
	if err != nil || !errors.Is(b.Problem(), silent) {
		t.Errorf("got %v, %v; want the problem of the answer", err, b.Problem())
	}
}

// The seeds are short, so that the fuzzer does not spend its time on making them shorter.
func FuzzAppleBattery(f *testing.F) {
	plist := func(body string) string { return "<plist><dict>" + body + "</dict></plist>" }
	told := func(milliampHours int) string {
		return plist(fmt.Sprintf("<key>Voltage</key><integer>11400</integer><key>ExternalConnected</key><false/>"+
			"<key>CurrentCapacity</key><integer>%d</integer><key>MaxCapacity</key><integer>6200</integer>", milliampHours))
	}
	for _, seed := range []string{
		told(4000), told(3980), "", secret, plist(""), plist("<key>a</key>" + strings.Repeat("<array>", 40)), plist("<key>Amperage</key><integer>" + secret + "</integer>"),
		plist("<key>BatteryData</key><dict><key>RemainingCapacity</key><integer>18446744073709551615</integer></dict>"), "<plist><array><dict/></array></plist>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		list := [][]byte{answer, []byte(told(3990)), answer}
		b, err := power.NewAppleBattery(func() ([]byte, error) {
			next := list[0]
			list = list[1:]
			return next, nil
		})
		if err != nil {
			if !errors.Is(err, power.ErrNoMeter) {
				t.Errorf("%v", err)
			}
			return
		}
		for range 2 {
			figures, err := b.Advance(minute())
			if (err == nil) != (len(figures) == 1) || (err != nil && strings.Contains(err.Error(), secret)) {
				t.Errorf("%v, %v", figures, err)
			}
			for _, f := range figures {
				if f.Energy < 0 || f.Energy.Joules() > 300*60 || f.Low > f.Energy || f.Energy > f.High {
					t.Errorf("%+v", f)
				}
			}
		}
	})
}
