package notify

import (
	"testing"

	"keyward/pkg/integration"
)

// The verdict on an upload goes to whoever uploaded; if mail does not reach
// them, to the others as usual.
func TestWhoUploadedIsWrittenToFirst(t *testing.T) {
	admin, uploader := ada(), ada()
	uploader.ID, uploader.Duties = "con_bob", nil
	bounced := uploader
	bounced.Undeliverable = at2026(3, 1, 8, 0)
	for name, c := range map[string]struct {
		contacts []integration.Contact
		about    integration.ContactID
		want     integration.ContactID
	}{
		"nobody in particular":    {[]integration.Contact{uploader, admin}, "", "con_ada"},
		"the uploader":            {[]integration.Contact{admin, uploader}, "con_bob", "con_bob"},
		"an uploader who is gone": {[]integration.Contact{admin}, "con_bob", "con_ada"},
		"one whose mail bounces":  {[]integration.Contact{admin, bounced}, "con_bob", "con_ada"},
	} {
		n := integration.Notice{Kind: integration.NoticeUploadRefused, Audience: integration.ToAdmin, Facts: integration.Facts{Contact: c.about}, CreatedAt: at2026(3, 22, 9, 0)}
		d := decide(desk{notice: n, it: acme(), contacts: c.contacts}, at2026(3, 22, 9, 30))
		if d.step != send || d.to.ID != c.want {
			t.Errorf("%s: %s to %q, want %q", name, d.step, d.to.ID, c.want)
		}
	}
}
