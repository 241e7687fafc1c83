package main

import "time"

// usualPeriod is the time between samples. Each starts a program that reads the battery, so they are rarer than elsewhere.
const usualPeriod = 5 * time.Minute

func dataFolder() string { return "/Library/Application Support/Veille/agent" }
