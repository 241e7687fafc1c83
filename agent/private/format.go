package private

import (
	"encoding/base64"
	"errors"
	"strings"
)

// A protected file is one line that says so and one of base64. A file without that line is not protected.
const (
	header  = "veille private "
	version = "1 dpapi"
)

// format is the text of a file with a protected body.
func format(b []byte) []byte {
	return []byte(header + version + "\n" + base64.StdEncoding.EncodeToString(b) + "\n")
}

// errNewer says that a file is protected in a way that this version does not know.
var errNewer = errors.New("it is protected in a way that this version does not know; install the newer version again")

// parse tells whether the text of a file is protected. If so it answers the protected body, else the text as it is.
func parse(text []byte) (b []byte, sealed bool, err error) {
	rest, sealed := strings.CutPrefix(string(text), header)
	if !sealed {
		return text, false, nil
	}
	how, rest, whole := strings.Cut(rest, "\n")
	if whole && how != version {
		return nil, true, errNewer
	}
	b, err = base64.StdEncoding.DecodeString(strings.TrimSuffix(rest, "\n"))
	if err != nil || len(b) == 0 || string(format(b)) != string(text) { // DecodeString is not strict
		return nil, true, ErrElsewhere
	}
	return b, true, nil
}
