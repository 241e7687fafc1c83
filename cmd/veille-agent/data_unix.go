//go:build !windows && !darwin

package main

func dataFolder() string { return "/var/lib/veille-agent" }
