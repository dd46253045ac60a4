package intake

import (
	"context"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// Whoever was told that the page may be closed gets the refusal by e-mail;
// whoever sees it on the page does not.
func TestRefusalsAreMailedToWhoeverMayHaveLeft(t *testing.T) {
	rejects := func(t *testing.T, w *world) {
		_, err := w.apple.Fail(asctest.Fault{Until: w.clock().Add(time.Hour), Effect: asctest.Spurious401})
		must(t, err)
	}
	for _, tc := range []struct {
		name  string
		apple func(*testing.T, *world)
		file  string // empty: the key
		until func(*world)
		mails int
		code  string
		link  bool
	}{
		{"a wrong file, at once", nil, "not a key", (*world).drainAll, 0, "", false},
		{"a wrong file, looked at within a minute", nil, "not a key", func(w *world) { w.pass(time.Minute) }, 0, "", false},
		{"a wrong file, looked at after more than a minute", nil, "not a key", func(w *world) { w.pass(61 * time.Second) }, 1, "unknown", true},
		{"a key that Apple never accepts", rejects, "", (*world).drainAll, 1, "not_authorized", true},
		{"the links are revoked while Apple is asked", rejects, "", func(w *world) {
			w.drain()
			w.apply("int_a", integration.LinksRevoked{By: "support"})
		}, 1, integration.RefusedLinkVoid, false},
		{"the integration ends while Apple is asked", rejects, "", func(w *world) {
			w.drain()
			w.apply("int_a", integration.DisconnectRequested{By: "support"})
		}, 0, "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.invite("int_a", "acme", "publish")
			if tc.apple != nil {
				tc.apple(t, w)
			}
			k := w.key()
			u := w.formFor("int_a", uplA, k)
			data := k.PEM
			if tc.file != "" {
				data = []byte(tc.file)
			}
			w.post(u, k.FileName, data)
			tc.until(w)
			w.settle()
			ns := w.refusals("int_a")
			if len(ns) != tc.mails {
				t.Fatalf("%d e-mails, want %d", len(ns), tc.mails)
			}
			if tc.mails == 0 {
				return
			}
			n := ns[0]
			if n.Audience != integration.ToAdmin || n.Facts.Contact != "con_a" || n.Link != tc.link ||
				n.Facts.Refusal.Diagnosis != tc.code || n.Facts.Refusal.Entered.KeyID != k.KeyID || n.Facts.Refusal.Entered.IssuerID != k.IssuerID {
				t.Errorf("to %s, contact %q, link %v, refusal %+v", n.Audience, n.Facts.Contact, n.Link, n.Facts.Refusal)
			}
		})
	}
}

// Whoever sends another file while the page still says that the first one waits
// may leave as well.
func TestTheNextFileIsMailedWhileThePageSaysToWait(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	_, err := w.apple.Fail(asctest.Fault{Until: w.clock().Add(time.Hour), Effect: asctest.Spurious401})
	must(t, err)
	k := w.key()
	u := w.formFor("int_a", uplA, k)
	w.post(u, k.FileName, k.PEM)
	w.drain()
	if got := w.verdict("int_a", u.ID); got != "waiting not_authorized" {
		t.Fatalf("the upload is %q", got)
	}
	w.post(u, k.FileName, []byte("not a key"))
	w.settle()
	if ns := w.refusals("int_a"); len(ns) != 1 || ns[0].Facts.Refusal.Diagnosis != "unknown" || !ns[0].Link {
		t.Errorf("%d e-mails: %+v", len(ns), ns)
	}
}

// The last refusal is remembered for the reminders, and forgotten with an
// accepted key.
func TestTheLastRefusalIsRemembered(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	weak, good := w.key(asctest.CustomerSupport), w.key()
	w.post(w.formFor("int_a", uplA, weak), weak.FileName, weak.PEM)
	w.settle()
	if r := w.integration("int_a").Refused; r.Diagnosis != "role" || len(r.Missing) == 0 || r.Entered.KeyID != weak.KeyID || !r.At.Equal(start) {
		t.Errorf("remembered: %+v", r)
	}
	w.post(w.formFor("int_a", uplB, good), good.FileName, good.PEM)
	w.settle()
	if r := w.integration("int_a").Refused; r.Diagnosis != "" || w.integration("int_a").Key == nil {
		t.Errorf("still remembered: %+v", r)
	}
}

func (w *world) drainAll() { w.settle() }

func (w *world) apply(id integration.ID, ev integration.Event) {
	w.t.Helper()
	ch, err := integration.Decide(w.integration(id), ev, w.clock())
	must(w.t, err)
	w.commit(ch)
}

func (w *world) refusals(id integration.ID) []integration.Notice {
	w.t.Helper()
	all, err := w.store.Notices(context.Background(), id)
	must(w.t, err)
	var out []integration.Notice
	for _, n := range all {
		if n.Kind == integration.NoticeUploadRefused {
			out = append(out, n)
		}
	}
	return out
}

// A form that is sent once more after its key was accepted changes nothing.
func TestAFormSentAgainAfterAcceptanceChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	u := w.formFor("int_a", uplA, k)
	w.post(u, k.FileName, k.PEM)
	w.settle()
	before := w.integration("int_a")
	w.pass(time.Minute)
	w.post(u, "notes.txt", []byte("another file"))
	w.settle()
	if got := w.verdict("int_a", u.ID); got != "accepted" {
		t.Errorf("the upload is %q", got)
	}
	if it := w.integration("int_a"); it.Version != before.Version || it.WrongFiles != 0 {
		t.Error("the integration was changed")
	}
	w.wantEmptyBucket()
}

// Without JavaScript an empty file, or one that is far too large, reaches
// intake, which has a sentence for it.
func TestEmptyAndLargeFilesGetASentence(t *testing.T) {
	for want, size := range map[string]int{"refused empty": 0, "refused too_large": 5 << 20} {
		w := newWorld(t)
		w.invite("int_a", "acme", "publish")
		k := w.key()
		u := w.formFor("int_a", uplA, k)
		w.postUpTo(10<<20, u, k.FileName, make([]byte, size))
		w.settle()
		if got := w.verdict("int_a", u.ID); got != want {
			t.Errorf("the upload is %q, want %q", got, want)
		}
		w.wantEmptyBucket()
	}
}

// TestAFileThatWasReplacedDoesNotWaitForEver: the second file's refusal is the
// end for both, whichever is noted first.
func TestAFileThatWasReplacedDoesNotWaitForEver(t *testing.T) {
	for want, attempts := range map[string][]integration.Attempt{
		"refused rsa_key": {{ETag: "b", At: start, State: integration.UploadRefused, Diagnosis: "rsa_key"}},
		"expired outage":  nil,
	} {
		w := newWorld(t)
		w.invite("int_a", "acme", "publish")
		k := w.key()
		u := w.formFor("int_a", uplA, k)
		waiting := u
		waiting.State, waiting.WaitFrom, waiting.Tries = integration.UploadWaiting, start, 1
		waiting.Attempts = append(attempts, integration.Attempt{ETag: "a", At: start, State: integration.UploadWaiting, Diagnosis: "outage"})
		ch, err := integration.Decide(w.integration("int_a"), integration.UploadWaits{Upload: u.ID, Contact: "con_a", Reason: "outage"}, w.clock())
		must(t, err)
		ch.Uploads = []integration.Edit[integration.Upload]{integration.Put(u, waiting)}
		w.commit(ch)
		w.pass(time.Hour)
		must(t, w.service.Process(context.Background(), ObjectRef{Key: u.ObjectKey(), ETag: "a"}))
		if got := w.verdict("int_a", u.ID); got != want || len(w.integration("int_a").Waiting) != 0 {
			t.Errorf("the upload is %q, want %q; waiting: %v", got, want, w.integration("int_a").Waiting)
		}
		all, err := w.store.Notices(context.Background(), "int_a")
		must(t, err)
		told := 0
		for _, n := range all {
			if n.Kind == integration.NoticeUploadRefused || n.Kind == integration.NoticeUploadAgain {
				told++
			}
		}
		if told != 1 {
			t.Errorf("%s: told %d times", want, told)
		}
	}
}
