package simulation

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
)

// A Tally counts what was injected and what was checked.
type Tally struct {
	Injected    map[fault]int
	Checked     map[string]int // by invariant
	Invocations map[string]int // by function
	Reached     map[string]int // states, events and kinds of notices that came about
	Calls       int            // of ports by functions: each a possible crash
	Mails       int
	Worlds      int
}

// NewTally counts from zero.
func NewTally() *Tally {
	return &Tally{Injected: map[fault]int{}, Checked: map[string]int{}, Invocations: map[string]int{}, Reached: map[string]int{}}
}

func (t *Tally) add(w *World) {
	t.Worlds++
	t.Mails += len(w.post.mails)
}

// Merge adds another's counts.
func (t *Tally) Merge(o *Tally) {
	sum(t.Injected, o.Injected)
	sum(t.Checked, o.Checked)
	sum(t.Invocations, o.Invocations)
	sum(t.Reached, o.Reached)
	t.Calls += o.Calls
	t.Mails += o.Mails
	t.Worlds += o.Worlds
}

func sum[K comparable](into, from map[K]int) {
	for k, n := range from {
		into[k] += n
	}
}

// Print writes the tables.
func (t *Tally) Print(out io.Writer) {
	printTable(out, "Ran", t.Invocations)
	printTable(out, "Injected", t.Injected)
	printTable(out, "Checked", t.Checked)
	printTable(out, "Reached", t.Reached)
	fmt.Fprintf(out, "\n%d worlds, %d calls of ports, each of which could crash, %d mails\n", t.Worlds, t.Calls, t.Mails)
}

func printTable[K ~string](out io.Writer, title string, counts map[K]int) {
	fmt.Fprintf(out, "\n%s\n", title)
	for _, k := range sorted(counts) {
		fmt.Fprintf(out, "  %-44s %12d\n", k, counts[k])
	}
}

// sorted are a map's keys in order: nothing may depend on a map's own.
func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
