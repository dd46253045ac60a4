package certificates

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

const day = 24 * time.Hour

// count is how often support was told of something.
func (w *world) count(k integration.NoticeKind) int {
	w.t.Helper()
	all, err := w.store.Notices(context.Background(), "int_a")
	must(w.t, err)
	n := 0
	for _, one := range all {
		if one.Kind == k && one.Audience == integration.ToSupport {
			n++
		}
	}
	return n
}

// TestPinnedCertificateDoesNotChangeSilently: one that lasts longer takes no
// place, and where the pinned one goes, somebody is told.
func TestPinnedCertificateDoesNotChangeSilently(t *testing.T) {
	w := newWorld(t)
	pinned := w.issue("DISTRIBUTION", 200*day)
	w.decide(integration.CertificatePinned{Serial: pinned, By: "support"})
	w.look()
	longer := w.issue("DISTRIBUTION", 360*day)
	w.pass(day)
	if got := w.look(); got.Serial != pinned || got.Pinned != pinned {
		t.Fatalf("watched is %s, pinned %s: the pinned certificate %s changed silently", got.Serial, got.Pinned, pinned)
	}
	must(t, w.apple.RevokeCertificate(w.team.TeamID, pinned))
	w.pass(day)
	if got := w.look(); got.Pinned != pinned || w.count(integration.NoticePinVoid) != 0 {
		t.Errorf("pinned is %q after one list without %s, which proves nothing", got.Pinned, pinned)
	}
	w.pass(day)
	if got := w.look(); got.Serial != longer || got.Pinned != "" || w.count(integration.NoticePinVoid) != 1 {
		t.Errorf("watched is %s, pinned %q; support was told %d times that the pin is void, want once", got.Serial, got.Pinned, w.count(integration.NoticePinVoid))
	}
}

// TestWarningsBeginAnewAfterARenewal: the next certificate's end is warned of
// as the first one's was.
func TestWarningsBeginAnewAfterARenewal(t *testing.T) {
	w := newWorld(t)
	w.issue("DISTRIBUTION", 5*day)
	w.look()
	next := w.issue("DISTRIBUTION", 100*day)
	w.pass(day)
	if got := w.look(); got.Serial != next || w.count(integration.NoticeCertRenewed) != 1 || w.count(integration.NoticeCertExpiring) != 1 {
		t.Fatalf("watched is %s; renewed was told %d times, expiring %d times", got.Serial, w.count(integration.NoticeCertRenewed), w.count(integration.NoticeCertExpiring))
	}
	w.pass(94 * day)
	w.look()
	if n := w.count(integration.NoticeCertExpiring); n != 2 {
		t.Errorf("five days before the end of the renewed certificate %d warnings were sent in all, want 2: the steps did not begin anew", n)
	}
}

// TestAnotherKeyInTheVaultIsNeverUsed: its list would be another team's.
func TestAnotherKeyInTheVaultIsNeverUsed(t *testing.T) {
	w := newWorld(t)
	other, err := w.apple.NewKey(w.team.TeamID)
	must(t, err)
	secret, err := keyfile.Parse(other.PEM)
	must(t, err)
	for name, v := range map[string]Vault{"another key": vaultOf{key: secret}, "no key": vaultOf{err: integration.ErrNotFound}} {
		w.service.Vault = v
		calls := w.apple.Calls()
		got := w.look()
		if w.apple.Calls() != calls {
			t.Errorf("%s in the vault, and Apple was asked", name)
		}
		if want := w.clock().Add(time.Hour); got.Lease.ID != "" || !got.DueAt.Equal(want) || !got.CheckedAt.IsZero() {
			t.Errorf("%s: lease %q, next at %v, listed at %v; want none, in an hour, never", name, got.Lease.ID, got.DueAt, got.CheckedAt)
		}
	}
}

// vaultOf holds one key under every name.
type vaultOf struct {
	key keyfile.PrivateKey
	err error
}

func (v vaultOf) Get(context.Context, integration.ID, integration.UploadID) (keyfile.PrivateKey, error) {
	return v.key, v.err
}

// TestThreeCertificatesFillATeam where nothing else is configured.
func TestThreeCertificatesFillATeam(t *testing.T) {
	for _, tc := range []struct{ configured, have, told int }{{0, 2, 0}, {0, 3, 1}, {-1, 3, 1}, {1, 1, 1}, {5, 4, 0}} {
		w := newWorld(t)
		list := make(fixed, tc.have)
		for i := range list {
			list[i] = appstoreconnect.Certificate{Serial: fmt.Sprintf("A%d", i), Type: "DISTRIBUTION", NotAfter: w.clock().Add(300 * day)}
		}
		s, err := New(Config{Store: w.service.Store, Vault: w.service.Vault, Apple: list, Now: w.clock, Slots: tc.configured})
		must(t, err)
		w.service = s
		w.look()
		if n := w.count(integration.NoticeNoSlot); n != tc.told {
			t.Errorf("%d slots configured, %d in use: told %d times, want %d", tc.configured, tc.have, n, tc.told)
		}
	}
}

// TestTransactionsHoldSixtyCertificates at most.
func TestTransactionsHoldSixtyCertificates(t *testing.T) {
	for n, want := range map[int]string{60: "60", 61: "60 1", 120: "60 60", 121: "60 60 1"} {
		w := newWorld(t)
		list := make(fixed, n)
		for i := range list {
			list[i] = appstoreconnect.Certificate{Serial: fmt.Sprintf("A%d", i), Type: "DEVELOPMENT"}
		}
		var sizes []string
		w.service.Apple, w.service.Store = list, sizing{w.service.Store, &sizes}
		w.look()
		if got := strings.Join(sizes, " "); got != want {
			t.Errorf("%d certificates are written as %q, want %q", n, got, want)
		}
	}
}

// sizing notes the certificates of each transaction.
type sizing struct {
	Store
	sizes *[]string
}

func (s sizing) Commit(ctx context.Context, ch integration.Change) error {
	*s.sizes = append(*s.sizes, fmt.Sprint(len(ch.Certificates)))
	return s.Store.Commit(ctx, ch)
}

// TestApplesListBecomesOneItemForEachSerial.
func TestApplesListBecomesOneItemForEachSerial(t *testing.T) {
	got := convert("int_a", []appstoreconnect.Certificate{
		{Serial: "A", Name: "named", DisplayName: "shown"}, {Serial: "B", DisplayName: "shown"}, {Serial: "A", Name: "again"}, {Name: "no serial"},
	})
	var names []string
	for _, c := range got {
		names = append(names, c.Serial+" "+c.Name)
	}
	if s := strings.Join(names, ", "); s != "A named, B shown" {
		t.Errorf("the items are %q", s)
	}
}

// TestWhatBecomesOfEachCertificate holds known before → listed now → written.
func TestWhatBecomesOfEachCertificate(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	first := now.Add(-time.Hour)
	known := []integration.Certificate{
		{Serial: "stays", FirstSeen: first, LastSeen: first}, {Serial: "unlisted", FirstSeen: first, LastSeen: first},
		{Serial: "goes", FirstSeen: first, LastSeen: first, MissingFrom: first},
		{Serial: "gone", FirstSeen: first, LastSeen: first, GoneAt: first}, {Serial: "back", FirstSeen: first, GoneAt: first},
	}
	var lines []string
	for _, c := range merge(known, []integration.Certificate{{Serial: "stays"}, {Serial: "new"}, {Serial: "back"}}, now) {
		lines = append(lines, fmt.Sprintf("%s %v %v gone %v", c.Serial, now.Sub(c.FirstSeen), now.Sub(c.LastSeen), !c.GoneAt.IsZero()))
	}
	want := "back 1h0m0s 0s gone false; goes 1h0m0s 1h0m0s gone true; new 0s 0s gone false; stays 1h0m0s 0s gone false; unlisted 1h0m0s 1h0m0s gone false"
	if got := strings.Join(lines, "; "); got != want {
		t.Errorf("written are\n%s, want\n%s", got, want)
	}
}

// TestWhichLooksCount: only the one that was given out, of a key in force.
func TestWhichLooksCount(t *testing.T) {
	for _, tc := range []struct {
		name         string
		check, given integration.CheckID
		key          *integration.Key
		state        integration.State
		want         bool
	}{
		{"given out", "chk_1", "chk_1", &integration.Key{}, integration.Active, true},
		{"another", "chk_2", "chk_1", &integration.Key{}, integration.Active, false},
		{"none given out", "", "", &integration.Key{}, integration.Active, false},
		{"no key in force", "chk_1", "chk_1", nil, integration.AwaitingKey, false},
		{"disconnected", "chk_1", "chk_1", &integration.Key{}, integration.Disconnected, false},
	} {
		it := integration.Integration{Key: tc.key, State: tc.state}
		it.Certificates.Lease.ID = tc.given
		if got := leased(it, tc.check); got != tc.want {
			t.Errorf("%s: counts %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestFailedLooksComeAgain, and messages of another shape do not.
func TestFailedLooksComeAgain(t *testing.T) {
	w := newWorld(t)
	w.service.Store = unreadable{w.service.Store}
	const in = `{"Records":[{"messageId":"a","body":"{\"integration\":\"int_a\",\"check\":\"chk_1\"}"},
		{"messageId":"b","body":"{\"integration\":\"x\",\"check\":\"chk_1\"}"},{"messageId":"c","body":"{\"integration\":\"int_a\",\"check\":\"x\"}"}]}`
	out, err := lambda.NewHandler(Handler(w.service)).Invoke(context.Background(), []byte(in))
	must(t, err)
	if want := `{"batchItemFailures":[{"itemIdentifier":"a"}]}`; string(out) != want {
		t.Errorf("the handler answers %s, want %s", out, want)
	}
}

// unreadable is a store that reads no integration.
type unreadable struct{ Store }

func (unreadable) Integration(context.Context, integration.ID) (integration.Integration, error) {
	return integration.Integration{}, context.DeadlineExceeded
}

// TestALookLeavesTimeToWriteTheList holds the margin of 5 s, or half of what
// is left where that is little.
func TestALookLeavesTimeToWriteTheList(t *testing.T) {
	w := newWorld(t)
	for left, want := range map[time.Duration]time.Duration{time.Minute: 55 * time.Second, 4 * time.Second: 2 * time.Second} {
		ctx, cancel := context.WithTimeout(context.Background(), left)
		inner, stop := w.service.inTime(ctx)
		end, _ := inner.Deadline()
		if got := time.Until(end); got > want || got < want-time.Second {
			t.Errorf("of %v Apple gets %v, want %v", left, got, want)
		}
		stop()
		cancel()
	}
}

// TestMissingConfigurationIsNamed, all of it together.
func TestMissingConfigurationIsNamed(t *testing.T) {
	_, err := New(Config{})
	for _, name := range []string{"Store", "Vault", "Apple", "Now"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
