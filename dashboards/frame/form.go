package frame

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Once is told on the page in the answer to a form, and nowhere again: a secret, which is not kept, or what a trial run says. Route.Do answers it
// in the place of an error.
type Once struct { //nolint:errname // it is an answer more than an error
	Sentence string // in the language of the reader
	Text     string // as it is to be copied, or as a command printed it, in English
	Secret   bool   // Text is a secret
}

// Error is the sentence alone, so that no log has the secret.
func (o Once) Error() string { return o.Sentence }

// File is a file that came with a form.
type File struct {
	Name string // as the browser calls it
	Text string // its bytes as they came: whoever reads it knows which encodings it may have
}

// How large a form may be, in bytes: one of somebody who has signed in may bring a file.
const mostForm, mostFile = 1 << 20, 6 << 20

// read reads a form, and the file in its field "file" where it has one.
func read(w http.ResponseWriter, r *http.Request) (*File, error) {
	most := int64(mostForm)
	if ReaderOf(r.Context()).User != nil {
		most = mostFile
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return nil, wrapped(r.ParseForm())
	}
	if err := r.ParseMultipartForm(most); err != nil {
		return nil, wrapped(err)
	}
	in, header, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) {
		return nil, nil //nolint:nilnil // the form has no file
	}
	if err != nil {
		return nil, wrapped(err)
	}
	defer func() { _ = in.Close() }()
	text, err := io.ReadAll(in)
	return &File{header.Filename, string(text)}, wrapped(err)
}

func wrapped(err error) error {
	if err != nil {
		return fmt.Errorf("read the form: %w", err)
	}
	return nil
}
