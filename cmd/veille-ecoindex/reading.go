package main

import (
	"errors"
	"io"
	"os"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/ecoindex"
	"veille/ecoindex/report"
)

// readingFlags are the flags that say how a measure is read: the convention of the grade, the footprint, the grade to
// reach, the language. declare adds them to a command, options understands them once parsed.
type readingFlags struct {
	set         *pflag.FlagSet
	gradeFrom   string
	footprint   string
	noFootprint bool
	to          string
	lang        langFlag
}

func (f *readingFlags) declare(fs *pflag.FlagSet) {
	f.set = fs
	f.lang.declare(fs)
	fs.StringVar(&f.gradeFrom, "grade-from", string(ecoindex.FromRounded), "read grade, gases and water from the `score` that is \"rounded\" (as the reference) or \"raw\" (as npm ecoindex, the Lighthouse plugin, GreenIT-Analysis)")
	command.Values(fs, "grade-from", "rounded", "raw")
	fs.StringVar(&f.footprint, "footprint", "ecoindex", "the `model` of gases and water: ecoindex, swd-v4, or a file in the shape of one of theirs")
	fs.BoolVar(&f.noFootprint, "no-footprint", false, "leave out greenhouse gases and water (null in JSON)")
	fs.StringVar(&f.to, "to", "", "the `grade` of which to say what to take away for it (default: the next better one)")
}

// options are what the flags say: basis, footprint, grade to reach and language; or a usage error.
func (f *readingFlags) options() (report.Options, error) {
	var o report.Options
	var err error
	if o.Language, err = f.lang.speak(); err != nil {
		return o, err
	}
	if o.Basis, err = ecoindex.ParseBasis(f.gradeFrom); err != nil {
		return o, command.Usage("--grade-from: %w", err)
	}
	if f.to != "" {
		if o.To, err = ecoindex.ParseGrade(f.to); err != nil {
			return o, command.Usage("--to: %w", err)
		}
	}
	if f.noFootprint && f.set.Changed("footprint") {
		return o, command.Usage("--footprint %q and --no-footprint contradict each other; give one of them", f.footprint)
	}
	if !f.noFootprint {
		o.Footprint, err = loadFootprint(f.footprint)
	}
	return o, err
}

// loadFootprint is the footprint of a name, or in the file of that name. What cannot be used is a usage error.
func loadFootprint(name string) (*ecoindex.Footprint, error) {
	var f ecoindex.Footprint
	var err error
	switch name {
	case "ecoindex":
		f, err = ecoindex.DefaultFootprint()
	case "swd-v4":
		f, err = ecoindex.SWD4Footprint()
	default:
		var data []byte
		if data, err = readSmall(name); err == nil {
			f, err = ecoindex.ParseFootprint(data)
		}
	}
	if err != nil {
		return nil, command.Usage("--footprint %q: %w; give ecoindex, swd-v4 or a file in the shape of one of theirs", name, err)
	}
	return &f, nil
}

// readSmall reads a file of at most a megabyte, so that a wrong name cannot fill the memory.
func readSmall(name string) ([]byte, error) {
	const most = 1_000_000
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && len(data) > most {
		err = errors.New("it has more than a megabyte")
	}
	return data, err
}
