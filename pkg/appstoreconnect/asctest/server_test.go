package asctest_test

import (
	"testing"
)

func TestAppsOfATeam(t *testing.T) {
	w := newWorld(t)
	r := w.get("/v1/apps?limit=1&fields[apps]=bundleId")
	if r.Status != 200 {
		t.Fatalf("status %d: %s", r.Status, r.Body)
	}
	apps := r.list(t)
	if len(apps) != 1 || apps[0].Attributes["bundleId"] != w.team.Apps[0].BundleID || len(apps[0].Attributes) != 1 || apps[0].Relationships != nil {
		t.Errorf("got %s", r.Body)
	}
	if got := r.Header.Get("X-Rate-Limit"); got != "user-hour-lim:3500;user-hour-rem:3499;" {
		t.Errorf("X-Rate-Limit is %q", got)
	}
}
