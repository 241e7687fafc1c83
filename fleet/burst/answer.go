package burst

import (
	"bytes"
	"encoding/json"
	"fmt"

	"veille/agent/wire"
)

// outcome is what an answer says of a batch.
type outcome struct {
	stored, replaced, kept, refused int
	before                          int64  // -1: not told
	reason                          string // why the first refused one was refused
}

// readAnswer reads the answer to a batch of n records. The form that a collector of this version writes is read without
// encoding/json, which would cost as much as the rest of a post.
func readAnswer(text []byte, n int) (outcome, error) {
	if o, ok := quickAnswer(text, n); ok {
		return o, nil
	}
	var a wire.Answer
	if err := json.Unmarshal(text, &a); err != nil {
		return outcome{}, fmt.Errorf("the answer is not a collector's: %w", err)
	}
	if len(a.Verdicts) != n {
		return outcome{}, fmt.Errorf("the answer is not a collector's: it has %d verdicts on %d records", len(a.Verdicts), n)
	}
	o := outcome{before: -1}
	if a.Before != nil {
		o.before = max(0, *a.Before)
	}
	for _, v := range a.Verdicts {
		switch v.Status {
		case wire.Stored:
			o.stored++
		case wire.Replaced:
			o.replaced++
		case wire.Kept:
			o.kept++
		case wire.Refused:
			if o.refused++; o.refused == 1 {
				o.reason = v.Reason
			}
		default:
			return outcome{}, fmt.Errorf("the answer has the verdict %q, which is unknown", v.Status)
		}
	}
	return o, nil
}

// quickAnswer reads {"verdicts":[{"index":0,"status":"stored"},…],"before":41} as encoding/json writes it, and nothing else.
func quickAnswer(text []byte, n int) (outcome, bool) {
	var o outcome
	in := words{rest: text}
	in.skip(`{"verdicts":[`)
	for i := 0; i < n && !in.bad; i++ {
		if i > 0 {
			in.skip(",")
		}
		in.skip(`{"index":`)
		if index, ok := in.number(','); !ok || index != int64(i) {
			return o, false
		}
		in.skip(`,"status":"`)
		switch string(in.until('"')) {
		case string(wire.Stored):
			o.stored++
		case string(wire.Replaced):
			o.replaced++
		case string(wire.Kept):
			o.kept++
		default:
			return o, false // refused has a reason
		}
		in.skip(`"}`)
	}
	in.skip(`],"before":`)
	before, ok := in.number('}')
	o.before = before
	return o, ok && !in.bad && len(bytes.TrimSpace(in.rest[1:])) == 0
}

// words takes a text apart from its begin; bad tells that it was not as expected.
type words struct {
	rest []byte
	bad  bool
}

func (w *words) skip(word string) {
	if len(w.rest) < len(word) || string(w.rest[:len(word)]) != word {
		w.bad = true
		return
	}
	w.rest = w.rest[len(word):]
}

// until is what comes before the next end, which stays; nothing when there is none.
func (w *words) until(end byte) []byte {
	i := bytes.IndexByte(w.rest, end)
	if w.bad || i < 0 {
		w.bad = true
		return nil
	}
	word := w.rest[:i]
	w.rest = w.rest[i:]
	return word
}

// number is the one before the next end, as JSON has it.
func (w *words) number(end byte) (int64, bool) {
	digits := w.until(end)
	if len(digits) > 1 && digits[0] == '0' {
		return 0, false
	}
	return number(digits)
}
