package demo

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// A twisted world is one in which Keyward, or the world itself, does something
// that it should not.
type twisted struct {
	World
	apple   Apple
	mails   func([]Mail) []Mail
	advance func(time.Duration) time.Duration
	secrets func([]string) []string
	objects int
	deliver func(context.Context, integration.CheckMessage) error
}

func (w *twisted) Apple() Apple {
	if w.apple != nil {
		return w.apple
	}
	return w.World.Apple()
}

func (w *twisted) Mails(ctx context.Context) ([]Mail, error) {
	list, err := w.World.Mails(ctx)
	if w.mails != nil {
		list = w.mails(list)
	}
	return list, err
}

func (w *twisted) Advance(ctx context.Context, d time.Duration) error {
	if w.advance != nil {
		d = w.advance(d)
	}
	return w.World.Advance(ctx, d)
}

func (w *twisted) Secrets(ctx context.Context) ([]string, error) {
	list, err := w.World.Secrets(ctx)
	if w.secrets != nil {
		list = w.secrets(list)
	}
	return list, err
}

func (w *twisted) Objects(ctx context.Context) (int, error) {
	n, err := w.World.Objects(ctx)
	return n + w.objects, err
}

func (w *twisted) Deliver(ctx context.Context, m integration.CheckMessage) error {
	if w.deliver != nil {
		return w.deliver(ctx, m)
	}
	return w.World.Deliver(ctx, m)
}

// Simulators that do not do what they are told.
type (
	neverRejects struct{ Apple }
	noAgreements struct{ Apple }
	faultless    struct{ Apple }
)

func (neverRejects) Revoke(string) error                          { return nil }
func (noAgreements) SetAgreement(string, asctest.Agreement) error { return nil }
func (faultless) Fail(asctest.Fault) (string, error)              { return "", nil }

// without leaves the mails of one kind out.
func without(kind integration.NoticeKind) func([]Mail) []Mail {
	return func(list []Mail) []Mail {
		return slices.DeleteFunc(list, func(m Mail) bool { return m.Tags["kind"] == string(kind) })
	}
}

func TestTheStoryEndsWhereSomethingDiffers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name                 string
		twist                func(*twisted)
		chapter, step, about string
	}{
		{"mails are swallowed", func(w *twisted) { w.mails = func([]Mail) []Mail { return nil } },
			"The neighbours", "Five others", "the inbox"},
		{"one kind of mail is swallowed", func(w *twisted) { w.mails = without(integration.NoticeActionRequired) },
			"An agreement expires", "Confirms it", "mails"},
		{"a mail goes to a stranger", func(w *twisted) { w.mails = toStranger }, "An agreement expires", "Confirms it", "mails"},
		{"a neighbour is written to", func(w *twisted) { w.mails = alsoToNeighbour }, "The key is revoked", "Believes it", "mails"},
		{"time passes at half its speed", func(w *twisted) { w.advance = func(d time.Duration) time.Duration { return d / 2 } },
			"A key is handed over", "Checks the new key", "the check that was due"},
		{"Apple never rejects", func(w *twisted) { w.apple = neverRejects{w.World.Apple()} }, "The key is revoked", "Revokes the key", "last check"},
		{"agreements never expire", func(w *twisted) { w.apple = noAgreements{w.World.Apple()} }, "An agreement expires", "An agreement", "last check"},
		{"Apple is never mistaken", func(w *twisted) { w.apple = faultless{w.World.Apple()} }, "Apple is mistaken", "Answers 401", "last check"},
		{"files stay in the bucket", func(w *twisted) { w.objects = 1 }, "The neighbours", "Five others", "files in the bucket"},
		{"old keys stay in the vault", func(w *twisted) { w.secrets = remembering() }, "The key is replaced", "Checks the new key", "keys in the vault"},
		{"a late check counts", func(w *twisted) { w.deliver = checkNow(w) }, "The key is replaced", "Delivers the last check", "changed by that"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := &twisted{World: mustLocal(t, Seeded(1))}
			tc.twist(w)
			r, err := Run(context.Background(), w, nil)
			var d *Difference
			if !errors.As(err, &d) || r.Failed != d {
				t.Fatalf("the error is %v", err)
			}
			if !strings.HasPrefix(d.Chapter, tc.chapter) || !strings.HasPrefix(d.Step, tc.step) || !strings.HasPrefix(d.About, tc.about) || d.Want == d.Seen {
				t.Errorf("it ended so: %v", d)
			}
			if last := r.Steps[len(r.Steps)-1]; last.OK || last.What != d.Step {
				t.Errorf("the last step is %+v", last)
			}
			text := printed(t, r, false)
			if !strings.Contains(text, "✗") || !strings.Contains(text, "expected") || strings.Contains(text, "as expected.\n") || secret.MatchString(text+err.Error()) {
				t.Errorf("it is printed so:\n%s", text)
			}
		})
	}
}

func toStranger(list []Mail) []Mail {
	for i, m := range list {
		if m.Tags["kind"] == string(integration.NoticeActionRequired) {
			list[i].To = "stranger@elsewhere.example"
		}
	}
	return list
}

// alsoToNeighbour sends what one customer gets to another one too.
func alsoToNeighbour(list []Mail) []Mail {
	for _, m := range list {
		if m.Tags["kind"] == string(integration.NoticeAccessLost) {
			m.To = "ada@lark.example"
			return append(list, m)
		}
	}
	return list
}

// remembering shows every secret that there ever was.
func remembering() func([]string) []string {
	var all []string
	return func(now []string) []string {
		for _, name := range now {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
		return slices.Clone(all)
	}
}

// checkNow makes a check of every message, late or not.
func checkNow(w *twisted) func(context.Context, integration.CheckMessage) error {
	return func(ctx context.Context, m integration.CheckMessage) error {
		c, err := w.Operator(operator.Support)
		if err == nil {
			_, err = c.CheckNow(ctx, string(m.Integration))
		}
		return err
	}
}

func TestTheStoryEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Run(ctx, mustLocal(t, Seeded(1)), func(Step) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
