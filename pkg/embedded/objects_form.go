package embedded

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"keyward/pkg/integration"
)

// The names of form fields that have a meaning of their own.
const (
	fieldKey        = "key"
	fieldPolicy     = "policy"
	fieldSignature  = "x-amz-signature"
	fieldAlgorithm  = "x-amz-algorithm"
	fieldCredential = "x-amz-credential"
	fieldDate       = "x-amz-date"
	fieldRedirect   = "success_action_redirect"
	fieldFilename   = "x-amz-meta-filename"
	fieldSSE        = "x-amz-server-side-encryption"
	fieldSSEKey     = "x-amz-server-side-encryption-aws-kms-key-id"

	algorithm = "AWS4-HMAC-SHA256"
)

// policy is S3's POST policy document.
type policy struct {
	Expiration string `json:"expiration"`
	Conditions []any  `json:"conditions"`
}

const amzDate = "20060102T150405Z"

// Presign makes a form for one object key; see conformance.Objects. A form
// whose time is over is made all the same, and refused when it is posted.
func (s *Objects) Presign(ctx context.Context, r integration.FormRequest) (integration.Form, error) {
	return ask(ctx, s.db, "objects.Presign", func() (integration.Form, error) {
		if r.Key == "" || len(r.Key) > 1024 || r.MaxBytes < 1 || r.Expires.IsZero() {
			return integration.Form{}, fmt.Errorf("%w: a form needs a key, a size and an end", integration.ErrInvalid)
		}
		if u, err := url.Parse(r.Redirect); err != nil || r.Redirect != "" && !u.IsAbs() {
			return integration.Form{}, fmt.Errorf("%w: the redirect must be an absolute URL", integration.ErrInvalid)
		}
		return s.form(r)
	})
}

func (s *Objects) form(r integration.FormRequest) (integration.Form, error) {
	now := s.db.now()
	exact := []integration.FormField{
		{Name: fieldKey, Value: r.Key},
		{Name: fieldAlgorithm, Value: algorithm},
		{Name: fieldCredential, Value: s.access + "/" + now.Format("20060102") + "/" + region + "/s3/aws4_request"},
		{Name: fieldDate, Value: now.Format(amzDate)},
		{Name: fieldSSE, Value: "aws:kms"},
		{Name: fieldSSEKey, Value: s.cfg.KMSKey},
	}
	if r.Redirect != "" {
		exact = append(exact, integration.FormField{Name: fieldRedirect, Value: r.Redirect})
	}
	text, err := json.Marshal(s.policyOf(r, exact))
	if err != nil {
		return integration.Form{}, err
	}
	encoded := base64.StdEncoding.EncodeToString(text)
	fields := append(exact,
		integration.FormField{Name: fieldFilename, Value: "${filename}"},
		integration.FormField{Name: fieldPolicy, Value: encoded},
		integration.FormField{Name: fieldSignature, Value: sign(s.secret, now.Format("20060102"), encoded)},
	)
	return integration.Form{URL: s.cfg.URL, Fields: fields}, nil
}

// policyOf asks for every field exactly as it is, the file's name excepted.
func (s *Objects) policyOf(r integration.FormRequest, exact []integration.FormField) policy {
	conditions := []any{
		map[string]string{"bucket": s.cfg.Bucket},
		[]any{"content-length-range", 0, r.MaxBytes},
		[]any{"starts-with", "$" + fieldFilename, ""},
	}
	for _, f := range exact {
		conditions = append(conditions, []any{"eq", "$" + f.Name, f.Value})
	}
	return policy{Expiration: r.Expires.UTC().Format("2006-01-02T15:04:05.000Z"), Conditions: conditions}
}

// parsedPolicy is a policy as it is judged.
type parsedPolicy struct {
	expires    time.Time
	conditions []match
	min, max   int64
}

// A match is one condition on one field.
type match struct {
	prefix bool // starts-with; else eq
	field  string
	value  string
}
