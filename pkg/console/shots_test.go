package console_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"keyward/pkg/integration"
)

// TestPagesInABrowser loads the pages in Chromium at the width of a desk and
// of a phone: nothing may stick out at the side. With KEYWARD_SHOTS=dir it leaves pictures there.
func TestPagesInABrowser(t *testing.T) {
	r := newRig(t)
	ctx := browser(t)
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
		for _, width := range []int64{1280, 360} {
			t.Run(fmt.Sprintf("%s at %d", page.name, width), func(t *testing.T) {
				wide, heading, png := shoot(ctx, t, r.server.URL+page.path, width)
				if heading != page.heading {
					t.Errorf("got the heading %q, want %q", heading, page.heading)
				}
				if wide > width {
					t.Errorf("the page is %d wide", wide)
				}
				if dir := os.Getenv("KEYWARD_SHOTS"); dir != "" {
					must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.png", page.name, width)), png, 0o600))
				}
			})
		}
	}
}

// browser is Chromium. Where there is none the test is skipped; in CI it fails.
func browser(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	switch {
	case testing.Short():
		t.Skip("browsers take long")
	case err != nil && os.Getenv("CI") != "":
		t.Fatal("Chromium is missing: install the package chromium")
	case err != nil:
		t.Skip("no Chromium found: pages are not tested in a browser; install the package chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("disable-component-update", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	return ctx
}

func shoot(ctx context.Context, t *testing.T, url string, width int64) (wide int64, heading string, png []byte) {
	t.Helper()
	_, err := chromedp.Run(ctx, chromedp.EmulateViewport(width, 900))
	must(t, err)
	_, err = chromedp.Run(ctx, chromedp.Navigate(url))
	must(t, err)
	wide, err = chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollWidth"))
	must(t, err)
	heading, err = chromedp.Run(ctx, chromedp.Evaluate[string]("document.querySelector('h1')?.textContent ?? ''"))
	must(t, err)
	png, err = chromedp.Run(ctx, chromedp.FullScreenshot(100))
	must(t, err)
	return wide, heading, png
}
