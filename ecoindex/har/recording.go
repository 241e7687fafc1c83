package har

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"veille/ecoindex/web"
)

// recording is what is kept of a recording while it is read.
type recording struct {
	options Options
	bytes   *shortener
	decoder *json.Decoder

	isHAR    bool
	entries  int // read so far
	kept     []request
	excluded []excluded
	titles   []title // of the pages it names
}

// request is an entry that counts.
type request struct {
	page     string
	resource web.Resource
	from     source
	cached   bool
	frame    string // where the recorder tells
}

// excluded is an entry that does not count.
type excluded struct {
	page string
	why  exclusion
}

type title struct{ id, text string }

// read reads the whole of it.
func (r *recording) read(input io.Reader) error {
	r.bytes = &shortener{from: input, total: r.options.MaxBytes}
	r.decoder = json.NewDecoder(r.bytes)
	err := r.object(func(key string) error {
		if key == "log" {
			r.isHAR = true
			return r.object(r.logKey)
		}
		return r.skip()
	})
	if err == nil {
		if _, more := r.token(); !errors.Is(more, io.EOF) {
			err = notHARError("something follows its end")
		}
	}
	switch {
	case err != nil:
		return r.explain(err)
	case !r.isHAR:
		return r.explain(notHARError(`it has no "log"`))
	}
	return nil
}

// logKey reads one of the keys of "log".
func (r *recording) logKey(key string) error {
	switch key {
	case "entries":
		return r.array(r.entry)
	case "pages":
		return r.array(r.title)
	}
	return r.skip()
}

func (r *recording) entry() error {
	var e entry
	r.bytes.value = r.options.maxEntry
	if err := r.decoder.Decode(&e); err != nil {
		return err
	}
	r.entries++
	if r.entries > r.options.MaxEntries {
		return errMany
	}
	if e.Request.URL == "" {
		return notHARError("it names no address")
	}
	if why := e.excluded(); why != "" {
		r.excluded = append(r.excluded, excluded{e.PageRef, why})
		return nil
	}
	resource, from, err := e.resource()
	if err != nil {
		return notHARError(err.Error())
	}
	r.kept = append(r.kept, request{page: e.PageRef, resource: resource, from: from, cached: e.cached(), frame: string(e.Frame)})
	return nil
}

func (r *recording) title() error {
	var page struct {
		ID    word `json:"id"`
		Title word `json:"title"`
	}
	if err := r.decoder.Decode(&page); err != nil {
		return err
	}
	if len(r.titles) >= r.options.MaxEntries {
		return errMany
	}
	r.titles = append(r.titles, title{string(page.ID), string(page.Title)})
	return nil
}

// errMany is more requests, or pages, than allowed.
var errMany = errors.New("too many")

// notHARError says why what is well-formed is no recording.
type notHARError string

func (e notHARError) Error() string { return string(e) }

// token is the next token of the JSON.
func (r *recording) token() (json.Token, error) {
	r.bytes.value = maxValue
	return r.decoder.Token()
}

// more says whether there is one more key or value.
func (r *recording) more() bool {
	r.bytes.value = maxValue
	return r.decoder.More()
}

// object calls read with each key of an object; read reads its value.
func (r *recording) object(read func(key string) error) error {
	if open, err := r.token(); err != nil {
		return err
	} else if open != json.Delim('{') {
		return notHARError(fmt.Sprintf("there is %v where an object is to be", open))
	}
	for r.more() {
		key, err := r.token()
		if err != nil {
			return err
		}
		name, _ := key.(string) // the decoder lets nothing else pass
		if err := read(name); err != nil {
			return err
		}
	}
	_, err := r.token()
	return err
}

// array calls read before each value of an array; read reads it. null is an empty array.
func (r *recording) array(read func() error) error {
	open, err := r.token()
	if err != nil || open == nil {
		return err
	}
	if open != json.Delim('[') {
		return notHARError(fmt.Sprintf("there is %v where a list is to be", open))
	}
	for r.more() {
		if err := read(); err != nil {
			return err
		}
	}
	_, err = r.token()
	return err
}

// maxDepth is how deep a value that is not looked at may be.
const maxDepth = 1000

// skip reads a value away.
func (r *recording) skip() error {
	for depth := 0; ; {
		token, err := r.token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		if depth > maxDepth {
			return notHARError("it is nested too deep")
		}
	}
}

// explain turns what stopped the reading into a sentence for the user.
func (r *recording) explain(err error) error {
	where := "at its beginning"
	if r.entries > 0 {
		where = "after " + requests(r.entries)
	}
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	mistyped, isMistyped := errors.AsType[*json.UnmarshalTypeError](err)
	other, isOther := errors.AsType[notHARError](err)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return r.refuse(web.CodeAnswer, nil, "it stops in the middle, %s; save it again", where)
	case errors.Is(err, errTotal):
		return r.refuse(web.CodeSize, nil, "it has more than %d bytes; save it without the content of responses", r.options.MaxBytes)
	case errors.Is(err, errValue):
		return r.refuse(web.CodeSize, nil, "one part of it, %s, takes more than the %d bytes of a request; record the page alone", where, r.options.maxEntry)
	case errors.Is(err, errMany):
		return r.refuse(web.CodeSize, nil, "it holds more than %d requests or pages; record one page alone", r.options.MaxEntries)
	case isSyntax:
		return r.refuse(web.CodeAnswer, err, "it is not JSON (%s, %v); give the .har file that the network panel of a browser saves", where, syntax)
	case isMistyped:
		return r.refuse(web.CodeAnswer, err, "it is not a HAR (%s, %s is a %s); give the .har file that the network panel of a browser saves",
			where, mistyped.Field, mistyped.Value)
	case isOther:
		return r.refuse(web.CodeAnswer, nil, "it is not a HAR (%s, %s); give the .har file that the network panel of a browser saves", where, other)
	}
	return r.refuse(web.CodeAnswer, err, "it cannot be read: %v", err)
}
