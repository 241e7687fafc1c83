package web_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

func TestTheLargestPartsAreThoseThatCannotBeNamedMoreClosely(t *testing.T) {
	page := []web.Branch{
		{-1, "html", 1000},
		{0, "head", 20},
		{0, "body", 979},
		{2, "#menu", 200},
		{3, "ul", 198},
		{4, "li.more", 20}, // many small items: the list is what is large
		{2, "main", 700},
		{6, "div", 690},
		{7, "div", 680},
		{8, "div.list", 670},
		{9, "article", 160},
		{9, "article.first", 480},
		{11, "p", 12},
		{2, "footer", 60},
	}
	for _, tt := range []struct {
		name string
		tree []web.Branch
		want []web.Part
	}{
		{"a page", page, []web.Part{{"div > div > div.list > article.first", 480}, {"#menu > ul", 198}, {"div > div > div.list > article", 160}}},
		{"nothing", nil, nil},
		{"a small page", []web.Branch{{-1, "html", 9}}, nil},
		{"one that cannot be divided", []web.Branch{{-1, "html", 40}, {0, "body", 37}}, []web.Part{{"body", 37}}},
		{"a parent that comes later", []web.Branch{{1, "p", 20}, {-1, "html", 40}, {7, "b", 20}}, []web.Part{{"html", 40}}},
	} {
		if got := web.LargestParts(tt.tree); !slices.Equal(got, tt.want) {
			t.Errorf("%s has the parts %v; want %v", tt.name, got, tt.want)
		}
	}
}

func TestPartsLieApartAndHoldNoMoreThanTheDocument(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		tree := []web.Branch{{-1, "html", 1 + r.IntN(3000)}}
		left := []int{tree[0].Elements - 1} // elements of each that are in no branch yet
		for range r.IntN(100) {
			parent := r.IntN(len(tree))
			if left[parent] < 1 {
				continue
			}
			n := 1 + r.IntN(left[parent])
			left[parent] -= n
			tree = append(tree, web.Branch{Parent: parent, Name: "p", Elements: n})
			left = append(left, n-1)
		}
		sum, last := 0, tree[0].Elements
		for _, p := range web.LargestParts(tree) {
			sum += p.Elements
			if p.Elements > last {
				t.Fatalf("%d elements come after %d in %v", p.Elements, last, tree)
			}
			last = p.Elements
		}
		if sum > tree[0].Elements {
			t.Fatalf("the parts of %v hold %d elements", tree, sum)
		}
	}
}

func TestAnElementIsCalledByItsIDOrByItsTagAndTwoClasses(t *testing.T) {
	long := strings.Repeat("é", 61)
	for _, tt := range []struct{ tag, id, class, want string }{
		{"div", "", "", "div"},
		{"ul", " menu ", "wide", "#menu"},
		{"ul", "", " wide  open\tlate", "ul.wide.open"},
		{"div", long, "", "#" + long[:120] + "…"},
	} {
		if got := web.NameOf(tt.tag, tt.id, tt.class); got != tt.want {
			t.Errorf("%q, %q, %q is called %q; want %q", tt.tag, tt.id, tt.class, got, tt.want)
		}
	}
}
