package asctest_test

import (
	"bytes"
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/appstoreconnect/asctest"
)

func TestSnapshotKeepsEverything(t *testing.T) {
	w := newWorld(t)
	ids := samples(t, w)
	if err := asctest.SampleTeams(w.Server); err != nil {
		t.Fatal(err)
	}
	revoked := must(w.NewKey(w.team.TeamID))(t)
	individual := must(w.NewIndividualKey(w.team.TeamID, w.team.Users[0].ID))(t)
	for _, err := range []error{
		w.Revoke(revoked.KeyID), w.SetMembership(asctest.SampleExpired, asctest.MembershipLapsed),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Fail(asctest.Fault{Effect: asctest.Outage, Path: "/v1/devices", Count: 2}))(t)
	w.Advance(5 * time.Minute)
	before := must(w.Snapshot())(t)

	second := &world{t: t, now: w.now, team: w.team, key: w.key}
	second.Server = asctest.New(asctest.Config{Now: func() time.Time { return second.now }})
	if err := second.Restore(before); err != nil {
		t.Fatal(err)
	}
	if after := must(second.Snapshot())(t); !bytes.Equal(before, after) {
		t.Errorf("stored, restored and stored again it differs: %s", cmp.Diff(tree(t, before), tree(t, after)))
	}
	for kind, id := range ids {
		if kind == "bundleIdCapabilities" {
			continue
		}
		target := "/v1/" + kind + "/" + id
		want := 200
		if kind == "devices" {
			want = 503
		}
		a, b := w.get(target), second.get(target)
		if a.Status != want || b.Status != want || (want == 200 && !bytes.Equal(a.Body, b.Body)) {
			t.Errorf("%s: %d, then %d", target, a.Status, b.Status)
		}
	}
	if got := second.call(revoked, "GET", "/v1/apps", "").Status; got != 401 {
		t.Errorf("the revoked key: %d", got)
	}
	if got := second.call(individual, "GET", "/v1/users", "").Status; got != 200 {
		t.Errorf("the individual key: %d", got)
	}
	if diff := cmp.Diff(w.Samples(), second.Samples()); diff != "" {
		t.Error(diff)
	}
	a := must(w.IssueCertificate(w.team.TeamID, "DISTRIBUTION", nil, 0))(t)
	b := must(second.IssueCertificate(w.team.TeamID, "DISTRIBUTION", nil, 0))(t)
	if !bytes.Equal(issuerOf(t, a), issuerOf(t, b)) {
		t.Error("another authority signs after a restore")
	}
}

func TestRestoreRefusesNonsense(t *testing.T) {
	w := newWorld(t)
	for _, b := range []string{"", "{}", `{"Version":99}`, `{"Version":1,"Keys":[{"Public":"AAAA"}]}`,
		`{"Version":1,"Authority":{"Key":"AAAA"}}`} {
		if w.Restore([]byte(b)) == nil {
			t.Errorf("%q is accepted", b)
		}
	}
	if r := w.get("/v1/apps"); r.Status != 200 {
		t.Errorf("after refused snapshots: %d", r.Status)
	}
}

func tree(t *testing.T, b []byte) (v any) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestHostHearsOfChanges(t *testing.T) {
	changes := 0
	w := newWorld(t, func(c *asctest.Config) { c.OnChange = func() { changes++ } })
	step := func(name string, want bool, do func()) {
		t.Helper()
		before := changes
		do()
		if (changes > before) != want {
			t.Errorf("%s: told %d times", name, changes-before)
		}
	}
	step("reading", false, func() { w.get("/v1/apps") })
	step("a refused write", false, func() { w.call(w.key, "POST", "/v1/bundleIds", "{}") })
	step("a certificate by the API", true, func() { w.request("DISTRIBUTION", mustCSR(t, 2048)) })
	step("a revoked key", true, func() {
		if err := w.Revoke(w.key.KeyID); err != nil {
			t.Fatal(err)
		}
	})
	step("a fault", true, func() { must(w.Fail(asctest.Fault{Effect: asctest.Outage}))(t) })
}

// Everything at once, for the race detector.
func TestConcurrentUse(t *testing.T) {
	w := newWorld(t, func(c *asctest.Config) { c.RateLimit = -1; c.OnChange = func() {} })
	csr := mustCSR(t, 2048)
	token := w.sign(w.key, w.claimsOf(w.key))
	var wg sync.WaitGroup
	for _, do := range []func(){
		func() { w.send(w, token, "GET", "/v1/apps?include=builds", "") },
		func() { w.send(w, token, "GET", "/v1/certificates", "") },
		func() { w.AddTeam(asctest.Team{}) },
		func() { must(w.NewKey(w.team.TeamID))(t) },
		func() { _ = w.SetAgreement(w.team.TeamID, asctest.AgreementOK) },
		func() { must(w.Snapshot())(t) },
		func() { must(w.Fail(asctest.Fault{Effect: asctest.Slow, Latency: 1, Count: 1}))(t) },
		func() { w.Requests(); w.Counts(); w.Teams() },
		func() { must(w.IssueCertificate(w.team.TeamID, "DEVELOPMENT", []byte(csr), 0))(t) },
		func() { w.Advance(0) },
	} {
		wg.Go(func() {
			for range 20 {
				do()
			}
		})
	}
	wg.Wait()
	if got := len(w.Certificates(w.team.TeamID)); got != 20 {
		t.Errorf("%d certificates", got)
	}
	if got := w.Calls(); got != 40 {
		t.Errorf("%d calls", got)
	}
}
