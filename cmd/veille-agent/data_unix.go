//go:build !windows && !darwin

package main

import "time"

// usualPeriod is the time between samples.
const usualPeriod = time.Minute

func dataFolder() string { return "/var/lib/veille-agent" }
