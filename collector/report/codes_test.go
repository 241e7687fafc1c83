package report_test

import (
	"veille/collector"
	"veille/collector/label"
)

// codes are what data may say, by the prefix of their words.
func codes() map[string][]string {
	return map[string][]string{
		"status.":  {label.Measured, label.Imported, label.Declared, label.NotApplicable, label.ToComplete},
		"quality.": {label.High, label.Medium, label.Low},
		"trend.":   {label.Better, label.Worse, label.Same},
		"method.":  collector.Methods(),
		"measure.": collector.Measures(),
		"step.":    collector.StepKinds(),
		"device.":  collector.Devices(),
		"price.":   {"excluded", "included"},
	}
}
