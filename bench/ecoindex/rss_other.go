//go:build !linux

package main

import "os"

// resident is not known: systems count in units of their own.
func resident(*os.ProcessState) int64 { return 0 }

func ownResident() int64 { return 0 }
