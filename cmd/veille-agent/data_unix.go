//go:build !windows && !darwin

package main

import "time"

// usualPeriod is the time between samples.
const usualPeriod = time.Minute

// lookInto tells whether everybody may look into the agent's folder: each file in it has its own mode.
const lookInto = true

func dataFolder() string { return "/var/lib/veille-agent" }
