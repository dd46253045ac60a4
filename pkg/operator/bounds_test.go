package operator_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// TestInputsAtTheirBounds holds each bound to its number: the largest that is
// taken, and the next one, which is not.
func TestInputsAtTheirBounds(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	contacts := func(n int) []operator.NewContact {
		out := []operator.NewContact{{Address: "ada@acme.example", Duties: []string{"admin"}}}
		for i := 1; i < n; i++ {
			out = append(out, operator.NewContact{Address: fmt.Sprintf("c%d@acme.example", i), Duties: []string{"business"}})
		}
		return out
	}
	for _, tt := range []struct {
		name, key string
		change    func(*operator.NewIntegration)
		field     string // empty: it is taken
	}{
		{"reference of 128", "", func(n *operator.NewIntegration) { n.Reference = long(128) }, ""},
		{"reference of 129", "", func(n *operator.NewIntegration) { n.Reference = long(129) }, "reference"},
		{"label of 120", "", func(n *operator.NewIntegration) { n.Label = strings.Repeat("ä", 120) }, ""},
		{"label of 121", "", func(n *operator.NewIntegration) { n.Label = long(121) }, "label"},
		{"customer of 128", "", func(n *operator.NewIntegration) { n.Customer = long(128) }, ""},
		{"customer of 129", "", func(n *operator.NewIntegration) { n.Customer = long(129) }, "customer"},
		{"name of 120", "", func(n *operator.NewIntegration) { n.Contacts[0].Name = long(120) }, ""},
		{"name of 121", "", func(n *operator.NewIntegration) { n.Contacts[0].Name = long(121) }, "contacts[0].name"},
		{"no name", "", func(n *operator.NewIntegration) { n.Contacts[0].Name = "" }, ""},
		{"50 bundle IDs", "", func(n *operator.NewIntegration) { n.BundleIDs = repeated("com.acme.learn", 50) }, ""},
		{"51 bundle IDs", "", func(n *operator.NewIntegration) { n.BundleIDs = repeated("com.acme.learn", 51) }, "bundle_ids"},
		{"bundle ID of 155", "", func(n *operator.NewIntegration) { n.BundleIDs = []string{"com." + long(151)} }, ""},
		{"bundle ID of 156", "", func(n *operator.NewIntegration) { n.BundleIDs = []string{"com." + long(152)} }, "bundle_ids"},
		{"one contact", "", func(n *operator.NewIntegration) { n.Contacts = contacts(1) }, ""},
		{"20 contacts", "", func(n *operator.NewIntegration) { n.Contacts = contacts(20) }, ""},
		{"21 contacts", "", func(n *operator.NewIntegration) { n.Contacts = contacts(21) }, "contacts"},
		{"key of 7", "1234567", func(*operator.NewIntegration) {}, "Idempotency-Key"},
		{"key of 8", "12345678", func(*operator.NewIntegration) {}, ""},
		{"key of 128", long(128), func(*operator.NewIntegration) {}, ""},
		{"key of 129", long(129), func(*operator.NewIntegration) {}, "Idempotency-Key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			n := invitation("acme-ios")
			tt.change(&n)
			_, err := r.support.Create(context.Background(), n, tt.key)
			if tt.field == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			if p := wantCode(t, err, operator.CodeInvalid); p.Field != tt.field {
				t.Errorf("the field is %q, want %q", p.Field, tt.field)
			}
		})
	}
}

func TestTokensAtTheirBounds(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	for _, tt := range []struct {
		name   string
		req    operator.TokenRequest
		minute string // of its end; it is made at 09:00
		detail string // in the history
	}{
		{"default", operator.TokenRequest{}, "09:10:00", "660 s, everything that the key may do"},
		{"shortest", operator.TokenRequest{TTLSeconds: 61}, "09:00:01", "61 s, everything that the key may do"},
		{"longest", operator.TokenRequest{TTLSeconds: 1200}, "09:19:00", "1200 s, everything that the key may do"},
		{"two scopes", operator.TokenRequest{Scope: []string{"GET /v1/apps", "GET /v1/builds"}}, "09:10:00", "660 s, GET /v1/apps; GET /v1/builds"},
		{"50 scopes", operator.TokenRequest{Scope: repeated("GET /v1/builds", 50)}, "09:10:00", "660 s, " + strings.Repeat("GET /v1/builds; ", 31) + "GET …"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			grant, err := r.automation.Token(context.Background(), it.ID, tt.req)
			if err != nil {
				t.Fatal(err)
			}
			if got := grant.ExpiresAt.UTC().Format("15:04:05"); got != tt.minute {
				t.Errorf("it ends at %s, want %s", got, tt.minute)
			}
			r.now = r.now.Add(1) // the newest line is this call's
			h, err := r.support.History(context.Background(), it.ID, "", 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range h.Entries {
				if e.Detail == tt.detail && e.What == "token_issued" && e.Actor == "automation build-42" {
					return
				}
			}
			t.Errorf("no line says %q: %+v", tt.detail, h.Entries[0])
		})
	}
}

func repeated(s string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s
	}
	return out
}

func TestLimitsAtTheirBounds(t *testing.T) {
	r := newRig(t)
	id := r.MustInvite("acme-ios").ID
	for _, path := range []string{"/v1/integrations", "/v1/integrations/" + id + "/history", "/v1/fleet/history"} {
		for limit, want := range map[string]int{"1": 200, "200": 200, "0": 422, "201": 422, "-1": 422, "1.5": 422} {
			if got := r.send("support", "GET", path+"?limit="+limit, "").StatusCode; got != want {
				t.Errorf("%s with limit=%s: %d, want %d", path, limit, got, want)
			}
		}
	}
}

// TestContactsAddedUpToABound: those who were erased count, because their IDs
// stay.
func TestContactsAddedUpToABound(t *testing.T) {
	r := newRig(t)
	ctx, id := context.Background(), r.MustInvite("acme-ios").ID // it has two
	for i := range 38 {
		if _, err := r.support.AddContact(ctx, id, operator.NewContact{Address: fmt.Sprintf("c%d@acme.example", i), Duties: []string{"business"}}); err != nil {
			t.Fatalf("contact %d: %v", i+3, err)
		}
	}
	_, err := r.support.AddContact(ctx, id, operator.NewContact{Address: "one.more@acme.example", Duties: []string{"business"}})
	wantCode(t, err, operator.CodeInvalid)
}

// TestRoutesTakeNoUnknownQuery: what is misspelt must not be ignored.
func TestRoutesTakeNoUnknownQuery(t *testing.T) {
	for _, e := range endpoints {
		t.Run(e.method+" "+e.path, func(t *testing.T) {
			r := newRig(t)
			it := r.MustInvite("acme-ios")
			r.MustActivate(it.ID)
			role, _, _ := strings.Cut(e.roles, " ")
			path := strings.NewReplacer("{id}", it.ID, "{contact}", it.Contacts[1].ID).Replace(e.path)
			before := r.stored(it.ID).Version
			resp := r.send(role, e.method, path+"?dry_run=true", e.body)
			if resp.StatusCode != 400 {
				t.Errorf("got %d, want 400", resp.StatusCode)
			}
			if after := r.stored(it.ID).Version; after != before {
				t.Error("it was done all the same")
			}
		})
	}
}

// TestActsTakeNoBody: a body that is ignored would look as if it had counted.
func TestActsTakeNoBody(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	for _, path := range []string{"POST links", "DELETE links", "POST checks", "POST disconnect", "DELETE contacts/" + it.Contacts[1].ID} {
		method, rest, _ := strings.Cut(path, " ")
		if got := r.send("support", method, "/v1/integrations/"+it.ID+"/"+rest, `{"keep":true}`).StatusCode; got != 400 {
			t.Errorf("%s with a body: %d, want 400", path, got)
		}
	}
	if r.stored(it.ID).State != integration.AwaitingKey {
		t.Error("it was done all the same")
	}
}

func TestWrongTypesNameTheirField(t *testing.T) {
	r := newRig(t)
	got := read(t, r.send("support", "POST", "/v1/integrations", `{"label":7}`))
	if !strings.Contains(got, `"field":"label"`) || !strings.Contains(got, "wrong type") {
		t.Errorf("got %s", got)
	}
}
