package intake

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// spurious makes Apple answer 401 to so many requests.
func spurious(t *testing.T, w *world, count int) {
	t.Helper()
	_, err := w.apple.Fail(asctest.Fault{Count: count, Effect: asctest.Spurious401})
	must(t, err)
}

func TestKeyOfAnotherIntegrationIsRefused(t *testing.T) {
	for _, tc := range []struct{ name, customer, want string }{
		{"another customer's", "rival", "refused " + integration.RefusedHeld},
		{"the same customer's, without consent", "acme", "refused " + integration.RefusedShared},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.invite("int_a", "acme", "publish")
			w.invite("int_b", tc.customer, "publish")
			k := w.key()
			w.post(w.formFor("int_a", uplA, k), k.FileName, k.PEM)
			w.settle()
			w.post(w.formFor("int_b", uplB, k), k.FileName, k.PEM)
			w.settle()
			if got := w.verdict("int_b", uplB); got != tc.want {
				t.Errorf("the upload is %q, want %q", got, tc.want)
			}
			if n := w.notices("int_b", integration.NoticeKeyHeld); n != 1 {
				t.Errorf("support was told %d times", n)
			}
			if got := w.secrets(); !slices.Equal(got, []string{string(uplA)}) {
				t.Errorf("the vault holds %v", got)
			}
			w.wantEmptyBucket()
		})
	}
}

// Two customers upload one key at the same moment: one gets it, and the
// other's secret does not stay.
func TestRaceForOneKeyHasOneWinner(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	w.invite("int_b", "rival", "publish")
	k := w.key()
	ua, ub := w.formFor("int_a", uplA, k), w.formFor("int_b", uplB, k)
	w.post(ub, k.FileName, k.PEM)
	other, err := w.queue.Receive(context.Background(), 10)
	must(t, err)
	// int_b's upload is judged in full while int_a's is between the vault and
	// the transaction.
	once := false
	w.trouble = func(op, when string) error {
		if op == "vault.Put" && when == "after" && !once {
			once = true
			w.deliver(other)
		}
		return nil
	}
	w.post(ua, k.FileName, k.PEM)
	w.settle()
	if got := w.verdict("int_b", uplB); got != "accepted" {
		t.Errorf("the first is %q", got)
	}
	if got := w.verdict("int_a", uplA); got != "refused "+integration.RefusedHeld {
		t.Errorf("the second is %q", got)
	}
	if trash := w.integration("int_a").Trash; len(trash) != 1 || trash[0].Upload != uplA {
		t.Errorf("the loser's secret is not in the trash: %v", trash)
	}
}

func TestTheSameKeyOnceMoreIsAccepted(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	w.post(w.formFor("int_a", uplA, k), k.FileName, k.PEM)
	w.settle()
	w.pass(time.Hour)
	w.post(w.formFor("int_a", uplB, k), k.FileName, k.PEM)
	w.settle()
	if got := w.verdict("int_a", uplB); got != "accepted" {
		t.Fatalf("the upload is %q", got)
	}
	o, err := w.store.Owner(context.Background(), w.integration("int_a").Key.Fingerprint)
	if err != nil || !slices.Equal(o.Holders, []integration.ID{"int_a"}) {
		t.Errorf("the key is held by %v (%v)", o.Holders, err)
	}
}

func TestLinkRevokedMeanwhile(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	u := w.formFor("int_a", uplA, k)
	it := w.integration("int_a")
	ch, err := integration.Decide(it, integration.LinksRevoked{By: "support"}, w.clock())
	must(t, err)
	w.commit(ch)
	w.post(u, k.FileName, k.PEM)
	calls := w.apple.Calls()
	w.settle()
	if got := w.verdict("int_a", uplA); got != "refused "+integration.RefusedLinkVoid {
		t.Errorf("the upload is %q", got)
	}
	if w.apple.Calls() != calls {
		t.Error("Apple was asked about a void link's key")
	}
	entries, _, err := w.store.History(context.Background(), "int_a", "", 10)
	must(t, err)
	if !slices.ContainsFunc(entries, func(e integration.Entry) bool { return e.Detail == integration.RefusedLinkVoid && e.Upload == uplA }) {
		t.Error("the history does not tell")
	}
}

func TestSecretsStayOutOfTheLog(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	w.post(w.formFor("int_a", uplA, k), k.FileName, k.PEM)
	w.crashAt(1, "after")
	w.settle()
	for _, line := range strings.Split(strings.TrimSpace(string(k.PEM)), "\n") {
		if bytes.Contains(w.log.Bytes(), []byte(line)) {
			t.Fatal("key material is in the log")
		}
	}
	if !strings.Contains(w.log.String(), "upload removed") {
		t.Error("nothing is logged at all")
	}
}
