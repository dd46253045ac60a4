package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// What is aimed at, with 64 checks in flight on two cores.
const (
	aimRate  = 1000.0 // checks per second
	aimShare = 0.60   // of the floor's
)

// A report is the tournaments in a form for people.
type report struct {
	tournaments []tournament
	each        bool // every round is shown too
}

func (r *report) add(t tournament) { r.tournaments = append(r.tournaments, t) }

// A line of the table is one measure of a round.
type line struct {
	name   string
	format string
	of     func(round) float64
}

func lines() []line {
	return []line{
		{"checks/s", "%.0f", rate},
		{"CPU per check, µs", "%.0f", func(r round) float64 { return r.each(micro(r.cpu)) }},
		{"the simulator's, µs", "%.0f", func(r round) float64 { return r.each(micro(r.appleCPU)) }},
		{"half take less than, µs", "%.0f", func(r round) float64 { return micro(r.middle) }},
		{"99 of 100 take less, µs", "%.0f", func(r round) float64 { return micro(r.slow) }},
		{"allocations", "%.0f", func(r round) float64 { return r.each(float64(r.allocations)) }},
		{"allocated, KiB", "%.1f", func(r round) float64 { return r.each(float64(r.allocated) / 1024) }},
		{"Apple calls", "%.3f", calls},
	}
}

func rate(r round) float64               { return float64(r.checks) / r.took.Seconds() }
func calls(r round) float64              { return r.each(float64(r.appleCalls)) }
func (r round) each(sum float64) float64 { return sum / float64(r.checks) }
func micro(d time.Duration) float64      { return float64(d) / float64(time.Microsecond) }

func (r report) write(out io.Writer, m machine) error {
	var b strings.Builder
	for _, t := range r.tournaments {
		t.write(&b)
		if r.each {
			t.writeEach(&b)
		}
	}
	last := r.tournaments[len(r.tournaments)-1]
	last.judge(&b)
	fmt.Fprintf(&b, "\nMachine: %s.\n", m)
	_, err := io.WriteString(out, b.String())
	return err
}

func (t tournament) write(b *strings.Builder) {
	fmt.Fprintf(b, "\nValidate, %d in flight: medians of %d rounds of %d checks, in turns with the floor\n\n", t.flight, len(t.keyward), t.keyward[0].checks)
	w := tabwriter.NewWriter(b, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tKeyward\tfloor\tratio\tround by round\t")
	for _, l := range lines() {
		ours, floors, ratios := t.values(l.of)
		fmt.Fprintf(w, "%s\t"+l.format+"\t"+l.format+"\t%.2f\t%.2f to %.2f\t\n",
			l.name, median(ours), median(floors), median(ratios), slices.Min(ratios), slices.Max(ratios))
	}
	w.Flush()
}

// writeEach shows the rounds one by one.
func (t tournament) writeEach(b *strings.Builder) {
	fmt.Fprintln(b)
	for i := range t.keyward {
		ours, floors := t.keyward[i], t.floor[i]
		fmt.Fprintf(b, "  round %d: %.0f and %.0f checks/s, %.0f and %.0f µs CPU\n",
			i+1, rate(ours), rate(floors), ours.each(micro(ours.cpu)), floors.each(micro(floors.cpu)))
	}
}

// values are a measure of all rounds, and its ratio round by round.
func (t tournament) values(of func(round) float64) (ours, floors, ratios []float64) {
	for i := range t.keyward {
		a, b := of(t.keyward[i]), of(t.floor[i])
		ours, floors = append(ours, a), append(floors, b)
		ratios = append(ratios, a/max(b, 1e-9))
	}
	return ours, floors, ratios
}

// judge compares with what is aimed at.
func (t tournament) judge(b *strings.Builder) {
	rates, _, shares := t.values(rate)
	asked, _, _ := t.values(calls)
	fmt.Fprintf(b, "\nAims, at %d in flight on 2 cores:\n", t.flight)
	say := func(holds bool, format string, values ...any) {
		word := "missed"
		if holds {
			word = "met"
		}
		fmt.Fprintf(b, "  %-6s  "+format+"\n", append([]any{word}, values...)...)
	}
	say(median(rates) >= aimRate, "%.0f checks/s (aim: %.0f)", median(rates), aimRate)
	say(median(shares) >= aimShare, "%.0f %% of the floor (aim: %.0f %%)", 100*median(shares), 100*aimShare)
	say(slices.Max(asked) == 1, "%.3f Apple calls per healthy check (aim: 1)", slices.Max(asked))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
