package console_test

import (
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/pages/pagestest"
)

// TestPagesInABrowser loads the pages in Chromium: they are accessible, and at
// the width of a desktop and of a phone nothing sticks out at the side.
func TestPagesInABrowser(t *testing.T) {
	r := newRig(t)
	b := pagestest.Open(t)
	ids := r.MustSeed()
	r.MustHold(26 * time.Hour)
	r.MustSetFleet(func(f *integration.FleetStatus) {
		f.WaveSince, f.WavePeak, f.ReleasedAt, f.ReleasedBy = r.now, 5, r.now.Add(-20*time.Hour), "support jane.doe"
	})
	long := "Borealis Outdoor and Travel Magazine, subscriber app for iPhone and iPad"
	one := func(name string) string { return "/integrations/" + ids[name] }
	for _, page := range []struct{ name, path, heading string }{
		{"overview", "/", "Overview"}, {"list", "/integrations", "Integrations"}, {"invite", "/invite", "Invite a customer"},
		{"active", one("active"), "Acme Learning, iOS app"}, {"suspect", one("suspect"), long},
		{"action", one("action") + "?done=link", "Cobalt Bank"}, {"awaiting", one("awaiting"), "Echo Radio"},
		{"dead", one("dead"), "Delta Fitness"}, {"over", one("over"), "Foxtrot Games"},
		{"disconnect", one("active") + "/disconnect", "Disconnect for good?"}, {"revoke", one("suspect") + "/revoke", "Revoke all upload links?"},
		{"contact", one("active") + "/contacts/new", "Add a contact"}, {"history", one("active") + "/history", "History"},
		{"mail", r.MustReadMail(ids["active"]), "Please upload your App Store Connect key – Acme Learning, iOS app"},
		{"missing", "/nowhere", "There is nothing here"},
		{"hold", "/?done=end-hold", "Overview"}, {"endhold", "/fleet/end-hold", "End the fleet hold?"},
	} {
		t.Run(page.name, func(t *testing.T) {
			b := b.In(t)
			b.Go(r.server.URL + page.path)
			if got := pagestest.Eval[string](b, "document.querySelector('h1')?.textContent ?? ''"); got != page.heading {
				t.Errorf("got the heading %q, want %q", got, page.heading)
			}
			b.Accessible()
			b.Fits(1280)
			b.Fits(360)
			b.Shoot("console-" + page.name)
		})
	}
}
