package main

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// templates is where the administrative templates for group policies are.
const templates = "../../agent/packaging/windows/policy"

// admx is what is relied on of a file of policies.
type admx struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions policyDefinitions"`
	Schema  string   `xml:"schemaVersion,attr"`
	Target  struct {
		Prefix    string `xml:"prefix,attr"`
		Namespace string `xml:"namespace,attr"`
	} `xml:"policyNamespaces>target"`
	Supported []struct {
		Name string `xml:"name,attr"`
	} `xml:"supportedOn>definitions>definition"`
	Categories []struct {
		Name string `xml:"name,attr"`
	} `xml:"categories>category"`
	Policies []struct {
		Name         string `xml:"name,attr"`
		Class        string `xml:"class,attr"`
		Key          string `xml:"key,attr"`
		Presentation string `xml:"presentation,attr"`
		Parent       struct {
			Ref string `xml:"ref,attr"`
		} `xml:"parentCategory"`
		Supported struct {
			Ref string `xml:"ref,attr"`
		} `xml:"supportedOn"`
		Elements struct {
			All []element `xml:",any"`
		} `xml:"elements"`
	} `xml:"policies>policy"`
}

type element struct {
	XMLName xml.Name
	ID      string   `xml:"id,attr"`
	Value   string   `xml:"valueName,attr"`
	Min     string   `xml:"minValue,attr"`
	Max     string   `xml:"maxValue,attr"`
	Choices []string `xml:"item>value>string"`
}

// adml is what is relied on of the texts of a language.
type adml struct {
	XMLName xml.Name `xml:"http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions policyDefinitionResources"`
	Strings []struct {
		ID   string `xml:"id,attr"`
		Text string `xml:",chardata"`
	} `xml:"resources>stringTable>string"`
	Presentations []struct {
		ID    string `xml:"id,attr"`
		Boxes []struct {
			XMLName xml.Name
			Ref     string `xml:"refId,attr"`
		} `xml:",any"`
	} `xml:"resources>presentationTable>presentation"`
}

func template[T any](t *testing.T, name string) (v T, text string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(templates, filepath.FromSlash(name)))
	if err == nil {
		err = xml.Unmarshal(b, &v)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v, string(b)
}

// runFlags are the settings of run.
func runFlags() *pflag.FlagSet {
	fs := pflag.NewFlagSet("run", pflag.ContinueOnError)
	runCommand(nil).Flags(fs)
	return fs
}

func TestEveryPolicySetsAFlagOfRunToWhatItTakes(t *testing.T) {
	t.Parallel()
	p, _ := template[admx](t, "Veille.admx")
	if p.Schema != "1.0" || p.Target.Prefix == "" || p.Target.Namespace == "" {
		t.Errorf("schema %q, target %+v; want 1.0 and a namespace of our own", p.Schema, p.Target)
	}
	seen, categories := map[string]bool{}, map[string]bool{}
	for _, c := range p.Categories {
		categories[c.Name] = true
	}
	for _, policy := range p.Policies {
		if policy.Class != "Machine" || policy.Key != `SOFTWARE\Policies\Veille\Agent` || len(policy.Elements.All) != 1 {
			t.Errorf("%s is of class %s, key %s, with %d elements; want Machine, the agent's key and one", policy.Name, policy.Class, policy.Key, len(policy.Elements.All))
			continue
		}
		e := policy.Elements.All[0]
		if seen[e.Value] {
			t.Errorf("%s: %s is set twice", policy.Name, e.Value)
		}
		seen[e.Value] = true
		for _, value := range samples(e) {
			if err := runFlags().Set(e.Value, value); err != nil {
				t.Errorf("%s: run does not take %s %q: %v", policy.Name, e.Value, value, err)
			}
		}
		if !categories[policy.Parent.Ref] || policy.Supported.Ref != p.Supported[0].Name {
			t.Errorf("%s is in %q for %q, which are not there", policy.Name, policy.Parent.Ref, policy.Supported.Ref)
		}
	}
	for _, name := range []string{"collector", "token", "use", "ca", "proxy", "pin", "period", "post-every", "products"} {
		if !seen[name] {
			t.Errorf("no policy sets %s", name)
		}
	}
}

// samples are values that an element of a policy can write.
func samples(e element) []string {
	switch e.XMLName.Local {
	case "enum":
		return e.Choices
	case "decimal":
		return []string{e.Min, e.Max}
	}
	return []string{"some words"}
}

func TestEveryTextOfThePoliciesIsInBothLanguages(t *testing.T) {
	t.Parallel()
	p, text := template[admx](t, "Veille.admx")
	boxes := map[string]string{"text": "textBox", "multiText": "multiTextBox", "decimal": "decimalTextBox", "enum": "dropdownList"}
	texts := map[string]string{} // of the first language
	for _, language := range []string{"en-US", "fr-FR"} {
		words, _ := template[adml](t, language+"/Veille.adml")
		has, asked := map[string]bool{}, map[string]bool{}
		for _, s := range words.Strings {
			id := "string." + s.ID
			if has[id] || strings.TrimSpace(s.Text) == "" || len(s.Text) > 40 && texts[id] == s.Text {
				t.Errorf("%s: %s is there twice, empty, or not translated: %q", language, id, s.Text)
			}
			has[id], texts[id] = true, s.Text
		}
		shown := map[string]string{}
		for _, s := range words.Presentations {
			has["presentation."+s.ID] = true
			for _, b := range s.Boxes {
				shown[s.ID+" "+b.Ref] = b.XMLName.Local
			}
		}
		for _, m := range regexp.MustCompile(`\$\((\w+\.\w+)\)`).FindAllStringSubmatch(text, -1) {
			asked[m[1]] = true
		}
		if fmt.Sprint(has) != fmt.Sprint(asked) {
			t.Errorf("%s has %v, want %v", language, has, asked)
		}
		for _, policy := range p.Policies {
			e := policy.Elements.All[0]
			if got := shown[policy.Name+" "+e.ID]; got != boxes[e.XMLName.Local] || got == "" {
				t.Errorf("%s: %s is shown as %q, want %q", language, policy.Name, got, boxes[e.XMLName.Local])
			}
		}
	}
}
