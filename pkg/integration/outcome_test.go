package integration

import "testing"

func TestFindingsThatSayNothing(t *testing.T) {
	for _, c := range []struct {
		verdict Verdict
		reason  Reason
		known   bool
	}{
		{OK, "", true},
		{Blocked, Role, true},
		{Blocked, WrongKeyKind, true},
		{Blocked, Agreement, false},
		{Blocked, Membership, false},
		{Inconclusive, Outage, false},
		{Inconclusive, NotTheRole, false},
		{Inconclusive, NoApps, false},
		{Rejected, NotAuthorized, false},
		{"", "", false},
	} {
		if got := (Finding{Certificates, c.verdict, c.reason}).Known(); got != c.known {
			t.Errorf("%s, %s: known is %v", c.verdict, c.reason, got)
		}
	}
}
