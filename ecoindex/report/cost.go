package report

import (
	"cmp"
	"slices"

	"veille/ecoindex"
	"veille/ecoindex/web"
)

// cost is what one of the three measures costs.
type cost struct {
	points float64
	count  float64 // of the thing
	thing  string  // element, request or kB
	less   float64 // points to gain with one element, request or kilobyte less
}

// costs are what the three measures cost, the largest first.
func costs(m ecoindex.Measure, r ecoindex.Result) []cost {
	list := []cost{
		{r.Lost.DOM, float64(m.DOM), "element", gain(r, ecoindex.Measure{DOM: m.DOM - 1, Requests: m.Requests, SizeKB: m.SizeKB})},
		{r.Lost.Requests, float64(m.Requests), "request", gain(r, ecoindex.Measure{DOM: m.DOM, Requests: m.Requests - 1, SizeKB: m.SizeKB})},
		{r.Lost.Size, m.SizeKB, "kB", gain(r, ecoindex.Measure{DOM: m.DOM, Requests: m.Requests, SizeKB: m.SizeKB - 1})},
	}
	slices.SortStableFunc(list, func(a, b cost) int { return cmp.Compare(b.points, a.points) })
	return list
}

// gain is the points, before rounding, that a page of result r would have more if it were m. Less than nothing counts as
// nothing.
func gain(r ecoindex.Result, m ecoindex.Measure) float64 {
	m.DOM, m.Requests, m.SizeKB = max(0, m.DOM), max(0, m.Requests), max(0, m.SizeKB)
	lighter, err := ecoindex.Compute(m)
	if err != nil {
		return 0 // r is not the result of a measure
	}
	return lighter.Raw - r.Raw
}

// heavy is a resource and the points the page would have more without it.
type heavy struct {
	web.Resource
	gain float64
	page bool // the page itself, which cannot be taken away
}

// heaviest are the n heaviest resources. Each is one request, so that they are also those whose absence gains most.
func heaviest(p web.Page, r ecoindex.Result, n int) []heavy {
	sorted := slices.Clone(p.Resources)
	slices.SortStableFunc(sorted, func(a, b web.Resource) int { return cmp.Compare(b.Bytes, a.Bytes) })
	var list []heavy
	for _, resource := range sorted[:min(n, len(sorted))] {
		list = append(list, heavy{resource, gainWithout(p, r, resource), resource.Kind == web.Document})
	}
	return list
}

// gainWithout is the points that a page would have more without a resource.
func gainWithout(p web.Page, r ecoindex.Result, without web.Resource) float64 {
	return gain(r, ecoindex.Measure{DOM: p.DOM, Requests: p.Requests - 1, SizeKB: p.SizeKB - float64(without.Bytes)/1000})
}

// parted is a piece of the document and the points the page would have more without it.
type parted struct {
	web.Part
	gain float64
}

// largest are the largest pieces of the document.
func largest(p web.Page, r ecoindex.Result) []parted {
	var list []parted
	for _, part := range p.Parts {
		list = append(list, parted{part, gain(r, ecoindex.Measure{DOM: p.DOM - part.Elements, Requests: p.Requests, SizeKB: p.SizeKB})})
	}
	return list
}
