package uploads

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"keyward/pkg/aws/internal/fault"
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
	fieldToken      = "x-amz-security-token"
	fieldRedirect   = "success_action_redirect"
	fieldFilename   = "x-amz-meta-" + metaFilename
	fieldSSE        = "x-amz-server-side-encryption"
	fieldSSEKey     = "x-amz-server-side-encryption-aws-kms-key-id"

	metaFilename = "filename"
	algorithm    = "AWS4-HMAC-SHA256"
)

// Presign makes a form for one object key. It is our own code since the SDK's
// PresignPostObject leaves out encryption and metadata without a word. A form
// lives no longer than the credentials that signed it.
func (o *Objects) Presign(ctx context.Context, r integration.FormRequest) (integration.Form, error) {
	const op = "uploads.Presign"
	if o.cfg.Credentials == nil || o.cfg.KMSKeyID == "" || o.cfg.Now == nil {
		return integration.Form{}, fmt.Errorf("%s: %w: Config lacks what forms need", op, integration.ErrInvalid)
	}
	if r.Key == "" || len(r.Key) > 1024 || r.MaxBytes < 1 || r.Expires.IsZero() {
		return integration.Form{}, fmt.Errorf("%s: %w: a form needs a key, a size and an end", op, integration.ErrInvalid)
	}
	if u, err := url.Parse(r.Redirect); err != nil || r.Redirect != "" && !u.IsAbs() {
		return integration.Form{}, fmt.Errorf("%s: %w: the redirect must be an absolute URL", op, integration.ErrInvalid)
	}
	credentials, err := o.cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return integration.Form{}, fault.New(op, err, nil)
	}
	fields, err := o.fields(r, credentials, o.cfg.Now().UTC())
	return integration.Form{URL: o.url(), Fields: fields}, err
}

// fields are all hidden fields of the form, signed.
func (o *Objects) fields(r integration.FormRequest, c aws.Credentials, now time.Time) ([]integration.FormField, error) {
	day := now.Format("20060102")
	exact := []integration.FormField{
		{Name: fieldKey, Value: r.Key},
		{Name: fieldAlgorithm, Value: algorithm},
		{Name: fieldCredential, Value: c.AccessKeyID + "/" + day + "/" + o.cfg.Region + "/s3/aws4_request"},
		{Name: fieldDate, Value: now.Format("20060102T150405Z")},
		{Name: fieldSSE, Value: "aws:kms"},
		{Name: fieldSSEKey, Value: o.cfg.KMSKeyID},
	}
	if c.SessionToken != "" {
		exact = append(exact, integration.FormField{Name: fieldToken, Value: c.SessionToken})
	}
	if r.Redirect != "" {
		exact = append(exact, integration.FormField{Name: fieldRedirect, Value: r.Redirect})
	}
	policy, err := o.policy(r, exact)
	return append(exact,
		integration.FormField{Name: fieldFilename, Value: "${filename}"},
		integration.FormField{Name: fieldPolicy, Value: policy},
		integration.FormField{Name: fieldSignature, Value: sign(c.SecretAccessKey, day, o.cfg.Region, policy)},
	), err
}

// policy asks for every field exactly as it is, the file's name excepted.
// Source: S3's API reference, "POST Policy".
func (o *Objects) policy(r integration.FormRequest, exact []integration.FormField) (string, error) {
	conditions := []any{
		map[string]string{"bucket": o.cfg.Bucket},
		[]any{"content-length-range", 0, r.MaxBytes},
		[]any{"starts-with", "$" + fieldFilename, ""},
	}
	for _, f := range exact {
		conditions = append(conditions, []any{"eq", "$" + f.Name, f.Value})
	}
	text, err := json.Marshal(map[string]any{
		"expiration": r.Expires.UTC().Format("2006-01-02T15:04:05.000Z"), "conditions": conditions,
	})
	return base64.StdEncoding.EncodeToString(text), err
}

// sign is Signature Version 4 of a POST policy, the base64 text of which is
// the string to sign.
// Source: S3's API reference, "Authenticating requests in browser-based
// uploads using POST".
func sign(secret, day, region, policy string) string {
	key := []byte("AWS4" + secret)
	for _, part := range []string{day, region, "s3", "aws4_request"} {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, policy))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// url is where the form goes: the bucket's own host, in its region, so that no
// redirect follows, which a browser would not repeat a POST to.
func (o *Objects) url() string {
	if o.cfg.Endpoint != "" {
		return strings.TrimSuffix(o.cfg.Endpoint, "/") + "/" + o.cfg.Bucket
	}
	suffix := ""
	if strings.HasPrefix(o.cfg.Region, "cn-") {
		suffix = ".cn"
	}
	return "https://" + o.cfg.Bucket + ".s3." + o.cfg.Region + ".amazonaws.com" + suffix + "/"
}
