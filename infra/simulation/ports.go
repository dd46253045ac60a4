package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// errCrashed is what the ports answer to a function that is no more.
var errCrashed = errors.New("the process is gone")

// call is one call of a port. A task that forks would come with a new stack
// each time, and let it grow: its calls are lent one that has grown.
func call[T any](ctx context.Context, w *World, op, about string, c *integration.Change, writes bool, do func() (T, error)) (answer T, err error) {
	t := taskOf(ctx)
	switch {
	case t == nil:
		return do()
	case !t.forks:
		return suffer(w, t, op, about, c, writes, do)
	}
	done := make(chan struct{})
	w.rig.lend(func(again func()) {
		answer, err = suffer(w, t, op, about, c, writes, do)
		again()
		close(done)
	})
	<-done
	return answer, err
}

// suffer is the call, with all that can happen to it. Writes can be done
// without their caller learning of it.
func suffer[T any](w *World, t *task, op, about string, c *integration.Change, writes bool, do func() (T, error)) (answer T, err error) {
	var none T
	w.tally.Calls++
	w.pause(t)
	if t.dead {
		return none, errCrashed
	}
	switch f := w.fault(t, op, writes); f {
	case crashBefore:
		w.crash(t, op, f)
		return none, errCrashed
	case crashAfter:
		_, _ = do()
		w.crash(t, op, f)
		return none, errCrashed
	case answerLost:
		if _, err = do(); err == nil {
			err = embedded.ErrLost
		}
		w.record(t.name, op, "answer lost "+about, c)
		return none, err
	case throttled, unavailable, conflict, cancelled:
		w.record(t.name, op, string(f)+" "+about, c)
		return none, fmt.Errorf("%s: %w", op, f.err())
	}
	answer, err = do()
	if err != nil {
		about += " " + code(err)
	}
	w.record(t.name, op, about, c)
	return answer, err
}

func code(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, integration.ErrNotFound):
		return "not found"
	case errors.Is(err, integration.ErrConflict):
		return "conflict"
	case errors.Is(err, integration.ErrChanged):
		return "changed"
	}
	return "error"
}

// act is call without an answer.
func act(ctx context.Context, w *World, op, about string, do func() error) error {
	_, err := call(ctx, w, op, about, nil, true, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// look is call without a write.
func look[T any](ctx context.Context, w *World, op, about string, do func() (T, error)) (T, error) {
	return call(ctx, w, op, about, nil, false, do)
}

// A storePort is the table as the functions see it.
type storePort struct{ rig *Rig }

func (p storePort) w() *World { return p.rig.world }

func (p storePort) Commit(ctx context.Context, c integration.Change) error {
	w := p.w()
	_, err := call(ctx, w, "store.Commit", "", &c, true, func() (struct{}, error) {
		w.dueKnown = false
		err := w.store.Commit(ctx, w.written(c))
		if err == nil {
			w.streamed = w.streamed || len(c.Notices)+len(c.Sent) > 0
			w.truth.committed(taskOf(ctx), c)
		}
		return struct{}{}, err
	})
	return err
}

func (p storePort) Integration(ctx context.Context, id integration.ID) (integration.Integration, error) {
	return look(ctx, p.w(), "store.Integration", string(id), func() (integration.Integration, error) {
		return p.w().store.Integration(ctx, id)
	})
}

func (p storePort) Upload(ctx context.Context, id integration.ID, u integration.UploadID) (integration.Upload, error) {
	return look(ctx, p.w(), "store.Upload", string(u), func() (integration.Upload, error) { return p.w().store.Upload(ctx, id, u) })
}

func (p storePort) Notice(ctx context.Context, id integration.ID, dedupe string) (integration.Notice, error) {
	return look(ctx, p.w(), "store.Notice", dedupe, func() (integration.Notice, error) { return p.w().store.Notice(ctx, id, dedupe) })
}

func (p storePort) Link(ctx context.Context, hash string) (integration.Link, error) {
	return look(ctx, p.w(), "store.Link", "", func() (integration.Link, error) { return p.w().store.Link(ctx, hash) })
}

func (p storePort) Owner(ctx context.Context, fingerprint string) (integration.Owner, error) {
	return look(ctx, p.w(), "store.Owner", "", func() (integration.Owner, error) { return p.w().store.Owner(ctx, fingerprint) })
}

func (p storePort) Uploads(ctx context.Context, id integration.ID) ([]integration.Upload, error) {
	return look(ctx, p.w(), "store.Uploads", string(id), func() ([]integration.Upload, error) { return p.w().store.Uploads(ctx, id) })
}

func (p storePort) Contacts(ctx context.Context, id integration.ID) ([]integration.Contact, error) {
	return look(ctx, p.w(), "store.Contacts", string(id), func() ([]integration.Contact, error) { return p.w().store.Contacts(ctx, id) })
}

func (p storePort) Certificates(ctx context.Context, id integration.ID) ([]integration.Certificate, error) {
	return look(ctx, p.w(), "store.Certificates", string(id), func() ([]integration.Certificate, error) { return p.w().store.Certificates(ctx, id) })
}

func (p storePort) Notices(ctx context.Context, id integration.ID) ([]integration.Notice, error) {
	return look(ctx, p.w(), "store.Notices", string(id), func() ([]integration.Notice, error) { return p.w().store.Notices(ctx, id) })
}

func (p storePort) History(ctx context.Context, id integration.ID, cursor string, limit int) (all []integration.Entry, next string, err error) {
	all, err = look(ctx, p.w(), "store.History", string(id), func() (_ []integration.Entry, err error) {
		all, next, err = p.w().store.History(ctx, id, cursor, limit)
		return all, err
	})
	return all, next, err
}

func (p storePort) Find(ctx context.Context, key string) ([]integration.ID, error) {
	return look(ctx, p.w(), "store.Find", "", func() ([]integration.ID, error) { return p.w().store.Find(ctx, key) })
}

func (p storePort) List(ctx context.Context, f integration.Filter) (integration.Page, error) {
	return look(ctx, p.w(), "store.List", "", func() (integration.Page, error) { return p.w().store.List(ctx, f) })
}

func (p storePort) Count(ctx context.Context, s integration.State) (int, error) {
	return look(ctx, p.w(), "store.Count", string(s), func() (int, error) {
		return aged(p.w(), "count "+string(s), func() (int, error) { return p.w().store.Count(ctx, s) })
	})
}

func (p storePort) Fleet(ctx context.Context) (integration.FleetStatus, error) {
	w := p.w()
	f, err := look(ctx, w, "store.Fleet", "", func() (integration.FleetStatus, error) { return w.store.Fleet(ctx) })
	if t := taskOf(ctx); t != nil && err == nil {
		t.view = lookAt(f, w.now())
	}
	return f, err
}

func (p storePort) SetFleet(ctx context.Context, before, after integration.FleetStatus, ns []integration.Notice) error {
	w := p.w()
	return act(ctx, w, "store.SetFleet", "", func() error {
		w.dueKnown = false
		err := w.store.SetFleet(ctx, before, after, ns)
		if err == nil {
			w.streamed = true
			w.truth.fleet(before, after, ns)
			if t := taskOf(ctx); t != nil {
				t.view = lookAt(after, w.now())
			}
		}
		return err
	})
}

func (p storePort) Mark(ctx context.Context, set integration.MarkSet, m integration.Mark) error {
	return act(ctx, p.w(), "store.Mark", string(set), func() error {
		p.w().marked = true
		return p.w().store.Mark(ctx, set, m)
	})
}

func (p storePort) Unmark(ctx context.Context, set integration.MarkSet, id integration.ID) error {
	return act(ctx, p.w(), "store.Unmark", string(set), func() error { return p.w().store.Unmark(ctx, set, id) })
}

func (p storePort) Marks(ctx context.Context, set integration.MarkSet, limit int) ([]integration.Mark, error) {
	return look(ctx, p.w(), "store.Marks", string(set), func() ([]integration.Mark, error) {
		return aged(p.w(), "marks "+string(set), func() ([]integration.Mark, error) { return p.w().store.Marks(ctx, set, limit) })
	})
}

// A vaultPort is the vault as the functions see it.
type vaultPort struct{ rig *Rig }

func (p vaultPort) Put(ctx context.Context, id integration.ID, u integration.UploadID, k keyfile.PrivateKey) error {
	return act(ctx, p.rig.world, "vault.Put", string(u), func() error { return p.rig.world.vault.Put(ctx, id, u, k) })
}

func (p vaultPort) Get(ctx context.Context, id integration.ID, u integration.UploadID) (keyfile.PrivateKey, error) {
	return look(ctx, p.rig.world, "vault.Get", string(u), func() (keyfile.PrivateKey, error) { return p.rig.world.vault.Get(ctx, id, u) })
}

func (p vaultPort) Delete(ctx context.Context, id integration.ID, u integration.UploadID) error {
	w := p.rig.world
	return act(ctx, w, "vault.Delete", string(u), func() error {
		err := w.vault.Delete(ctx, id, u)
		if err == nil {
			w.truth.deleted(id, u)
		}
		return err
	})
}

// An objectsPort is the upload bucket as the functions see it.
type objectsPort struct{ rig *Rig }

func (p objectsPort) Presign(ctx context.Context, r integration.FormRequest) (integration.Form, error) {
	return look(ctx, p.rig.world, "objects.Presign", "", func() (integration.Form, error) { return p.rig.world.objects.Presign(ctx, r) })
}

func (p objectsPort) Read(ctx context.Context, key, etag string) (integration.Object, error) {
	return look(ctx, p.rig.world, "objects.Read", key, func() (integration.Object, error) { return p.rig.world.objects.Read(ctx, key, etag) })
}

func (p objectsPort) Delete(ctx context.Context, key, etag string) error {
	return act(ctx, p.rig.world, "objects.Delete", key, func() error { return p.rig.world.objects.Delete(ctx, key, etag) })
}

func (p objectsPort) List(ctx context.Context, before time.Time, limit int) ([]integration.Object, error) {
	return look(ctx, p.rig.world, "objects.List", "", func() ([]integration.Object, error) {
		return p.rig.world.objects.List(ctx, before, limit)
	})
}

// A queuePort is one queue as the functions see it.
type queuePort struct {
	rig  *Rig
	name string
}

func (p queuePort) Send(ctx context.Context, message any, delay time.Duration) error {
	return act(ctx, p.rig.world, "queue."+p.name+".Send", "", func() error { return p.rig.world.queues[p.name].Send(ctx, message, delay) })
}

// A lettersPort is the queue of dead letters as the sweep sees it.
type lettersPort struct{ rig *Rig }

func (p lettersPort) Redrive(ctx context.Context, limit, rounds int) (moved, stuck int, err error) {
	w := p.rig.world
	err = act(ctx, w, "dead.Redrive", "", func() error {
		if at, err := w.dead.NextVisibleAt(); err != nil || at.IsZero() {
			return err
		}
		moved, stuck, err = w.dead.Redrive(ctx, limit, rounds)
		return err
	})
	return moved, stuck, err
}

// describe names what a change writes, for the journal.
func describe(c integration.Change) string {
	s := ""
	if a := c.Integration.After; a != nil {
		s += fmt.Sprintf("%s v%d %s %s key=%s due=%s row=%d ", a.ID, a.Version, a.State, a.Cause, keyOf(*a), a.Check.DueAt.Format("02T15:04"), a.Streak.Count)
	}
	for _, n := range c.Notices {
		s += "+" + n.Dedupe + " "
	}
	for _, e := range c.Sent {
		if e.After != nil {
			s += e.After.Dedupe + "=" + string(e.After.Status) + " "
		}
	}
	for _, e := range c.Uploads {
		if e.After != nil {
			s += string(e.After.ID) + "=" + string(e.After.State) + " "
		}
	}
	return s
}

func keyOf(it integration.Integration) string {
	if it.Key == nil {
		return "none"
	}
	return it.Key.KeyID
}

func lookAt(f integration.FleetStatus, now time.Time) fleetLook {
	return fleetLook{looked: true, hold: !f.HoldSince.IsZero(), wave: !f.WaveSince.IsZero(), at: now}
}
