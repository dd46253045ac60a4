package local

import (
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/http"
	"strings"

	"keyward/pkg/operator"
)

// Callers stand in for IAM on one machine: who knows a role's token is that
// role. The tokens are made anew at every start and are in a file that only
// the user can read.
type callers map[string]string // token → ARN

const arnPrefix = "arn:aws:iam::000000000000:role/keyward-local-"

var roles = []operator.Role{operator.Support, operator.Automation, operator.Export}

func newCallers(random io.Reader) callers {
	out := callers{}
	for _, role := range roles {
		b := make([]byte, 32)
		if _, err := io.ReadFull(random, b); err != nil {
			panic("local: no randomness: " + err.Error())
		}
		out[base64.RawURLEncoding.EncodeToString(b)] = arnPrefix + string(role)
	}
	return out
}

// arn is who sent the request, or "".
func (c callers) arn(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	found := ""
	for known, arn := range c {
		if ok && subtle.ConstantTimeCompare([]byte(known), []byte(token)) == 1 {
			found = arn
		}
	}
	return found
}

func (c callers) roles() map[string]operator.Role {
	out := map[string]operator.Role{}
	for _, role := range roles {
		out[arnPrefix+string(role)] = role
	}
	return out
}

// Credentials are the tokens of the roles, for Authorization: Bearer.
func (h *Host) Credentials() map[operator.Role]string {
	out := map[operator.Role]string{}
	for token, arn := range h.callers {
		out[operator.Role(strings.TrimPrefix(arn, arnPrefix))] = token
	}
	return out
}
