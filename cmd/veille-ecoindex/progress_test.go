package main

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAPersonWhoWaitsIsToldWhichPageIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := &progress{out: &out, total: 2, started: time.Now()}
		p.begin("http://quick.example/")
		<-time.After(time.Second)
		p.end()
		if out.Len() > 0 {
			t.Errorf("after one second %q is written; want nothing", out.String())
		}
		p.begin("http://slow.example/")
		<-time.After(3 * time.Second)
		p.end()
		if got, want := out.String(), "measuring 2 of 2: http://slow.example/\r\x1b[K"; got != want {
			t.Errorf("%q is written; want %q", got, want)
		}
	})
}

func TestNobodyIsToldWhenStandardErrorIsNotATerminal(t *testing.T) {
	var out strings.Builder
	p := startProgress(&out, 3)
	p.begin("http://site.example/")
	p.end()
	if p.out != nil || out.Len() > 0 {
		t.Errorf("%q is written; want nothing", out.String())
	}
}
