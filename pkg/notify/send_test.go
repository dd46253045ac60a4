package notify

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keyward/pkg/integration"
)

func TestInvitationGoesOutWithALinkThatOpens(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	dedupe := b.put(it, n, bob(), ada())
	b.mustSend(dedupe)
	b.mustSend(dedupe)
	b.wantMails("ada@acme.example")

	m := b.mails()[0]
	_, rest, _ := strings.Cut(decoded(t, m.Raw).text, "https://keys.vendor.example/l/")
	token, _, _ := strings.Cut(rest, "\n")
	link, err := b.store.Link(t.Context(), integration.LinkHash(token))
	if err != nil || !link.Opens(it, b.now()) || link.Contact != "con_ada" {
		t.Errorf("the mail's link does not open for its contact: %v", err)
	}
	if want := b.now().Add(14 * 24 * time.Hour); !link.ExpiresAt.Equal(want) {
		t.Errorf("the link lives until %v, want %v", link.ExpiresAt, want)
	}
	got := b.notice(dedupe)
	if got.Status != integration.Sent || got.SentTo != "con_ada" || got.MessageID == "" || !got.DueAt.IsZero() || got.Lease.ID != "" {
		t.Errorf("the notice was not finished: %+v", got)
	}
	if m.From != "keys@vendor.example" || m.Tags["integration"] != string(it.ID) || m.Tags["contact"] != "con_ada" ||
		m.Tags["kind"] != "invitation" || m.Tags["notice"] != fmt.Sprintf("%x", dedupe) {
		t.Errorf("wrong envelope: %s %v", m.From, m.Tags)
	}
	b.wantHistory("notice_sent", "invitation to con_ada")
}

func TestReminderKeepsTheInvitationsEnd(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	it.Invitation.ExpiresAt = b.now().Add(4 * 24 * time.Hour)
	n.Kind, n.Facts.Expires = integration.NoticeInvitationReminder, it.Invitation.ExpiresAt
	b.mustSend(b.put(it, n, ada()))
	if text := unwrapped(decoded(t, b.mails()[0].Raw).text); !strings.Contains(text, "26 March 2026, 09:30 UTC") {
		t.Errorf("the mail names another end:\n%s", text)
	}
}

func TestOfManyWorkersOneSends(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	dedupe := b.put(it, n, ada())
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := b.send(dedupe); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	b.wantMails("ada@acme.example")
	b.wantStatus(dedupe, integration.Sent)
}

func TestNotBefore(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	n.NotBefore = b.now().Add(time.Hour)
	n.DueAt = n.NotBefore
	dedupe := b.put(it, n, ada())
	b.mustSend(dedupe)
	b.wantMails()
	if got := b.notice(dedupe); got.Status != integration.Pending || !got.DueAt.Equal(n.DueAt) {
		t.Errorf("the notice was touched: %+v", got)
	}
	b.advance(time.Hour)
	b.mustSend(dedupe)
	b.wantMails("ada@acme.example")
}

func TestARestoreDoesNotMail(t *testing.T) {
	for name, c := range map[string]struct {
		age, paced time.Duration
		want       integration.NoticeStatus
	}{
		"just young enough":          {age: 48 * time.Hour, want: integration.Sent},
		"too old":                    {age: 48*time.Hour + time.Second, want: integration.Dropped},
		"old, but paced until later": {age: 49 * time.Hour, paced: 2 * time.Hour, want: integration.Sent},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			it, n := b.invited()
			n.CreatedAt = b.now().Add(-c.age)
			n.NotBefore = n.CreatedAt.Add(c.paced)
			dedupe := b.put(it, n, ada())
			b.mustSend(dedupe)
			b.wantStatus(dedupe, c.want)
			if c.want == integration.Dropped {
				b.wantMails()
				b.wantHistory("notice_dropped", "invitation to admin")
			}
		})
	}
}

func TestNobodyLeftIsToldToSupport(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	gone := ada()
	gone.Undeliverable = b.now()
	erased := bob()
	erased.Address = ""
	dedupe := b.put(it, n, gone, erased)
	b.mustSend(dedupe)
	b.wantStatus(dedupe, integration.Dropped)
	for _, d := range b.pending() {
		b.mustSend(d)
	}
	b.wantMails("help@vendor.example")
	m := b.mails()[0]
	if text := decoded(t, m.Raw).text; !strings.Contains(text, "No contact of this customer can be reached") || m.Tags["contact"] != "" {
		t.Errorf("wrong mail to support %v:\n%s", m.Tags, text)
	}
}

func TestRejectedAddressGoesToTheNextContact(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	dedupe := b.put(it, n, ada(), bob())
	b.fail("mail.Send", fmt.Errorf("%w: %w", integration.ErrUndeliverable, errTalkative))
	b.mustSend(dedupe)
	if got := b.notice(dedupe); got.Status != integration.Pending || !slices.Equal(got.Tried, []integration.ContactID{"con_ada"}) {
		t.Errorf("the notice was not opened for the next: %+v", got)
	}
	b.setHook(nil)
	for _, d := range b.pending() {
		b.mustSend(d)
	}
	b.wantMails("bob@acme.example", "help@vendor.example")
	contacts, _ := b.store.Contacts(t.Context(), it.ID)
	for _, c := range contacts {
		if c.Reachable() != (c.ID == "con_bob") {
			t.Errorf("%s is marked wrongly", c.ID)
		}
	}
}

func TestGoneNoticeIsNoError(t *testing.T) {
	b := newBench(t)
	b.mustSend("never written")
}

func TestFleetNoticeGoesToSupport(t *testing.T) {
	b := newBench(t)
	n := integration.Notice{
		Integration: integration.Fleet, Dedupe: "hold", Kind: integration.NoticeHoldBegan, Audience: integration.ToSupport,
		Status: integration.Pending, CreatedAt: b.now(), Facts: integration.Facts{Count: 12},
	}
	if err := b.store.SetFleet(t.Context(), integration.FleetStatus{}, integration.FleetStatus{}, []integration.Notice{n}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.Send(t.Context(), integration.Fleet, "hold"); err != nil {
			t.Fatal(err)
		}
	}
	b.wantMails("help@vendor.example")
}

func (b *bench) wantHistory(what, detail string) {
	b.t.Helper()
	entries, _, err := b.store.History(b.t.Context(), acme().ID, "", 20)
	if err != nil {
		b.t.Fatal(err)
	}
	if !slices.ContainsFunc(entries, func(e integration.Entry) bool { return e.What == what && e.Detail == detail }) {
		b.t.Errorf("no line of history says %q %q: %+v", what, detail, entries)
	}
}
