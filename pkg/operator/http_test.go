package operator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"keyward/pkg/operator"
)

func TestRequestsThatAreNotUnderstood(t *testing.T) {
	good := `{"reference":"a","label":"A","access_level":"publish","contacts":[{"address":"a@b.example","duties":["admin"]}]}`
	for _, tt := range []struct {
		name, method, path, body, contentType string
		status                                int
		code                                  operator.Code
	}{
		{"no body", "POST", "/v1/integrations", "", "", 400, operator.CodeMalformed},
		{"no JSON", "POST", "/v1/integrations", "reference=a", "application/json", 400, operator.CodeMalformed},
		{"two values", "POST", "/v1/integrations", good + good, "application/json", 400, operator.CodeMalformed},
		{"unknown member", "POST", "/v1/integrations", `{"refrence":"a"}`, "application/json", 400, operator.CodeMalformed},
		{"wrong type", "POST", "/v1/integrations", `{"reference":1}`, "application/json", 400, operator.CodeMalformed},
		{"not UTF-8", "POST", "/v1/integrations", "{\"label\":\"\xff\"}", "application/json", 400, operator.CodeMalformed},
		{"form", "POST", "/v1/integrations", good, "application/x-www-form-urlencoded", 415, operator.CodeContentType},
		{"plain text, as other sites may send", "POST", "/v1/integrations", good, "text/plain", 415, operator.CodeContentType},
		{"another charset", "POST", "/v1/integrations", good, "application/json; charset=utf-16", 415, operator.CodeContentType},
		{"charset named", "POST", "/v1/integrations", good, "application/json; charset=UTF-8", 201, ""},
		{"too large", "POST", "/v1/integrations", `{"label":"` + strings.Repeat("x", 65<<10) + `"}`, "application/json", 413, operator.CodeTooLarge},
		{"body where none belongs", "POST", "/v1/integrations/ID/links", `{"x":1}`, "application/json", 400, operator.CodeMalformed},
		{"address in the query", "GET", "/v1/integrations?address=a@b.example", "", "", 400, operator.CodeMalformed},
		{"state that is none", "GET", "/v1/integrations?state=asleep", "", "", 422, operator.CodeInvalid},
		{"limit too high", "GET", "/v1/integrations?limit=201", "", "", 422, operator.CodeInvalid},
		{"limit that is none", "GET", "/v1/integrations?limit=x", "", "", 422, operator.CodeInvalid},
		{"cursor of somebody else", "GET", "/v1/integrations?cursor=x", "", "", 422, operator.CodeInvalid},
		{"nothing to search by", "POST", "/v1/find", `{}`, "application/json", 422, operator.CodeInvalid},
		{"two things to search by", "POST", "/v1/find", `{"reference":"a","key_id":"b"}`, "application/json", 422, operator.CodeInvalid},
		{"an ID and more", "POST", "/v1/find", `{"id":"a","key_id":"b"}`, "application/json", 422, operator.CodeInvalid},
		{"ID that is none", "GET", "/v1/integrations/acme", "", "", 404, operator.CodeNotFound},
		{"ID of nothing", "GET", "/v1/integrations/int_00000000000000000000000000", "", "", 404, operator.CodeNotFound},
		{"history of nothing", "GET", "/v1/integrations/int_00000000000000000000000000/history", "", "", 404, operator.CodeNotFound},
		{"no such path", "GET", "/v2/integrations", "", "", 404, operator.CodeNotFound},
		{"no such method", "DELETE", "/v1/integrations/ID", "", "", 405, operator.CodeMethod},
		{"pin that is not listed", "PUT", "/v1/integrations/ID/certificates/pin", `{"serial":"AA"}`, "application/json", 422, operator.CodeInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			it := r.MustInvite("acme-ios")
			resp := r.send("support", tt.method, strings.ReplaceAll(tt.path, "ID", it.ID), tt.body, "Content-Type", tt.contentType)
			if resp.StatusCode != tt.status {
				t.Fatalf("got %d, want %d: %s", resp.StatusCode, tt.status, read(t, resp))
			}
			if tt.code != "" {
				wantProblem(t, resp, tt.code)
			}
		})
	}
}

// wantProblem wants the form of RFC 9457, with a sentence.
func wantProblem(t *testing.T, resp *http.Response, code operator.Code) {
	t.Helper()
	var p operator.Problem
	if err := json.Unmarshal([]byte(read(t, resp)), &p); err != nil {
		t.Fatal(err)
	}
	if p.Code != code || p.Type != "about:blank" || p.Title == "" || p.Status != resp.StatusCode || !strings.HasSuffix(p.Detail, ".") {
		t.Errorf("got %+v", p)
	}
	if resp.Header.Get("Content-Type") != "application/problem+json" || p.RequestID == "" || p.RequestID != resp.Header.Get("X-Request-Id") {
		t.Errorf("headers: %v", resp.Header)
	}
}

func TestAllowIsSaidWithAWrongMethod(t *testing.T) {
	r := newRig(t)
	resp := r.send("support", "PUT", "/v1/integrations/int_00000000000000000000000000", "")
	if got := resp.Header.Get("Allow"); got != "GET, PATCH" {
		t.Errorf("got %q", got)
	}
}

func TestRequestIDs(t *testing.T) {
	r := newRig(t)
	if got := r.send("support", "GET", "/v1/fleet", "", "X-Request-Id", "trace-1").Header.Get("X-Request-Id"); got != "trace-1" {
		t.Errorf("got %q, want the caller's", got)
	}
	if got := r.send("support", "GET", "/v1/fleet", "", "X-Request-Id", "a b<script>").Header.Get("X-Request-Id"); !strings.HasPrefix(got, "req_") {
		t.Errorf("got %q, want one of ours", got)
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	r := newRig(t)
	r.hooks.Before = func(string) error { panic("a secret in a panic") }
	resp := r.send("support", "GET", "/v1/fleet", "")
	if resp.StatusCode != 500 {
		t.Errorf("got %d", resp.StatusCode)
	}
	wantProblem(t, resp, operator.CodeInternal)
	if strings.Contains(r.logs.String(), "a secret") || !strings.Contains(r.logs.String(), "panic with string at ") {
		t.Errorf("log: %s", r.logs.String())
	}
}

// TestNothingPersonalIsLogged does a bit of everything, well and badly.
func TestNothingPersonalIsLogged(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	key := r.MustActivate(it.ID)
	grant, err := r.automation.Token(ctx, it.ID, operator.TokenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"support", "automation", "export", "stranger", "nobody"} {
		for _, e := range endpoints {
			path := strings.NewReplacer("{id}", it.ID, "{contact}", it.Contacts[0].ID).Replace(e.path)
			r.send(role, e.method, path, e.body)
			r.send(role, e.method, path, strings.ReplaceAll(e.body, "@", "(at)"))
		}
	}
	logs := r.logs.String()
	for _, secret := range append(windows(string(key.PEM())), grant.Token, "@", "ada.admin", "(at)") {
		if strings.Contains(logs, secret) {
			t.Errorf("%d characters of a secret are in the log", len(secret))
		}
	}
	if !strings.Contains(logs, "operator refused") {
		t.Error("nothing was logged, so that nothing was tested")
	}
}

// windows are parts of a secret, as a cut-off line of a log would show them.
func windows(secret string) []string {
	var out []string
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); len(line) >= 16 && !strings.HasPrefix(line, "---") {
			out = append(out, line[:16])
		}
	}
	return out
}
