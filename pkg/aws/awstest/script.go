package awstest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// An Answer is what a Script's service says to one request.
type Answer struct {
	Status int
	Body   string
	Header http.Header
	Lost   bool // the request is taken, and no answer comes
}

// Refused is the answer of a service that speaks JSON (DynamoDB, SQS, Secrets
// Manager, SES) with an error. Its text quotes the request, as AWS's may.
func Refused(status int, code string) Answer {
	return Answer{
		Status: status, Body: `{"__type":"com.amazonaws.service#` + code + `","message":"` + Quote + `","Message":"` + Quote + `"}`,
		Header: http.Header{"X-Amzn-Errortype": {code}, "X-Amzn-Requestid": {"REQUEST-1"}, "Content-Type": {"application/x-amz-json-1.0"}},
	}
}

// Quote stands in the texts of errors for what they must not hand on.
const Quote = "canary: what was sent"

// A Script is a service that answers as it was told, in order, and after that
// with the last answer again. Its clients come from Config.
type Script struct {
	mu      sync.Mutex
	answers []Answer
	seen    []Request
}

// A Request is one that a Script got.
type Request struct {
	Method string
	URL    string
	Header http.Header
	Body   string
}

// NewScript makes one.
func NewScript(answers ...Answer) *Script { return &Script{answers: answers} }

// Once is the configuration of clients that try once.
func (s *Script) Once() aws.Config {
	cfg := Config("http://127.0.0.1:1")
	cfg.HTTPClient, cfg.Retryer = s, func() aws.Retryer { return aws.NopRetryer{} }
	return cfg
}

// Retrying is the configuration of clients with the standard retryer, which
// does not wait.
func (s *Script) Retrying() aws.Config {
	cfg := s.Once()
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = 1 })
	}
	return cfg
}

// Requests are those that came so far.
func (s *Script) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.seen...)
}

// Do answers; it makes a Script an aws.HTTPClient.
func (s *Script) Do(r *http.Request) (*http.Response, error) {
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, Request{r.Method, r.URL.String(), r.Header.Clone(), string(body)})
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	if a.Lost {
		return nil, errors.New("connection reset by peer; " + Quote)
	}
	header := a.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Length", strconv.Itoa(len(a.Body)))
	return &http.Response{
		StatusCode: a.Status, Header: header, Request: r, ContentLength: int64(len(a.Body)),
		Body: io.NopCloser(bytes.NewReader([]byte(a.Body))),
	}, nil
}

// Leaks tells whether an error says what it must not.
func Leaks(err error) bool { return err != nil && strings.Contains(err.Error(), Quote) }
