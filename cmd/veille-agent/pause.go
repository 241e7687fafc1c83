package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/cmd/internal/command"
	"veille/cmd/internal/language"
)

func pauseCommand(stdout io.Writer) command.Command {
	return switchCommand(stdout, command.Command{
		Name: "pause", Summary: "count nothing and send nothing until resume; for the administrator of this machine", Example: "pause\npause --lang fr",
	}, agent.Pause, map[string]string{
		"en": "paused: from the next sample on, within one sampling period, nothing is counted or sent; the program goes on running, and the time is unknown; veille-agent resume ends it\n",
		"fr": "en pause : dès la prochaine mesure, rien n'est compté ni envoyé ; le programme reste en marche, ce temps reste inconnu ; veille-agent resume y met fin\n",
	})
}

func resumeCommand(stdout io.Writer) command.Command {
	return switchCommand(stdout, command.Command{
		Name: "resume", Summary: "end a pause", Example: "resume\nresume --lang fr",
	}, agent.Resume, map[string]string{
		"en": "resumed: the agent counts from its next sample on, and delivers what waited\n",
		"fr": "reprise : le programme compte dès sa prochaine mesure et transmet ce qui attendait\n",
	})
}

// switchCommand is a command that sets or clears something in the agent's folder, and says what that means.
func switchCommand(stdout io.Writer, c command.Command, do func(data string) error, says map[string]string) command.Command {
	var data, lang string
	c.Flags = func(fs *pflag.FlagSet) {
		dataFlag(fs, &data)
		langFlag(fs, &lang)
	}
	c.Run = func(_ context.Context, args []string) error {
		if err := command.NoArgs(args); err != nil {
			return err
		}
		if err := language.Check(lang); err != nil {
			return err
		}
		if err := do(data); err != nil {
			return err
		}
		if policy, limits, _, err := standing(data); err == nil {
			if err := agent.WriteNotices(data, policy, limits); err != nil {
				return err
			}
		}
		_, err := fmt.Fprint(stdout, says[lang])
		return err
	}
	return c
}
