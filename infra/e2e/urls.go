package e2e

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"keyward/infra/e2e/iam"
	"keyward/infra/e2e/moto"
	"keyward/infra/local"
	"keyward/pkg/operator"
)

func roleARN(role string) string { return "arn:aws:iam::" + moto.Account + ":role/" + role }

// tokens stand in for the credentials of the vendor's roles: who has one is
// that role.
type tokens map[string]operator.Role

func newTokens() tokens {
	out := tokens{}
	for _, role := range []operator.Role{operator.Support, operator.Automation, operator.Export} {
		out[rand.Text()] = role
	}
	return out
}

// Credentials are the tokens of the roles, for Authorization: Bearer.
func (h *Host) Credentials() map[operator.Role]string {
	out := map[operator.Role]string{}
	for token, role := range h.tokens {
		out[role] = token
	}
	return out
}

// PortalURL is where customers' links lead.
func (h *Host) PortalURL() string { return h.portalURL }

// OperatorURL is the operator's API.
func (h *Host) OperatorURL() string { return h.operatorURL }

// functionURLs are the HTTP fronts, by the logical ID of their function.
func (h *Host) functionURLs() (map[string]http.Handler, error) {
	out := map[string]http.Handler{}
	for _, r := range h.stack.OfType("AWS::Lambda::Url") {
		f, err := h.functionOf(str(r.Properties["TargetFunctionArn"]))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
		if mode := str(r.Properties["InvokeMode"]); mode != "RESPONSE_STREAM" {
			return nil, fmt.Errorf("%s: InvokeMode %q: Keyward's handlers stream", r.ID, mode)
		}
		front := local.FunctionURL{Function: f, Now: h.cfg.Clock.Now}
		switch auth := str(r.Properties["AuthType"]); auth {
		case "NONE":
			out[f.id] = h.public(f, front)
		case "AWS_IAM":
			front.Caller = func(r *http.Request) string { return h.caller(f, r) }
			out[f.id] = front
		default:
			return nil, fmt.Errorf("%s: AuthType %q", r.ID, auth)
		}
	}
	return out, nil
}

// public is a URL that asks for no credentials, but for permissions all the
// same.
func (h *Host) public(f *function, front http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.mayCall(iam.Anyone, "NONE", f) {
			http.Error(w, `{"Message":"Forbidden"}`, http.StatusForbidden)
			return
		}
		front.ServeHTTP(w, r)
	})
}

// caller is the assumed role that signed the request, if the function's policy
// lets it in.
func (h *Host) caller(f *function, r *http.Request) string {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	role, known := h.tokens[token]
	if !known || !h.mayCall(roleARN(string(role)), "AWS_IAM", f) {
		return ""
	}
	return "arn:aws:sts::" + moto.Account + ":assumed-role/" + string(role) + "/harness"
}

// mayCall asks for both permissions that a function URL needs.
// Source: Lambda Developer Guide, "Control access to Lambda function URLs"
// [AWS].
func (h *Host) mayCall(who, auth string, f *function) bool {
	for action, context := range map[string]iam.Context{
		"lambda:InvokeFunctionUrl": {"lambda:FunctionUrlAuthType": auth},
		"lambda:InvokeFunction":    {"lambda:InvokedViaFunctionUrl": "true"},
	} {
		if d := h.authority.Evaluate(who, action, f.arn, context); !d.Allowed {
			h.trouble("%s may not %s on %s: %s", who, action, f.id, d.Because)
			return false
		}
	}
	return true
}

// requestID has the shape of AWS's request IDs.
func requestID() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	x := hex.EncodeToString(b)
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}
