package portal_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/portal"
	"keyward/pkg/table"
)

func TestMemoryLimiter(t *testing.T) {
	now := time.Now()
	l := portal.NewMemoryLimiter(func() time.Time { return now }, 2)
	r := portal.Rate{Every: time.Minute, Burst: 2}
	got := fmt.Sprint(l.Allow("a", r), l.Allow("a", r), l.Allow("a", r), l.Allow("b", r))
	if got != "true true false true" {
		t.Errorf("got %s", got)
	}
	now = now.Add(time.Minute)
	if got := fmt.Sprint(l.Allow("a", r), l.Allow("a", r)); got != "true false" {
		t.Error("after a minute there is not one more")
	}
	l.Allow("c", r) // forgets b, which was unused for longest
	l.Allow("b", r) // forgets a
	if got := fmt.Sprint(l.Allow("a", r), l.Allow("a", r), l.Allow("a", r)); got != "true true false" {
		t.Error("the limiter does not forget what was unused for longest")
	}
}

func TestPagesAreLimitedByAddress(t *testing.T) {
	address := "2001:db8::1"
	w := mustWorld(t, func(c *portal.Config, _ *integration.Draft) {
		c.Limits.PerAddress = portal.Rate{Every: time.Hour, Burst: 3}
		c.Address = func(*http.Request) string { return address }
	})
	v := w.visitor().enter()
	for range 3 {
		v.get("/setup")
	}
	address = "2001:db8::2" // the same subscriber
	if a := v.get("/setup"); a.StatusCode != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" || !strings.Contains(a.body, "Too many attempts") {
		t.Errorf("status %d", a.StatusCode)
	}
	if a := v.get("/l/" + w.token); a.StatusCode != 200 {
		t.Errorf("the inert page is limited: status %d", a.StatusCode)
	}
	address = "2001:db8:0:1::1"
	if a := v.get("/setup"); a.StatusCode != 200 {
		t.Errorf("another subscriber: status %d", a.StatusCode)
	}
}

func TestNewNamesAllThatIsMissing(t *testing.T) {
	_, err := portal.New(portal.Config{PublicURL: "keys.example.com"})
	for _, want := range []string{"Vendor.Name", "Store", "Forms", "Now", "PublicURL"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not name %s: %v", want, err)
		}
	}
}

func TestALogoIsShown(t *testing.T) {
	w := mustWorld(t, func(c *portal.Config, _ *integration.Draft) {
		c.Vendor.Logo = &portal.Logo{Format: "svg", Data: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)}
	})
	page := w.visitor().get("/").body
	i := strings.Index(page, "/assets/logo.")
	if i < 0 {
		t.Fatal("no logo")
	}
	path, _, _ := strings.Cut(page[i:], `"`)
	if a := w.visitor().get(path); a.StatusCode != 200 || a.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("status %d, type %q", a.StatusCode, a.Header.Get("Content-Type"))
	}
}

var (
	_ portal.Store = (*table.Store)(nil)
	_ portal.Forms = (*embedded.Objects)(nil)
)
