//go:build !linux && !darwin

package main

import "errors"

// room is not asked for here: collectors run on Linux.
func room(string) (int64, error) { return 0, errors.ErrUnsupported }
