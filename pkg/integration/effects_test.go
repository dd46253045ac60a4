package integration

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// kept is what an integration keeps of the past and of work under way, in
// short; times are relative to now. What is as in a new one is left out.
func (l *life) kept() string {
	it := l.it
	var parts []string
	part := func(name string, shown bool, v any) {
		if shown {
			parts = append(parts, fmt.Sprintf("%s %v", name, v))
		}
	}
	at := func(name string, t time.Time) { part(name, !t.IsZero(), t.Sub(l.now)) }
	part("streak", it.Streak.Count > 0, it.Streak.Count)
	part("other streak", it.OtherStreak.Count > 0, it.OtherStreak.Count)
	part("unanswered", it.Unanswered.Count > 0, it.Unanswered.Count)
	part("wrong files", it.WrongFiles > 0, it.WrongFiles)
	part("refused", it.Refused.Diagnosis != "", it.Refused.Diagnosis)
	part("waiting", len(it.Waiting) > 0, len(it.Waiting))
	part("problem", it.Told.Problem != "", it.Told.Problem)
	at("retry", it.Told.RetryAt)
	part("confirmations asked", it.ReauthTold > 0, it.ReauthTold)
	part("move by", it.TeamMove.Allowed(), it.TeamMove.By)
	part("epoch", true, it.LinkEpoch)
	at("check", it.Check.DueAt)
	part("leased", it.Check.Lease.ID != "", it.Check.Lease.ID)
	at("certificates", it.Certificates.DueAt)
	part("looked at by", it.Certificates.Lease.ID != "", it.Certificates.Lease.ID)
	at("probed", it.ProbedAt)
	part("said", it.Check.Verdict != "", strings.TrimSpace(string(it.Check.Verdict)+" "+string(it.Check.Reason)))
	at("at", it.Check.LastAt)
	at("good at", it.Check.OKAt)
	for _, d := range it.Trash {
		part("delete", true, fmt.Sprintf("%s %s %s", d.Upload, d.KeyID, d.Fingerprint))
	}
	return strings.Join(parts, ", ")
}

// wantKept names what differs from what should be kept.
func (l *life) wantKept(after, want string) {
	l.t.Helper()
	wanted, got := strings.Split(want, ", "), strings.Split(l.kept(), ", ")
	for _, part := range wanted {
		if !slices.Contains(got, part) {
			l.t.Errorf("%s: missing: %s", after, part)
		}
	}
	for _, part := range got {
		if !slices.Contains(wanted, part) {
			l.t.Errorf("%s: not reset, or not expected: %s", after, part)
		}
	}
}

// burdened is a life on which everything has left its mark: two keys, files
// that were refused and wait, a streak, a silence, a problem that was told.
func burdened(t *testing.T) *life {
	l := working(t)
	l.accept(fine)
	l.pass(time.Hour)
	it := &l.it
	it.Streak = Streak{Verdict: Rejected, Reason: NotAuthorized, Count: 2, Since: l.now, Last: l.now}
	it.OtherStreak = Streak{Verdict: Rejected, Count: 3, Since: l.now, Last: l.now}
	it.Unanswered = Unanswered{Since: l.now, Count: 4}
	it.WrongFiles, it.Refused, it.ReauthTold = 5, Refusal{Diagnosis: "not_a_key", At: l.now}, 2
	it.Waiting = []WaitingFile{{Upload: "upl_7", Since: l.now}, {Upload: "upl_8", Since: l.now}}
	it.Told = Told{Problem: Role, At: l.now, Episode: 1, RetryAt: l.now.Add(time.Hour)}
	it.TeamMove = TeamMove{At: l.now, By: "jane"}
	it.State, it.Cause, it.Since = ActionRequired, Role, l.now
	it.Check.Lease, it.Certificates.Lease = Lease{ID: "chk_x", Until: l.now.Add(time.Hour)}, Lease{ID: "chk_c", Until: l.now.Add(time.Hour)}
	it.Check.DueAt, it.Certificates.DueAt, it.ProbedAt = l.now.Add(time.Hour), l.now.Add(2*time.Hour), l.now.Add(-time.Minute)
	return l
}

// TestWhatEachEventLeaves: counters that begin anew, work that is due or ends,
// secrets that go, and what stays as it is.
func TestWhatEachEventLeaves(t *testing.T) {
	const (
		marks = "streak 2, other streak 3, unanswered 4, "
		files = "wrong files 5, refused not_a_key, waiting 2, "
		told  = "problem role, retry 1h0m0s, confirmations asked 2, move by jane, epoch 2, "
		said  = "said ok, at -1h0m0s, good at -1h0m0s"
		work  = "check 1h0m0s, leased chk_x, certificates 2h0m0s, looked at by chk_c, probed -1m0s, " + said
	)
	refusal := func(u UploadID, why string) Refusal { return Refusal{Upload: u, Diagnosis: why} }
	for name, tc := range map[string]struct {
		ev   Event
		want string
	}{
		"nothing": {LinksRevoked{}, marks + "wrong files 5, refused not_a_key, problem role, retry 1h0m0s, confirmations asked 2, move by jane, epoch 3, " + work},
		"a key":   {KeyAccepted{Key: Key{Upload: "upl_3", KeyID: "KEY0000003"}, Outcome: noAgreement, Epoch: 2}, "problem agreement, epoch 3, check 15m0s, certificates 0s, probed -1m0s, said blocked agreement, at 0s, good at -1h0m0s, delete upl_1 KEY0000001 fp1"},
		"a key that works": {KeyAccepted{Key: Key{Upload: "upl_3", KeyID: "KEY0000003"}, Outcome: seeing("1"), Epoch: 2},
			"epoch 3, check 15m0s, certificates 0s, probed 0s, said ok, at 0s, good at 0s, delete upl_1 KEY0000001 fp1"},
		"a wrong file":        {WrongFile{Refusal: refusal("upl_7", "too_large")}, marks + "wrong files 6, refused too_large, waiting 1, " + told + work},
		"a file without link": {WrongFile{Refusal: refusal("upl_7", "link_void")}, marks + "wrong files 5, refused not_a_key, waiting 1, " + told + work},
		"a key of another's":  {KeyHeldElsewhere{Refusal: refusal("upl_7", "key_held")}, marks + "wrong files 5, refused key_held, waiting 1, " + told + work},
		"another team's key":  {KeyOfOtherTeam{Refusal: refusal("upl_7", "other_team")}, marks + "wrong files 5, refused other_team, waiting 1, " + told + work},
		"a check is asked":    {CheckRequested{}, marks + files + told + "check 0s, leased chk_x, certificates 2h0m0s, looked at by chk_c, " + said},
		"a check is leased":   {CheckLeased{Check: "chk_y", Until: start.Add(100 * time.Hour)}, marks + files + told + "check 98h45m0s, leased chk_y, certificates 2h0m0s, looked at by chk_c, probed -1m0s, " + said},
		"a look is leased":    {CertificatesLeased{Check: "chk_y", Until: start.Add(100 * time.Hour)}, marks + files + told + "check 1h0m0s, leased chk_x, certificates 98h45m0s, looked at by chk_y, probed -1m0s, " + said},
		"a look fails":        {CertificatesUnlisted{Check: "chk_c", Used: "upl_2"}, marks + files + told + "check 1h0m0s, leased chk_x, certificates 1h0m0s, probed -1m0s, " + said},
		"a certificate is pinned": {CertificatePinned{Serial: "A1"},
			marks + files + told + "check 1h0m0s, leased chk_x, certificates 0s, looked at by chk_c, probed -1m0s, " + said},
		"a good check": {Checked{Check: "chk_x", Used: "upl_2", Outcome: fine, Fleet: big},
			files + "confirmations asked 2, move by jane, epoch 2, check 2h46m27s, certificates 2h0m0s, looked at by chk_c, probed -1m0s, said ok, at 0s, good at 0s, delete upl_1 KEY0000001 fp1"},
		"a bad check": {Checked{Check: "chk_x", Used: "upl_2", Outcome: unauthorized, Fleet: big},
			"streak 3, other streak 3, " + files + "problem role, confirmations asked 2, move by jane, epoch 2, check 5m0s, certificates 2h0m0s, looked at by chk_c, probed -1m0s, said rejected not_authorized, at 0s, good at -1h0m0s"},
		"another bad answer during a hold": {Checked{Check: "chk_x", Used: "upl_2", Outcome: noAgreement, Fleet: FleetView{Size: 100, Hold: true}},
			"other streak 3, " + files + "problem role, confirmations asked 2, move by jane, epoch 2, check 30m0s, certificates 2h0m0s, looked at by chk_c, probed -1m0s, said blocked agreement, at 0s, good at -1h0m0s"},
		"a contact confirms": {Reauthorised{}, marks + files + "problem role, retry 1h0m0s, move by jane, epoch 2, " + work},
		"it ends":            {DisconnectRequested{}, "wrong files 5, refused not_a_key, confirmations asked 2, epoch 3, probed -1m0s, " + said + ", delete upl_2 KEY0000002 fp2, delete upl_1 KEY0000001 fp1"},
	} {
		l := burdened(t)
		l.do(tc.ev)
		l.wantKept(name, tc.want)
	}
}

// TestTheEndOfADeadKey: after ninety days both secrets go, and nobody asks
// Apple any more.
func TestTheEndOfADeadKey(t *testing.T) {
	l := burdened(t)
	l.it.State, l.it.Cause, l.it.Since = Deactivated, NotAuthorized, l.now.Add(-90*day)
	l.it.Told = Told{Problem: NotAuthorized, Lost: true, Reminded: 3, At: l.now}
	l.do(Tick{Fleet: big})
	const want = "streak 2, unanswered 4, wrong files 5, refused not_a_key, waiting 2, problem not_authorized, confirmations asked 2, move by jane, epoch 2, " +
		"probed -1m0s, said ok, at -1h0m0s, good at -1h0m0s, delete upl_2 KEY0000002 fp2, delete upl_1 KEY0000001 fp1"
	l.wantKept("after ninety days", want)
	if l.it.Key != nil || l.it.Other != nil {
		t.Error("a key is still there")
	}
}

// TestTheReceiptIsSentAtOnce where the vault holds nothing.
func TestTheReceiptIsSentAtOnce(t *testing.T) {
	l := newLife(t, "publish")
	wantNotices(t, l.do(DisconnectRequested{By: "support"}), "disconnected>business")
	wantNotices(t, l.do(Emptied{}), "")
}

// TestWhenTheSweepLooksAfterANotice: five minutes after it was written, or
// when it may go out.
func TestWhenTheSweepLooksAfterANotice(t *testing.T) {
	c := change{it: Integration{ID: "int_a"}, now: start}
	for notBefore, want := range map[time.Time]time.Duration{{}: 5 * time.Minute, start.Add(time.Hour): time.Hour, start.Add(-time.Hour): 5 * time.Minute} {
		c.notices = nil
		c.notice(NoticeAccepted, ToAdmin, "1", Notice{NotBefore: notBefore})
		n := c.notices[0]
		if got := n.DueAt.Sub(start); got != want || n.Status != Pending || n.Integration != "int_a" || !n.CreatedAt.Equal(start) || n.Dedupe != "key_accepted#admin#1" {
			t.Errorf("not before %v: %+v is looked after in %v, want %v", notBefore, n, got, want)
		}
	}
}

// TestSilenceIsToldOnce, and again only after Apple has answered.
func TestSilenceIsToldOnce(t *testing.T) {
	l := working(t)
	said := 0
	for range 80 {
		for _, n := range l.repeat(1, outage) {
			if n.Kind == NoticeUnanswered {
				said++
			}
		}
	}
	if said != 1 {
		t.Errorf("in days of silence support was told %d times, want once", said)
	}
	l.repeat(1, noAgreement)
	if !reflect.DeepEqual(l.it.Unanswered, Unanswered{}) {
		t.Errorf("after an answer the silence is %+v", l.it.Unanswered)
	}
}

// TestWhatSupportIsToldOfTeamsAndCertificates: which, and until when.
func TestWhatSupportIsToldOfTeamsAndCertificates(t *testing.T) {
	end := start.Add(300 * day)
	pinned := dist("A1", start.Add(100*day))
	for name, tc := range map[string]struct {
		run  func(*life) []Notice
		want Facts
	}{
		"another team": {func(l *life) []Notice { return l.check(shows(of("TEAMBBBBBB"), nil, nil)) },
			Facts{KeyID: "KEY0000001", TeamID: "TEAMBBBBBB", OldTeamID: "TEAM000001"}},
		"a key of another team": {event(KeyOfOtherTeam{Refusal: Refusal{Upload: "u", Diagnosis: "other_team", Found: "TEAMBBBBBB", Entered: Entered{KeyID: "KEYX"}}, Contact: "con_b"}),
			Facts{KeyID: "KEYX", Contact: "con_b", TeamID: "TEAMBBBBBB", OldTeamID: "TEAM000001", Diagnosis: "other_team"}},
		"the pinned certificate is gone": {func(l *life) []Notice {
			l.do(CertificatePinned{Serial: "A1"})
			l.list(pinned, dist("B2", end))
			l.list(dist("B2", end))
			l.pass(time.Hour)
			return l.list(dist("B2", end))
		}, Facts{Serial: "A1", Next: "B2", CertType: "DISTRIBUTION", Expires: end}},
		"the watched certificate is gone": {func(l *life) []Notice {
			l.list(pinned)
			l.list()
			l.pass(time.Hour)
			return l.list()
		}, Facts{Serial: "A1", CertType: "DISTRIBUTION", Expires: pinned.NotAfter}},
		"it is back": {func(l *life) []Notice {
			l.list(pinned)
			l.list()
			l.pass(time.Hour)
			l.list()
			return l.list(pinned)
		}, Facts{Serial: "A1", CertType: "DISTRIBUTION", Expires: pinned.NotAfter}},
		"certificates cannot be read": {func(l *life) []Notice {
			l.list(pinned)
			l.failed(Nonsense)
			l.pass(day)
			return l.failed(Nonsense)
		}, Facts{Serial: "A1", CertType: "DISTRIBUTION", Expires: pinned.NotAfter, Since: start.Add(15 * time.Minute)}},
		"a refused file": {refused("upl_5", true), Facts{KeyID: "TYPEDKEY01", Contact: "con_b", Refusal: Refusal{
			Upload: "upl_5", Diagnosis: "not_a_key", Entered: Entered{KeyID: "TYPEDKEY01"}, At: start.Add(15 * time.Minute)}}},
	} {
		mails := tc.run(working(t))
		if len(mails) == 0 || !reflect.DeepEqual(mails[0].Facts, tc.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, mails, tc.want)
		}
	}
}
