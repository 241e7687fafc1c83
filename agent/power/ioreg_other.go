//go:build !darwin

package power

import "fmt"

// ReadAppleBattery answers ErrNoMeter: only macOS has ioreg.
func ReadAppleBattery() ([]byte, error) {
	return nil, fmt.Errorf("ioreg: %w", ErrNoMeter)
}
