package frame

import (
	"math"
	"testing"
)

func TestNumbersAreWrittenAsTheLanguageDoes(t *testing.T) {
	en, fr := Language{Code: "en"}, Language{Code: "fr"}
	for _, tt := range []struct{ got, want string }{
		{en.Number(1234567.891, 1), "1,234,567.9"},
		{fr.Number(1234567.891, 1), "1\u202f234\u202f567,9"},
		{en.Number(-1234, 0), "−1,234"},
		{en.Number(-123, 0), "−123"},
		{en.Number(-123456, 0), "−123,456"},
		{fr.Number(-1234.56, 1), "−1\u202f234,6"},
		{en.Number(-.4, 0), "0"},
		{fr.Number(-.004, 2), "0,00"},
		{en.Number(-.5, 1), "−0.5"},
		{en.Number(math.Copysign(0, -1), 0), "0"},
		{en.Signed(-12.34), "−12.3"},
		{fr.Signed(1234.5), "+1\u202f234,5"},
		{en.Signed(-.04), "0.0"},
		{en.Signed(.04), "0.0"},
		{en.Signed(0), "0.0"},
		{en.Number(999, 0), "999"},
		{en.Energy(0.4567), "0.46\u00a0Wh"},
		{en.Energy(45.67), "45.7\u00a0Wh"},
		{fr.Energy(1411), "1,41\u00a0kWh"},
		{fr.EnergyLike(909, 1411), "0,91\u00a0kWh"},
		{en.Energy(1_234_567), "1,235\u00a0kWh"},
		{en.Percent(1), "100%"},
		{en.Percent(.999), "99%"},
		{en.Percent(.0001), "1%"},
		{en.Percent(0), "0%"},
		{fr.Percent(.42), "42\u202f%"},
		{en.Tick(0, 50, 150), "0\u00a0Wh"},
		{en.Tick(.5, .5, 1.2), "0.5\u00a0Wh"},
		{en.Tick(1500, 500, 2000), "1.5\u00a0kWh"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestAPageIsCompressedForThoseWhoUnderstandIt(t *testing.T) {
	for header, want := range map[string]bool{
		"": false, "br": false, "gzip": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.0": false, "GZIP;Q=0": false, "GZip": true, "gzip;q=0.5, br": true, "deflate, gzip;q=1.0": true,
	} {
		if got := understandsGzip(header); got != want {
			t.Errorf("Accept-Encoding %q: %t, want %t", header, got, want)
		}
	}
}
