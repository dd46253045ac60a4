package embedded

import (
	"sync"

	"go.etcd.io/bbolt"
)

// A job is one atomic write. Check looks at the conditions and writes nothing;
// apply writes, and fails only when the file does. Both may run again.
type job struct {
	check func(*bbolt.Tx) error // may be nil
	apply func(*bbolt.Tx) error
	err   error
	done  chan struct{}
}

// A writer commits in groups without a goroutine of its own and without
// waiting: whoever gets the turn writes everything that is pending, in one
// transaction and one fsync. Alone, that is one's own job at once.
type writer struct {
	bolt *bbolt.DB
	turn chan struct{} // holds one element while somebody writes

	mu      sync.Mutex
	pending []*job

	// held is a transaction that never ends, for a state that is in memory
	// alone: nothing is ever written to the file. Nil otherwise.
	held *bbolt.Tx
}

func newWriter(bolt *bbolt.DB) *writer {
	return &writer{bolt: bolt, turn: make(chan struct{}, 1)}
}

// do returns when the job is on disk (nil), or was refused by its check.
func (w *writer) do(check, apply func(*bbolt.Tx) error) error {
	if w.held != nil {
		return w.inMemory(check, apply)
	}
	j := &job{check: check, apply: apply, done: make(chan struct{})}
	w.mu.Lock()
	w.pending = append(w.pending, j)
	w.mu.Unlock()
	select {
	case <-j.done:
	case w.turn <- struct{}{}:
		w.run(w.take())
		<-w.turn
	}
	<-j.done
	return j.err
}

// inMemory is do within the transaction that is held. What apply wrote before
// it failed stays; it fails only when a file does, and there is none.
func (w *writer) inMemory(check, apply func(*bbolt.Tx) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if check != nil {
		if err := check(w.held); err != nil {
			return err
		}
	}
	return apply(w.held)
}

func (w *writer) take() []*job {
	w.mu.Lock()
	defer w.mu.Unlock()
	group := w.pending
	w.pending = nil
	return group
}

// run commits the group. A job that cannot be applied is taken out, and the
// others start over without it.
func (w *writer) run(group []*job) {
	rest := group
	for len(rest) > 0 {
		bad, err := w.commit(rest)
		if bad < 0 {
			if err != nil {
				fail(rest, err)
			}
			break
		}
		rest[bad].err = err
		rest = append(rest[:bad:bad], rest[bad+1:]...)
	}
	for _, j := range group {
		close(j.done)
	}
}

func fail(jobs []*job, err error) {
	for _, j := range jobs {
		j.err = err
	}
}

// commit tries the jobs in one transaction. The index is that of the job that
// could not be applied, or -1; nothing is written when there is an error.
func (w *writer) commit(jobs []*job) (bad int, err error) {
	tx, err := w.bolt.Begin(true)
	if err != nil {
		return -1, err
	}
	defer tx.Rollback() // without effect after a commit
	applied := 0
	for i, j := range jobs {
		j.err = nil
		if j.check != nil {
			if j.err = j.check(tx); j.err != nil {
				continue
			}
		}
		if err := j.apply(tx); err != nil {
			return i, err
		}
		applied++
	}
	if applied == 0 {
		return -1, nil
	}
	return -1, tx.Commit()
}
