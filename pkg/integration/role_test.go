package integration

import (
	"slices"
	"strings"
	"testing"
)

// What a check read, and what it shows of the key's role. The roles cannot be
// asked for: a row with "not verified" is one where Apple promises nothing.
func TestRoleFound(t *testing.T) {
	ok := func(cs ...Capability) (fs []Finding) {
		for _, c := range cs {
			fs = append(fs, Finding{Capability: c, Verdict: OK})
		}
		return fs
	}
	refused := func(r Reason, cs ...Capability) (fs []Finding) {
		for _, c := range cs {
			fs = append(fs, Finding{Capability: c, Verdict: Blocked, Reason: r})
		}
		return fs
	}
	signing := []Capability{"apps", "certificates", "profiles", "bundle_ids"}
	for _, tt := range []struct {
		name, level string
		findings    []Finding
		found       RoleFinding
		read        bool
	}{
		{"a Developer key reads all that publishing requires", "publish", slices.Concat(ok(signing...), ok("builds"), refused("role", "users")), "not_verified", true},
		{"nobody asked about users", "publish", ok(signing...), "not_verified", true},
		{"users are read", "publish", slices.Concat(ok(signing...), ok("users")), "yes", true},
		{"certificates are refused", "publish", slices.Concat(ok("apps", "profiles", "bundle_ids", "users"), refused("role", "certificates")), "no", false},
		{"an agreement is missing", "publish", refused("agreement", signing...), "not_verified", false},
		{"an agreement is missing, users are read", "publish", slices.Concat(ok("apps", "users"), refused("agreement", "certificates")), "not_verified", false},
		{"no full check yet", "publish", nil, "not_verified", false},
		{"reading is all that is needed", "insights", ok("apps", "reviews", "reports"), "yes", true},
		{"reports are refused", "insights", slices.Concat(ok("apps", "reviews"), refused("role", "reports")), "no", false},
		{"reviews did not answer", "insights", slices.Concat(ok("apps", "reports"), []Finding{{"reviews", Inconclusive, Outage}}), "not_verified", false},
		{"everything is read", "full", ok("apps", "certificates", "profiles", "bundle_ids", "users", "builds", "reviews", "reports"), "yes", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			level, err := LevelNamed(Levels(), tt.level)
			if err != nil {
				t.Fatal(err)
			}
			it := Integration{Key: &Key{KeyID: "2X9R4HXF34"}, Access: level, Findings: tt.findings}
			if got := it.RoleFound(); got != tt.found || it.RequiredRead() != tt.read {
				t.Errorf("found %q, read %v; want %q, %v", got, it.RequiredRead(), tt.found, tt.read)
			}
			it.Key = nil
			if got := it.RoleFound(); got != "" {
				t.Errorf("without a key: %q", got)
			}
		})
	}
	it := Integration{Key: &Key{}, Access: AccessLevel{Required: []Capability{"apps"}}}
	if got := it.RoleFound(); got != "" {
		t.Errorf("a level that names no role: %q", got)
	}
}

// Each level names the least role that will do, and why.
func TestLevelsNameTheLeastRole(t *testing.T) {
	for name, want := range map[string]struct{ role, why string }{
		"publish":  {"App Manager", "Developer can only upload builds"},
		"insights": {"Customer Support + Sales and Reports", "needs no higher one"},
		"full":     {"Admin", "Only Admin can do both"},
	} {
		l, err := LevelNamed(Levels(), name)
		if err != nil || l.Role != want.role || !strings.Contains(l.RoleWhy, want.why) {
			t.Errorf("%s: role %q because %q, want %q because %q: %v", name, l.Role, l.RoleWhy, want.role, want.why, err)
		}
		if l.ReadOnly != (name == "insights") {
			t.Errorf("%s: read only is %v", name, l.ReadOnly)
		}
	}
}
