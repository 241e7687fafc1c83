package uptime

import (
	"testing"
	"time"
)

func TestABootKeepsItsNameThroughAStepOfTheClockAndARestartOfTheAgent(t *testing.T) {
	c, _ := NewClocks(nil, nil) // with an error it may be used
	first, err := c.Read(Reading{})
	if err != nil || first.Boot == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	stepped := first
	stepped.Wall = stepped.Wall.Add(-time.Hour) // the clock was set forward since
	second, err := c.Read(stepped)
	if err != nil || second.Boot != first.Boot || Between(stepped, second, false).Boot {
		t.Errorf("%+v after %+v, %v", second, stepped, err)
	}
	again, _ := NewClocks(nil, nil)
	third, err := again.Read(second)
	if err != nil || third.Boot != first.Boot {
		t.Errorf("another process calls the boot %q, %v; want %q", third.Boot, err, first.Boot)
	}
	other := second
	other.SinceBoot += 240 * time.Hour // longer ago than this one
	other.Awake += 240 * time.Hour
	new, _ := NewClocks(nil, nil)
	if fourth, err := new.Read(other); err != nil || fourth.Boot == first.Boot {
		t.Errorf("a new boot is called as the last, %v", err)
	}
}
