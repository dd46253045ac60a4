package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

const (
	uplA = integration.UploadID("upl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	uplB = integration.UploadID("upl_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")
)

// sideEffect tells whether the operation changes something outside.
func sideEffect(op string) bool {
	switch op {
	case "store.Commit", "vault.Put", "vault.Delete", "objects.Delete", "queue.intake.Send":
		return true
	}
	return false
}

// crashAt fails the n-th side effect, counted from 0: before it happened, or
// after, so that its answer is lost. Hit tells whether there were as many.
func (w *world) crashAt(n int, when string) (hit *bool) {
	hit = new(bool)
	count := 0
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = func(op, at string) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if !sideEffect(op) || at != when || *hit {
			return nil
		}
		count++
		if count-1 == n {
			*hit = true
			return errCrash
		}
		return nil
	}
	return hit
}

// A crash before or after any side effect ends in the same state.
func TestCrashAnywhereEndsInTheSameState(t *testing.T) {
	cases := map[string]struct {
		roles bool // the key can do what is needed
		late  bool // Apple accepts it after a while
		want  string
	}{
		"accepted":         {true, false, "accepted"},
		"accepted in time": {true, true, "accepted"},
		"refused":          {false, false, "refused role"},
	}
	for name, tc := range cases {
		for _, when := range []string{"before", "after"} {
			t.Run(name+", "+when, func(t *testing.T) {
				t.Parallel()
				for n := 0; ; n++ {
					if !crashOnce(t, tc.roles, tc.late, n, when, tc.want) {
						if n < 2 {
							t.Errorf("only %d side effects", n)
						}
						return
					}
				}
			})
		}
	}
}

func crashOnce(t *testing.T, able, late bool, n int, when, want string) bool {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	if !able {
		k = w.key("CUSTOMER_SUPPORT")
	}
	if late {
		spurious(t, w, 6)
	}
	u := w.formFor("int_a", uplA, k)
	w.post(u, k.FileName, k.PEM)
	hit := w.crashAt(n, when)
	w.settle()
	if got := w.verdict("int_a", uplA); got != want {
		t.Errorf("crash %s side effect %d: the upload is %q, want %q", when, n, got, want)
	}
	secrets := 0
	if want == "accepted" {
		secrets = 1
	}
	if got := w.secrets(); len(got) != secrets {
		t.Errorf("crash %s side effect %d: the vault holds %v", when, n, got)
	}
	if got := w.notices("int_a", integration.NoticeAccepted); got != secrets {
		t.Errorf("crash %s side effect %d: %d mails say that the key is accepted", when, n, got)
	}
	if got := w.integration("int_a").WrongFiles; got != 1-secrets {
		t.Errorf("crash %s side effect %d: %d wrong files are counted", when, n, got)
	}
	w.wantEmptyBucket()
	return *hit
}

func TestDuplicatesChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	u := w.formFor("int_a", uplA, k)
	w.post(u, k.FileName, k.PEM)
	batch, err := w.queue.Receive(context.Background(), 10)
	must(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			ref, _, _ := parseMessage(batch[0].Body)
			if err := w.service.Process(context.Background(), ref); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.deliver(batch)
	if got := w.verdict("int_a", uplA); got != "accepted" {
		t.Errorf("the upload is %q", got)
	}
	if n := w.notices("int_a", integration.NoticeAccepted); n != 1 {
		t.Errorf("%d mails say that the key is accepted", n)
	}
	if got := w.secrets(); len(got) != 1 {
		t.Errorf("the vault holds %v", got)
	}
}

func TestDuplicatesOfAWaitingUploadDoNotMultiply(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	spurious(t, w, 1000)
	u := w.formFor("int_a", uplA, k)
	w.post(u, k.FileName, k.PEM)
	batch, err := w.queue.Receive(context.Background(), 10)
	must(t, err)
	for range 5 {
		w.deliver(append(slices.Clone(batch), batch...))
	}
	all, err := w.queue.Messages(context.Background())
	must(t, err)
	if len(all) > 2 { // two of the first batch may have run at once
		t.Errorf("%d messages are on their way", len(all))
	}
}

func TestTwoUploadsOneWinner(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	ka, kb := w.key(), w.key()
	ua, ub := w.formFor("int_a", uplA, ka), w.formFor("int_a", uplB, kb)
	w.post(ua, ka.FileName, ka.PEM)
	w.post(ub, kb.FileName, kb.PEM)
	w.settle()
	got := []string{w.verdict("int_a", uplA), w.verdict("int_a", uplB)}
	slices.Sort(got)
	if want := []string{"accepted", "refused " + integration.RefusedLinkVoid}; !slices.Equal(got, want) {
		t.Errorf("the uploads are %q, want %q", got, want)
	}
	it := w.integration("int_a")
	secrets := w.secrets()
	if !slices.Contains(secrets, string(it.Key.Upload)) {
		t.Errorf("the vault holds %v, in force is %s", secrets, it.Key.Upload)
	}
	for _, name := range secrets {
		known := name == string(it.Key.Upload) || slices.ContainsFunc(it.Trash, func(d integration.Discarded) bool { return string(d.Upload) == name })
		if !known {
			t.Errorf("nobody knows of the secret %s", name)
		}
	}
	if it.WrongFiles != 0 {
		t.Error("a void link counts as a wrong file")
	}
	w.wantEmptyBucket()
}

// An earlier file of the same form reached the vault and then its run ended. A
// crash in the course costs one more delivery of the message.
func TestSecretOfAnEarlierFileDoesNotStandInTheWay(t *testing.T) {
	for crash, want := range map[string]time.Duration{"": 0, "vault.Delete before": time.Minute, "vault.Delete after": time.Minute, "store.Commit after": time.Minute} {
		t.Run("crash at "+crash, func(t *testing.T) {
			w := newWorld(t)
			w.invite("int_a", "acme", "publish")
			ka, kb := w.key(), w.key()
			old, err := keyfile.Parse(ka.PEM)
			must(t, err)
			must(t, w.vault.Put(context.Background(), "int_a", uplA, old))
			u := w.formFor("int_a", uplA, kb)
			w.post(u, kb.FileName, kb.PEM)
			done := false
			w.trouble = func(op, when string) error {
				if op+" "+when == crash && !done {
					done = true
					return errCrash
				}
				return nil
			}
			took := w.settle()
			if got := w.verdict("int_a", uplA); got != "accepted" || took != want || done != (crash != "") {
				t.Fatalf("the upload is %q after %v, want accepted after %v", got, took, want)
			}
			w.vaultHoldsKeyInForce()
		})
	}
}

// vaultHoldsKeyInForce: never another file's.
func (w *world) vaultHoldsKeyInForce() {
	w.t.Helper()
	secret, err := w.vault.Get(context.Background(), "int_a", uplA)
	if err != nil || secret.Fingerprint() != w.integration("int_a").Key.Fingerprint {
		w.t.Errorf("the vault holds another key than the one in force, or none: %v", err)
	}
}

// scripted is Apple as a test wants it.
type scripted struct {
	check      func(appstoreconnect.Credentials) integration.Outcome
	identified *int
}

func (s scripted) Check(_ context.Context, c appstoreconnect.Credentials, _ appstoreconnect.Plan) integration.Outcome {
	return s.check(c)
}

func (s scripted) Identify(_ context.Context, c appstoreconnect.Credentials) (appstoreconnect.Credentials, integration.Outcome) {
	*s.identified++
	return c, integration.Outcome{Verdict: integration.Inconclusive}
}

// TestAnotherFileOfTheFormTakesOver: the file that was sent last counts, when
// the one before it waits for Apple, and when Apple answers about that one late.
func TestAnotherFileOfTheFormTakesOver(t *testing.T) {
	silent := integration.Outcome{Verdict: integration.Inconclusive, Reason: integration.Outage}
	for _, answersLate := range []bool{false, true} {
		w := newWorld(t)
		w.invite("int_a", "acme", "publish")
		ka, kb := w.key(), w.key()
		u := w.formFor("int_a", uplA, ka)
		first, err := keyfile.Parse(ka.PEM)
		must(t, err)
		second, err := keyfile.Parse(kb.PEM)
		must(t, err)
		sent, down := false, true
		w.service.Apple = scripted{check: func(c appstoreconnect.Credentials) integration.Outcome {
			late := c.Key.Fingerprint() == first.Fingerprint() && answersLate
			if late && !sent {
				sent = true
				w.post(u, ka.FileName, kb.PEM)
				w.drain()
			}
			if late || !down {
				return integration.Outcome{Verdict: integration.OK}
			}
			return silent
		}}
		w.post(u, ka.FileName, ka.PEM)
		w.drain()
		if !answersLate {
			w.post(u, ka.FileName, kb.PEM)
		}
		if got := w.verdict("int_a", uplA); got != "waiting outage" || len(w.secrets()) != 0 {
			t.Errorf("answers late %v: while Apple is silent about the last file the upload is %q, the vault holds %v", answersLate, got, w.secrets())
		}
		down = false
		w.settle()
		if got := w.integration("int_a").Key; got == nil || got.Fingerprint != second.Fingerprint() {
			t.Fatalf("answers late %v: in force is %+v, which was not sent last", answersLate, got)
		}
		w.vaultHoldsKeyInForce()
	}
}

func TestSecretLeftBehindGoesToTheTrashWithTheRefusal(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key("CUSTOMER_SUPPORT")
	left, err := keyfile.Parse(k.PEM)
	must(t, err)
	must(t, w.vault.Put(context.Background(), "int_a", uplA, left))
	u := w.formFor("int_a", uplA, k)
	w.post(u, k.FileName, k.PEM)
	w.settle()
	it := w.integration("int_a")
	if len(it.Trash) != 1 || it.Trash[0].Upload != uplA || it.Trash[0].Fingerprint != left.Fingerprint() {
		t.Errorf("the trash holds %v", it.Trash)
	}
}

func TestLateEventAboutAReplacedFileIsDropped(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	u := w.formFor("int_a", uplA, k)
	w.post(u, "notes.txt", []byte("not a key"))
	late, err := w.queue.Receive(context.Background(), 10)
	must(t, err)
	w.post(u, k.FileName, k.PEM)
	w.drain()
	w.deliver(late)
	if got := w.verdict("int_a", uplA); got != "accepted" {
		t.Errorf("the upload is %q", got)
	}
	if n := w.integration("int_a").WrongFiles; n != 0 {
		t.Errorf("%d wrong files are counted", n)
	}
}

func TestForgedObjectsAndPoisonAreDropped(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	unknown := integration.Upload{ID: uplB, Integration: "int_a"}
	w.post(unknown, "x.p8", []byte("x"))
	w.post(integration.Upload{ID: "upl_x/../y", Integration: "int_a"}, "x.p8", []byte("x"))
	for _, body := range []any{"text", json.RawMessage(`{"detail-type":"Object Deleted","detail":{"object":{"key":"k","etag":"e"}}}`), 7, nil} {
		must(t, w.queue.Send(context.Background(), body, 0))
	}
	if took := w.settle(); took != 0 {
		t.Errorf("messages came back for %v", took)
	}
	w.wantEmptyBucket()
	if !strings.Contains(w.log.String(), "not_an_object_event") {
		t.Error("poison is not logged")
	}
}

func TestTenWrongFilesAreToldOnce(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	for i := range 12 {
		u := w.form("int_a", integration.UploadID(fmt.Sprintf("upl_%032d", i)), "ABCDEFGHIJ", w.team.IssuerID, w.team.TeamID)
		w.post(u, "notes.txt", []byte("wrong"))
		w.settle()
		w.pass(time.Minute)
	}
	if n := w.notices("int_a", integration.NoticeWrongFiles); n != 1 {
		t.Errorf("support was told %d times", n)
	}
	if got := w.integration("int_a").State; got != integration.AwaitingKey {
		t.Errorf("the integration is %s", got)
	}
}
