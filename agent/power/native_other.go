//go:build !windows

package power

import "fmt"

// EMIDevices answers ErrNoMeter: only Windows has the Energy Meter Interface.
func EMIDevices() ([]EMIDevice, error) {
	return nil, fmt.Errorf("energy meter interface: %w", ErrNoMeter)
}

// ReadSystemBattery answers that there is none: elsewhere than on Windows batteries are files, or not read.
func ReadSystemBattery() (SystemBattery, error) { return SystemBattery{}, nil }
