package victoria_test

import (
	"reflect"
	"strings"
	"testing"

	"veille/collector/store/victoria"
)

func TestAnAddressNamesNodesOrACluster(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][]victoria.Options{
		"http://a:8428":             {{Write: "http://a:8428"}},
		"http://a:8428/":            {{Write: "http://a:8428"}},
		"https://a":                 {{Write: "https://a"}},
		"http://a,b":                {{Write: "http://a:8428"}, {Write: "http://b:8428"}},
		"http://a:1,b,c":            {{Write: "http://a:1"}, {Write: "http://b:1"}, {Write: "http://c:1"}},
		"http://a,b:1":              {{Write: "http://a:1"}, {Write: "http://b:1"}},
		"http://a:1,b:2":            {{Write: "http://a:1"}, {Write: "http://b:2"}},
		"http://a:1,https://b:2":    {{Write: "http://a:1"}, {Write: "https://b:2"}},
		"http://a:1,b:2/vm/":        {{Write: "http://a:1/vm"}, {Write: "http://b:2/vm"}},
		"http://a:1/x,b:2/vm":       {{Write: "http://a:1/x"}, {Write: "http://b:2/vm"}},
		"http://[::1]:8428,[::2]":   {{Write: "http://[::1]:8428"}, {Write: "http://[::2]:8428"}},
		"http://a:8428?db=school_7": {{Write: "http://a:8428", DB: "school_7"}},
		"http://a:1,b:1?db=x":       {{Write: "http://a:1", DB: "x"}, {Write: "http://b:1", DB: "x"}},
		"http://i:8480/insert/0/influx?select=http://s:8481/select/0/prometheus": {{Write: "http://i:8480/insert/0/influx", Read: "http://s:8481/select/0/prometheus"}},
		"https://i/insert/0/influx/?select=https://s/select/0/prometheus/&nodes=http://s1:8482,http://s2:8482/": {{
			Write: "https://i/insert/0/influx", Read: "https://s/select/0/prometheus", Nodes: []string{"http://s1:8482", "http://s2:8482"},
		}},
	} {
		got, err := victoria.Parse(address)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %+v (%v), want %+v", address, got, err, want)
		}
	}
}

func TestAnAddressThatCannotBeUsedIsRefusedWithWhatToWrite(t *testing.T) {
	t.Parallel()
	for address, words := range map[string]string{
		"":                              "has no name",
		"a:8428":                        "does not begin with http://",
		"ftp://a":                       "neither http nor https",
		"http://":                       "has no name",
		"http://:8428":                  "has no name",
		"http://a:":                     "no port",
		"http://a:0":                    "no port from 1",
		"http://a:65536":                "no port from 1",
		"http://a:x":                    "cannot be understood",
		"http://a:1,":                   "has no name",
		"http://a:1,a:1":                "twice",
		"http://a:1,b:2,c":              "different ones",
		"http://user:s3cr3t@a:1":        "--series-token-file",
		"http://a:1?token=s3cr3t":       "secrets come by --series-token-file",
		"http://a:1?db=":                "say something",
		"http://a:1?db=x&db=y":          "there once",
		"http://a:1?db=a-b":             "letters, digits and underscores",
		"http://a:1#x":                  "#",
		"http://a b:1":                  "a space",
		"http://a:1?%":                  "cannot be understood",
		"http://i:8480/insert/0/influx": "?select= does not say",
		"http://i:1/insert/0/influx,j:1?select=http://s/select/0/prometheus": "a proxy before several vminsert",
		"http://i:1/insert/0/influx?select=s:8481/select/0":                  "begins neither with",
		"http://i:1/insert/0/influx?select=http://u:s3cr3t@s/select/0":       "--series-token-file",
		"http://i:1/insert/0/influx?select=http://s:8481":                    "no /select/",
		"http://i:1/insert/0/influx?select=http://s/select/0?x=y":            "nothing after its path",
		"http://a:1?nodes=http://s1:8482":                                    "is for a cluster",
		"http://" + strings.Repeat("a", 5000):                                "too long",
	} {
		got, err := victoria.Parse(address)
		if err == nil || !strings.Contains(err.Error(), words) || strings.Contains(err.Error(), "s3cr3t") || len(err.Error()) > 800 {
			t.Errorf("%.60s is %v: %v, which does not say %q", address, got, err, words)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, address := range []string{"http://a:8428,b:8428/vm?db=x", "http://i/insert/0/influx?select=http://s/select/0&nodes=http://n:1,http://m:2", "http://[::1]:1,x", "https://a@b", "http://a:1,b:2,c"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		all, err := victoria.Parse(address)
		if err != nil {
			return
		}
		if len(all) == 0 {
			t.Fatal("no destination and no error")
		}
		seen := map[string]bool{}
		for _, o := range all {
			again, err := victoria.Parse(o.Write)
			if !o.Cluster() && (err != nil || len(again) != 1 || again[0].Write != o.Write) {
				t.Errorf("%q is %q, which is %v %v", address, o.Write, again, err)
			}
			if seen[o.Write] || strings.HasSuffix(o.Write, "/") {
				t.Errorf("%q is %+v", address, all)
			}
			seen[o.Write] = true
		}
	})
}
