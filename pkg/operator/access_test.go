package operator_test

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/operator"
)

// endpoints are all there are, with a body that is good, and the roles that
// may ask. TestEveryRouteIsListed holds the list to the routes.
var endpoints = []struct{ method, path, body, roles string }{
	{"POST", "/v1/integrations", `{"reference":"new","label":"New","access_level":"publish","contacts":[{"address":"a@b.example","duties":["admin"]}]}`, "support"},
	{"GET", "/v1/integrations", "", "support export"},
	{"POST", "/v1/find", `{"reference":"acme-ios"}`, "support automation"},
	{"POST", "/v1/find", `{"address":"ada.admin@acme.example"}`, "support"},
	{"POST", "/v1/find", `{"key_id":"ABCDE12345"}`, "support"},
	{"GET", "/v1/integrations/{id}", "", "support export"},
	{"PATCH", "/v1/integrations/{id}", `{"label":"Other"}`, "support"},
	{"GET", "/v1/integrations/{id}/history", "", "support export"},
	{"GET", "/v1/integrations/{id}/notices", "", "support"},
	{"GET", "/v1/integrations/{id}/notices/{notice}", "", "support"},
	{"GET", "/v1/integrations/{id}/uploads", "", "support"},
	{"GET", "/v1/integrations/{id}/certificates", "", "support"},
	{"PUT", "/v1/integrations/{id}/certificates/pin", `{"serial":""}`, "support"},
	{"POST", "/v1/integrations/{id}/contacts", `{"address":"c@d.example","duties":["business"]}`, "support"},
	{"PATCH", "/v1/integrations/{id}/contacts/{contact}", `{"name":"Eve"}`, "support"},
	{"DELETE", "/v1/integrations/{id}/contacts/{contact}", "", "support"},
	{"POST", "/v1/integrations/{id}/links", "", "support"},
	{"DELETE", "/v1/integrations/{id}/links", "", "support"},
	{"POST", "/v1/integrations/{id}/checks", "", "support"},
	{"POST", "/v1/integrations/{id}/team-move", "", "support"},
	{"DELETE", "/v1/integrations/{id}/team-move", "", "support"},
	{"POST", "/v1/integrations/{id}/disconnect", "", "support"},
	{"POST", "/v1/integrations/{id}/token", `{"scope":["GET /v1/apps"]}`, "automation"},
	{"GET", "/v1/fleet", "", "support"},
	{"GET", "/v1/fleet/history", "", "support"},
	{"POST", "/v1/fleet/end-hold", "", "support"},
	{"GET", "/v1/access-levels", "", "support"},
}

func TestEveryEndpointForEveryRole(t *testing.T) {
	for _, e := range endpoints {
		for _, role := range []string{"support", "automation", "export", "stranger", "nobody"} {
			t.Run(e.method+" "+e.path+" as "+role, func(t *testing.T) {
				r := newRig(t)
				it := r.MustInvite("acme-ios")
				r.MustActivate(it.ID)
				r.MustHold(r.now.Add(-24*time.Hour), 9)
				path := strings.NewReplacer("{id}", it.ID, "{contact}", it.Contacts[1].ID, "{notice}", r.MustListMails(it.ID)[0].ID).Replace(e.path)
				status := r.send(role, e.method, path, e.body).StatusCode
				want := http.StatusForbidden
				switch {
				case role == "nobody":
					want = http.StatusUnauthorized
				case slices.Contains(strings.Fields(e.roles), role):
					want = http.StatusOK
				}
				if status != want && (want != http.StatusOK || status/100 != 2) {
					t.Errorf("got %d, want %d", status, want)
				}
				if want == http.StatusForbidden && strings.Contains(e.path, "{id}") {
					wantDenied(t, r, it.ID, role, e.method+" "+e.path)
				}
			})
		}
	}
}

func wantDenied(t *testing.T, r *rig, id, role, what string) {
	t.Helper()
	actor := map[string]string{"support": "support jane.doe", "automation": "automation build-42", "export": "export nightly", "stranger": "unknown mallory"}[role]
	if e := r.newest(id); e.What != "denied" || e.Detail != what || e.Actor != actor {
		t.Errorf("history: got %+v, want %s denied by %s", e, what, actor)
	}
}

func TestDenialTellsNothing(t *testing.T) {
	r := newRig(t)
	there := r.MustInvite("acme-ios").ID
	missing := "int_00000000000000000000000000"
	for _, role := range []string{"export", "stranger"} {
		a := read(t, r.send(role, "POST", "/v1/integrations/"+there+"/disconnect", "", "X-Request-Id", "same"))
		b := read(t, r.send(role, "POST", "/v1/integrations/"+missing+"/disconnect", "", "X-Request-Id", "same"))
		if a != b {
			t.Errorf("%s can tell what exists: %s and %s", role, a, b)
		}
	}
}

// A denial that the history does not take is logged, and answered as any other.
func TestDenialThatCannotBeWritten(t *testing.T) {
	const said = "a denial could not be recorded"
	r := newRig(t)
	id := r.MustInvite("acme-ios").ID
	path := "/v1/integrations/" + id + "/disconnect"
	written := read(t, r.send("stranger", "POST", path, "", "X-Request-Id", "same"))
	if strings.Contains(r.logs.String(), said) {
		t.Errorf("logged although it was written: %s", r.logs)
	}
	r.hooks.Before = func(op string) error {
		if op == "store.Commit" {
			return errors.New("cannot write")
		}
		return nil
	}
	if got := read(t, r.send("stranger", "POST", path, "", "X-Request-Id", "same")); got != written {
		t.Errorf("answered with %s, want %s", got, written)
	}
	if !strings.Contains(r.logs.String(), said) || !strings.Contains(r.logs.String(), id) {
		t.Errorf("not logged: %s", r.logs)
	}
}

func TestExportSeesNoAddresses(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	for _, path := range []string{"/v1/integrations", "/v1/integrations/" + it.ID, "/v1/integrations/" + it.ID + "/history"} {
		body := read(t, r.send("export", "GET", path, ""))
		if strings.Contains(body, "@") || strings.Contains(body, "Ada") {
			t.Errorf("GET %s: %s", path, body)
		}
		if !strings.Contains(body, "int_") && !strings.Contains(body, "entries") {
			t.Errorf("GET %s has nothing to see: %s", path, body)
		}
	}
}

func TestRolesFromARNs(t *testing.T) {
	const role = "arn:aws:iam::111122223333:role/ci/Build"
	for _, tt := range []struct {
		name, arn string
		allowed   bool
	}{
		{"assumed role", "arn:aws:sts::111122223333:assumed-role/Build/job-1", true},
		{"another role", "arn:aws:sts::111122223333:assumed-role/Builder/job-1", false},
		{"another account", "arn:aws:sts::999922223333:assumed-role/Build/job-1", false},
		{"another partition", "arn:aws-cn:sts::111122223333:assumed-role/Build/job-1", false},
		{"a user of that name", "arn:aws:iam::111122223333:user/Build", false},
		{"a session of that name", "arn:aws:sts::111122223333:assumed-role/Other/Build", false},
		{"federated user", "arn:aws:sts::111122223333:federated-user/Build", false},
		{"root", "arn:aws:iam::111122223333:root", false},
		{"slashes in the session", "arn:aws:sts::111122223333:assumed-role/Build/a/b", false},
		{"no ARN", "Build", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			s, err := operator.New(operator.Config{
				Store: r.db.Store(), Vault: r.db.Vault(), Now: r.clock, Logger: slog.New(slog.DiscardHandler), Caller: func(*http.Request) string { return tt.arn },
				Roles: map[string]operator.Role{role: operator.Export},
			})
			if err != nil {
				t.Fatal(err)
			}
			r.server.Config.Handler = s.Handler()
			if got := r.send("", "GET", "/v1/integrations", "").StatusCode == http.StatusOK; got != tt.allowed {
				t.Errorf("allowed: %v, want %v", got, tt.allowed)
			}
		})
	}
}

func TestConfigNamesAllThatIsWrong(t *testing.T) {
	_, err := operator.New(operator.Config{Roles: map[string]operator.Role{
		"nonsense": operator.Support, "arn:aws:iam::1:role/a/X": operator.Support, "arn:aws:iam::1:role/b/X": operator.Export,
		"arn:aws:iam::1:role/Y": "king",
	}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"Store", "Vault", "Now", `"nonsense"`, "both", `"king"`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}
