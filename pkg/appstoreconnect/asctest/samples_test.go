package asctest_test

import (
	"encoding/pem"
	"testing"

	"keyward/pkg/appstoreconnect/asctest"
)

func TestSampleTeams(t *testing.T) {
	w := newWorld(t)
	if err := asctest.SampleTeams(w.Server); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{asctest.SampleHealthy: 200, asctest.SampleExpired: 403, asctest.SampleLapsed: 403}
	for team, status := range want {
		for _, k := range w.Keys(team) {
			want := status
			if k.Kind == asctest.SubscriptionKey {
				want = 401
			}
			if got := w.call(k, "GET", "/v1/apps", "").Status; got != want || k.Name == "" || len(k.PEM) == 0 {
				t.Errorf("%s of %s: %d, want %d", k.Name, team, got, want)
			}
		}
		if len(w.Keys(team)) == 0 || len(w.Certificates(team)) == 0 {
			t.Errorf("%s has no key or no certificate", team)
		}
	}
	kinds := map[asctest.KeyKind]bool{}
	for _, k := range w.Keys(asctest.SampleHealthy) {
		kinds[k.Kind] = true
	}
	if len(kinds) != 3 {
		t.Errorf("the healthy team has keys of the kinds %v", kinds)
	}
	if len(w.Samples()) != 2 {
		t.Fatalf("%d sample files", len(w.Samples()))
	}
	if block, _ := pem.Decode(w.Samples()[1].Content); block != nil {
		t.Error("the truncated file is whole")
	}
}

// A key made by openssl, registered by its public half.
func TestRegisteredKey(t *testing.T) {
	w := newWorld(t)
	made := must(w.NewKey(w.team.TeamID))(t)
	key := must(w.AddKey(w.team.TeamID, "OPENSSL234", made.PEM, asctest.Developer))(t)
	if len(key.PEM) != 0 {
		t.Error("the private half was kept")
	}
	key.PEM = made.PEM
	if r := w.call(key, "GET", "/v1/apps", ""); r.Status != 200 {
		t.Errorf("got %d", r.Status)
	}
	if r := w.call(key, "GET", "/v1/users", ""); r.Status != 403 {
		t.Errorf("users, as a Developer: %d", r.Status)
	}
	for name, err := range map[string]error{
		"a key ID of another shape": second(w.AddKey(w.team.TeamID, "short", made.PEM)),
		"an unknown team":           second(w.AddKey("NOSUCHTEAM", "OPENSSL235", made.PEM)),
		"no key":                    second(w.AddKey(w.team.TeamID, "OPENSSL235", []byte("hello"))),
		"an unknown role":           second(w.AddKey(w.team.TeamID, "OPENSSL235", made.PEM, "KING")),
	} {
		if err == nil {
			t.Errorf("%s is no error", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }
