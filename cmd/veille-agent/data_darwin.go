package main

import "time"

// usualPeriod is the time between samples. Each starts a program that reads the battery, so they are rarer than elsewhere.
const usualPeriod = 5 * time.Minute

// lookInto tells whether everybody may look into the agent's folder: each file in it has its own mode.
const lookInto = true

func dataFolder() string { return "/Library/Application Support/Veille/agent" }
