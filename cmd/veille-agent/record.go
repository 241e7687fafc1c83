package main

import (
	"context"
	"fmt"
	"io"
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
		Flags: func(fs *pflag.FlagSet) {
			fs.StringVarP(&output, "output", "o", "-", "`file` to write; -: standard output")
			fs.DurationVar(&long, "for", 10*time.Second, "`time` between the two readings, 1s to 1h")
			where.flags(fs)
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
			if long > 2*time.Second && command.Terminal(stderr) {
				_, _ = fmt.Fprintf(stderr, "reading twice, %v apart\n", long)
			}
			r, err := system.Record(ctx, told, long)
			if err != nil {
				return err
			}
			if output == "-" {
				return r.Write(stdout)
			}
			return writeTo(output, r.Write)
		},
	}
}

// writeTo writes a file that must not be there yet.
func writeTo(name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write the recording: %w; name a file that is not there yet with -o", err)
	}
	if err := write(f); err != nil {
		_ = f.Close() // the first error says more
		return err
	}
	return f.Close()
}
