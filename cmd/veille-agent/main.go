// Command veille-agent counts the energy of this machine and its hours on, asleep and off, and delivers them.
package main

import (
	"fmt"
	"io"
	"os"
	_ "time/tzdata" // Windows has no time zone files, and a small server may have none either

	"github.com/spf13/pflag"

	"veille/agent"
	"veille/agent/uptime"
	"veille/cmd/internal/command"
)

func main() { command.Main(program) }

func program(stdout, stderr io.Writer) command.Program {
	return command.Program{
		Name:    "veille-agent",
		Summary: "counts the energy of this machine, and its hours on, asleep and off",
		Commands: []command.Command{
			onceCommand(stdout, stderr), explainCommand(stdout), showCommand(stdout), enrolCommand(stdout), runCommand(stderr),
			command.VersionCommand(stdout, "veille-agent"),
		},
	}
}

// trees are the flags that say where the machine's files are.
type trees struct{ sysfs, procfs, class string }

func (t *trees) flags(fs *pflag.FlagSet) {
	fs.StringVar(&t.sysfs, "sysfs", "/sys", "root of sysfs, or of a recorded copy of it: a `folder`")
	fs.StringVar(&t.procfs, "procfs", "/proc", "root of procfs, or of a recorded copy of it: a `folder`")
	fs.StringVar(&t.class, "class", "", "`class` of the machine where its firmware is wrong or silent: notebook, desktop, mini, all-in-one, thin-client, server")
}

// system is the machine the agent runs on, or the one recorded in the folders given.
func (t *trees) system() (agent.System, error) {
	for flag, given := range map[string]struct{ dir, own string }{"sysfs": {t.sysfs, "/sys"}, "procfs": {t.procfs, "/proc"}} {
		if given.dir == given.own {
			continue // a system without it is answered by "no meter"
		}
		if info, err := os.Stat(given.dir); err != nil || !info.IsDir() {
			return agent.System{}, command.Usage("--%s %s is not a folder that can be read; give the root of the tree", flag, given.dir)
		}
	}
	system := agent.System{
		Clock: uptime.Read, Host: agent.NewHost(t.procfs), Sys: os.DirFS(t.sysfs), Proc: os.DirFS(t.procfs), Root: os.DirFS("/"),
	}
	if t.sysfs != "/sys" { // of another machine, whose settings are not here
		system.Root = os.DirFS(t.sysfs)
	}
	watch, _ := uptime.WatchDisplay(system.Sys) // on an error its state is not known, which counts as lit
	system.Display = watch.State
	return system, nil
}

// dataFlag is the flag of the folder in which the agent keeps its files.
func dataFlag(fs *pflag.FlagSet, data *string) {
	fs.StringVar(data, "data", dataFolder(), "`folder` of the agent's files")
}

// usable tells whether the agent's folder can be written, in a sentence that says what to do.
func usable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the agent's folder: %w; choose another with --data, or run as the user it belongs to", err)
	}
	probe, err := os.CreateTemp(dir, "probe-*")
	if err != nil {
		return fmt.Errorf("write in the agent's folder: %w; choose another with --data, or run as the user it belongs to", err)
	}
	if err := probe.Close(); err != nil {
		return fmt.Errorf("write in the agent's folder: %w", err)
	}
	return os.Remove(probe.Name())
}
