package main

import (
	"time"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/link"
)

// way is the flags that say how the collector is reached.
type way struct{ proxy, ca, pin string }

func (w *way) flags(fs *pflag.FlagSet) {
	fs.StringVar(&w.proxy, "proxy", "", "`address` of the proxy, such as http://name:password@proxy:3128, or none; without it that of HTTPS_PROXY, then the system's own")
	fs.StringVar(&w.ca, "ca", "", "`file` (PEM) of a certificate authority that is trusted besides the system's")
	fs.StringVar(&w.pin, "pin", "", "`sha256/…` of the public key that the collector's certificate, or an authority's above it, must have; several with commas")
}

// open makes the road to the collector of an identity. What is not said here is as it was at the enrolment.
func (w *way) open(id agent.Identity) (*link.Link, error) {
	or := func(said, kept string) string {
		if said != "" {
			return said
		}
		return kept
	}
	return link.New(link.Settings{
		Collector: id.Collector, Proxy: or(w.proxy, id.Proxy), CAFile: or(w.ca, id.CAFile), Pin: or(w.pin, id.Pin), Timeout: 30 * time.Second,
	})
}
