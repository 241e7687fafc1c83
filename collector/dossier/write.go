package dossier

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// EditedError says that files were changed by hand since they were written.
type EditedError struct{ Files []string }

// Error names the files and says what to do.
func (e EditedError) Error() string {
	return fmt.Sprintf("%s: edited by hand, or not written by this program; nothing was written: choose another folder and compare, or replace them with --force",
		strings.Join(e.Files, ", "))
}

// Write writes all documents into dir, one folder a language, and says what they are. It replaces files that it wrote itself,
// each of which ends with the SHA-256 of what is before. Where a file was changed since, it writes nothing at all and answers
// an EditedError, unless it is forced.
func Write(dir string, f Facts, force bool) ([]Document, error) {
	documents, err := Documents(f)
	if err != nil {
		return nil, err
	}
	var edited []string
	for _, d := range documents {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(d.Name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("look at what is there: %w", err)
		case !untouched(string(text)):
			edited = append(edited, d.Name)
		}
	}
	if len(edited) > 0 && !force {
		return nil, EditedError{edited}
	}
	for _, d := range documents {
		name := filepath.Join(dir, filepath.FromSlash(d.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, fmt.Errorf("make the folder: %w", err)
		}
		if err := os.WriteFile(name, []byte(d.Marked()), 0o644); err != nil {
			return nil, fmt.Errorf("write the privacy file: %w", err)
		}
	}
	return documents, nil
}

// The mark at the end of a file; Markdown does not show it.
const (
	markBegin = "<!-- veille-collector privacy-file, sha256 "
	markEnd   = " -->\n"
)

// Marked is the text of the document and its mark.
func (d Document) Marked() string { return d.Text + mark(d.Text) }

func mark(text string) string {
	sum := sha256.Sum256([]byte(text))
	return markBegin + hex.EncodeToString(sum[:]) + markEnd
}

// untouched tells whether a file is as it was written. Line ends may be those of Windows.
func untouched(file string) bool {
	file = strings.ReplaceAll(file, "\r\n", "\n")
	i := strings.LastIndex(file, markBegin)
	return i >= 0 && file[i:] == mark(file[:i])
}
