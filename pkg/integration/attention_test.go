package integration

import (
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
		})
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
