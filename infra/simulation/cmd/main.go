// Command simulation runs Keyward's deterministic simulation: many seeds, or
// one again. It exits with 1 when an invariant did not hold.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"

	"keyward/infra/simulation"
)

func main() { os.Exit(run()) }

func run() int {
	var o simulation.Options
	flag.Uint64Var(&o.Seed, "seed", 0, "run this seed alone, and show all its events")
	flag.Uint64Var(&o.From, "from", 1, "the first seed")
	flag.IntVar(&o.Seeds, "seeds", 10_000, "how many seeds to run")
	flag.IntVar(&o.Workers, "workers", runtime.GOMAXPROCS(0), "how many to run at once")
	flag.IntVar(&o.Most, "failures", 3, "how many failing seeds end the run")
	fleet := flag.Bool("fleet", false, "run fleets of 1 to 100,000 for a million integration-days instead")
	most := flag.Int("largest", 100_000, "the largest fleet of -fleet")
	flag.Parse()
	if *fleet {
		if !simulation.PrintFleets(o.From, *most, os.Stdout) {
			return 1
		}
		return 0
	}
	ok, err := simulation.Main(o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulation:", err)
		return 2
	}
	if !ok {
		return 1
	}
	return 0
}
