package local

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// A FunctionURL is the HTTP front of a function, as Lambda's function URLs
// are with InvokeMode RESPONSE_STREAM: each request becomes the JSON event
// that Lambda would hand over, and the function's stream becomes the answer.
type FunctionURL struct {
	Function Function         // must
	Now      func() time.Time // must
	// Caller is who signed the request, as an ARN, for functions whose
	// authorisation is AWS_IAM; "" refuses it with 403, as Lambda does. Nil
	// is authorisation NONE.
	Caller func(*http.Request) string
}

// maxRequest is Lambda's limit for the body of a request.
const maxRequest = 6 << 20

func (u FunctionURL) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller := ""
	if u.Caller != nil {
		if caller = u.Caller(r); caller == "" {
			http.Error(w, `{"Message":"Forbidden"}`, http.StatusForbidden)
			return
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		http.Error(w, `{"Message":"Request too large"}`, http.StatusRequestEntityTooLarge)
		return
	case err != nil: // too slow, or broken off
		http.Error(w, `{"Message":"Request Timeout"}`, http.StatusRequestTimeout)
		return
	}
	event, err := json.Marshal(u.event(r, body, caller))
	if err != nil {
		http.Error(w, `{"Message":"Bad Request"}`, http.StatusBadRequest)
		return
	}
	answer, err := u.Function.Invoke(r.Context(), event)
	if err != nil {
		// Lambda's own words for a function that failed.
		http.Error(w, `{"Message":"Internal Server Error"}`, http.StatusBadGateway)
		return
	}
	if err := writeAnswer(w, answer); err != nil {
		http.Error(w, `{"Message":"Internal Server Error"}`, http.StatusBadGateway)
	}
}

// event is payload format 2.0, with the fields that lambdaurl and our
// handlers read.
func (u FunctionURL) event(r *http.Request, body []byte, caller string) events.LambdaFunctionURLRequest {
	now := u.Now()
	headers := map[string]string{"host": r.Host, "x-forwarded-proto": "http", "x-forwarded-for": viewer(r)}
	for k, v := range r.Header {
		headers[strings.ToLower(k)] = strings.Join(v, ",")
	}
	if c := r.Header.Values("Cookie"); len(c) > 0 {
		headers["cookie"] = strings.Join(c, "; ")
	}
	delete(headers, "authorization") // Lambda keeps the signature to itself
	ctx := events.LambdaFunctionURLRequestContext{
		RequestID: requestID(), DomainName: r.Host, APIID: "local",
		Time: now.UTC().Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
		HTTP: events.LambdaFunctionURLRequestContextHTTPDescription{
			Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: viewer(r), UserAgent: r.UserAgent(),
		},
	}
	if caller != "" {
		ctx.Authorizer = &events.LambdaFunctionURLRequestContextAuthorizerDescription{
			IAM: &events.LambdaFunctionURLRequestContextAuthorizerIAMDescription{UserARN: caller, AccountID: accountOf(caller)},
		}
	}
	return events.LambdaFunctionURLRequest{
		Version: "2.0", RawPath: r.URL.EscapedPath(), RawQueryString: r.URL.RawQuery, Headers: headers,
		RequestContext: ctx, Body: base64.StdEncoding.EncodeToString(body), IsBase64Encoded: true,
	}
}

func viewer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

func accountOf(arn string) string {
	if parts := strings.Split(arn, ":"); len(parts) > 4 {
		return parts[4]
	}
	return ""
}

// writeAnswer takes apart what the function streamed: a prelude of JSON,
// eight zero bytes, the body (content type
// application/vnd.awslambda.http-integration-response).
func writeAnswer(w http.ResponseWriter, answer []byte) error {
	prelude, body, found := bytes.Cut(answer, make([]byte, 8))
	if !found {
		return errors.New("the function's answer has no prelude")
	}
	var p struct {
		StatusCode int               `json:"statusCode"`
		Headers    map[string]string `json:"headers"`
		Cookies    []string          `json:"cookies"`
	}
	if err := json.Unmarshal(prelude, &p); err != nil {
		return err
	}
	for k, v := range p.Headers {
		w.Header().Set(k, v)
	}
	for _, c := range p.Cookies {
		w.Header().Add("Set-Cookie", c)
	}
	w.WriteHeader(p.StatusCode)
	_, err := w.Write(body)
	return err
}

// A Function is what Lambda would run: an event in, an answer out, both JSON
// (a streamed answer excepted). lambda.NewHandler makes one of a handler.
type Function interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}
