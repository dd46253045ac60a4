package notify

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"keyward/pkg/integration"
)

// TestWhatIsKeptOfEveryMail holds for every letter: support reads what the
// customer read, without the customer's name and without a way in.
func TestWhatIsKeptOfEveryMail(t *testing.T) {
	r := mustRenderer(t)
	addresses := regexp.MustCompile(`[^\s“”()]+@[\w.-]+\w`)
	ours := map[string]bool{"help@vendor.example": true, "builds@vendor.example": true}
	for _, c := range specimens() {
		t.Run(c.name, func(t *testing.T) {
			if c.notice.Audience != integration.ToSupport {
				c = c.linked()
				c.to.Name, c.to.Address = "Quentin Quux", "quentin@quux.example"
			}
			kept, err := r.content(job{desk: c.desk, to: c.to, link: c.link}, at2026(3, 22, 9, 30))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range []string{kept.Subject, kept.Text} {
				for _, bad := range []string{"Quentin", "Quux", "quux", "/l/", "keys.vendor.example", c.link.URL} {
					if bad != "" && strings.Contains(s, bad) {
						t.Errorf("%q is kept", bad)
					}
				}
				for _, address := range addresses.FindAllString(s, -1) {
					if !ours[address] {
						t.Errorf("the address %s is kept", address)
					}
				}
			}
			sent, err := r.Render(c.desk, c.to, c.link, at2026(3, 22, 9, 30))
			if err != nil {
				t.Fatal(err)
			}
			want := strings.NewReplacer("Hello Quentin Quux,\n\n", "", freshLink().URL, "(link removed)").Replace(sent.Text)
			if kept.Text != want || kept.Subject != sent.Subject {
				t.Errorf("kept:\n%s\nsent, without name and link:\n%s", kept.Text, want)
			}
		})
	}
}

// TestWhatIsKeptIsBounded, and the longest mail is well below the bound.
func TestWhatIsKeptIsBounded(t *testing.T) {
	c := hostile(t).linked()
	c.it.Access.RoleWhy, c.notice.Facts.KeyID = strings.Repeat("w", 9999), strings.Repeat("k", 9999)
	for range 500 {
		c.it.Refused.BundleIDs = append(c.it.Refused.BundleIDs, strings.Repeat("b", 255))
	}
	c.it.Refused.Diagnosis = integration.RefusedUnexpected
	c.notice.Kind = integration.NoticeInvitation
	kept, err := mustRenderer(t).content(job{desk: c.desk, to: c.to, link: c.link}, at2026(3, 22, 9, 30))
	if err != nil {
		t.Fatal(err)
	}
	if n := utf8.RuneCountInString(kept.Text); n != 20_000 {
		t.Errorf("%d characters are kept", n)
	}
	for _, s := range specimens() {
		if l := mustRender(t, s); len(l.Text) > 5000 {
			t.Errorf("%s has %d bytes", s.name, len(l.Text))
		}
	}
}

// TestWhatWasSentIsKeptWithTheNotice, and what was not sent is not.
func TestWhatWasSentIsKeptWithTheNotice(t *testing.T) {
	b := newBench(t)
	it, n := b.invited()
	dedupe := b.put(it, n, ada(), bob())
	b.fail("mail.Send", errTalkative)
	_ = b.send(dedupe)
	if got := b.notice(dedupe).Content; got != (integration.Content{}) {
		t.Errorf("kept before it was sent: %q", got.Subject)
	}
	b.fail("", nil)
	b.advance(6 * time.Minute)
	b.mustSend(dedupe)
	got, m := b.notice(dedupe), decoded(t, b.mails()[0].Raw)
	if got.Content.Subject != m.subject || !strings.Contains(got.Content.Text, "(link removed)") || strings.Contains(got.Content.Text, "Byron") {
		t.Errorf("of %q is kept: %q\n%s", m.subject, got.Content.Subject, got.Content.Text)
	}
	before, contacts := got, []integration.Contact{ada(), bob()}
	reopened := Undelivered(before, "con_ada", contacts, integration.Bounced, b.now()).Sent[0].After
	if reopened.Status != integration.Pending || reopened.Content != (integration.Content{}) {
		t.Errorf("a mail that goes to the next contact is %s and kept as %q", reopened.Status, reopened.Content.Subject)
	}
	ended := Undelivered(before, "con_ada", contacts[:1], integration.Bounced, b.now()).Sent[0].After
	if ended.Status != integration.Dropped || ended.Content != before.Content {
		t.Errorf("a mail that nobody else gets is %s and kept as %q", ended.Status, ended.Content.Subject)
	}
}
