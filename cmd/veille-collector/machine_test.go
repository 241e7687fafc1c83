package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"veille/collector"
	"veille/collector/store/sqlite"
)

// machines stands in for the machines of the scripts, on any day. It is a program of its own:
//
//	machines enrol TOKEN KEY CLASS CPU RAM DATE    a machine with this install key enrols
//	machines speak KEY DATE                        it sends the record of that day
func machines() {
	if err := machine(context.Background(), os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func machine(ctx context.Context, args []string) (err error) {
	f := folder{dir: "data"}
	store, err := sqlite.Open(ctx, f.database())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	switch {
	case len(args) == 7 && args[0] == "enrol":
		key := sha256.Sum256([]byte(args[2]))
		e, err := store.Enrol(ctx, collector.Enrolment{
			Token: sha256.Sum256([]byte(args[1])), Pseudonym: key, Credential: key, Use: "individual", On: collector.Date(args[6]),
			Kind: collector.Kind{Class: args[3], OS: "windows", CPU: args[4], RAM: args[5], Agent: "v1.2.0"},
		})
		if err == nil {
			_, err = fmt.Printf("machine %d, may be %d others\n", e.ID, e.Silent) //nolint:forbidigo // a program for scripts
		}
		return err
	case len(args) == 3 && args[0] == "speak":
		m, err := store.Machine(ctx, sha256.Sum256([]byte(args[1])))
		if err != nil {
			return err
		}
		_, err = store.Keep(ctx, m, collector.Date(args[2]), 0, []collector.Record{{
			Date: collector.Date(args[2]), Hour: collector.WholeDay, LengthS: 86_400, Class: m.Kind.Class, OS: m.Kind.OS, CPU: m.Kind.CPU, RAM: m.Kind.RAM, Agent: m.Kind.Agent,
			Parts: []collector.Part{{Part: "open", LengthS: 86_400, Seconds: collector.Seconds{Off: 86_400}}},
		}})
		return err
	}
	return fmt.Errorf("machines: what is %q?", args)
}

// word sets a variable to one word of a file: word NAME FILE LINE WORD, both counted from 0.
func word(ts *testscript.TestScript, _ bool, args []string) {
	line, _ := strconv.Atoi(args[2])
	n, _ := strconv.Atoi(args[3])
	ts.Setenv(args[0], strings.Fields(strings.Split(ts.ReadFile(args[1]), "\n")[line])[n])
}

func TestAMachineInstalledAnewTwiceIsInTheLineOfWhatItIsNow(t *testing.T) {
	lines := machineLines([]collector.Machine{{ID: 1, ReplacedBy: 3}, {ID: 2}, {ID: 3, ReplacedBy: 5}, {ID: 5, Doubtful: []int64{2}}, {ID: 6}}, false)
	if len(lines) != 3 || lines[0].Number != 2 || lines[1].Number != 5 || !slices.Equal(lines[1].Replaces, []int64{1, 3}) || len(lines[0].Replaces) != 0 {
		t.Errorf("%+v", lines)
	}
	doubtful := machineLines([]collector.Machine{{ID: 1, ReplacedBy: 3}, {ID: 2}, {ID: 3}, {ID: 5, Doubtful: []int64{2}}, {ID: 6}}, true)
	if len(doubtful) != 2 || doubtful[0].Number != 2 || doubtful[1].Number != 5 {
		t.Errorf("in doubt: %+v", doubtful)
	}
}

func TestMoreDoubtsThanAreNamedAreAdmitted(t *testing.T) {
	l := machineLine{RevokedOn: "2026-11-16", Replaces: []int64{1}}
	if got := l.remark(); got != "revoked on 2026-11-16, was 1" {
		t.Errorf("%q", got)
	}
	for n := range collector.MaxDoubts {
		l.Doubtful = append(l.Doubtful, int64(n+2))
	}
	if got := l.remark(); got != "revoked on 2026-11-16, was 1, may be 2, 3, 4, 5, 6, 7, 8, 9, or an earlier one" {
		t.Errorf("%q", got)
	}
}

func TestATokenIsGoodUntilTheDayOfItsEnd(t *testing.T) {
	for i, tt := range []struct {
		token collector.Token
		want  string
	}{
		{collector.Token{ExpiresOn: "2026-11-17", Quota: 1}, "good"},
		{collector.Token{ExpiresOn: "2026-11-16", Quota: 1}, "expired"},
		{collector.Token{ExpiresOn: "2026-11-17", Quota: 1, Used: 1}, "used up"},
		{collector.Token{ExpiresOn: "2026-11-16", Quota: 1, RevokedOn: "2026-11-02"}, "revoked on 2026-11-02"},
	} {
		if got := state(tt.token, "2026-11-16"); got != tt.want {
			t.Errorf("%s: %q, want %q", strconv.Itoa(i), got, tt.want)
		}
	}
}
