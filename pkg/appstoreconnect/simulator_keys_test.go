package appstoreconnect_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// What each level makes of keys, and what their answers show of their roles.
func TestSimulatorRoles(t *testing.T) {
	signing := []integration.Capability{integration.Certificates, integration.Profiles, integration.BundleIDs}
	a := mustApple(t, asctest.Config{}, asctest.Team{}, appstoreconnect.Unscoped)
	for _, tc := range []struct {
		roles   []asctest.Role
		level   string
		verdict integration.Verdict
		missing []integration.Capability
		found   integration.RoleFinding
	}{
		{[]asctest.Role{asctest.AppManager}, "publish", integration.OK, nil, "not_verified"},
		{[]asctest.Role{asctest.Developer}, "publish", integration.OK, nil, "not_verified"},
		{[]asctest.Role{asctest.Admin}, "publish", integration.OK, nil, "yes"},
		{[]asctest.Role{asctest.Admin}, "full", integration.OK, nil, "yes"},
		{[]asctest.Role{asctest.AppManager}, "full", integration.Blocked, []integration.Capability{integration.Users, integration.Reports}, "no"},
		{[]asctest.Role{asctest.CustomerSupport}, "publish", integration.Blocked, signing, "no"},
		{[]asctest.Role{asctest.Sales}, "insights", integration.Blocked, []integration.Capability{integration.Reviews}, "no"},
		{[]asctest.Role{asctest.CustomerSupport}, "insights", integration.Blocked, []integration.Capability{integration.Reports}, "no"},
		{[]asctest.Role{asctest.AppManager}, "insights", integration.Blocked, []integration.Capability{integration.Reports}, "no"},
		{[]asctest.Role{asctest.CustomerSupport, asctest.Sales}, "insights", integration.OK, nil, "yes"},
		{[]asctest.Role{asctest.Admin}, "insights", integration.OK, nil, "yes"},
	} {
		t.Run(fmt.Sprint(tc.roles, " ", tc.level), func(t *testing.T) {
			plan := appstoreconnect.Plan{Level: mustLevel(t, tc.level), Depth: appstoreconnect.Full}
			o := a.client.Check(t.Context(), a.mustCreds(t, tc.roles...), plan)
			if diff := cmp.Diff(tc.missing, o.Missing); diff != "" || o.Verdict != tc.verdict {
				t.Errorf("%s, %s, missing (-want +got):\n%s", o.Verdict, o.Reason, diff)
			}
			it := integration.Integration{Key: &integration.Key{}, Access: plan.Level, Findings: o.Findings}
			if got := it.RoleFound(); got != tc.found {
				t.Errorf("the role is found: %q, want %q", got, tc.found)
			}
		})
	}
}

// A key that was handed over as what it is not.
func TestSimulatorLookAlikes(t *testing.T) {
	a := mustApple(t, asctest.Config{}, asctest.Team{}, appstoreconnect.Unscoped)
	enterprise := a.AddTeam(asctest.Team{Program: integration.Enterprise})
	individual, err := a.NewIndividualKey(a.project.TeamID, a.project.Users[0].ID)
	must(t, err)
	subscription, err := a.NewSubscriptionKey(a.project.TeamID)
	must(t, err)
	inHouse, err := a.NewKey(enterprise.TeamID)
	must(t, err)
	for name, tc := range map[string]struct {
		key    asctest.Key
		reason integration.Reason
	}{
		"individual key":      {individual, integration.WrongKeyKind},
		"Enterprise key":      {inHouse, integration.WrongProgram},
		"In-App Purchase key": {subscription, integration.NotAuthorized},
	} {
		t.Run(name, func(t *testing.T) {
			creds := mustHandOver(t, tc.key)
			creds.Kind, creds.Program = integration.TeamKey, integration.Standard
			if creds.IssuerID == "" {
				creds.IssuerID = a.project.IssuerID
			}
			plan := appstoreconnect.Plan{Level: mustLevel(t, "insights"), Depth: appstoreconnect.Full}
			if o := a.client.Check(t.Context(), creds, plan); o.Reason != integration.NotAuthorized {
				t.Fatalf("check: %s, %s", o.Verdict, o.Reason)
			}
			found, o := a.client.Identify(t.Context(), creds)
			if o.Verdict != integration.Rejected || o.Reason != tc.reason {
				t.Errorf("got %s, %s", o.Verdict, o.Reason)
			}
			if o.Kind == "" {
				return
			}
			if o := a.client.Check(t.Context(), found, plan); o.Verdict != integration.OK {
				t.Errorf("as what it is: %s, %s", o.Verdict, o.Reason)
			}
		})
	}
}

func TestSimulatorClocksThatDiffer(t *testing.T) {
	for name, tc := range map[string]struct {
		ahead   time.Duration
		verdict integration.Verdict
	}{
		"Apple a minute behind":     {-time.Minute, integration.OK},
		"Apple ten minutes behind":  {-10 * time.Minute, integration.Inconclusive},
		"Apple eight minutes ahead": {8 * time.Minute, integration.OK},
		"Apple an hour ahead":       {time.Hour, integration.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			a := mustApple(t, asctest.Config{}, asctest.Team{}, appstoreconnect.Unscoped)
			a.Advance(tc.ahead)
			o := a.client.Check(t.Context(), a.mustCreds(t, asctest.Admin), appstoreconnect.Plan{Level: mustLevel(t, "publish")})
			if o.Verdict != tc.verdict || (o.Verdict == integration.Inconclusive && o.Reason != integration.OurClock) {
				t.Errorf("got %s, %s", o.Verdict, o.Reason)
			}
		})
	}
}

func TestSimulatorRateLimit(t *testing.T) {
	a := mustApple(t, asctest.Config{RateLimit: 2}, asctest.Team{}, appstoreconnect.Unscoped)
	creds := a.mustCreds(t, asctest.Admin)
	plan := appstoreconnect.Plan{Level: mustLevel(t, "publish")}
	for i, want := range []integration.Reason{"", "", integration.RateLimited} {
		if o := a.client.Check(t.Context(), creds, plan); o.Reason != want {
			t.Errorf("check %d: %s, %s", i+1, o.Verdict, o.Reason)
		}
	}
}

func TestSimulatorCertificates(t *testing.T) {
	for _, scoping := range []appstoreconnect.Scoping{appstoreconnect.Unscoped, appstoreconnect.PerTarget} {
		a := mustApple(t, asctest.Config{}, asctest.Team{}, scoping)
		creds := a.mustCreds(t, asctest.Admin)
		var want []string
		for range 203 {
			c, err := a.IssueCertificate(a.project.TeamID, "DEVELOPMENT", nil, 0)
			must(t, err)
			want = append(want, c.Serial)
		}
		list, err := a.client.Certificates(t.Context(), creds)
		must(t, err)
		var got []string
		for _, c := range list {
			if c.TeamID != a.project.TeamID || c.DatesDiffer || c.NotAfter.IsZero() || c.SHA256 == "" || c.Type != "DEVELOPMENT" {
				t.Fatalf("certificate %+v", c)
			}
			got = append(got, c.Serial)
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" || a.Calls() != 2 {
			t.Errorf("%d calls, serials (-want +got):\n%s", a.Calls(), diff)
		}
		fault(asctest.Fault{Effect: asctest.HostileNext})(t, a, "")
		_, err = a.client.Certificates(t.Context(), creds)
		if o := a.client.Explain(err); o.Reason != integration.Nonsense {
			t.Errorf("hostile next: %s, %s", o.Verdict, o.Reason)
		}
	}
}
