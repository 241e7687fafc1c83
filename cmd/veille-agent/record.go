package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
)

func recordCommand(stdout, stderr io.Writer) command.Command {
	var where machine
	var output string
	var long time.Duration
	return command.Command{
		Name: "record", Summary: "keep what this machine's meters read as a text file, so that it can be looked at elsewhere: no serial number, address or name",
		Example: "record -o machine.txtar\nrecord --for 60s | less\nonce --recorded machine.txtar",
		Flags: func(flags *pflag.FlagSet) {
			flags.StringVarP(&output, "output", "o", "-", "`file` to write; -: standard output")
			flags.DurationVar(&long, "for", 10*time.Second, "`time` between the two readings, 1s to 1h")
			where.flags(flags)
		},
		Run: func(ctx context.Context, args []string) error {
			if err := command.NoArgs(args); err != nil {
				return err
			}
			if long < time.Second || long > time.Hour {
				return command.Usage("--for %v is not between 1s and 1h", long)
			}
			system, err := where.system()
			if err != nil {
				return err
			}
			told, err := where.told("")
			if err != nil {
				return err
			}
			out := stdout
			if output != "-" {
				f, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if errors.Is(err, fs.ErrExist) {
					return fmt.Errorf("write the recording: %w; name a file that is not there yet with -o", err)
				}
				if err != nil {
					return fmt.Errorf("write the recording: %w", err)
				}
				out = f
			}
			if long > 2*time.Second && command.Terminal(stderr) {
				_, _ = fmt.Fprintf(stderr, "reading twice, %v apart\n", long)
			}
			r, err := system.Record(ctx, told, long)
			if err == nil {
				err = r.Write(out)
			}
			return closeOr(err, out, output)
		},
	}
}

// closeOr closes the file of a recording, and removes it when there is none in it.
func closeOr(err error, out io.Writer, name string) error {
	f, ok := out.(*os.File)
	if !ok || name == "-" {
		return err
	}
	if closed := f.Close(); err == nil && closed != nil {
		err = fmt.Errorf("write the recording: %w", closed)
	}
	if err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}
