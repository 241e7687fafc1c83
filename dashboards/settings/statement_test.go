package settings_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"veille/collector"
	"veille/collector/privacy"
)

// upload sends a form with a file of some bytes; values come in pairs of name and value.
func (p pages) upload(path, name, file string, values ...string) *httptest.ResponseRecorder {
	p.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(values); i += 2 {
		if err := form.WriteField(values[i], values[i+1]); err != nil {
			p.t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write([]byte(file))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(p.t.Context(), http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return p.ask(r)
}

func TestATableIsGivenToItsCommandByteForByte(t *testing.T) {
	const utf16 = "\xff\xfes\x00i\x00"
	for path, c := range map[string]struct {
		command string
		more    []string
	}{
		"/settings/prices":     {"price import", nil},
		"/settings/factors":    {"factor import", nil},
		"/settings/quantities": {"quantity import", nil},
		"/settings/meters":     {"meter import", nil},
		"/settings/grids":      {"grid import", []string{"website", "7", "on", "2026-06-30"}},
		"/settings/templates":  {"template add", nil},
		"/settings/equipment":  {"inventory import", []string{"preset", "glpi"}},
	} {
		for _, trial := range []bool{true, false} {
			f := full()
			f.printed = "Région: a.csv: 3 prices would be kept"
			values := append([]string{"token", token, "do", c.command}, c.more...)
			if trial {
				values = append(values, "dry-run", "yes")
			}
			w := serve(t, f, it).upload(path+"?lang=en", "a.csv", utf16, values...)
			if want := map[bool]int{true: http.StatusOK, false: http.StatusSeeOther}[trial]; w.Code != want || trial != strings.Contains(w.Body.String(), "would be kept") {
				t.Errorf("%s, trial %v: %d %s", path, trial, w.Code, w.Body)
			}
			if len(f.given) != 1 || f.given[0].Name != c.command || f.given[0].File != utf16 || len(f.given[0].Args) != 1 || (f.given[0].Flags["dry-run"] == true) != trial {
				t.Errorf("%s: given %+v", path, f.given)
			}
			for i := 0; i+1 < len(c.more); i += 2 {
				if f.given[0].Flags[c.more[i]] != c.more[i+1] {
					t.Errorf("%s: given %+v", path, f.given)
				}
			}
		}
	}
}

func TestEachQuantityHasAWordAndSaysWhatIsCounted(t *testing.T) {
	for _, code := range []string{"fr", "en"} {
		rows := serve(t, full(), it).rows("/api/v1/settings/quantities?lang="+code, 1)
		if len(rows) != len(collector.Quantities()) {
			t.Fatalf("%d quantities are explained", len(rows))
		}
		for i, k := range collector.Quantities() {
			name, help := fmt.Sprint(rows[i]["quantity"]), fmt.Sprint(rows[i]["help"])
			if rows[i]["id"] != k.Name || name == k.Name || strings.Contains(name+help, "[") || len(help) < 20 || k.Unit != "" && !strings.HasSuffix(name, "("+k.Unit+")") {
				t.Errorf("%s: %v", k.Name, rows[i])
			}
		}
	}
	for i, want := range map[int]any{0: "August 2026", 12: "June 2026", 1: nil} {
		if row := serve(t, full(), it).rows("/api/v1/settings/quantities?lang=en", 1)[i]; row["laststated"] != want {
			t.Errorf("%v is said to be stated to %v", row["id"], row["laststated"])
		}
	}
}

func TestAPageThatAReportLeadsToHasItsLineChosen(t *testing.T) {
	p := serve(t, full(), it)
	for path, want := range map[string]string{
		"/settings/quantities?quantity=weee": `<option value="weee" selected>`,
		"/settings/evidence?of=PA10.3":       `name="of" value="PA10.3"`,
		"/settings/remarks?of=U1":            `name="of" value="U1"`,
		"/settings/remarks?lang=fr&of=U1":    "Two workshops\nstay on.</textarea>",
	} {
		if body := p.get(path).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s lacks %s", path, want)
		}
	}
}

func TestTheTextOfATemplateIsAFileToBeginFrom(t *testing.T) {
	f := full()
	f.printed = `{"id":"lnr-2019","text":"id: lnr-2019\n"}`
	w := serve(t, f, officer).get("/settings/templates/lnr-2019")
	if w.Code != http.StatusOK || w.Body.String() != "id: lnr-2019\n" || w.Header().Get("Content-Disposition") != `attachment; filename="lnr-2019.yaml"` || f.given[0].Name != "template show" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if body := serve(t, full(), it).get("/settings/templates?lang=en").Body.String(); !strings.Contains(body, `href="/settings/templates/lnr-2019?lang=en"`) {
		t.Error("the page does not lead to it")
	}
	for want, err := range map[int]error{http.StatusNotFound: collector.ErrNotFound, http.StatusForbidden: privacy.ErrRole} {
		f := full()
		f.err = fmt.Errorf("template: %w", err)
		if w := serve(t, f, officer).get("/settings/templates/x"); w.Code != want {
			t.Errorf("%v is answered %d", err, w.Code)
		}
	}
	if w := serve(t, full(), collector.RoleReader).get("/settings/templates/x"); w.Code != http.StatusForbidden {
		t.Errorf("a reader is answered %d", w.Code)
	}
}

func TestPagesStaySmallHoweverMuchIsStated(t *testing.T) {
	f := full()
	many := func(line string) string {
		lines := make([]string, 300)
		for i := range lines {
			lines[i] = strings.ReplaceAll(line, "NUMBER", fmt.Sprint(i+1))
		}
		return "[" + strings.Join(lines, ",") + "]"
	}
	f.lists["quantity list"] = many(`{"id":NUMBER,"name":"datacentre-renewable","from":"2025-09","to":"2026-08","value":412.25,"site":"Lycée A","source":"a register of the accounts","owner":"HR","note":"n"}`)
	f.lists["step list"] = many(`{"id":NUMBER,"kind":"committee","on":"2026-03-04","title":"A meeting of the committee on figures","owner":"general management"}`)
	f.lists["evidence list"] = many(`{"id":NUMBER,"of":"U1","title":"Policy","where":"https://example.org/a/long/address/of/a/document/that/is/kept/elsewhere","on":"2026-01-31"}`)
	f.lists["remark list"] = many(`{"of":"PANUMBER","text":"` + strings.Repeat("a long remark ", 250) + `","by":"officer","on":"2026-01-31"}`)
	f.lists["meter list"] = many(`{"site":"Lycée A","meter":"PDL NUMBER","from":"2025-01-01","to":"2025-12-31","readings":12,"kwh":12,"source":"edf.csv"}`)
	f.lists["grid list"] = many(`{"website":NUMBER,"name":"www.example.org","on":"2026-06-30","criteria":78,"score":61.5,"to_assess":10,"source":"rgesn.csv"}`)
	f.lists["website list"] = many(`{"number":NUMBER,"kind":"site","name":"www.example.org"}`)
	f.lists["action list"] = many(`{"id":NUMBER,"name":"Sleep","measure":"sleep-policy","on":"2026-03-02","base_from":"2025-09","base_to":"2026-02","serves":"U1"}`)
	p := serve(t, f, it)
	for _, name := range []string{"quantities", "governance", "evidence", "remarks", "meters", "grids"} {
		body := p.get("/settings/" + name + "?lang=fr").Body.String()
		if n := strings.Count(body, "<") - strings.Count(body, "</"); n > 600 || len(body) > 100_000 {
			t.Errorf("%s has %d elements and %d bytes", name, n, len(body))
		}
		if strings.Contains(body, "<option value=\"300\"") {
			t.Errorf("%s has a choice of 300", name)
		}
		if rows := p.rows("/api/v1/settings/"+name, 0); len(rows) != 300 {
			t.Errorf("programs get %d of %s", len(rows), name)
		}
	}
	field := regexp.MustCompile(`<input id="step-remove-step" name="step"[^>]*>`).FindString(p.get("/settings/governance").Body.String())
	if field == "" || !strings.Contains(field, "required") {
		t.Errorf("a step is named by %q", field)
	}
}
