package integration

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestHistoryExplainsEveryState: whoever reads the entries in order knows how
// the integration came to be what it is.
func TestHistoryExplainsEveryState(t *testing.T) {
	l := newLife(t, "publish")
	state, lines := AwaitingKey, 0
	step := func(ev Event) {
		t.Helper()
		ch, err := Decide(l.it, ev, l.now)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range ch.History {
			lines++
			if e.From != state {
				t.Fatalf("%s is said to begin in %s, after %s", e.What, e.From, state)
			}
			state = e.To
		}
		if ch.Integration.After != nil {
			l.it = *ch.Integration.After
			l.it.Version++
		}
		if l.it.State != state {
			t.Fatalf("%s led to %s, and history says %s", ev.event(), l.it.State, state)
		}
	}
	check := func(o Outcome) {
		l.now, l.checks = later(l.now, l.it.Check.DueAt), l.checks+1
		id := CheckID("c" + itoa(l.checks))
		step(CheckLeased{Check: id, Until: l.now.Add(time.Minute)})
		step(Checked{Check: id, Used: l.it.Key.Upload, Outcome: o, Fleet: big})
	}
	step(l.newKey(fine))
	for _, o := range []Outcome{fine, fine, noAgreement, noAgreement, noAgreement, noAgreement, fine, unauthorized, fine} {
		check(o)
	}
	for range 9 {
		check(unauthorized)
	}
	if l.it.State != Deactivated {
		t.Fatalf("state is %s", l.it.State)
	}
	step(DisconnectRequested{By: "support"})
	if lines > 14 {
		t.Errorf("%d lines for this life: what only repeats should have none", lines)
	}
}

// written is an entry as its reader would put it.
func written(e Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s by %s: %s to %s", e.What, e.Actor, e.From, e.To)
	for _, part := range []struct{ name, value string }{
		{"verdict", string(e.Verdict)}, {"because", string(e.Reason)}, {"check", string(e.Check)},
		{"upload", string(e.Upload)}, {"key", e.KeyID}, {"detail", e.Detail},
	} {
		if part.value != "" {
			b.WriteString(", " + part.name + " " + part.value)
		}
	}
	return b.String()
}

// TestWhatHistorySays of each event to an integration that works: who did it,
// and to what. Nothing is said of what only repeats what is known.
func TestWhatHistorySays(t *testing.T) {
	refusal := Refusal{Upload: "upl_9", Diagnosis: "not_a_key", Entered: Entered{KeyID: "TYPEDKEY01"}}
	void, held, foreign := refusal, refusal, refusal
	void.Diagnosis, held.Diagnosis, foreign.Diagnosis = "link_void", "key_held", "other_team"
	checked := func(o Outcome) Event { return Checked{Check: "chk_x", Used: "upl_1", Outcome: o, Fleet: big} }
	listed := func(certs ...Certificate) Event {
		return CertificatesListed{Check: "chk_c", Used: "upl_1", Listed: certs}
	}
	a1 := dist("A1", start.Add(300*day))
	key := Key{Upload: "upl_2", KeyID: "KEY0000002"}
	none := func(*life) {}
	watching := func(l *life) {
		w := &l.it.Certificates
		w.Serial, w.Type, w.NotAfter, w.Step, w.CheckedAt = a1.Serial, a1.Type, a1.NotAfter, 31, l.now
	}
	const now = "active to active"
	const inForce = ", upload upl_1, key KEY0000001"
	for name, tc := range map[string]struct {
		before func(*life)
		ev     Event
		want   string
	}{
		"a link is issued":  {none, Invited{By: "support jane"}, "invited by support jane: " + now + inForce},
		"links are revoked": {none, LinksRevoked{By: "support jane"}, "links_revoked by support jane: " + now + inForce},
		"a check is asked":  {none, CheckRequested{By: "contact con_a"}, "check_requested by contact con_a: " + now + inForce},
		"a certificate is chosen": {none, CertificatePinned{Serial: "A1", By: "support jane"},
			"certificate_pinned by support jane: " + now + inForce + ", detail A1"},
		"a contact confirms": {func(l *life) { l.it.ConfirmedAt = start.Add(-day) }, Reauthorised{Contact: "con_a"}, "reauthorised by contact con_a: " + now + inForce},
		"it ends":            {none, DisconnectRequested{By: "contact con_a"}, "disconnect_requested by contact con_a: active to disconnected"},
		"secrets are gone":   {func(l *life) { l.it.Trash = []Discarded{{Upload: "upl_0"}} }, Emptied{Uploads: []UploadID{"upl_0"}}, "emptied by keyward: " + now + inForce},
		"a key is accepted": {none, KeyAccepted{Key: key, Outcome: noAgreement, Contact: "con_b", TeamID: "TEAM000001", Epoch: 1},
			"key_accepted by contact con_b: active to action_required, verdict blocked, because agreement, upload upl_2, key KEY0000002"},
		"a key of a new team is accepted": {func(l *life) { l.it.TeamMove.At = start }, KeyAccepted{Key: key, Outcome: shows(of("TEAMBBBBBB"), nil, nil), Contact: "con_b", TeamID: "TEAMBBBBBB", Epoch: 1},
			"key_accepted by contact con_b: " + now + ", verdict ok, upload upl_2, key KEY0000002, detail team TEAM000001 became TEAMBBBBBB"},
		"a file is refused": {none, WrongFile{Refusal: refusal, Contact: "con_b"}, "wrong_file by contact con_b: " + now + ", upload upl_9, detail not_a_key"},
		"a file came through a void link": {none, WrongFile{Refusal: void, Contact: "con_b", Late: true},
			"upload_refused by contact con_b: " + now + ", upload upl_9, detail link_void"},
		"another integration has the key": {none, KeyHeldElsewhere{Refusal: held, Contact: "con_b"},
			"key_held_elsewhere by contact con_b: " + now + ", upload upl_9, detail key_held"},
		"the key is another team's": {none, KeyOfOtherTeam{Refusal: foreign, Contact: "con_b"},
			"key_of_other_team by contact con_b: " + now + ", upload upl_9, key TYPEDKEY01, detail other_team"},
		"a file waits": {none, UploadWaits{Upload: "upl_9", Contact: "con_b", Reason: Outage, Epoch: 1},
			"upload_waits by contact con_b: " + now + ", because outage, upload upl_9"},
		"it still waits": {func(l *life) { l.it.Waiting = []WaitingFile{{Upload: "upl_9", Since: start}} },
			UploadWaits{Upload: "upl_9", Contact: "con_b", Reason: Outage, Epoch: 1}, ""},
		"it still waits, and may be stuck": {func(l *life) { l.it.Waiting = []WaitingFile{{Upload: "upl_9", Since: start}} },
			UploadWaits{Upload: "upl_9", Contact: "con_b", Reason: NotTheRole, Epoch: 1, Stuck: true},
			"upload_waits by contact con_b: " + now + ", because not_the_role, upload upl_9"},
		"it is given up":            {none, UploadGivenUp{Upload: "upl_9", Contact: "con_b"}, "upload_given_up by keyward: " + now + ", upload upl_9"},
		"a move is allowed":         {none, TeamMoveAllowed{By: "support jane"}, "team_move_allowed by support jane: " + now + inForce},
		"a move is allowed again":   {func(l *life) { l.it.TeamMove.At = start }, TeamMoveAllowed{By: "support jane"}, ""},
		"a move is withdrawn":       {func(l *life) { l.it.TeamMove.At = start }, TeamMoveWithdrawn{By: "support jane"}, "team_move_withdrawn by support jane: " + now + inForce},
		"none is withdrawn":         {none, TeamMoveWithdrawn{By: "support jane"}, ""},
		"a check is leased":         {none, CheckLeased{Check: "chk_y", Until: start.Add(day)}, ""},
		"a look is leased":          {none, CertificatesLeased{Check: "chk_y", Until: start.Add(day)}, ""},
		"Apple says yes as before":  {none, checked(fine), ""},
		"Apple says no":             {none, checked(unauthorized), "checked by keyward: active to suspect, verdict rejected, because not_authorized, check chk_x" + inForce},
		"Apple says nothing":        {none, checked(outage), "checked by keyward: " + now + ", verdict inconclusive, because outage, check chk_x" + inForce},
		"Apple says nothing, again": {func(l *life) { l.it.Check.Verdict, l.it.Check.Reason = Inconclusive, Outage }, checked(outage), ""},
		"Apple is silent otherwise": {func(l *life) { l.it.Check.Verdict, l.it.Check.Reason = Inconclusive, Timeout }, checked(outage), "checked by keyward: " + now + ", verdict inconclusive, because outage, check chk_x" + inForce},
		"Apple says no, again": {func(l *life) {
			l.it.State, l.it.Cause, l.it.Check.Verdict, l.it.Check.Reason = Suspect, NotAuthorized, Rejected, NotAuthorized
		}, checked(unauthorized), ""},
		"Apple shows another team": {none, checked(shows(of("TEAMBBBBBB"), nil, nil)), "checked by keyward: " + now + ", verdict ok, check chk_x" + inForce + ", detail team TEAM000001 became TEAMBBBBBB"},
		"the old key is in force again": {func(l *life) {
			l.accept(fine)
			l.it.Check.Lease = Lease{ID: "chk_x", Until: l.now}
		}, Checked{Check: "chk_x", Used: "upl_2", Outcome: unauthorized, UsedOther: "upl_1", Other: &fine, Fleet: big},
			"checked by keyward: " + now + ", verdict ok, check chk_x" + inForce},
		"an answer comes after the key was deleted": {func(l *life) { l.it.State, l.it.Cause, l.it.Key = Deactivated, NotAuthorized, nil }, checked(fine), ""},
		"a first team is shown":                     {func(l *life) { l.it.TeamID = "" }, checked(shows(of("TEAMBBBBBB"), nil, nil)), ""},
		"certificates are listed":                   {none, listed(a1), "certificates_listed by keyward: " + now + inForce + ", detail A1"},
		"and listed again":                          {watching, listed(a1), ""},
		"they cannot be read":                       {watching, CertificatesUnlisted{Check: "chk_c", Used: "upl_1", Reason: Nonsense}, ""},
		"they cannot be read, and it is told": {func(l *life) { watching(l); l.it.Certificates.UnreadSince = start.Add(-day) },
			CertificatesUnlisted{Check: "chk_c", Used: "upl_1", Reason: Nonsense}, "certificates_unlisted by keyward: " + now + inForce + ", detail nonsense"},
		"time passes": {func(l *life) { l.it.Attention.NextAt = start.Add(time.Second) }, Tick{Fleet: big}, ""},
		"the certificate's end is warned of without Apple": {func(l *life) { watching(l); l.it.Certificates.NotAfter = start.Add(7 * day) }, Tick{Fleet: big},
			"tick by keyward: " + now + inForce},
		"the dead key is put up for deletion": {func(l *life) { l.it.State, l.it.Cause, l.it.Since = Deactivated, NotAuthorized, start.Add(-90*day) }, Tick{Fleet: big},
			"tick by keyward: deactivated to deactivated, because not_authorized"},
	} {
		t.Run(name, func(t *testing.T) {
			l := working(t)
			l.now, l.it.Version = start.Add(time.Hour), 7
			l.it.Check.Lease, l.it.Certificates.Lease = Lease{ID: "chk_x", Until: l.now}, Lease{ID: "chk_c", Until: l.now}
			tc.before(l)
			ch, err := Decide(l.it, tc.ev, l.now)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, e := range ch.History {
				if e.Integration != "int_test" || !e.At.Equal(l.now) || e.Seq != "00000008-00" {
					t.Errorf("the entry is %s of %s, written %v", e.Seq, e.Integration, e.At)
				}
				got += written(e)
			}
			if got != tc.want {
				t.Errorf("\n got %q\nwant %q", got, tc.want)
			}
		})
	}
}

// TestWhatANewIntegrationIs, and which it may not be.
func TestWhatANewIntegrationIs(t *testing.T) {
	level := AccessLevel{Name: "publish"}
	d := Draft{Reference: "acme-1", Label: "Acme, iOS", Customer: "acme", Access: level, TeamID: "TEAMAAAAAA", BundleIDs: of("com.acme.one"), By: "support jane"}
	ch, err := New("int_a", d, start)
	if err != nil {
		t.Fatal(err)
	}
	it := *ch.Integration.After
	want := Integration{
		ID: "int_a", Reference: "acme-1", Label: "Acme, iOS", Customer: "acme", CreatedAt: start, Access: level,
		TeamID: "TEAMAAAAAA", TeamFrom: TeamInvitation, BundleIDs: of("com.acme.one"), State: AwaitingKey, Since: start,
		Invitation: Invitation{At: start, ExpiresAt: start.Add(336 * time.Hour), Count: 1}, Attention: Attention{NextAt: start.Add(336 * time.Hour)},
	}
	if !reflect.DeepEqual(it, want) || ch.Integration.Before != nil {
		t.Errorf("\n got %+v\nwant %+v", it, want)
	}
	if len(ch.Notices) != 1 || said(ch.Notices[0], start) != "invitation to admin, link, expires in 336h0m0s" {
		t.Errorf("told %+v", ch.Notices)
	}
	entry := Entry{Integration: "int_a", At: start, Seq: "00000000-00", What: "created", Actor: "support jane", To: AwaitingKey}
	if len(ch.History) != 1 || ch.History[0] != entry {
		t.Errorf("history is %+v, want %+v", ch.History, entry)
	}
	for name, without := range map[string]func(*Draft){
		"reference": func(d *Draft) { d.Reference = "" }, "label": func(d *Draft) { d.Label = "" },
		"customer": func(d *Draft) { d.Customer = "" }, "access level": func(d *Draft) { d.Access.Name = "" },
	} {
		d := d
		without(&d)
		if _, err := New("int_a", d, start); !errors.Is(err, ErrInvalid) {
			t.Errorf("without a %s: %v", name, err)
		}
	}
}

func TestNothingIsWrittenWhenNothingChanged(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	ch, err := Decide(l.it, Checked{Check: "late", Used: "upl_0", Outcome: unauthorized}, l.now)
	if err != nil || !ch.Empty() {
		t.Errorf("%+v, %v", ch, err)
	}
}

func TestRegularChecksSpreadEvenly(t *testing.T) {
	const fleet = 1_000_000
	perMinute := map[int64]int{}
	seen := newTestRandom(1)
	for range fleet {
		at := slot(NewID(seen), start)
		if at.Sub(start) > Interval || !at.After(start) {
			t.Fatalf("next check at %v", at)
		}
		perMinute[at.Unix()/60]++
	}
	mean := float64(fleet) / Interval.Minutes()
	for minute, n := range perMinute {
		if float64(n) > 1.1*mean {
			t.Errorf("minute %d has %d checks, mean is %.0f", minute, n, mean)
		}
	}
}
