package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"veille/ecoindex/report"
)

func TestAPersonWhoWaitsIsToldHowManyPagesAreMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := &progress{out: &out, total: 3}
		p.begin()
		page := func(after time.Duration) {
			<-time.After(after)
			p.clear()
			_, _ = out.WriteString("[page]")
			p.advance()
		}
		page(time.Second)
		page(3 * time.Second)
		page(time.Second)
		p.end()
		<-time.After(time.Minute)
		want := "[page]" + "measured 1 of 3" + "\r\x1b[K" + "[page]" + "measured 2 of 3" + "\r\x1b[K" + "[page]"
		if got := out.String(); got != want {
			t.Errorf("%q is written; want %q", got, want)
		}
	})
}

func TestNobodyIsToldWhenStandardErrorIsNotATerminal(t *testing.T) {
	var out strings.Builder
	p := startProgress(&out, 3, report.Language{})
	p.clear()
	p.advance()
	p.end()
	if p.out != nil || out.Len() > 0 {
		t.Errorf("%q is written; want nothing", out.String())
	}
}
