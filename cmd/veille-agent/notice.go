package main

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/notice"
	"veille/agent/wire"
	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
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
			if err := errors.Join(command.NoArgs(args), language.Check(lang)); err != nil {
				return err
			}
			_, _, n, err := standing(data)
			if err != nil && !errors.Is(err, agent.ErrNotEnrolled) { // then with blanks
				return err
			}
			text := notice.Text(lang, n)
			if pupils {
				text = notice.Pupils(lang, n)
			}
			_, err = io.WriteString(stdout, text)
			return err
		},
	}
}

// standing is the policy in force, what the agent may do under it, and what the notice says beside its text. Everybody on the machine may
// know it.
func standing(data string) (wire.Policy, agent.Limits, notice.Notice, error) {
	paused := agent.Paused(data)
	limits := agent.Limits{Use: wire.Individual, Paused: paused}
	var policy wire.Policy
	id, err := agent.LoadPublic(data)
	if err == nil {
		var policies []wire.Policy
		policies, _, err = agent.LoadPolicies(data, id)
		if limits.Use = id.Use; len(policies) > 0 { // those that could be read
			policy, err = policies[0], nil
		}
	}
	limits = limits.Under(policy)
	return policy, limits, agent.NoticeOf(policy, limits), err
}
