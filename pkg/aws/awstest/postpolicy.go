package awstest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

var denied = refusal{http.StatusForbidden, "AccessDenied"}

// judge refuses a form that S3 would refuse.
// Sources: S3's API reference, "POST Policy" and "Authenticating requests in
// browser-based uploads using POST".
func (g *PostGate) judge(bucket string, f form) error {
	switch {
	case f.fields["key"] == "":
		return refusal{http.StatusBadRequest, "InvalidArgument"}
	case f.fields["policy"] == "":
		return denied
	case f.fields["x-amz-signature"] == "":
		return refusal{http.StatusBadRequest, "InvalidArgument"}
	}
	if err := g.signed(f.fields); err != nil {
		return err
	}
	text, err := base64.StdEncoding.DecodeString(f.fields["policy"])
	var p struct {
		Expiration time.Time
		Conditions []json.RawMessage
	}
	if err != nil || json.Unmarshal(text, &p) != nil {
		return refusal{http.StatusBadRequest, "InvalidPolicyDocument"}
	}
	if !g.Now().Before(p.Expiration) {
		return denied
	}
	return f.meets(bucket, p.Conditions)
}

// signed looks whether the policy has the signature of somebody known.
func (g *PostGate) signed(fields map[string]string) error {
	scope := strings.Split(fields["x-amz-credential"], "/")
	if len(scope) != 5 {
		return refusal{http.StatusBadRequest, "InvalidArgument"}
	}
	secret, known := g.Secrets(scope[0])
	if !known {
		return refusal{http.StatusForbidden, "InvalidAccessKeyId"}
	}
	key := []byte("AWS4" + secret)
	for _, part := range append(scope[1:], fields["policy"]) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	if hex.EncodeToString(key) != fields["x-amz-signature"] {
		return refusal{http.StatusForbidden, "SignatureDoesNotMatch"}
	}
	return nil
}

// meets looks at every condition, and that every field has one.
func (f form) meets(bucket string, conditions []json.RawMessage) error {
	open := map[string]bool{}
	for name := range f.fields {
		open[name] = name != "policy" && name != "x-amz-signature" && !strings.HasPrefix(name, "x-ignore-")
	}
	values := map[string]string{"bucket": bucket}
	for name, v := range f.fields {
		values[name] = v
	}
	for _, raw := range conditions {
		field, err := f.meet(raw, values)
		if err != nil {
			return err
		}
		open[field] = false
	}
	for _, uncovered := range open {
		if uncovered {
			return denied
		}
	}
	return nil
}

// meet looks at one condition, and names the field that it is about.
func (f form) meet(raw json.RawMessage, values map[string]string) (string, error) {
	var exact map[string]string
	if json.Unmarshal(raw, &exact) == nil {
		for name, v := range exact {
			if values[strings.ToLower(name)] != v {
				return "", denied
			}
			return strings.ToLower(name), nil
		}
	}
	var size struct {
		kind     string
		min, max int
	}
	if json.Unmarshal(raw, &[]any{&size.kind, &size.min, &size.max}) == nil && size.kind == "content-length-range" {
		switch {
		case len(f.data) < size.min:
			return "", refusal{http.StatusBadRequest, "EntityTooSmall"}
		case len(f.data) > size.max:
			return "", refusal{http.StatusBadRequest, "EntityTooLarge"}
		}
		return "", nil
	}
	var match [3]string
	if json.Unmarshal(raw, &match) != nil {
		return "", refusal{http.StatusBadRequest, "InvalidPolicyDocument"}
	}
	field := strings.ToLower(strings.TrimPrefix(match[1], "$"))
	ok := match[0] == "eq" && values[field] == match[2] || match[0] == "starts-with" && strings.HasPrefix(values[field], match[2])
	if _, there := values[field]; !there || !ok {
		return "", denied
	}
	return field, nil
}
