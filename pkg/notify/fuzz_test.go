package notify

import (
	"bytes"
	"net/mail"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// FuzzMail puts texts that others chose into a mail: it is one mail, with our
// headers and nobody else's, to the one address, and its HTML has no tag of
// theirs.
func FuzzMail(f *testing.F) {
	for _, s := range []string{"Acme, iOS", "x\r\nBcc: evil@evil.example", "<script>alert(1)</script>", "=?utf-8?q?=0d=0aBcc:_x?=", "\u202egro", "{{.Vendor}}", "\x00\x1b[2J", strings.Repeat("Ä", 300), "a\u2028b", "\"; x=\""} {
		f.Add(s, s, s)
	}
	r, err := NewRenderer(Letterhead{Vendor: "Example Apps", Support: "support@vendor.example"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, label, name, team string) {
		it := integration.Integration{ID: "int_a", Label: label, TeamName: team, TeamID: team, Customer: label}
		n := integration.Notice{Integration: "int_a", Kind: integration.NoticeInvitation, Audience: integration.ToAdmin, Dedupe: "d", Facts: integration.Facts{KeyID: name, Serial: label, Names: []string{name}}}
		to := integration.Contact{ID: "con_a", Name: name, Address: "ann@customer.example"}
		l, err := r.Render(desk{notice: n, it: it}, to, Link{URL: "https://keys.example.com/l/x", ExpiresAt: time.Unix(1e9, 0)}, time.Unix(1e9, 0))
		if err != nil {
			t.Fatalf("an error of type %T", err)
		}
		if strings.ContainsAny(l.Subject, "\r\n\x00") || strings.Count(strings.ToLower(l.HTML), "<script") > 0 {
			t.Error("the letter holds what it must not")
		}
		e := envelope{fromName: "Example Apps", from: "keyward@vendor.example", toName: cleanName(name), to: to.Address, replyTo: "support@vendor.example", date: time.Unix(1e9, 0), id: "id"}
		raw, err := e.seal(l)
		if err != nil {
			t.Fatalf("an error of type %T", err)
		}
		onlyOurs(t, raw)
	})
}

// cleanName is what compose makes of a contact's name.
func cleanName(s string) string { return name(s) }

func onlyOurs(t *testing.T, raw []byte) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal("not a mail")
	}
	ours := map[string]bool{}
	for _, h := range []string{"Date", "Mime-Version", "Message-Id", "Subject", "From", "To", "Reply-To", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Type"} {
		ours[h] = true
	}
	for h, values := range m.Header {
		if !ours[h] || len(values) != 1 {
			t.Errorf("%d headers that are not ours", len(values))
		}
	}
	if list, err := m.Header.AddressList("To"); err != nil || len(list) != 1 || list[0].Address != "ann@customer.example" {
		t.Error("the mail goes to somebody else")
	}
}
