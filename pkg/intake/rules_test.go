package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// TestWhenAppleIsAskedAgain holds the times at which an upload that waits is
// looked at again, and those at which it is given up.
func TestWhenAppleIsAskedAgain(t *testing.T) {
	const rejected, down = string(integration.NotAuthorized), string(integration.Outage)
	for _, tc := range []struct {
		name   string
		answer string        // what Apple says now
		before string        // what it said at the last look; empty: there was none
		waits  time.Duration // for how long it has said so
		tries  int           // how many looks had that answer before
		asked  time.Duration // Apple's Retry-After
		posted time.Duration // how long ago the form ended
		want   string
	}{
		{"first rejection", rejected, "", 0, 0, 0, 0, "waiting 20s"},
		{"a rejection never waits for Retry-After", rejected, "", 0, 0, time.Hour, 0, "waiting 20s"},
		{"rejected for nearly three minutes", rejected, rejected, 3*time.Minute - time.Second, 8, 0, 0, "waiting 20s"},
		{"rejected for three minutes", rejected, rejected, 3 * time.Minute, 9, 0, 0, "refused 20s"},
		{"rejected after three minutes of 403 to everything begins anew", rejected, string(integration.ForbiddenAtAll), 3 * time.Minute, 9, 0, 0, "waiting 20s"},
		{"403 to everything for hours", string(integration.ForbiddenAtAll), string(integration.ForbiddenAtAll), 3 * time.Hour, 9, 0, 0, "waiting 15m0s"},
		{"403 to everything for 20 hours", string(integration.ForbiddenAtAll), string(integration.ForbiddenAtAll), 20 * time.Hour, 81, 0, 0, "expired 15m0s"},
		{"rejected after hours of outage begins anew", rejected, down, 5 * time.Hour, 30, 0, 0, "waiting 20s"},
		{"first outage", down, "", 0, 0, 0, 0, "waiting 20s"},
		{"second outage", down, down, 20 * time.Second, 1, 0, 0, "waiting 1m20s"},
		{"third outage", down, down, 100 * time.Second, 2, 0, 0, "waiting 5m20s"},
		{"fourth outage", down, down, 7 * time.Minute, 3, 0, 0, "waiting 15m0s"},
		{"hundredth outage", down, down, 7 * time.Minute, 100, 0, 0, "waiting 15m0s"},
		{"Retry-After is honored", down, "", 0, 0, 5 * time.Minute, 0, "waiting 5m0s"},
		{"a short Retry-After does not hurry", down, down, time.Minute, 2, time.Second, 0, "waiting 5m20s"},
		{"Retry-After is bounded by what SQS can delay", down, "", 0, 0, 7 * time.Hour, 0, "waiting 15m0s"},
		{"outage for nearly 20 hours", down, down, 20*time.Hour - time.Second, 80, 0, 0, "waiting 15m0s"},
		{"outage for 20 hours", down, down, 20 * time.Hour, 81, 0, 0, "expired 15m0s"},
		{"answers change for nearly a day", rejected, down, time.Hour, 4, 0, 24*time.Hour - time.Second, "waiting 20s"},
		{"answers change for a day, now a rejection", rejected, down, time.Hour, 4, 0, 24 * time.Hour, "refused 20s"},
		{"answers change for a day, now an outage", down, rejected, time.Hour, 4, 0, 24 * time.Hour, "expired 20s"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			u := integration.Upload{CreatedAt: start.Add(-tc.posted - 15*time.Minute), FormExpires: start.Add(-tc.posted)}
			if tc.before != "" {
				u.State, u.WaitFrom, u.Tries = integration.UploadWaiting, start.Add(-tc.waits), tc.tries
				u.Attempts = []integration.Attempt{{ETag: "e1", State: integration.UploadWaiting, Diagnosis: tc.before}}
			}
			v := patience(verdict{state: integration.UploadWaiting, diagnosis: tc.answer}, u, "e1", tc.asked, start)
			if got := fmt.Sprintf("%s %v", v.state, v.delay); got != tc.want {
				t.Errorf("the upload is %s, want %s", got, tc.want)
			}
		})
	}
}

// TestPatienceIsOneFilesAndOneSortOfAnswers: time and tries go on only for the
// same file with the same sort of answer; else they begin anew.
func TestPatienceIsOneFilesAndOneSortOfAnswers(t *testing.T) {
	since := start.Add(-time.Hour)
	waiting := integration.Upload{
		State: integration.UploadWaiting, WaitFrom: since, Tries: 4,
		Attempts: []integration.Attempt{{ETag: "e0", State: integration.UploadRefused}, {ETag: "e1", State: integration.UploadWaiting, Diagnosis: "outage"}},
	}
	with := func(change func(*integration.Upload)) integration.Upload {
		u := waiting
		u.Attempts = slices.Clone(u.Attempts)
		change(&u)
		return u
	}
	for _, tc := range []struct {
		name   string
		u      integration.Upload
		etag   string
		answer string
		anew   bool
	}{
		{"the same", waiting, "e1", "outage", false},
		{"another answer of the same sort", waiting, "e1", "timeout", false},
		{"a rejection", waiting, "e1", "not_authorized", true},
		{"another file", waiting, "e2", "outage", true},
		{"an earlier file", waiting, "e0", "outage", true},
		{"the upload ended", with(func(u *integration.Upload) { u.State = integration.UploadAccepted }), "e1", "outage", true},
		{"the last file was refused", with(func(u *integration.Upload) { u.Attempts[1].State = integration.UploadRefused }), "e1", "outage", true},
		{"no file yet", with(func(u *integration.Upload) { u.Attempts = nil }), "e1", "outage", true},
		{"another file claimed the form", with(func(u *integration.Upload) { u.WaitFrom = time.Time{} }), "e1", "outage", true},
	} {
		wantFrom, wantTries := since, 4
		if tc.anew {
			wantFrom, wantTries = start, 0
		}
		if from, tries := waited(tc.u, tc.etag, tc.answer, start); !from.Equal(wantFrom) || tries != wantTries {
			t.Errorf("%s: since %v with %d tries, want %v with %d", tc.name, from, tries, wantFrom, wantTries)
		}
	}
}

// TestWhenSupportHearsOfAWaitingFile: five minutes after the first such
// answer, once, and only of reasons that time alone may not change.
func TestWhenSupportHearsOfAWaitingFile(t *testing.T) {
	const role, clock, down = "not_the_role", "clock", "outage"
	for _, tc := range []struct {
		name      string
		answer    string
		waits     time.Duration
		last      string        // what was said at the last look
		lastAfter time.Duration // how long the file had waited then
		want      bool
	}{
		{"nearly five minutes", role, 5*time.Minute - time.Second, role, time.Minute, false},
		{"five minutes", role, 5 * time.Minute, role, 5*time.Minute - time.Second, true},
		{"our clock", clock, 5 * time.Minute, clock, time.Minute, true},
		{"403 to everything", "forbidden_at_all", 5 * time.Minute, "forbidden_at_all", time.Minute, true},
		{"heard at five minutes", role, 20 * time.Minute, role, 5 * time.Minute, false},
		{"another reason since", role, 20 * time.Minute, down, 5 * time.Minute, true},
		{"an outage", down, 20 * time.Minute, down, time.Minute, false},
	} {
		u := integration.Upload{State: integration.UploadWaiting, Attempts: []integration.Attempt{
			{State: integration.UploadWaiting, Diagnosis: tc.last, At: start.Add(tc.lastAfter)},
		}}
		if got := stuck(verdict{diagnosis: tc.answer, from: start}, u, start.Add(tc.waits)); got != tc.want {
			t.Errorf("%s: told %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestDuplicateMessages: a message that comes well before the delayed one may
// is a duplicate; one that comes a little early is not, since clocks differ.
func TestDuplicateMessages(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer string
		etag   string
		tries  int // as stored after the last look
		after  time.Duration
		want   bool
	}{
		{"after the first rejection, at once", "not_authorized", "e1", 1, 0, true},
		{"9 s of 20", "not_authorized", "e1", 1, 9 * time.Second, true},
		{"half of 20 s", "not_authorized", "e1", 1, 10 * time.Second, false},
		{"a rejection after many", "not_authorized", "e1", 8, 10 * time.Second, false},
		{"first outage, 9 s of 20", "outage", "e1", 1, 9 * time.Second, true},
		{"first outage, half of 20 s", "outage", "e1", 1, 10 * time.Second, false},
		{"a form that another file claimed", "outage", "e1", 0, 9 * time.Second, true},
		{"second outage, 39 s of 80", "outage", "e1", 2, 39 * time.Second, true},
		{"second outage, half of 80 s", "outage", "e1", 2, 40 * time.Second, false},
		{"third outage, over a minute before its time", "outage", "e1", 3, 259 * time.Second, true},
		{"third outage, a minute before its time", "outage", "e1", 3, 260 * time.Second, false},
		{"tenth outage, over a minute before its time", "outage", "e1", 10, 14*time.Minute - time.Second, true},
		{"tenth outage, a minute before its time", "outage", "e1", 10, 14 * time.Minute, false},
		{"hundredth outage, a second after the last", "outage", "e1", 100, time.Second, true},
		{"another file", "outage", "e2", 1, 0, false},
	} {
		u := integration.Upload{
			State: integration.UploadWaiting, Tries: tc.tries,
			Attempts: []integration.Attempt{{ETag: "e1", State: integration.UploadWaiting, Diagnosis: tc.answer, At: start}},
		}
		if got := onItsWay(u, tc.etag, start.Add(tc.after)); got != tc.want {
			t.Errorf("%s: duplicate %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestWhatAnAnswerMeansForTheUpload holds Apple's answer → the upload.
func TestWhatAnAnswerMeansForTheUpload(t *testing.T) {
	const ok, blocked, rejected, silent = integration.OK, integration.Blocked, integration.Rejected, integration.Inconclusive
	for _, tc := range []struct {
		name  string
		level integration.AccessLevel
		team  string
		o     integration.Outcome
		want  string
	}{
		{"good", integration.AccessLevel{}, "T1", integration.Outcome{Verdict: ok, TeamIDs: []string{"T1"}}, "accepted"},
		{"good, team unknown to Apple's answer", integration.AccessLevel{}, "T1", integration.Outcome{Verdict: ok}, "accepted"},
		{"good, no team entered", integration.AccessLevel{}, "", integration.Outcome{Verdict: ok, TeamIDs: []string{"T2"}}, "accepted"},
		{"one of several teams", integration.AccessLevel{}, "T1", integration.Outcome{Verdict: ok, TeamIDs: []string{"T2", "T1"}}, "accepted"},
		{"another team", integration.AccessLevel{}, "T1", integration.Outcome{Verdict: ok, TeamIDs: []string{"T2"}}, "refused " + integration.RefusedTeam},
		{"no answer", integration.AccessLevel{}, "", integration.Outcome{Verdict: silent, Reason: integration.Outage}, "waiting outage"},
		{"not authorized", integration.AccessLevel{}, "", integration.Outcome{Verdict: rejected, Reason: integration.NotAuthorized}, "waiting not_authorized"},
		{"forbidden at all", integration.AccessLevel{}, "", integration.Outcome{Verdict: rejected, Reason: integration.ForbiddenAtAll}, "waiting " + string(integration.ForbiddenAtAll)},
		{"wrong program", integration.AccessLevel{}, "", integration.Outcome{Verdict: rejected, Reason: integration.WrongProgram}, "refused wrong_program"},
		{"individual key, not allowed", integration.AccessLevel{}, "", integration.Outcome{Verdict: ok, Kind: integration.IndividualKey}, "refused wrong_key_kind"},
		{"individual key, allowed", integration.AccessLevel{AllowIndividual: true}, "", integration.Outcome{Verdict: ok, Kind: integration.IndividualKey}, "accepted"},
		{"role too low", integration.AccessLevel{}, "", integration.Outcome{Verdict: blocked, Reason: integration.Role}, "refused role"},
		{"agreement missing", integration.AccessLevel{}, "", integration.Outcome{Verdict: blocked, Reason: integration.Agreement}, "accepted agreement"},
		{"no apps, none needed", integration.AccessLevel{}, "", integration.Outcome{Verdict: blocked, Reason: integration.NoApps}, "accepted"},
		{"no apps, one needed", integration.AccessLevel{NeedsApp: true}, "", integration.Outcome{Verdict: blocked, Reason: integration.NoApps}, "accepted apps"},
	} {
		v := judge(integration.Integration{Access: tc.level}, integration.Upload{TeamID: tc.team}, appstoreconnect.Credentials{}, tc.o)
		got := strings.TrimSpace(fmt.Sprintf("%s %s%s", v.state, v.diagnosis, v.outcome.Reason))
		if got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestSecretThatNobodyNamesIsPutUpForDeletion: a run that stored a key and
// then found the file judged leaves no secret behind, and takes none that is
// in use.
func TestSecretThatNobodyNamesIsPutUpForDeletion(t *testing.T) {
	key := &integration.Key{Upload: uplA}
	for _, tc := range []struct {
		name string
		set  func(*integration.Integration)
		want int // secrets pending deletion
	}{
		{"nobody names it", func(*integration.Integration) {}, 1},
		{"in force", func(it *integration.Integration) { it.Key = key }, 0},
		{"kept beside the key in force", func(it *integration.Integration) { it.Other = key }, 0},
		{"another is in force", func(it *integration.Integration) { it.Key = &integration.Key{Upload: uplB} }, 1},
		{"pending deletion already", func(it *integration.Integration) {
			it.Trash = []integration.Discarded{{Upload: uplA, Since: start}}
		}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.invite("int_a", "acme", "publish")
			before := w.integration("int_a")
			after := before
			tc.set(&after)
			w.commit(integration.Change{Integration: integration.Put(before, after)})
			k := w.key()
			secret, err := keyfile.Parse(k.PEM)
			must(t, err)
			must(t, w.vault.Put(context.Background(), "int_a", uplA, secret))
			u := integration.Upload{ID: uplA, Integration: "int_a", KeyID: k.KeyID}
			must(t, w.service.dropSecret(context.Background(), w.integration("int_a"), u, secret))
			trash := w.integration("int_a").Trash
			if len(trash) != tc.want || (tc.want == 1 && (trash[0].Upload != uplA || trash[0].Since.IsZero())) {
				t.Errorf("secrets pending deletion: %v, want %d", trash, tc.want)
			}
		})
	}
}

// TestKeyWaitsForAnEarlierSecretToLeave: under one name the vault never holds
// another key than the one that was accepted.
func TestKeyWaitsForAnEarlierSecretToLeave(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	before := w.integration("int_a")
	after := before
	after.Trash = []integration.Discarded{{Upload: uplA, Since: start}}
	w.commit(integration.Change{Integration: integration.Put(before, after)})
	k := w.key()
	w.post(w.formFor("int_a", uplA, k), k.FileName, k.PEM)
	w.drain()
	if got := w.verdict("int_a", uplA); got != "waiting vault" {
		t.Fatalf("while the old secret is pending deletion the upload is %q", got)
	}
	if next, err := w.queue.NextVisibleAt(); err != nil || !next.Equal(start.Add(20*time.Second)) {
		t.Errorf("the next look is at %v (%v), want in 20 s", next, err)
	}
	if got := w.secrets(); len(got) != 0 {
		t.Errorf("a key was stored under a name pending deletion: %v", got)
	}
	it := w.integration("int_a")
	freed := it
	freed.Trash = nil
	w.commit(integration.Change{Integration: integration.Put(it, freed)})
	w.settle()
	if got := w.verdict("int_a", uplA); got != "accepted" {
		t.Errorf("after the old secret left the upload is %q", got)
	}
}

// TestCountersAreResetWithTheVerdict: a second file of the same form is given
// the whole time again.
func TestCountersAreResetWithTheVerdict(t *testing.T) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	k := w.key()
	spurious(t, w, 1000)
	w.post(w.formFor("int_a", uplA, k), k.FileName, k.PEM)
	w.drain()
	if u := w.upload("int_a", uplA); u.Tries != 1 || !u.WaitFrom.Equal(start) {
		t.Errorf("after the first look: %d tries since %v, want 1 since %v", u.Tries, u.WaitFrom, start)
	}
	w.settle()
	if u := w.upload("int_a", uplA); u.State != integration.UploadRefused || u.Tries != 0 || !u.WaitFrom.IsZero() {
		t.Errorf("after the verdict %s the counters are not reset: %d tries since %v", u.State, u.Tries, u.WaitFrom)
	}
}

// TestUploadRemembersTwentyFiles, the latest.
func TestUploadRemembersTwentyFiles(t *testing.T) {
	for n, want := range map[int][2]int{0: {0, 0}, 20: {20, 0}, 21: {20, 1}, 25: {20, 5}} {
		var u integration.Upload
		for i := range n {
			u.Attempts = append(u.Attempts, integration.Attempt{ETag: fmt.Sprint(i)})
		}
		got := trimmed(u).Attempts
		if len(got) != want[0] || (n > 0 && got[0].ETag != fmt.Sprint(want[1])) {
			t.Errorf("of %d files %d are kept: %v", n, len(got), got)
		}
	}
}

// TestLargeFileIsRefusedUnread: 64 KiB is let through, and nothing above it.
func TestLargeFileIsRefusedUnread(t *testing.T) {
	for size, want := range map[int64]string{65536: "read", 65537: "refused too_large"} {
		w := newWorld(t)
		w.invite("int_a", "acme", "publish")
		u := w.formFor("int_a", uplA, w.key())
		reads := 0
		w.trouble = func(op, when string) error {
			if op == "objects.Read" && when == "before" {
				reads++
			}
			return nil
		}
		must(t, w.service.Process(context.Background(), ObjectRef{Key: u.ObjectKey(), ETag: "e1", Size: size}))
		got := w.verdict("int_a", uplA)
		if reads > 0 {
			got = "read"
		}
		if got != want {
			t.Errorf("%d bytes: %q, want %q", size, got, want)
		}
		k := w.key()
		w.trouble = nil
		v := w.service.examine(context.Background(), w.integration("int_a"), w.formFor("int_a", uplB, k), integration.Object{Size: size, Data: k.PEM})
		if refused := v.diagnosis == "too_large"; refused != (want != "read") {
			t.Errorf("%d bytes in the bucket: refused as too large %v", size, refused)
		}
	}
}

// TestApplesTimeLeavesEnoughToWriteTheVerdict holds the margin of 10 s, or
// half of what is left where that is little.
func TestApplesTimeLeavesEnoughToWriteTheVerdict(t *testing.T) {
	w := newWorld(t)
	for left, want := range map[time.Duration]time.Duration{time.Minute: 50 * time.Second, 8 * time.Second: 4 * time.Second} {
		ctx, cancel := context.WithTimeout(context.Background(), left)
		inner, stop := w.service.inTime(ctx)
		end, _ := inner.Deadline()
		if got := time.Until(end); got > want || got < want-2*time.Second {
			t.Errorf("of %v Apple gets %v, want %v", left, got, want)
		}
		stop()
		cancel()
	}
	inner, stop := w.service.inTime(context.Background())
	defer stop()
	if _, bounded := inner.Deadline(); bounded {
		t.Error("a context without an end got one")
	}
}

// TestMissingConfigurationIsNamed, all of it together.
func TestMissingConfigurationIsNamed(t *testing.T) {
	_, err := New(Config{})
	if err == nil {
		t.Fatal("a service without anything was made")
	}
	for _, name := range []string{"Store", "Objects", "Vault", "Apple", "Queue", "Now"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
}
