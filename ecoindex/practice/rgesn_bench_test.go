package practice

import (
	"fmt"
	"strings"
	"testing"

	"veille/ecoindex/web"
)

// largePage is a page of 300 kB, as towns have them: articles, pictures, a menu, a footer, sheets and scripts.
func largePage() *web.Sight {
	var b strings.Builder
	b.WriteString("<!doctype html><html lang=fr><head><title>Actualités - Ville d’Exemple</title><link rel=stylesheet href=/s.css></head><body><nav><ul>")
	for i := range 150 {
		fmt.Fprintf(&b, `<li class="menu-item"><a href="/rubrique/%d" title="Rubrique %d">Rubrique n° %d</a></li>`, i, i, i)
	}
	b.WriteString("</ul></nav><main>")
	for i := 0; b.Len() < 295_000; i++ {
		fmt.Fprintf(&b, `<article class="card card--%d"><h2><a href="/actualites/%d">La médiathèque rénovée rouvre ses portes</a></h2><p>Publié le %d mars 2024. Après dix-huit mois de travaux, l’équipement accueille de nouveau les habitants ; 85 %% des collections sont en accès libre.</p><img srcset="/i/%d.webp 400w, /i/%d-l.webp 800w" src="/i/%d.webp" alt="La façade de la médiathèque"></article>`, i%7, i, i%28+1, i, i, i)
	}
	b.WriteString(`</main><footer><a href="/accessibilite">Accessibilité : partiellement conforme</a> <a href="/mentions">Mentions légales</a></footer></body></html>`)
	more := []web.Exchange{
		at(web.Stylesheet, "s.css", "text/css", strings.Repeat(".a-b > .c { margin: 0 auto; color: #123456 }\n", 3000)),
		at(web.Script, "s.js", "text/javascript", strings.Repeat("function a(b) { return b ? a(b - 1) : document.title; }\n", 3000)),
	}
	for i := range 60 {
		more = append(more, at(web.Image, fmt.Sprintf("i/%d.webp", i), "image/webp", strings.Repeat("x", 20_000)))
	}
	return seen(b.String(), more...)
}

func BenchmarkPage(b *testing.B) {
	s, m := largePage(), NewMemory()
	for b.Loop() {
		if _, err := Page(s, m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCriteriaAndStatement(b *testing.B) {
	s, m := largePage(), NewMemory()
	v, err := NewView(s)
	if err != nil {
		b.Fatal(err)
	}
	v.memory = m
	all := v.page()
	for b.Loop() {
		Criteria(v, all)
		StatementOf(v)
	}
}
