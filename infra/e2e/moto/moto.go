// Package moto speaks to moto's server, AWS's stand-in, as nobody in
// particular: what it takes to make resources there and to look at them.
package moto

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"keyward/pkg/aws/awstest"
)

// Where everything is.
const (
	Region  = awstest.Region
	Account = awstest.Account
)

// A Server is a running moto.
type Server struct {
	*awstest.Server
	client *http.Client
}

// Start runs moto. Close it.
func Start() (*Server, error) {
	s, err := awstest.StartServer()
	if err != nil {
		return nil, err
	}
	return &Server{s, &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}, nil
}

// Authorization is a header that says service and region, and nothing that
// moto would check.
func Authorization(service string) string {
	return "AWS4-HMAC-SHA256 Credential=HARNESS/20260101/" + Region + "/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
}

// services are the names in signatures, by the prefix of the target.
var services = map[string]string{
	"DynamoDB_20120810": "dynamodb", "DynamoDBStreams_20120810": "dynamodb", "AmazonSQS": "sqs", "secretsmanager": "secretsmanager",
}

// Call does an operation of one of AWS's JSON protocols, such as
// "DynamoDB_20120810.CreateTable". Out may be nil.
func (s *Server) Call(ctx context.Context, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	prefix, _, _ := strings.Cut(target, ".")
	headers := map[string]string{"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": target}
	answer, err := s.Do(ctx, services[prefix], http.MethodPost, "/", body, headers)
	if err != nil {
		return fmt.Errorf("%s: %w", target, err)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// Do makes any request.
func (s *Server) Do(ctx context.Context, service, method, path string, body []byte, headers map[string]string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", Authorization(service))
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("moto answers %d: %.300s", resp.StatusCode, answer)
	}
	return answer, err
}
