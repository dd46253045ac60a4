package uploads_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/uploads"
	"keyward/pkg/integration"
)

var now = time.Date(2026, 3, 4, 23, 59, 59, 0, time.FixedZone("", 3600))

func formsOf(t *testing.T, token string, change func(*uploads.Config)) integration.Form {
	t.Helper()
	c := uploads.Config{
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", token), Region: "eu-central-1",
		Bucket: "bucket", KMSKeyID: kmsKey, Now: func() time.Time { return now },
	}
	if change != nil {
		change(&c)
	}
	o, err := uploads.New(c)
	if err != nil {
		t.Fatal(err)
	}
	f, err := o.Presign(t.Context(), integration.FormRequest{
		Key: "incoming/int_1/upl_1", Expires: now.Add(15 * time.Minute), MaxBytes: 65536, Redirect: "https://keyward.example/done?a=b&c=d",
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func field(f integration.Form, name string) string {
	for _, g := range f.Fields {
		if g.Name == name {
			return g.Value
		}
	}
	return ""
}

func TestTheFormAsAWhole(t *testing.T) {
	f := formsOf(t, "TOKEN", nil)
	var names []string
	for _, g := range f.Fields {
		names = append(names, g.Name)
	}
	want := "key x-amz-algorithm x-amz-credential x-amz-date x-amz-server-side-encryption x-amz-server-side-encryption-aws-kms-key-id " +
		"x-amz-security-token success_action_redirect x-amz-meta-filename policy x-amz-signature"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("fields are\n%s, want\n%s", got, want)
	}
	for name, want := range map[string]string{
		"x-amz-date": "20260304T225959Z", "x-amz-credential": "AKID/20260304/eu-central-1/s3/aws4_request",
		"x-amz-security-token": "TOKEN", "x-amz-meta-filename": "${filename}", "x-amz-server-side-encryption": "aws:kms",
	} {
		if got := field(f, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestThePolicyAsksForEveryField(t *testing.T) {
	f := formsOf(t, "TOKEN", nil)
	text, err := base64.StdEncoding.DecodeString(field(f, "policy"))
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Expiration string
		Conditions []any
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	if p.Expiration != "2026-03-04T23:14:59.000Z" {
		t.Errorf("expires %s", p.Expiration)
	}
	conditions := map[string]bool{}
	for _, c := range p.Conditions {
		conditions[fmt.Sprint(c)] = true
	}
	wanted := []string{"map[bucket:bucket]", "[content-length-range 0 65536]", "[starts-with $x-amz-meta-filename ]"}
	for _, g := range f.Fields {
		if g.Name != "policy" && g.Name != "x-amz-signature" && g.Name != "x-amz-meta-filename" {
			wanted = append(wanted, "[eq $"+g.Name+" "+g.Value+"]")
		}
	}
	for _, w := range wanted {
		if !conditions[w] {
			t.Errorf("the policy lacks %s", w)
		}
	}
	if len(conditions) != len(wanted) {
		t.Errorf("%d conditions, want %d", len(conditions), len(wanted))
	}
}

func TestWithoutSessionThereIsNoToken(t *testing.T) {
	if got := field(formsOf(t, "", nil), "x-amz-security-token"); got != "" {
		t.Errorf("token %q", got)
	}
}

func TestWhereFormsGo(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1": "https://bucket.s3.eu-central-1.amazonaws.com/", "us-east-1": "https://bucket.s3.us-east-1.amazonaws.com/",
		"cn-north-1": "https://bucket.s3.cn-north-1.amazonaws.com.cn/",
	} {
		if got := formsOf(t, "", func(c *uploads.Config) { c.Region = region }).URL; got != want {
			t.Errorf("%s: %s, want %s", region, got, want)
		}
	}
	if got := formsOf(t, "", func(c *uploads.Config) { c.Endpoint = "http://127.0.0.1:1/" }).URL; got != "http://127.0.0.1:1/bucket" {
		t.Errorf("endpoint: %s", got)
	}
}

// on makes a bucket that is a script.
func on(t *testing.T, answers ...awstest.Answer) (*uploads.Objects, *awstest.Script) {
	t.Helper()
	script := awstest.NewScript(answers...)
	client := s3.NewFromConfig(script.Once(), func(o *s3.Options) { o.UsePathStyle = true })
	o, err := uploads.New(uploads.Config{Client: client, Region: "eu-central-1", Bucket: "bucket"})
	if err != nil {
		t.Fatal(err)
	}
	return o, script
}

// refused is one of S3's errors, which are XML.
func refused(status int, code string) awstest.Answer {
	return awstest.Answer{Status: status, Body: "<Error><Code>" + code + "</Code><Message>" + awstest.Quote + "</Message><Key>" + awstest.Quote + "</Key></Error>",
		Header: http.Header{"Content-Type": {"application/xml"}}}
}

var sentinels = []error{
	integration.ErrChanged, integration.ErrInvalid, integration.ErrThrottled, integration.ErrNotFound,
}

func wantOnly(t *testing.T, err, want error) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %v", want)
	}
	for _, s := range sentinels {
		if got := errors.Is(err, s); got != (s == want) {
			t.Errorf("errors.Is(%q, %q) is %t", err, s, got)
		}
	}
	if awstest.Leaks(err) {
		t.Errorf("the error quotes AWS's text: %v", err)
	}
}

func TestErrors(t *testing.T) {
	head := func(status int) awstest.Answer { return awstest.Answer{Status: status} }
	calls := map[string]func(context.Context, *uploads.Objects) error{
		"Read":   func(ctx context.Context, o *uploads.Objects) error { _, err := o.Read(ctx, "k", "e"); return err },
		"Delete": func(ctx context.Context, o *uploads.Objects) error { return o.Delete(ctx, "k", "e") },
		"List":   func(ctx context.Context, o *uploads.Objects) error { _, err := o.List(ctx, now, 1); return err },
	}
	for name, c := range map[string]struct {
		call    string
		answers []awstest.Answer
		want    error
	}{
		"Read: nothing there":                {"Read", []awstest.Answer{refused(404, "NoSuchKey")}, integration.ErrNotFound},
		"Read: another one":                  {"Read", []awstest.Answer{refused(412, "PreconditionFailed")}, integration.ErrChanged},
		"Read: forbidden is not not found":   {"Read", []awstest.Answer{refused(403, "AccessDenied")}, nil},
		"Read: no such bucket":               {"Read", []awstest.Answer{refused(404, "NoSuchBucket")}, nil},
		"Read: slow down":                    {"Read", []awstest.Answer{refused(503, "SlowDown")}, integration.ErrThrottled},
		"Read: lost":                         {"Read", []awstest.Answer{{Lost: true}}, nil},
		"Delete: another one":                {"Delete", []awstest.Answer{refused(412, "PreconditionFailed"), head(200)}, integration.ErrChanged},
		"Delete: another one, and then what": {"Delete", []awstest.Answer{refused(412, "PreconditionFailed"), head(503)}, nil},
		"Delete: slow down":                  {"Delete", []awstest.Answer{refused(503, "SlowDown")}, integration.ErrThrottled},
		"Delete: somebody else just now":     {"Delete", []awstest.Answer{refused(409, "ConditionalRequestConflict")}, nil},
		"List: no such bucket":               {"List", []awstest.Answer{refused(404, "NoSuchBucket")}, nil},
		"List: slow down":                    {"List", []awstest.Answer{refused(503, "SlowDown")}, integration.ErrThrottled},
	} {
		t.Run(name, func(t *testing.T) {
			o, _ := on(t, c.answers...)
			wantOnly(t, calls[c.call](t.Context(), o), c.want)
		})
	}
	for name, answers := range map[string][]awstest.Answer{
		"nothing there": {refused(404, "NoSuchKey")}, "nothing there, as a failed condition": {refused(412, "PreconditionFailed"), head(404)},
	} {
		t.Run("Delete: "+name, func(t *testing.T) {
			o, _ := on(t, answers...)
			if err := o.Delete(t.Context(), "k", "e"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatReadAndDeleteAskFor(t *testing.T) {
	o, script := on(t, awstest.Answer{Status: 200, Body: strings.Repeat("x", 2<<20), Header: http.Header{
		"Etag": {`"abc"`}, "X-Amz-Meta-Filename": {"AuthKey_A.p8"}, "Last-Modified": {"Wed, 04 Mar 2026 05:06:07 GMT"},
	}})
	got, err := o.Read(t.Context(), "incoming/int_1/upl_1", "abc")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Data) != 1<<20 || got.Size != 2<<20 || got.ETag != "abc" || got.Filename != "AuthKey_A.p8" || !got.At.Equal(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)) {
		t.Errorf("%d bytes of %d, ETag %s, name %s, time %s", len(got.Data), got.Size, got.ETag, got.Filename, got.At)
	}
	if match := script.Requests()[0].Header.Get("If-Match"); match != `"abc"` {
		t.Errorf("reads If-Match %s", match)
	}
	o, script = on(t, awstest.Answer{Status: 204})
	if err := errors.Join(o.Delete(t.Context(), "k", "abc"), o.Delete(t.Context(), "k", "")); err != nil {
		t.Fatal(err)
	}
	all := script.Requests()
	if all[0].Header.Get("If-Match") != `"abc"` || all[1].Header.Get("If-Match") != "" {
		t.Errorf("deletes If-Match %q, and %q without an ETag", all[0].Header.Get("If-Match"), all[1].Header.Get("If-Match"))
	}
}

func TestListGoesOverPages(t *testing.T) {
	page := func(key, at, next string) awstest.Answer {
		return awstest.Answer{Status: 200, Body: "<ListBucketResult><Contents><Key>" + key + "</Key><LastModified>" + at + "</LastModified><ETag>&quot;e&quot;</ETag><Size>4</Size></Contents>" +
			next + "</ListBucketResult>"}
	}
	o, script := on(t, page("a", "2026-03-02T00:00:00.000Z", "<IsTruncated>true</IsTruncated><NextContinuationToken>more</NextContinuationToken>"),
		page("b", "2026-03-01T00:00:00.000Z", ""))
	all, err := o.List(t.Context(), now, 10)
	if err != nil || len(all) != 2 || all[0].Key != "b" || all[1].Key != "a" {
		t.Errorf("lists %v, error %v", all, err)
	}
	second, _ := url.Parse(script.Requests()[1].URL)
	if second.Query().Get("continuation-token") != "more" || second.Query().Get("prefix") != "incoming/" {
		t.Errorf("the second page was asked for by %s", second.RawQuery)
	}
}

func TestConfig(t *testing.T) {
	if _, err := uploads.New(uploads.Config{}); err == nil || !strings.Contains(err.Error(), "Bucket") || !strings.Contains(err.Error(), "Client") {
		t.Errorf("New: %v", err)
	}
}
