package operator

import (
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// TestReasonsNameWhoActs holds each reason to the person who can do something
// about it: whoever is told instead cannot.
func TestReasonsNameWhoActs(t *testing.T) {
	for reason, c := range map[integration.Reason]struct{ because, remedy string }{
		integration.NotAuthorized:   {"does not accept the key", "customer"},
		integration.ForbiddenAtAll:  {"forbids the key everything", "customer"},
		integration.WrongProgram:    {"Enterprise", "customer"},
		integration.WrongKeyKind:    {"individual key", "customer"},
		integration.Reauthorisation: {"asked to confirm", "customer"},
		integration.Agreement:       {"agreement with Apple", "The Account Holder accepts the agreement"},
		integration.Membership:      {"membership has lapsed", "The Account Holder renews the membership"},
		integration.Role:            {"role is too low", "new key with a higher role"},
		integration.NoApps:          {"sees no app", "creates the app"},
		integration.RateLimited:     {"slow down", ""},
		integration.Outage:          {"Apple's servers", ""},
		integration.Timeout:         {"in time", ""},
		integration.Nonsense:        {"could not be understood", ""},
		integration.VaultDown:       {"Our own vault", ""},
		integration.OurClock:        {"Our own clock", ""},
		"":                          {"No reason is known.", ""},
		"new_one":                   {"new_one", ""},
	} {
		if got := because(reason); !strings.Contains(got, c.because) {
			t.Errorf("%q is explained as %q, want %q", reason, got, c.because)
		}
		if got := remedy(reason); !strings.Contains(got, c.remedy) {
			t.Errorf("%q is remedied by %q, want %q", reason, got, c.remedy)
		}
	}
}

func TestRefusedUploadsAreExplained(t *testing.T) {
	for diagnosis, want := range map[string]string{
		"":                          "",
		integration.RefusedHeld:     "another customer's integration",
		integration.RefusedShared:   "same customer",
		integration.RefusedTeam:     "another team",
		integration.RefusedLinkVoid: "used or revoked",
		integration.RefusedName:     "another key ID",
		"certificate_pem":           "certificate",
		"membership":                "membership has lapsed",
	} {
		if got := refusal(diagnosis); !strings.Contains(got, want) || (got == "") != (diagnosis == "") {
			t.Errorf("%q: got %q, want %q", diagnosis, got, want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 min", -time.Hour: "0 min", 59 * time.Second: "0 min", time.Minute: "1 min", 59 * time.Minute: "59 min",
		time.Hour: "1 h", 61 * time.Minute: "1 h 1 min", 25*time.Hour + 30*time.Minute: "25 h 30 min",
	} {
		if got := span(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

// TestIfMatch: a change is refused unless it names the version that is there.
func TestIfMatch(t *testing.T) {
	for header, want := range map[string]bool{
		"": true, "*": true, `"7"`: true, `"6", "7"`: true, `"6"`: false, "7": false, `W/"7"`: false, `"77"`: false,
	} {
		if got := matches(header, 7); got != want {
			t.Errorf("If-Match: %s: %t, want %t", header, got, want)
		}
	}
}

// TestARNsThatAreNobody: an ARN with a part missing is not trusted.
func TestARNsThatAreNobody(t *testing.T) {
	for arn, want := range map[string]bool{
		"arn:aws:iam::111122223333:role/Build":                  true,
		"arn:aws:iam::111122223333:role/ci/Build":               true,
		"arn:aws:iam::111122223333:user/jane":                   true,
		"arn:aws:sts::111122223333:assumed-role/Build/job":      true,
		"arn:aws:sts::111122223333:assumed-role/Build":          false,
		"arn:aws:sts::111122223333:assumed-role/Build/":         false,
		"arn:aws:sts::111122223333:assumed-role//job":           false,
		"arn:aws:sts::111122223333:assumed-role/Build/job/more": false,
		"arn:aws:iam::111122223333:assumed-role/Build/job":      false,
		"arn:aws:sts::111122223333:role/Build":                  false,
		"arn:aws:iam::111122223333:role/":                       false,
		"arn:aws:iam::111122223333:role":                        false,
		"arn:aws:iam::111122223333:group/Build":                 false,
		"arn:aws:iam:::role/Build":                              false,
		"arn::iam::111122223333:role/Build":                     false,
		"urn:aws:iam::111122223333:role/Build":                  false,
		"arn:aws:iam::111122223333":                             false,
		"":                                                      false,
	} {
		if _, _, got := parseARN(arn); got != want {
			t.Errorf("%q: %t, want %t", arn, got, want)
		}
	}
}

// TestSessionNamesKeepWhatIsHarmless at both ends of each range.
func TestSessionNamesKeepWhatIsHarmless(t *testing.T) {
	for session, want := range map[string]string{
		"azAZ09._-": "azAZ09._-", "`{@": "--", "[/:": "---", "x/y": "x-y", strings.Repeat("y", 64): strings.Repeat("y", 64),
	} {
		if got := harmless(session); got != want {
			t.Errorf("%q: got %q, want %q", session, got, want)
		}
	}
}

func TestScopesInTheHistoryAreCut(t *testing.T) {
	whole := strings.Repeat("x", 500)
	for name, c := range map[string]struct {
		scope []string
		want  string
	}{
		"none": {nil, "everything that the key may do"}, "two": {[]string{"GET /v1/apps", "GET /v1/users"}, "GET /v1/apps; GET /v1/users"},
		"500": {[]string{whole}, whole}, "501": {[]string{whole + "y"}, whole + "…"},
	} {
		if got := scopeText(c.scope); got != c.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestWhoeverMustConfirmIsNotAskedForANewKeyAlone(t *testing.T) {
	now := time.Date(2025, 11, 22, 9, 0, 0, 0, time.UTC)
	for cause, want := range map[integration.Reason]string{
		integration.Reauthorisation: "confirms the integration, or uploads a new key", integration.NotAuthorized: "uploads a new key",
	} {
		next := words(integration.Integration{State: integration.Deactivated, Cause: cause}, now).Next
		if !strings.Contains(next, want) || strings.Contains(next, "confirms") != (cause == integration.Reauthorisation) {
			t.Errorf("%s: %q, want %q", cause, next, want)
		}
	}
}
