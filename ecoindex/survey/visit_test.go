package survey

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"veille/ecoindex/static"

	"veille/ecoindex/web"
)

func TestTheWayToAPageIsTakenAwayToTheByte(t *testing.T) {
	for first := int64(1); first < 40; first++ {
		for second := int64(1); second < 40; second++ {
			for page := range int64(3) {
				s := web.Sight{Page: web.Page{URL: "https://a.example/c", DOM: 1, Requests: 3, SizeKB: float64(first+second+page) / 1000}}
				for i, bytes := range []int64{first, second, page} {
					r := web.Resource{URL: "https://a.example/" + string(rune('a'+i)), Kind: web.Document, Bytes: bytes}
					s.Exchanges, s.Resources = append(s.Exchanges, web.Exchange{Resource: r}), append(s.Resources, r)
				}
				if withoutWay(&s); s.SizeKB != float64(page)/1000 || s.Requests != 1 {
					t.Fatalf("%d, %d and %d bytes: %s kB and %d requests are left", first, second, page, strconv.FormatFloat(s.SizeKB, 'g', -1, 64), s.Requests)
				}
			}
		}
	}
}

func TestAnErrorPageWeighsNoMoreThanWasTransferred(t *testing.T) {
	for name, one := range map[string]struct {
		body io.Reader
		said string
		want int64
	}{
		"as it says":  {strings.NewReader("0123456789"), "4", 4},
		"it does not": {strings.NewReader("0123456789"), "", 10},
		"cut short":   {io.MultiReader(strings.NewReader("0123456789"), iotest.ErrReader(io.ErrUnexpectedEOF)), "9000000000000000000", 10},
		"a lie":       {strings.NewReader(strings.Repeat("x", mostErrorPage+1)), "9223372036854775807", mostErrorSaid},
	} {
		a := static.Answer{URL: "https://a.example/x", Status: 404, Body: io.NopCloser(one.body), Header: http.Header{"Content-Length": {one.said}}}
		if got := readErrorPage(a); got.Bytes != one.want || (got.Problem != "") != (name == "cut short") {
			t.Errorf("%s: %+v, want %d bytes", name, got, one.want)
		}
	}
}
