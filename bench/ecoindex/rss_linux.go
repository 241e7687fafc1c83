package main

import (
	"os"
	"syscall"
)

// resident is the most memory that a process that has ended had at a time, in bytes. The kernel hands the peak of who
// starts a program down to it: a figure at or below our own says nothing.
func resident(ended *os.ProcessState) int64 {
	if used, ok := ended.SysUsage().(*syscall.Rusage); ok {
		return used.Maxrss * 1024
	}
	return 0
}

// ownResident is the same of this process until now.
func ownResident() int64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return used.Maxrss * 1024
}
