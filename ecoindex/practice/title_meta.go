package practice

import (
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// titleMeta counts what search engines and readers need and do not find: a title, and a description.
func titleMeta() Check {
	return Check{
		ID: "title-meta", RWEB: []string{"0011"}, RefID: []string{"4015"}, Most: 0,
		Title: Words{"Titre et description de la page", "Title and description of the page"},
		Advice: Words{
			"Donnez à chaque page un titre et une description qui lui sont propres : qui la cherche la trouve du premier coup, sans ouvrir d'autres pages.",
			"Give each page a title and a description of its own: who looks for it finds it at once, without opening other pages.",
		},
		Look: func(v *View) Finding {
			var missing []Offender
			if strings.TrimSpace(v.Doc.Find("head title").First().Text()) == "" {
				missing = append(missing, Offender{Where: "head", Detail: "title"})
			}
			described := false
			v.Doc.Find("meta[name]").Each(func(_ int, s *goquery.Selection) {
				described = described || strings.EqualFold(s.AttrOr("name", ""), "description") && strings.TrimSpace(s.AttrOr("content", "")) != ""
			})
			if !described {
				missing = append(missing, Offender{Where: "head", Detail: "meta description"})
			}
			return judge(float64(len(missing)), 0, missing, Saving{})
		},
	}
}
