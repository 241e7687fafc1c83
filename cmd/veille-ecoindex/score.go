package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
)

// scoreLine is the JSON of score. The names of its keys are a contract with scripts.
type scoreLine struct {
	figures
	explained
}

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
	how, err := j.reading.reading()
	if err != nil {
		return err
	}
	r, err := how.score(j.measure)
	if err != nil {
		return command.Usage("%w", err)
	}
	return j.write(how, r)
}

func (j *scoreJob) write(how reading, r ecoindex.Result) error {
	more, err := how.explainedOf(j.measure, r)
	if err != nil {
		return err
	}
	if j.asJSON {
		return writeJSON(j.stdout, scoreLine{how.figuresOf(j.measure, r), more})
	}
	rows := how.scoreRows(j.measure, r)
	for _, c := range costs(j.measure, r) {
		rows = append(rows, fmt.Sprintf("lost\t%.2f points\t%s", c.points, c.what))
	}
	rows = append(rows, more.ToReach.row()...)
	return writeTable(j.stdout, append(rows, "formula\t"+how.convention()))
}
