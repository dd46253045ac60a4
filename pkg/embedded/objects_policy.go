package embedded

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"
)

// An s3Error is a refusal in S3's words.
// Source: S3's API reference, "Error responses", and answers of S3 itself to
// POST forms [FIELD].
type s3Error struct {
	Status  int
	Code    string
	Message string
}

func (e *s3Error) Error() string { return e.Code }

func denied(why string) error {
	return &s3Error{http.StatusForbidden, "AccessDenied", "Invalid according to Policy: " + why}
}

func badRequest(code, message string) error {
	return &s3Error{http.StatusBadRequest, code, message}
}

// judge looks at all that came before the file. Fields are those of the form,
// by lower-case name, with ${filename} filled in.
func (g PostGate) judge(bucket string, fields map[string]string) (parsedPolicy, error) {
	if fields[fieldKey] == "" {
		return parsedPolicy{}, badRequest("InvalidArgument", "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the fields.")
	}
	encoded, there := fields[fieldPolicy]
	if !there {
		return parsedPolicy{}, &s3Error{http.StatusForbidden, "AccessDenied", "Access Denied"}
	}
	if err := g.authenticate(fields, encoded); err != nil {
		return parsedPolicy{}, err
	}
	p, err := parsePolicy(encoded)
	if err != nil {
		return parsedPolicy{}, err
	}
	if !g.Now().Before(p.expires) {
		return parsedPolicy{}, denied("Policy expired.")
	}
	return p, p.match(bucket, fields)
}

// authenticate checks who signed the policy, and the signature.
func (g PostGate) authenticate(fields map[string]string, encoded string) error {
	for _, name := range []string{fieldAlgorithm, fieldCredential, fieldDate, fieldSignature} {
		if fields[name] == "" {
			return badRequest("InvalidArgument", "Bucket POST must contain a field named '"+name+"'. If it is specified, please check the order of the fields.")
		}
	}
	if fields[fieldAlgorithm] != algorithm {
		return badRequest("InvalidArgument", "Only "+algorithm+" is supported")
	}
	scope := strings.Split(fields[fieldCredential], "/")
	if len(scope) != 5 || scope[2] != region || scope[3] != "s3" || scope[4] != "aws4_request" {
		return badRequest("AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter")
	}
	secret, known := g.Secrets(scope[0])
	if !known {
		return &s3Error{http.StatusForbidden, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."}
	}
	if !hmac.Equal([]byte(sign(secret, scope[1], encoded)), []byte(fields[fieldSignature])) {
		return &s3Error{http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method."}
	}
	return nil
}

func parsePolicy(encoded string) (parsedPolicy, error) {
	var doc policy
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || json.Unmarshal(text, &doc) != nil {
		return parsedPolicy{}, badRequest("InvalidPolicyDocument", "Invalid Policy: Invalid JSON.")
	}
	p := parsedPolicy{max: math.MaxInt64}
	if p.expires, err = time.Parse(time.RFC3339, doc.Expiration); err != nil {
		return p, badRequest("InvalidPolicyDocument", "Invalid Policy: Invalid 'expiration' value.")
	}
	for _, c := range doc.Conditions {
		if err := p.add(c); err != nil {
			return p, err
		}
	}
	return p, nil
}

// add reads a condition in any of the forms that S3 knows.
func (p *parsedPolicy) add(condition any) error {
	switch c := condition.(type) {
	case map[string]any:
		for name, v := range c {
			value, _ := v.(string)
			p.conditions = append(p.conditions, match{field: strings.ToLower(name), value: value})
		}
		return nil
	case []any:
		if len(c) == 3 {
			return p.addTriple(c)
		}
	}
	return badRequest("InvalidPolicyDocument", "Invalid Policy: Invalid condition.")
}

func (p *parsedPolicy) addTriple(c []any) error {
	operator, _ := c[0].(string)
	low, isRange := c[1].(float64)
	high, alsoRange := c[2].(float64)
	name, isField := c[1].(string)
	value, isText := c[2].(string)
	switch {
	case operator == "content-length-range" && isRange && alsoRange:
		p.min, p.max = int64(low), int64(high)
	case (operator == "eq" || operator == "starts-with") && isField && isText && strings.HasPrefix(name, "$"):
		p.conditions = append(p.conditions, match{operator == "starts-with", strings.ToLower(name[1:]), value})
	default:
		return badRequest("InvalidPolicyDocument", "Invalid Policy: Invalid condition.")
	}
	return nil
}

// unchecked are the fields that need no condition. The file is none of them:
// it ends the fields.
func unchecked(name string) bool {
	return name == fieldPolicy || name == fieldSignature || strings.HasPrefix(name, "x-ignore-")
}

// match holds every condition against the fields, and every field against the
// conditions.
func (p parsedPolicy) match(bucket string, fields map[string]string) error {
	covered := map[string]bool{}
	for _, c := range p.conditions {
		covered[c.field] = true
		value := fields[c.field]
		if c.field == "bucket" {
			value = bucket
		}
		if value != c.value && (!c.prefix || !strings.HasPrefix(value, c.value)) {
			return denied(fmt.Sprintf("Policy Condition failed: [%q, %q, %q]", operatorOf(c), "$"+c.field, c.value))
		}
	}
	for name := range fields {
		if !covered[name] && !unchecked(name) {
			return denied("Extra input fields: " + name)
		}
	}
	return nil
}

func operatorOf(c match) string {
	if c.prefix {
		return "starts-with"
	}
	return "eq"
}
