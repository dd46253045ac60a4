package simulation

import (
	"errors"
	"strings"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

// A fault is one thing that can happen to a call of a port.
type fault string

const (
	fine        fault = ""
	crashBefore fault = "crash before a side effect"
	crashAfter  fault = "crash after a side effect"
	answerLost  fault = "write done, answer lost"
	throttled   fault = "throttled"
	unavailable fault = "vault or bucket down"
	conflict    fault = "conditional conflict"
	cancelled   fault = "cancelled transaction"
	staleRead   fault = "stale index read"
	timedOut    fault = "function timed out"
	frozen      fault = "function frozen for minutes, then going on"
	duplicate   fault = "message delivered twice"
	reordered   fault = "messages reordered"
	late        fault = "message late"
	deployment  fault = "deployment"
	stopped     fault = "schedule stopped for hours"
	skewed      fault = "clock skewed"
	oldRow      fault = "row of an old version"
	newRow      fault = "row of a newer version"
)

func (f fault) err() error {
	switch f {
	case throttled:
		return integration.ErrThrottled
	case unavailable:
		return embedded.ErrUnavailable
	case conflict, cancelled:
		return integration.ErrConflict
	}
	return errors.New(string(f))
}

// A weather says how often each thing goes wrong, per call of a port.
type weather struct {
	crash, lost, throttle, down, conflict, stale float64
	yield, doze, freeze                          float64 // a function waits a moment, for many seconds, or far beyond its time
	twice, reorder, late                         float64 // of deliveries
	spurious                                     float64 // of Apple's answers: 401 without a reason
	slow                                         float64 // of Apple's answers
}

// climates are the weathers that a world can have. Some have none, so that
// what is promised about time can be held to the minute.
var climates = [...]weather{
	{yield: .05},
	{yield: .1, spurious: .003, slow: .02},
	{yield: .1, crash: .002, lost: .002, throttle: .003, conflict: .005, stale: .02, twice: .02, reorder: .1, late: .02, spurious: .003, slow: .02},
	{yield: .2, doze: .005, freeze: .001, crash: .01, lost: .01, throttle: .01, down: .01, conflict: .02, stale: .1, twice: .1, reorder: .3, late: .1, spurious: .01, slow: .1},
	{yield: .3, doze: .02, freeze: .003, crash: .03, lost: .03, throttle: .02, down: .02, conflict: .05, stale: .3, twice: .3, reorder: .5, late: .2, spurious: .02, slow: .1},
}

// rough tells whether anything but Apple can go wrong in the world.
func (w *World) rough() bool { return w.climate >= 2 }

// fault decides what happens to a call.
func (w *World) fault(t *task, op string, writes bool) fault {
	f := w.pick(t, op, writes)
	if f != fine {
		w.strike(f)
	}
	return f
}

// strike counts a fault. The latest are remembered, because what is promised
// about time holds while nothing strikes.
func (w *World) strike(f fault) {
	w.tally.Injected[f]++
	w.struck = append(w.struck, w.now())
}

// fallAsleep stops the schedule for hours just after somebody has become
// suspect: few answers then lie far apart.
func (w *World) fallAsleep(it integration.Integration) {
	if w.sleepy && it.State == integration.Suspect && !w.still() {
		w.sleepy = false
		w.strike(stopped)
		w.asleep.from = w.now().Add(w.between(time.Second, 25*time.Minute))
		w.asleep.to = w.asleep.from.Add(w.between(time.Hour, 9*time.Hour))
	}
}

// strikes counts the faults since the time.
func (w *World) strikes(since time.Time) int {
	n := 0
	for i := len(w.struck) - 1; i >= 0 && !w.struck[i].Before(since); i-- {
		n++
	}
	return n
}

func (w *World) pick(t *task, op string, writes bool) fault {
	if t.fn == "" || w.still() {
		return fine
	}
	commits := op == "store.Commit" || op == "store.SetFleet"
	behind := strings.HasPrefix(op, "vault.") || strings.HasPrefix(op, "objects.")
	switch k := &w.weather; {
	case writes && w.chance(k.crash):
		return crashBefore
	case writes && w.chance(k.crash):
		return crashAfter
	case writes && w.chance(k.lost):
		return answerLost
	case w.chance(k.throttle):
		return throttled
	case behind && w.chance(k.down):
		return unavailable
	case commits && w.chance(k.conflict):
		return conflict
	case commits && w.chance(k.conflict/2):
		return cancelled
	}
	return fine
}

// still tells whether the faults have stopped.
func (w *World) still() bool { return !w.now().Before(w.calm) }

// crash ends the task: from now on nothing that it does has an effect.
func (w *World) crash(t *task, op string, why fault) {
	t.dead = true
	w.note(t.name, op, string(why))
}

// pause lets others get their turn, and ends a function that has taken too
// long.
func (w *World) pause(t *task) {
	if t.dead {
		return
	}
	switch {
	case t.fn == "":
	case !w.still() && w.chance(w.weather.freeze):
		w.strike(frozen)
		t.until = time.Time{} // nobody has noticed
		w.sleep(t, w.between(6*time.Minute, 25*time.Minute))
	case !w.still() && w.chance(w.weather.doze):
		w.sleep(t, w.between(time.Second, 90*time.Second))
	case w.chance(w.weather.yield):
		w.sleep(t, w.between(0, 400*time.Millisecond))
	}
	w.expire(t)
}

func (w *World) expire(t *task) {
	if !t.dead && !t.until.IsZero() && w.now().After(t.until) {
		w.strike(timedOut)
		w.crash(t, "", timedOut)
	}
}

// maxLag is how old a stale answer of an index is.
const maxLag = 5 * time.Second

type memory struct {
	at     time.Time
	answer any
}

// aged answers a question about an index: sometimes as it was answered some
// seconds ago.
func aged[T any](w *World, question string, ask func() (T, error)) (T, error) {
	if before, ok := w.answers[question]; ok && w.now().Sub(before.at) <= maxLag && !w.still() && w.chance(w.weather.stale) {
		w.strike(staleRead)
		return before.answer.(T), nil
	}
	answer, err := ask()
	if err == nil && w.weather.stale > 0 {
		w.answers[question] = memory{w.now(), answer}
	}
	return answer, err
}
