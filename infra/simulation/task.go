package simulation

import (
	"container/heap"
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"keyward/pkg/integration"
)

// A task is one thing under way in the world: an invocation of a function, or
// a person at work. It runs in a goroutine of its own, but only ever one of
// them runs: the world hands over to a task, and the task hands back when it
// waits or ends. Therefore a run depends on nothing but its seed.
type task struct {
	n     int
	name  string
	fn    string        // the function whose clock it has; empty for people
	turn  chan struct{} // an element hands over to the task
	done  func(*task)   // called by the world when the task has ended
	began time.Time
	until time.Time // when a function is killed; zero: never
	dead  bool      // crashed: whatever it does from now on has no effect
	over  bool
	forks bool // it works in goroutines of its own just now

	answers map[string]integration.Outcome // of Apple's, by key ID
	used    map[string]string              // the fingerprints of the keys that were used, by key ID

	view fleetLook  // what the task last saw of the fleet
	gate *shardGate // of a sweep
}

// taskKey is under what a context names its task.
type taskKey struct{}

// taskOf is nil for the world's own looks at the state.
func taskOf(ctx context.Context) *task {
	t, _ := ctx.Value(taskKey{}).(*task)
	return t
}

// start begins a task and hands over to it.
func (w *World) start(t *task, do func(context.Context)) {
	t.answers, t.used = map[string]integration.Outcome{}, map[string]string{}
	t.turn, t.began = make(chan struct{}), w.now()
	w.started++
	t.n = w.started
	w.tasks[t] = struct{}{}
	w.rig.lend(func(again func()) {
		<-t.turn
		defer func() {
			if p := recover(); p != nil {
				w.fail("no-panic", fmt.Sprintf("%s: %v\n%s", t.name, p, debug.Stack()))
			}
			t.over = true
			again()
			w.back <- struct{}{}
		}()
		do(context.WithValue(context.Background(), taskKey{}, t))
	})
	w.resume(t)
}

// lend runs the work on a goroutine that has run others before: its stack has
// grown already. The work says when it is as good as done, with its turn.
func (r *Rig) lend(work func(again func())) {
	var hand chan func(func())
	if n := len(r.idle); n > 0 {
		hand, r.idle = r.idle[n-1], r.idle[:n-1]
	} else {
		hand = make(chan func(func()), 1)
		go func() {
			for work := range hand {
				work(func() { r.idle = append(r.idle, hand) })
			}
		}()
	}
	hand <- work
}

// resume hands over to the task until it waits or ends.
func (w *World) resume(t *task) {
	t.turn <- struct{}{}
	<-w.back
	if t.over {
		delete(w.tasks, t)
		if t.done != nil {
			t.done(t)
		}
	}
}

// sleep lets the task that calls it wait.
func (w *World) sleep(t *task, d time.Duration) {
	if w.failure != nil {
		d = 0
	}
	w.after(d, func() { w.resume(t) })
	w.yield(t)
}

// yield hands back to the world. Somebody must have seen to it that the task
// is resumed.
func (w *World) yield(t *task) {
	w.back <- struct{}{}
	<-t.turn
}

// An entry of the agenda.
type entry struct {
	at  time.Time
	tie uint64 // random: what comes at one time comes in any order
	do  func()
}

// An agenda is what will happen, the next first.
type agenda []entry

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	if !a[i].at.Equal(a[j].at) {
		return a[i].at.Before(a[j].at)
	}
	return a[i].tie < a[j].tie
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(entry)) }
func (a *agenda) Pop() any {
	last := len(*a) - 1
	e := (*a)[last]
	*a = (*a)[:last]
	return e
}

// after puts something on the agenda.
func (w *World) after(d time.Duration, do func()) {
	w.put(d, w.dice.Uint64(), do)
}

func (w *World) put(d time.Duration, tie uint64, do func()) {
	heap.Push(&w.agenda, entry{at: w.now().Add(d), tie: tie, do: do})
}
