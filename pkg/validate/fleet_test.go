package validate

import (
	"testing"

	"keyward/pkg/integration"
)

// TestRemindersOfTheUserKnowOfAHold: a quiet integration is not asked about
// otherwise.
func TestRemindersOfTheUserKnowOfAHold(t *testing.T) {
	w := newWorld(t)
	must(t, w.store.SetFleet(t.Context(), integration.FleetStatus{}, integration.FleetStatus{HoldSince: start}, nil))
	it := integration.Integration{State: integration.Active}
	for access, held := range map[integration.UserAccess]bool{
		integration.UserMissing: true, integration.UserIncomplete: true, integration.UserActive: false, integration.UserNotAsked: false,
	} {
		it.User.Access = access
		v, err := w.service.view(t.Context(), it, integration.Outcome{Verdict: integration.OK})
		if err != nil || v.Hold != held {
			t.Errorf("user %q: hold %v, error %v", access, v.Hold, err)
		}
	}
}
