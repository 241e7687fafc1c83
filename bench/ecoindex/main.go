// Command ecoindex compares our measuring of web pages with its peers, in one run and on the same pages, and prints
// what it found as Markdown: seconds, memory, counts side by side, and the reason for each difference.
//
// It runs in the top folder of the repository, after bench/ecoindex/install.sh and make build. What is not there is
// said and left out.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if len(os.Args) > 1 && os.Args[1] == serving {
		err = serveFolders(os.Args[2:], os.Stdin, os.Stdout)
	} else {
		err = run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	}
	stop()
	if err != nil && !errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench/ecoindex: "+err.Error())
		os.Exit(1)
	}
}

// options are what the flags say.
type options struct {
	command string   // our program
	tools   string   // where install.sh put the rest
	pages   int      // at most; 0 is all
	peers   bool     // measure with the peers too
	only    []string // keys of the measurers to run; none is all
	numbers bool     // the numbers to hold, in place of the comparison
	many    int      // pages of the long run of --numbers

	whole    bool     // a whole site, in place of the comparison
	built    bool     // the program is to be built from the tree
	folders  []string // to serve in place of a made site
	made     int      // pages of the made site
	most     int      // pages that are looked at, at most
	browsers int      // pages of the site that a browser measures; 0 is none
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := pflag.NewFlagSet("ecoindex", pflag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.command, "command", "bin/veille-ecoindex", "our `program`")
	fs.StringVar(&o.tools, "tools", ".tools/bench", "the `folder` that install.sh fills")
	fs.IntVar(&o.pages, "pages", 0, "measure the first `N` pages of pages.txt; 0 is all")
	fs.BoolVar(&o.peers, "peers", true, "measure with the peers too")
	fs.StringSliceVar(&o.only, "only", nil, "run these `measurers` only: "+strings.Join(measurerKeys(), ", "))
	fs.BoolVar(&o.numbers, "numbers", false, "print the numbers to hold, in place of the comparison")
	fs.IntVar(&o.many, "many", 200, "with --numbers: the `pages` of the long run")
	fs.BoolVar(&o.whole, "site", false, "look at a whole site, in place of the comparison; the program is built from the tree where --command is not given")
	fs.StringSliceVar(&o.folders, "folder", nil, "with --site: serve these `folders` of HTML in place of a made site")
	fs.IntVar(&o.made, "site-pages", 2000, "with --site: the `pages` of the made site")
	fs.IntVar(&o.most, "max-pages", 2500, "with --site: look at this `number` of pages at most")
	fs.IntVar(&o.browsers, "browser-pages", 60, "with --site: the `pages` of a smaller site, which a browser measures too; 0: none")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	o.built = !fs.Changed("command")
	if o.made < 1 || o.most < 1 || o.browsers < 0 {
		return o, errors.New("--site-pages and --max-pages want 1 or more, --browser-pages 0 or more")
	}
	for _, key := range o.only {
		if !slices.Contains(measurerKeys(), key) {
			return o, fmt.Errorf("--only %q is no measurer; give some of %s", key, strings.Join(measurerKeys(), ", "))
		}
	}
	return o, nil
}

// run is the program without the process.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	say := progress{stderr}
	if o.whole {
		return (&bench{options: o, proc: os.DirFS("/proc"), progress: say}).writeWhole(ctx, stdout)
	}
	pages, err := openPages(o.tools, o.pages, say)
	if err != nil {
		return err
	}
	defer closePages(pages)
	if len(pages) == 0 {
		return errors.New("there is no page to measure; run bench/ecoindex/install.sh first")
	}
	b := &bench{options: o, pages: pages, proc: os.DirFS("/proc"), progress: say}
	var text strings.Builder
	if o.numbers {
		err = b.writeNumbers(ctx, &text)
	} else {
		err = b.writeComparison(ctx, &text)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, text.String())
	return err
}

// bench is one run of this program.
type bench struct {
	options

	pages    []*page
	proc     fs.FS // the processes of this machine
	progress progress
}

// progress is where a person reads how far the run is.
type progress struct{ w io.Writer }

func (p progress) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.w, format, args...) // nobody reads it where it cannot be written
}
