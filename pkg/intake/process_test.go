package intake

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

func TestGoodKeyIsAccepted(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	u := w.formFor("int_a", "upl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", k)
	w.post(u, k.FileName, k.PEM)
	w.settle()
	if got := w.verdict("int_a", u.ID); got != "accepted" {
		t.Fatalf("the upload is %q", got)
	}
	it := w.integration("int_a")
	if it.State != integration.Active || it.Key == nil || it.Key.KeyID != k.KeyID || it.TeamID != w.team.TeamID {
		t.Errorf("the integration is %s with key %v", it.State, it.Key)
	}
	if got := w.secrets(); !slices.Equal(got, []string{string(u.ID)}) {
		t.Errorf("the vault holds %v", got)
	}
	secret, err := w.vault.Get(context.Background(), "int_a", u.ID)
	if err != nil || secret.Fingerprint() != it.Key.Fingerprint {
		t.Errorf("the secret is not the key that is in force (%v)", err)
	}
	o, err := w.store.Owner(context.Background(), it.Key.Fingerprint)
	if err != nil || !slices.Equal(o.Holders, []integration.ID{"int_a"}) {
		t.Errorf("the key is held by %v (%v)", o.Holders, err)
	}
	w.wantEmptyBucket()
	if n := w.notices("int_a", integration.NoticeAccepted); n != 1 {
		t.Errorf("%d mails say that the key is accepted", n)
	}
}

// A verdict is found in one look where nothing needs waiting for.
func TestVerdicts(t *testing.T) {
	tests := []struct {
		name  string
		level string
		setUp func(*testing.T, *world) (keyID, issuer, team, filename string, file []byte)
		want  string
		state integration.State
	}{
		{"agreement missing", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k := w.key()
			must(t, w.apple.SetAgreement(w.team.TeamID, asctest.AgreementExpired))
			return k.KeyID, k.IssuerID, w.team.TeamID, k.FileName, k.PEM
		}, "accepted", integration.ActionRequired},
		{"membership lapsed", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k := w.key()
			must(t, w.apple.SetMembership(w.team.TeamID, asctest.MembershipLapsed))
			return k.KeyID, k.IssuerID, w.team.TeamID, k.FileName, k.PEM
		}, "accepted", integration.ActionRequired},
		{"role too low", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k := w.key(asctest.CustomerSupport)
			return k.KeyID, k.IssuerID, w.team.TeamID, k.FileName, k.PEM
		}, "refused role", integration.AwaitingKey},
		{"another team's ID", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k := w.key()
			_, err := w.apple.IssueCertificate(w.team.TeamID, "DISTRIBUTION", nil, 0)
			must(t, err)
			return k.KeyID, k.IssuerID, "ZZZZZZZZZZ", k.FileName, k.PEM
		}, "refused " + integration.RefusedTeam, integration.AwaitingKey},
		{"In-App Purchase key by its name", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k, err := w.apple.NewSubscriptionKey(w.team.TeamID)
			must(t, err)
			return k.KeyID, w.team.IssuerID, w.team.TeamID, k.FileName, k.PEM
		}, "refused in_app_purchase_key", integration.AwaitingKey},
		{"not a key", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k := w.key()
			return k.KeyID, k.IssuerID, w.team.TeamID, "notes.txt", []byte("hello")
		}, "refused unknown", integration.AwaitingKey},
		{"individual key, allowed", "insights", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k, err := w.apple.NewIndividualKey(w.team.TeamID, w.team.Users[0].Username)
			must(t, err)
			return k.KeyID, w.team.IssuerID, w.team.TeamID, k.FileName, k.PEM
		}, "accepted", integration.Active},
		{"individual key, entered without an issuer", "insights", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k, err := w.apple.NewIndividualKey(w.team.TeamID, w.team.Users[0].Username)
			must(t, err)
			return k.KeyID, "", w.team.TeamID, k.FileName, k.PEM
		}, "accepted", integration.Active},
		{"individual key, not allowed", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k, err := w.apple.NewIndividualKey(w.team.TeamID, w.team.Users[0].Username)
			must(t, err)
			return k.KeyID, w.team.IssuerID, w.team.TeamID, k.FileName, k.PEM
		}, "refused wrong_key_kind", integration.AwaitingKey},
		{"Enterprise key", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			team := w.apple.AddTeam(asctest.Team{Program: asctest.Enterprise})
			k, err := w.apple.NewKey(team.TeamID)
			must(t, err)
			return k.KeyID, k.IssuerID, team.TeamID, k.FileName, k.PEM
		}, "refused wrong_program", integration.AwaitingKey},
		{"key ID mistyped, and the file's name has it", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k := w.key()
			return "ZZZZZZZZZZ", k.IssuerID, w.team.TeamID, k.FileName, k.PEM
		}, "accepted", integration.Active},
		{"neither the key ID nor that of the file's name is known", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k := w.key()
			return "ZZZZZZZZZZ", k.IssuerID, w.team.TeamID, "AuthKey_YYYYYYYYYY.p8", k.PEM
		}, "refused key_id_differs", integration.AwaitingKey},
		{"renamed by the customer", "publish", func(t *testing.T, w *world) (string, string, string, string, []byte) {
			k := w.key()
			return k.KeyID, k.IssuerID, w.team.TeamID, "AuthKey_ZZZZZZZZZZ.p8", k.PEM
		}, "accepted", integration.Active},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.invite("int_a", "acme", tc.level)
			keyID, issuer, team, filename, file := tc.setUp(t, w)
			u := w.form("int_a", uplA, keyID, issuer, team)
			w.post(u, filename, file)
			w.wantVerdict(u, tc.want, tc.state)
			individual := strings.HasPrefix(tc.name, "individual key")
			if k := w.integration("int_a").Key; k != nil && ((k.Kind == integration.IndividualKey) != individual || (k.IssuerID == "") != individual) {
				t.Errorf("the key in force is kept as %s with issuer %q", k.Kind, k.IssuerID)
			}
		})
	}
}

// wantVerdict lets the upload be judged, which must take no time.
func (w *world) wantVerdict(u integration.Upload, want string, state integration.State) {
	w.t.Helper()
	if took := w.settle(); took != 0 {
		w.t.Errorf("the verdict took %v", took)
	}
	if got := w.verdict(u.Integration, u.ID); got != want {
		w.t.Errorf("the upload is %q, want %q", got, want)
	}
	if got := w.integration(u.Integration).State; got != state {
		w.t.Errorf("the integration is %s, want %s", got, state)
	}
	if kept := len(w.secrets()) > 0; kept != strings.HasPrefix(want, "accepted") {
		w.t.Errorf("a key is in the vault: %v", kept)
	}
	w.wantEmptyBucket()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestMissingCapabilitiesAreNamed(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key(asctest.CustomerSupport)
	u := w.formFor("int_a", "upl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", k)
	w.post(u, k.FileName, k.PEM)
	w.settle()
	a := w.upload("int_a", u.ID).Attempts[0]
	if !slices.Contains(a.Missing, integration.Certificates) {
		t.Errorf("missing is %v", a.Missing)
	}
}

func TestNewKeyIsGivenThreeMinutes(t *testing.T) {
	tests := []struct {
		name   string
		file   string
		worksA time.Duration // when Apple begins to accept the key; 0: never
		want   string
		within [2]time.Duration
	}{
		{"works after two minutes", "", 2 * time.Minute, "accepted", [2]time.Duration{2 * time.Minute, 3 * time.Minute}},
		{"never works", "", 0, "refused not_authorized", [2]time.Duration{3 * time.Minute, 3*time.Minute + 30*time.Second}},
		{"never works, and the name says no key", "key.p8", 0, "refused not_authorized", [2]time.Duration{3 * time.Minute, 3*time.Minute + 30*time.Second}},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.invite("int_a", "acme", "publish")
			k := w.key()
			until := w.clock().Add(tc.worksA)
			if tc.worksA == 0 {
				until = w.clock().Add(time.Hour)
			}
			_, err := w.apple.Fail(asctest.Fault{Until: until, Effect: asctest.Spurious401})
			must(t, err)
			if tc.file == "" {
				tc.file = k.FileName
			}
			u := w.formFor("int_a", "upl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", k)
			w.post(u, tc.file, k.PEM)
			w.drain()
			if got := w.verdict("int_a", u.ID); got != "waiting not_authorized" {
				t.Fatalf("at first the upload is %q", got)
			}
			took := w.settle()
			if got := w.verdict("int_a", u.ID); got != tc.want {
				t.Errorf("the upload is %q, want %q", got, tc.want)
			}
			if took < tc.within[0] || took > tc.within[1] {
				t.Errorf("the verdict took %v", took)
			}
			w.wantEmptyBucket()
		})
	}
}

func TestUploadWaitsForAppleAndIsGivenUpAfterTwentyHours(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	_, err := w.apple.Fail(asctest.Fault{Until: w.clock().Add(48 * time.Hour), Effect: asctest.Outage})
	must(t, err)
	u := w.formFor("int_a", "upl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", k)
	w.post(u, k.FileName, k.PEM)
	took := w.settle()
	if took < 20*time.Hour || took > 20*time.Hour+15*time.Minute {
		t.Errorf("given up after %v", took)
	}
	if got := w.verdict("int_a", u.ID); got != "expired outage" {
		t.Errorf("the upload is %q", got)
	}
	if n := w.notices("int_a", integration.NoticeUploadAgain); n != 1 {
		t.Errorf("%d mails ask for another upload", n)
	}
	if calls := w.apple.Calls(); calls > 120 {
		t.Errorf("Apple was asked %d times", calls)
	}
	w.wantEmptyBucket()
}

func TestOutageThenRefusalStillGivesThreeMinutes(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	_, err := w.apple.Fail(asctest.Fault{Until: w.clock().Add(2 * time.Hour), Effect: asctest.Outage})
	must(t, err)
	_, err = w.apple.Fail(asctest.Fault{Count: 6, Effect: asctest.Spurious401}) // two looks, the first of which asks twice more
	must(t, err)
	u := w.formFor("int_a", "upl_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", k)
	w.post(u, k.FileName, k.PEM)
	w.settle()
	if got := w.verdict("int_a", u.ID); got != "accepted" {
		t.Errorf("the upload is %q", got)
	}
}

// TestWhenAppleIsAskedWhatElseAKeyMayBe: at the first refusal, because a
// person waits, and before the last word.
func TestWhenAppleIsAskedWhatElseAKeyMayBe(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer integration.Reason
		waits  time.Duration
		tries  int
		want   int
	}{
		{"first refusal", integration.NotAuthorized, 0, 0, 1},
		{"second refusal", integration.NotAuthorized, 20 * time.Second, 1, 0},
		{"last refusal", integration.NotAuthorized, 3 * time.Minute, 9, 1},
		{"first 403 to everything", integration.ForbiddenAtAll, 0, 0, 1},
		{"second 403 to everything", integration.ForbiddenAtAll, 20 * time.Second, 1, 0},
		{"last 403 to everything", integration.ForbiddenAtAll, 20 * time.Hour, 80, 1},
		{"first outage", integration.Outage, 0, 0, 0},
		{"last outage", integration.Outage, 20 * time.Hour, 80, 0},
	} {
		w := newWorld(t)
		w.invite("int_a", "acme", "publish")
		k := w.key()
		key, err := keyfile.Parse(k.PEM)
		must(t, err)
		u := w.formFor("int_a", uplA, k)
		if tc.tries > 0 {
			u.State, u.WaitFrom, u.Tries = integration.UploadWaiting, start.Add(-tc.waits), tc.tries
			u.Attempts = []integration.Attempt{{ETag: "e1", State: integration.UploadWaiting, Diagnosis: string(tc.answer)}}
		}
		asked := 0
		w.service.Apple = scripted{identified: &asked, check: func(appstoreconnect.Credentials) integration.Outcome {
			o := integration.Outcome{Verdict: integration.Rejected, Reason: tc.answer}
			if tc.answer == integration.Outage {
				o.Verdict = integration.Inconclusive
			}
			return o
		}}
		w.service.ask(context.Background(), w.integration("int_a"), u, "e1", key)
		if asked != tc.want {
			t.Errorf("%s: asked %d times, want %d", tc.name, asked, tc.want)
		}
	}
}
