package integration

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// TestWhatNeedsAttention is a table of facts and of what support's list says
// about them, the most urgent first.
func TestWhatNeedsAttention(t *testing.T) {
	ends := func(in time.Duration) func(*life) {
		return func(l *life) {
			l.accept(fine)
			l.it.Certificates.Serial, l.it.Certificates.CheckedAt = "A1", l.now
			l.it.Certificates.NotAfter = l.now.Add(in)
		}
	}
	for _, tt := range []struct {
		name  string
		setUp func(*life)
		after time.Duration // a tick then
		want  []Need
	}{
		{"a key that works", func(l *life) { l.accept(fine) }, 0, nil},
		{"one bad answer", func(l *life) { l.accept(fine); l.check(unauthorized) }, 0, []Need{"suspect"}},
		{"an agreement is missing", func(l *life) { l.accept(noAgreement) }, 0, []Need{"action_required"}},
		{"invited", func(*life) {}, 13 * day, nil},
		{"the link has expired", func(*life) {}, 14 * day, []Need{"no_link"}},
		{"the link is revoked", func(l *life) { l.do(LinksRevoked{}) }, 0, []Need{"no_link"}},
		{"a file was refused just now", func(l *life) { l.do(WrongFile{Refusal: Refusal{Upload: "u"}}) }, 59 * time.Minute, nil},
		{"a file was refused and nothing came since", func(l *life) { l.do(WrongFile{Refusal: Refusal{Upload: "u"}}) }, time.Hour, []Need{"file_refused"}},
		{"another file waits since", func(l *life) {
			l.do(WrongFile{Refusal: Refusal{Upload: "u"}})
			l.do(UploadWaits{Upload: "v", Epoch: l.it.LinkEpoch})
		}, 59 * time.Minute, nil},
		{"a file waits for long", func(l *life) { l.do(UploadWaits{Upload: "v", Epoch: l.it.LinkEpoch}) }, time.Hour, []Need{"file_waits"}},
		{"it was given up", func(l *life) {
			l.do(UploadWaits{Upload: "v", Epoch: l.it.LinkEpoch})
			l.do(UploadGivenUp{Upload: "v"})
		}, 2 * time.Hour, nil},
		{"it was accepted", func(l *life) {
			l.do(UploadWaits{Upload: "v", Epoch: l.it.LinkEpoch})
			l.accept(fine)
		}, 2 * time.Hour, nil},
		{"a file of a void link waits", func(l *life) { l.do(UploadWaits{Upload: "v", Epoch: l.it.LinkEpoch - 1}) }, 2 * time.Hour, nil},
		{"a certificate for long", ends(31*day + time.Hour), time.Hour, nil},
		{"a certificate near its end", ends(30*day + time.Hour), time.Hour, []Need{"certificate_ending"}},
		{"a certificate that has ended", ends(time.Hour), time.Hour, []Need{"certificate_ended"}},
		{"a certificate that is gone", func(l *life) { ends(90 * day)(l); l.it.Certificates.Vanished = "A1" }, time.Hour, []Need{"certificate_gone"}},
		{"certificates that cannot be read", func(l *life) { l.accept(fine) }, 2 * day, []Need{"certificates_unreadable"}},
		{"ended, and cannot be read", ends(day), 2 * day, []Need{"certificate_ended", "certificates_unreadable"}},
		{"the vendor's user is missing", func(l *life) {
			l.it.Access.User = VendorUser{Address: "builds@vendor.example"}
			l.accept(fine)
			l.it.User = UserFinding{Access: UserMissing}
		}, time.Hour, []Need{"vendor_user"}},
		{"the vendor's user is not asked for", func(l *life) { l.accept(fine); l.it.User = UserFinding{Access: UserMissing} }, time.Hour, nil},
		{"rejected for good", func(l *life) { l.accept(fine); l.it.State = Deactivated }, time.Hour, []Need{"deactivated"}},
		{"rolled back", func(l *life) {
			l.accept(fine)
			l.pass(time.Hour)
			l.accept(fine)
			l.it.Key, l.it.Other = l.it.Other, l.it.Key
		}, time.Hour, []Need{"new_key_fails"}},
		{"nobody confirmed", func(l *life) { enforced(20*day, false)(l); l.accept(fine); l.it.ReauthTold = 4 }, time.Hour, []Need{"confirmation_overdue"}},
		{"nobody has confirmed yet", func(l *life) { enforced(20*day, false)(l); l.accept(fine); l.it.ReauthTold = 3 }, time.Hour, nil},
		{"nobody need confirm", func(l *life) { l.accept(fine); l.it.ReauthTold = 4 }, time.Hour, nil},
		{"nobody confirmed, and it counts", func(l *life) {
			enforced(20*day, true)(l)
			l.accept(fine)
			l.it.ReauthTold, l.it.State, l.it.Cause = 4, Deactivated, Reauthorisation
		}, time.Hour, []Need{"deactivated"}},
		{"certificates read a day ago", func(l *life) { l.accept(fine); l.it.Certificates.CheckedAt = l.now.Add(day) }, 2 * day, nil},
		{"certificates that nobody watches", func(l *life) { l.it.Access.WatchesCerts = false; l.accept(fine) }, 2 * day, nil},
		{"certificates while the key is suspect", func(l *life) { l.accept(fine); l.check(unauthorized) }, 2 * day, []Need{"suspect"}},
		{"much at once", func(l *life) {
			ends(day)(l)
			l.it.State, l.it.Unanswered.Told = Suspect, true
			l.it.Access.User, l.it.User = VendorUser{Address: "builds@vendor.example"}, UserFinding{Access: UserMissing}
			l.do(WrongFile{Refusal: Refusal{Upload: "u"}})
		}, time.Hour, []Need{"suspect", "certificate_ending", "no_answer", "vendor_user", "file_refused"}},
		{"Apple says nothing", func(l *life) { l.accept(fine); l.it.Unanswered.Told = true }, time.Hour, []Need{"no_answer"}},
		{"disconnected", func(l *life) { l.accept(noAgreement); l.do(DisconnectRequested{}) }, 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLife(t, "publish")
			tt.setUp(l)
			l.do(Tick{Fleet: big})
			early := slices.Equal(l.it.Attention.Needs, tt.want)
			l.now = l.now.Add(tt.after)
			if at := l.it.TickAt(); !early && at.After(l.now) {
				t.Errorf("the sweep comes at %v only", at)
			}
			l.do(Tick{Fleet: big})
			if !slices.Equal(l.it.Attention.Needs, tt.want) {
				t.Errorf("got %q, want %q", l.it.Attention.Needs, tt.want)
			}
			since := l.it.Attention.Since
			if since.IsZero() != (len(tt.want) == 0) || since.After(l.now) {
				t.Errorf("since %v", since)
			}
			l.pass(time.Minute)
			l.do(Tick{Fleet: big})
			if len(tt.want) > 0 && !l.it.Attention.Since.Equal(since) {
				t.Errorf("a minute later it is since %v, and was since %v", l.it.Attention.Since, since)
			}
		})
	}
}

// TestAttentionBeginsAnewWithAWorseNeed, for which the list is sorted.
func TestAttentionBeginsAnewWithAWorseNeed(t *testing.T) {
	l := newLife(t, "publish")
	l.accept(fine)
	l.now = l.it.Check.DueAt
	l.check(noAgreement)
	suspect := l.now
	l.untilState(ActionRequired, noAgreement)
	if got := l.it.Attention; !got.Since.Equal(l.now) || l.now.Equal(suspect) || got.Needs[0] != NeedsAction {
		t.Errorf("%q since %v, want since %v", got.Needs, got.Since, l.now)
	}
}

// TestFilesThatWait are noted once, and what is left of one that was judged is
// nothing.
func TestFilesThatWait(t *testing.T) {
	l := newLife(t, "publish")
	l.do(Tick{Fleet: big})
	before := l.it
	wait := func(u UploadID, stuck bool, epoch int) []Notice {
		return l.do(UploadWaits{Upload: u, Contact: "con_b", Reason: NotTheRole, Epoch: epoch, Stuck: stuck})
	}
	wantNotices(t, wait("upl_1", false, l.it.LinkEpoch), "")
	l.pass(time.Minute)
	mails := wait("upl_1", true, l.it.LinkEpoch)
	if len(mails) != 1 || said(mails[0], l.now) != "upload_stuck to support because not_the_role, about con_b" {
		t.Errorf("told %+v", mails)
	}
	wantNotices(t, wait("upl_2", false, l.it.LinkEpoch), "")
	wantNotices(t, wait("upl_0", true, l.it.LinkEpoch-1), "") // of a void link
	want := []WaitingFile{{"upl_1", "con_b", start, NotTheRole}, {"upl_2", "con_b", start.Add(time.Minute), NotTheRole}}
	if !slices.Equal(l.it.Waiting, want) {
		t.Errorf("waiting: %+v, want %+v", l.it.Waiting, want)
	}
	l.do(UploadGivenUp{Upload: "upl_1"})
	if !slices.Equal(l.it.Waiting, want[1:]) {
		t.Errorf("waiting after one was given up: %+v, want %+v", l.it.Waiting, want[1:])
	}
	l.do(UploadGivenUp{Upload: "upl_2"})
	if !reflect.DeepEqual(l.it, before) {
		t.Errorf("after both were given up: %+v, want %+v", l.it, before)
	}
}

// TestOrderOfAttention: the list's order, as the texts sort that stores keep.
func TestOrderOfAttention(t *testing.T) {
	want := []Need{
		"deactivated", "action_required", "suspect", "certificate_ended", "certificate_gone", "certificate_ending",
		"certificates_unreadable", "no_answer", "new_key_fails", "confirmation_overdue", "vendor_user", "file_refused",
		"file_waits", "no_link", "of_a_newer_version",
	}
	last := ""
	for _, n := range want {
		for _, since := range []time.Time{start, start.Add(time.Hour)} {
			for _, id := range []ID{"int_1", "int_2"} {
				it := Integration{ID: id, Attention: Attention{Needs: []Need{n}, Since: since}}
				if got := it.Order(); got <= last || IDInOrder(got) != id {
					t.Errorf("%s: %q is not behind %q", n, got, last)
				}
				last = it.Order()
			}
		}
	}
	if got := (Integration{ID: "int_1"}).Order(); got != "" {
		t.Errorf("what is well sorts as %q", got)
	}
}
