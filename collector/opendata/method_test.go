package opendata_test

import (
	"testing"

	"veille/collector/label"
	"veille/collector/opendata"
)

func TestTheMethodIsThatOfTheLabelReport(t *testing.T) {
	if opendata.Method != label.Method {
		t.Errorf("%s, and that of the label report is %s", opendata.Method, label.Method)
	}
}
