package main

import (
	"context"
	"io"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
	"veille/ecoindex/report"
)

// scoreJob is what one call of score was asked to do.
type scoreJob struct {
	measure ecoindex.Measure
	asJSON  bool
	flags   *pflag.FlagSet
	reading readingFlags
	stdout  io.Writer
}

func scoreCommand(stdout io.Writer) command.Command {
	job := scoreJob{stdout: stdout}
	return command.Command{
		Name:    "score",
		Summary: "score figures counted elsewhere, and say what to take away for a better grade",
		Example: "score --dom 282 --requests 17 --size-kb 270.2\n" +
			"score --dom 693 --requests 78 --size-kb 2420 --to B --footprint swd-v4\n" +
			"score --dom 693 --requests 78 --size-kb 2420 --footprint ours.json --json\n" +
			"score --dom 693 --requests 78 --size-kb 2420 --lang fr\n" +
			"score --dom 359 --requests 3 --size-kb 373.75 --grade-from raw --no-footprint --json",
		Flags: func(fs *pflag.FlagSet) {
			job.flags = fs
			fs.IntVar(&job.measure.DOM, "dom", 0, "`number` of elements, without what is inside an svg (required)")
			fs.IntVar(&job.measure.Requests, "requests", 0, "`number` of requests (required)")
			fs.Float64Var(&job.measure.SizeKB, "size-kb", 0, "`kilobytes` transferred, of 1000 bytes (required)")
			fs.BoolVar(&job.asJSON, "json", false, "print one JSON object; in \"to_reach\", null is a measure that is not enough alone")
			job.reading.declare(fs)
		},
		Run: job.run,
	}
}

func (j *scoreJob) run(_ context.Context, args []string) error {
	if err := command.NoArgs(args); err != nil {
		return err
	}
	for _, name := range []string{"dom", "requests", "size-kb"} {
		if !j.flags.Changed(name) {
			return command.Usage("--%s is missing; give --dom, --requests and --size-kb", name)
		}
	}
	o, err := j.reading.options()
	if err != nil {
		return err
	}
	r, err := ecoindex.Compute(j.measure)
	if err != nil {
		return command.Usage("%w", err)
	}
	if j.asJSON {
		return report.NewJSON(j.stdout, o).WriteScore(j.measure, r)
	}
	o.Color = colored(j.stdout)
	return report.NewText(j.stdout, o).WriteScore(j.measure, r)
}
