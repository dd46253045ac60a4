package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// appleCommand is the argument that makes the program the simulator.
const appleCommand = "apple"

func run(args []string, in io.Reader, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := error(nil)
	if len(args) > 0 && args[0] == appleCommand {
		err = serveApple(in, out)
	} else {
		err = bench(ctx, args, out, errs)
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(errs, "bench:", err)
		return 1
	}
	return 0
}

// options say how much is measured.
type options struct {
	rounds  int    // of each side
	checks  int    // in a round
	dir     string // where the state file goes
	profile string // file for a CPU profile of Keyward's side; empty: none
	each    bool   // every round is shown, not only the medians
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(errs)
	f.IntVar(&o.rounds, "rounds", 9, "rounds of each side")
	f.IntVar(&o.checks, "checks", 1500, "checks in a round; a third of them where one is in flight")
	f.StringVar(&o.dir, "dir", "bin", "directory for the state file, removed at the end; its disk's fsync counts")
	f.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile of one more round of Keyward at 64 in flight to this file")
	f.BoolVar(&o.each, "each", false, "show every round too")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.rounds < 1 || o.checks < 3 || f.NArg() > 0 {
		return o, errors.New("want at least one round, three checks and no arguments")
	}
	return o, nil
}

func bench(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parse(args, errs)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(o.dir, "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	m := lookAround(dir)
	started := busyNow()
	r, err := newRig(ctx, dir, o.checks)
	if err != nil {
		return err
	}
	defer r.Close()
	report := report{each: o.each}
	for _, flight := range []int{1, inFlight} {
		t, err := r.tournament(ctx, o, flight)
		if err != nil {
			return err
		}
		report.add(t)
	}
	if o.profile != "" {
		if err := r.profile(ctx, o); err != nil {
			return err
		}
	}
	m.others = started.others(r.apple)
	return report.write(out, m)
}
