package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

// functionURL tells whether the operator is a Lambda function URL, and in
// which region: https://<id>.lambda-url.<region>.on.aws. Such a URL takes
// requests that are signed with the caller's AWS credentials.
func functionURL(address string) (region string, ok bool) {
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	parts := strings.Split(u.Hostname(), ".")
	if len(parts) != 5 || parts[1] != "lambda-url" || parts[3] != "on" || parts[4] != "aws" {
		return "", false
	}
	return parts[2], true
}

// signed authorises requests with AWS's Signature Version 4, with the
// credentials that the AWS command line would use too.
func signed(ctx context.Context, region string) (func(*http.Request) error, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return nil, usage("no AWS credentials: sign in as you do for the AWS command line, or set AWS_PROFILE")
	}
	return signer(cfg.Credentials, region, time.Now), nil
}

func signer(provider aws.CredentialsProvider, region string, now func() time.Time) func(*http.Request) error {
	sign := v4.NewSigner()
	return func(r *http.Request) error {
		who, err := provider.Retrieve(r.Context())
		if err != nil {
			return usage("no AWS credentials: sign in as you do for the AWS command line, or set AWS_PROFILE")
		}
		hash, err := bodyHash(r)
		if err != nil {
			return err
		}
		r.Header.Set("X-Amz-Content-Sha256", hash)
		return sign.SignHTTP(r.Context(), who, r, hash, "lambda", region, now())
	}
}

// bodyHash reads the body, and puts it back.
func bodyHash(r *http.Request) (string, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return "", fmt.Errorf("reading the request to sign it: %w", err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}
