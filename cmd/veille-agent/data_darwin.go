package main

func dataFolder() string { return "/Library/Application Support/Veille/agent" }
