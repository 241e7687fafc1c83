package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// What a report of a year may take: at most so long, and so much memory at its peak.
const (
	mostReport       = 2 * time.Second
	mostReportMemory = 200e6 // bytes
)

// report measures the command that writes the report of the last twelve whole months, in each of its templates and formats but PDF, which is
// Chromium's work.
func (o options) report(ctx context.Context, stdout, stderr io.Writer) error {
	now := time.Now()
	month := func(back int) string { return now.AddDate(0, -back, 1-now.Day()).Format("2006-01") }
	dir, err := os.MkdirTemp("", "veille-bench-report-")
	if err != nil {
		return fmt.Errorf("make a folder for reports: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	_, _ = fmt.Fprintf(stdout, "\n| report of a year | s | of %v | MB at its peak | of %.0f |\n|---|---|---|---|---|\n", mostReport.Seconds(), mostReportMemory/1e6)
	var missed []string
	for _, one := range [][2]string{{"lnr-2019", "json"}, {"lnr-2022", "json"}, {"reen", "json"}, {"rcp-si", "json"}, {"lnr-2019", "html"}, {"lnr-2019", "xlsx"}, {"lnr-2019", "csv"}} {
		c := exec.CommandContext(ctx, filepath.Join(o.bin, "veille-collector"), "report", "--data", o.data, "--template", one[0],
			"--from", month(13), "--to", month(2), "--format", one[1], "-o", filepath.Join(dir, "report."+one[1]))
		c.Stderr = stderr
		begun := time.Now()
		if err := c.Run(); err != nil {
			return fmt.Errorf("write the report %s as %s: %w", one[0], one[1], err)
		}
		took, peak := time.Since(begun), memory(c.ProcessState)
		_, _ = fmt.Fprintf(stdout, "| %s, %s | %.2f | | %.0f | |\n", one[0], one[1], took.Seconds(), peak/1e6)
		if took > mostReport || peak > mostReportMemory {
			missed = append(missed, one[0]+" as "+one[1])
		}
	}
	if len(missed) > 0 {
		return fmt.Errorf("more than %v s or %.0f MB: %v", mostReport.Seconds(), mostReportMemory/1e6, missed)
	}
	return nil
}

// memory is the most that a program that has ended had in memory, in bytes; 0 where the system does not tell.
func memory(p *os.ProcessState) float64 {
	usage, ok := p.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	return float64(usage.Maxrss) * 1024
}
