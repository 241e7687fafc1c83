package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"veille/cmd/internal/command"
	"veille/collector/label"
	"veille/collector/paper"
	"veille/collector/report"
	"veille/ecoindex/browser"
)

// The formats of reports.
const (
	formatHTML = "html"
	formatJSON = "json"
	formatCSV  = "csv"
	formatXLSX = "xlsx"
	formatPDF  = "pdf"
)

// formats are all formats; those that are text come first.
func formats() []string { return []string{formatHTML, formatJSON, formatCSV, formatXLSX, formatPDF} }

// chooseFormat completes the format by the ending of the file.
func (f *reporting) chooseFormat() error {
	if f.format == "" {
		f.format = formatHTML
		if f.out != "" {
			f.format = strings.ToLower(strings.TrimPrefix(filepath.Ext(f.out), "."))
			if f.format == "htm" {
				f.format = formatHTML
			}
			if !slices.Contains(formats(), f.format) {
				return command.Usage("the ending of %s is none of %s: add --format", f.out, strings.Join(formats(), ", "))
			}
		}
	}
	switch {
	case !slices.Contains(formats(), f.format):
		return command.Usage("--format %.20q is none of %s", f.format, strings.Join(formats(), ", "))
	case f.out == "" && (f.format == formatXLSX || f.format == formatPDF):
		return command.Usage("%s is no text: name the file with -o", f.format)
	}
	return nil
}

// write is a report in the format that was asked for.
func (f *reporting) write(ctx context.Context, d *desk, whole label.Report, sealed []byte) ([]byte, error) {
	var out bytes.Buffer
	var err error
	switch f.format {
	case formatJSON:
		return sealed, nil
	case formatCSV:
		err = report.CSV(&out, whole, f.lang)
	case formatXLSX:
		err = report.XLSX(&out, whole, f.lang)
	default:
		err = report.HTML(&out, whole, f.lang)
	}
	if err != nil || f.format != formatPDF {
		return out.Bytes(), err
	}
	if d.browser == noBrowser {
		return nil, command.Usage("a PDF is printed by Chromium: give its path with --browser, or choose another format")
	}
	path, err := browser.Find(d.browser)
	if err != nil {
		return nil, fmt.Errorf("print the report as PDF: %w; or choose another format, such as html, and print that", err)
	}
	defer d.patience("printing the pages")()
	return paper.Print(ctx, path, out.Bytes())
}

// patience tells a person at a terminal what takes longer than two seconds, until what it answers is called.
func (d *desk) patience(what string) (over func()) {
	if d.stderr == nil || !command.Terminal(d.stderr) {
		return func() {}
	}
	timer := time.AfterFunc(2*time.Second, func() { _, _ = fmt.Fprintf(d.stderr, "%s …\n", what) })
	return func() { timer.Stop() }
}

// sizeText is how large a file is.
func sizeText(n int) string {
	if n < 100_000 {
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// writable refuses a file that cannot be replaced by another, before anything is done for it.
func writable(name string) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return command.Usage("%s is there, and is no file: name another with -o", name)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("look at the file to write: %w", err)
	}
	if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no folder %s to write into: make it first", filepath.Dir(name))
	}
	return nil
}

// replaceFile puts a file in the place of one of that name, if any: the whole of it, or none.
func replaceFile(name string, text []byte) error {
	if err := writable(name); err != nil {
		return err
	}
	aside, err := os.CreateTemp(filepath.Dir(name), ".veille-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	_, err = io.Copy(aside, bytes.NewReader(text))
	err = errors.Join(err, aside.Chmod(0o644), aside.Sync(), aside.Close())
	if err == nil {
		err = os.Rename(aside.Name(), name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w; what was there before is as it was", name, errors.Join(err, os.Remove(aside.Name())))
	}
	return nil
}
