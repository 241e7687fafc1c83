package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/notice"
	"veille/agent/wire"
	"veille/cmd/internal/command"
)

func noticeCommand(stdout io.Writer) command.Command {
	var data, lang string
	var pupils bool
	return command.Command{
		Name: "notice", Summary: "print the notice for the users of this machine: what is counted, what never is, and their rights",
		Example: "notice\nnotice --lang fr\nnotice --lang fr --pupils",
		Flags: func(fs *pflag.FlagSet) {
			dataFlag(fs, &data)
			langFlag(fs, &lang)
			fs.BoolVar(&pupils, "pupils", false, "the short notice in plain words, to be put up in a computer room")
		},
		Run: func(_ context.Context, args []string) error {
			if err := errors.Join(command.NoArgs(args), knownLanguage(lang)); err != nil {
				return err
			}
			n, err := noticeOf(data)
			text, err := noticeText(n, err, data, lang, pupils)
			if err != nil {
				return err
			}
			_, err = io.WriteString(stdout, text)
			return err
		},
	}
}

// noticeText is a notice, with blanks where err says that the machine is not enrolled. Not everybody may read what it is made of:
// for others there is the notice that the agent has written beside its files in data.
func noticeText(n notice.Notice, err error, data, lang string, pupils bool) (string, error) {
	if errors.Is(err, fs.ErrPermission) {
		text, missing := os.ReadFile(filepath.Join(data, "notice", "NOTICE."+lang+".txt"))
		if missing != nil || pupils {
			return "", fmt.Errorf("%w; run as an administrator of this machine", err)
		}
		return string(text), nil
	}
	if err != nil && !errors.Is(err, agent.ErrNotEnrolled) {
		return "", err
	}
	if pupils {
		return notice.Pupils(lang, n), nil
	}
	return notice.Text(lang, n), nil
}

// noticeOf is what the notice says beside its text: by the policy in force, if it may be read.
func noticeOf(data string) (notice.Notice, error) {
	n := notice.Notice{Use: string(wire.Individual), Paused: agent.Paused(data)}
	id, err := agent.LoadIdentity(data)
	if err != nil {
		return n, err
	}
	limits := agent.Limits{Use: id.Use, Paused: n.Paused}
	var policy wire.Policy
	if policies, err := agent.LoadPolicies(data, id.PolicyKey); len(policies) > 0 { // those that could be read
		policy = policies[0]
	} else if err != nil {
		return n, err
	}
	return agent.NoticeOf(policy, limits.Under(policy)), nil
}
