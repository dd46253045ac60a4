package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
)

func TestFunctionURLsAreKnownByTheirHost(t *testing.T) {
	for address, want := range map[string]string{
		"https://abc123.lambda-url.eu-central-1.on.aws":       "eu-central-1",
		"https://abc123.lambda-url.eu-central-1.on.aws/":      "eu-central-1",
		"https://operator.example.com":                        "",
		"https://lambda-url.eu-central-1.on.aws.evil.example": "",
		"http://127.0.0.1:8081/api":                           "",
	} {
		if got, _ := functionURL(address); got != want {
			t.Errorf("%s is in region %q, want %q", address, got, want)
		}
	}
}

func TestRequestsAreSignedWithTheirBody(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
	sign := signer(awscredentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "session"), "eu-central-1", now)
	authorization := func(body string) string {
		r, err := http.NewRequest(http.MethodPost, "https://abc.lambda-url.eu-central-1.on.aws/v1/integrations", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if err := sign(r); err != nil {
			t.Fatal(err)
		}
		if sent, _ := io.ReadAll(r.Body); string(sent) != body {
			t.Errorf("the body is %q after signing", sent)
		}
		return r.Header.Get("Authorization")
	}
	a, b := authorization(`{"a":1}`), authorization(`{"a":2}`)
	if a == b || !strings.HasPrefix(a, "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260302/eu-central-1/lambda/aws4_request, ") {
		t.Errorf("authorizations are\n%s\n%s", a, b)
	}
	if !strings.Contains(a, "x-amz-security-token") || !strings.Contains(a, "x-amz-content-sha256") {
		t.Errorf("not all headers are signed: %s", a)
	}
}
