package integration

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func mustVendorUser(t *testing.T) VendorUser {
	t.Helper()
	u, err := NewVendorUser("builds@vendor.example")
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestNobodyIsAskedForAUserByDefault(t *testing.T) {
	for _, l := range Levels() {
		if l.User.Asked() {
			t.Errorf("level %s asks for %v", l.Name, l.User)
		}
	}
}

func TestAskForUserWhereAppsAreSigned(t *testing.T) {
	levels := Levels()
	var asking []string
	for _, l := range AskForUser(levels, mustVendorUser(t)) {
		if l.User.Asked() {
			asking = append(asking, l.Name)
		}
	}
	if got := strings.Join(asking, " "); got != "publish full" {
		t.Errorf("asked for by %q", got)
	}
	if !reflect.DeepEqual(levels, Levels()) {
		t.Error("the levels given have changed")
	}
}

func TestVendorUserNeedsAnAddress(t *testing.T) {
	for name, address := range map[string]string{
		"empty": "", "no address": "secret-name", "with a name": "Secret <secret-name@vendor.example>", "no domain": "secret-name@localhost", "two": "secret-name@a.example, b@a.example",
	} {
		t.Run(name, func(t *testing.T) {
			u, err := NewVendorUser(address)
			if !errors.Is(err, ErrInvalid) || u.Asked() || strings.Contains(err.Error(), "secret-name") {
				t.Errorf("got %v, asked for: %v", err, u.Asked())
			}
		})
	}
}

func TestWhatIsLearntOfTheUser(t *testing.T) {
	found := func(f UserFinding) Outcome {
		o := fine
		o.Findings, o.User = []Finding{{Capability: Apps, Verdict: OK}}, f
		return o
	}
	lacking := UserFinding{UserIncomplete, []UserRight{CloudSigning}}
	l := newLife(t, "publish")
	l.it.Access.User = mustVendorUser(t)
	for _, step := range []struct {
		name    string
		outcome Outcome
		want    UserFinding
	}{
		{"nothing with the key", fine, UserFinding{}},
		{"missing", found(UserFinding{Access: UserMissing}), UserFinding{Access: UserMissing}},
		{"a quick check", fine, UserFinding{Access: UserMissing}},
		{"incomplete", found(lacking), lacking},
		{"no answer", found(UserFinding{}), lacking},
		{"a key that may not look", found(UserFinding{Access: UserUnknown}), UserFinding{Access: UserUnknown}},
		{"all there", found(UserFinding{Access: UserActive}), UserFinding{Access: UserActive}},
	} {
		if l.it.Key == nil {
			l.accept(step.outcome)
		} else {
			l.pass(Interval)
			l.check(step.outcome)
		}
		if !reflect.DeepEqual(l.it.User, step.want) {
			t.Fatalf("%s: got %v, want %v", step.name, l.it.User, step.want)
		}
		l.inState(Active, "")
	}
}

func TestTheUserIsLearntWithTheKey(t *testing.T) {
	o := fine
	o.Findings, o.User = []Finding{{Capability: Apps, Verdict: OK}}, UserFinding{Access: UserInvited}
	asking, other := newLife(t, "publish"), newLife(t, "publish")
	asking.it.Access.User = mustVendorUser(t)
	asking.accept(o)
	other.accept(o)
	if asking.it.User.Access != UserInvited || other.it.User.Access != UserNotAsked {
		t.Errorf("got %q where it is asked for, %q where it is not", asking.it.User.Access, other.it.User.Access)
	}
}

func TestWhenTheCustomerMustActForTheUser(t *testing.T) {
	for name, tc := range map[string]struct {
		finding UserFinding
		want    bool
	}{
		"not asked":              {UserFinding{}, false},
		"active":                 {UserFinding{Access: UserActive}, false},
		"invited":                {UserFinding{Access: UserInvited}, false},
		"invited, lacks a right": {UserFinding{UserInvited, []UserRight{Provisioning}}, true},
		"missing":                {UserFinding{Access: UserMissing}, true},
		"incomplete":             {UserFinding{UserIncomplete, []UserRight{Provisioning}}, true},
		"unknown":                {UserFinding{Access: UserUnknown}, false},
	} {
		if got := tc.finding.Wanting(); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
