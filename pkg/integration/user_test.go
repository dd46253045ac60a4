package integration

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
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

// asking is a life whose level asks for the vendor's user, with a key that has
// just been accepted.
func asking(t *testing.T) *life {
	l := newLife(t, "publish")
	l.it.Access.User = mustVendorUser(t)
	l.accept(userRead(UserMissing))
	l.it.Certificates.DueAt = time.Time{}
	return l
}

// userRead is a good answer that says how far the vendor's user has come;
// UserNotAsked is one that could not say it.
func userRead(access UserAccess) Outcome {
	o := fine
	o.Findings, o.User = []Finding{{Capability: Apps, Verdict: OK}}, UserFinding{Access: access}
	if access == UserIncomplete {
		o.User.Missing = []UserRight{CloudSigning}
	}
	return o
}

// readUntil answers each check that is due until the day after start, and
// returns after how many hours contacts were reminded of the user.
func (l *life) readUntil(until int, o Outcome) string {
	var hours []string
	for end := start.Add(time.Duration(until) * day); !l.it.Check.DueAt.After(end); {
		l.now = l.it.Check.DueAt
		for _, n := range l.check(o) {
			if n.Kind == NoticeUserReminder {
				if n.Audience != ToAdmin || n.Link || n.Facts.Since.IsZero() {
					l.t.Errorf("%s", said(n, l.now))
				}
				hours = append(hours, itoa(int(l.now.Sub(start).Hours())))
			}
		}
	}
	return strings.Join(hours, " ")
}

// TestContactsAreRemindedOfTheUser: on the third and the tenth day after the
// user was first found missing or, if that is later, after the key was
// accepted; never on old news, nor while the key has a problem of its own.
func TestContactsAreRemindedOfTheUser(t *testing.T) {
	after := func(days int, o Outcome, then func(*life)) func(*life) {
		return func(l *life) { l.readUntil(days, o); then(l) }
	}
	for _, tc := range []struct {
		name  string
		first func(*life)
		found UserAccess
		want  string // hours after the beginning
	}{
		{"missing", nil, UserMissing, "72 240"},
		{"a right is missing", nil, UserIncomplete, "72 240"},
		{"added", nil, UserActive, ""},
		{"invited", nil, UserInvited, ""},
		{"the key may not read users", nil, UserUnknown, ""},
		{"no complete list", nil, UserNotAsked, ""},
		{"not asked for any more", func(l *life) { l.it.Access.User = VendorUser{} }, UserMissing, ""},
		{"another key after two days", after(2, userRead(UserMissing), func(l *life) { l.now = start.Add(2 * day); l.accept(userRead(UserMissing)) }), UserMissing, "120 288"},
		{"another key after five days", after(5, userRead(UserMissing), func(l *life) { l.now = start.Add(5 * day); l.accept(userRead(UserMissing)) }), UserMissing, "360"},
		{"added, and removed again", after(4, userRead(UserMissing), func(l *life) { l.readUntil(5, userRead(UserActive)) }), UserMissing, "202 370"},
		{"read again only after four days", after(4, userRead(UserNotAsked), func(*life) {}), UserMissing, "100 240"},
		{"unreadable from the second day to the fourth", after(2, userRead(UserMissing), func(l *life) { l.readUntil(4, userRead(UserUnknown)) }), UserMissing, "106 240"},
		{"a fleet hold on the third day", after(2, userRead(UserMissing), func(l *life) {
			l.fleet.Hold, l.fleet.HoldSince = true, l.now
			if got := l.readUntil(4, userRead(UserMissing)); got != "" {
				l.t.Errorf("reminded during the hold, at %s", got)
			}
			l.fleet.Hold = false
		}), UserMissing, "100 240"},
		{"the agreement is missing on the third day", after(2, userRead(UserMissing), func(l *life) {
			o := userRead(UserMissing)
			o.Verdict, o.Reason = Blocked, Agreement
			if got := l.readUntil(4, o); got != "" {
				l.t.Errorf("reminded while the agreement is missing, at %s", got)
			}
		}), UserMissing, "96 240"},
		{"after both reminders were due", after(2, userRead(UserMissing), func(l *life) { l.readUntil(12, userRead(UserNotAsked)) }), UserMissing, "292"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := asking(t)
			if tc.first != nil {
				tc.first(l)
			}
			if got := l.readUntil(30, userRead(tc.found)); got != tc.want {
				t.Errorf("reminded after %q, want %q", got, tc.want)
			}
		})
	}
}

func TestNobodyIsRemindedOfTheUserWithoutAKey(t *testing.T) {
	for name, end := range map[string]func(*life){
		"deactivated":  func(l *life) { l.untilState(Deactivated, unauthorized) },
		"disconnected": func(l *life) { l.do(DisconnectRequested{By: "support"}) },
		"overdue": func(l *life) {
			enforced(day, true)(l)
			tick(day)(l)
			tick(day)(l)
			l.inState(Deactivated, Reauthorisation)
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := asking(t)
			end(l)
			for l.pass(day); l.now.Before(start.Add(30 * day)); l.pass(day) {
				var mails []Notice
				if l.it.Key != nil {
					mails = l.checkAnyway(userRead(UserMissing), name)
				}
				for _, n := range append(mails, l.do(Tick{Fleet: big})...) {
					if n.Kind == NoticeUserReminder {
						t.Fatalf("reminded after %v", l.now.Sub(start))
					}
				}
			}
		})
	}
}

// checkAnyway is a check whose answer does not bring the integration back.
func (l *life) checkAnyway(o Outcome, name string) []Notice {
	if name == "deactivated" {
		o.Verdict, o.Reason = Rejected, NotAuthorized
	}
	return l.check(o)
}
