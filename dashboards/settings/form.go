package settings

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"veille/collector"
	"veille/dashboards/frame"
)

// field is what a form asks for.
type field struct {
	name    string // of the input, of its words, and of the flag that it becomes
	kind    kind
	arg     bool     // it becomes an argument
	needed  bool     // nothing can be done without it
	many    bool     // of a choice: where there are very many values, it is typed
	options []string // of a choice, where they are always the same
}

// kind is the kind of an input.
type kind string

const (
	text    kind = "text"
	number  kind = "number" // with a comma or a point
	month   kind = "month"
	date    kind = "date"
	address kind = "url"
	pick    kind = "select"
	oneSite kind = "site"   // a name of a site, completed from their list
	oneLine kind = "line"   // the id of a line of the report, completed from their list
	long    kind = "long"   // a text of several lines
	several kind = "checks" // several of options
	check   kind = "check"
	file    kind = "file" // its name is an argument
)

// form gives one command.
type form struct {
	command string
	fields  []field
	roles   []collector.Role // nil: those of the page
	here    bool             // it is about the site of the page
	remove  bool             // it takes something away: it asks whether that is meant
	mend    func(*order)     // what no field becomes by itself; nil: nothing
	once    func(q frame.Request, printed string, asJSON json.RawMessage) (sentence, text string)
}

// label is what a field is called on this form.
func (f form) label(q frame.Request, in field) string {
	return q.Known("settings.field."+f.key()+".", in.name, q.Say("settings.field."+in.name))
}

// key is the name of a form in words and ids.
func (f form) key() string { return strings.ReplaceAll(f.command, " ", "-") }

// order is a command as it is given.
type order struct {
	args  []string
	flags map[string]any
	file  string
}

// take takes a flag away and answers it.
func (o *order) take(name string) string {
	value, _ := o.flags[name].(string)
	delete(o.flags, name)
	return value
}

// do gives the command that a form asks for.
func (p *Pages) do(ctx context.Context, q frame.Request, one page) (string, error) {
	i := slices.IndexFunc(one.forms, func(f form) bool { return f.command == q.Form.Get("do") })
	if i < 0 {
		return "", collector.ErrNotFound
	}
	f := one.forms[i]
	if f.remove && q.Form.Get("sure") == "" {
		return "", frame.Problem(q.Say("settings.unsure"))
	}
	o, err := f.order(q)
	if err != nil {
		return "", err
	}
	printed, asJSON, err := p.commands.Give(ctx, *q.Reader, f.command, o.args, o.flags, o.file)
	if errors.Is(err, collector.ErrNotFound) { // what was typed is not there: the page is
		return "", frame.Problem(err.Error())
	}
	if err != nil {
		return "", err
	}
	if f.once != nil {
		sentence, text := f.once(q, printed, asJSON)
		return "", frame.Once{Sentence: sentence, Text: text, Secret: true}
	}
	if o.flags["dry-run"] == true {
		return "", frame.Once{Sentence: q.Say("settings.trial"), Text: strings.TrimSpace(printed)}
	}
	more := []any{"done", f.key()}
	if at := q.Form.Get("at"); at != "" && f.here {
		more = append(more, "site", at)
	}
	return frame.Page{Language: q.Language}.To(one.path(), more...), nil
}

// order is the command with what the fields hold.
func (f form) order(q frame.Request) (order, error) {
	o := order{flags: map[string]any{}}
	if f.here {
		o.flags["site"] = q.Form.Get("at")
	}
	for _, in := range f.fields {
		value := strings.TrimSpace(q.Form.Get(in.name))
		switch {
		case in.kind == file && q.File == nil:
			return o, frame.Problem(q.Say("settings.no_file"))
		case in.kind == file:
			o.args, o.file = append(o.args, cmp.Or(q.File.Name, "file")), q.File.Text
		case in.needed && value == "" && in.kind != several:
			return o, frame.Problem(q.Say("settings.missing", f.label(q, in)))
		case in.kind == several:
			if list := q.Form[in.name]; len(list) > 0 {
				o.flags[in.name] = list
			}
		case value == "":
		case in.arg:
			o.args = append(o.args, value)
		case in.kind == check:
			o.flags[in.name] = true
		case in.kind == number:
			o.flags[in.name] = plain(value)
		default:
			o.flags[in.name] = value
		}
	}
	if o.flags["all"] == true {
		delete(o.flags, "site")
	}
	if f.mend != nil {
		f.mend(&o)
	}
	return o, nil
}

// plain is a number as commands read it, from one as people write it.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ',':
			return '.'
		case ' ', '\u00a0', '\u202f':
			return -1
		}
		return r
	}, text)
}
