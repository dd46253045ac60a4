package gate

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/embedded"
)

// A Caller is who may sign requests.
type Caller struct {
	Name   string // in messages: arn:aws:sts::…:assumed-role/…
	Role   string // whom Allowed knows
	Secret string // the secret access key
}

// A Request is what a call asks permission for.
type Request struct {
	Role     string
	Action   string // dynamodb:PutItem
	Resource string // ARN
	Context  map[string]string
}

// Object is one that was stored in a bucket.
type Object struct {
	Bucket, Key, ETag string // ETag without quotes
	Size              int64
}

// Config is what a Gate needs.
type Config struct {
	Moto            *url.URL                    // must
	Self            string                      // must: the gate's own URL
	Region, Account string                      // must
	Callers         map[string]Caller           // must: by access key ID
	Allowed         func(Request) bool          // must
	Now             func() time.Time            // must: the virtual clock
	Keys            map[string]string           // must: ARN of the key that a bucket is encrypted with, by bucket
	Queue           http.Handler                // must: serves what SQS serves; requests are judged before
	Sender          func(address string) string // must: the ARN of the identity that an address belongs to

	// What happened; each may be nil, and must not call the Gate.
	Created func(Object)
	Wrote   func(Write)
	Sent    func(Mail)
	Denied  func(Request)
}

// A Gate is an http.Handler: the endpoint of all services.
type Gate struct {
	cfg    Config
	client *http.Client
	forms  awstest.PostGate

	tables sync.Mutex // one call to DynamoDB at a time

	mu      sync.Mutex
	secrets map[string]string    // the key of a secret, by its name
	arrived map[string]time.Time // virtual time of an object, by bucket/key
	calls   map[string]int       // by service and operation
}

// New makes a gate.
func New(cfg Config) *Gate {
	secret := func(id string) (string, bool) { c, ok := cfg.Callers[id]; return c.Secret, ok }
	return &Gate{
		// A form that is good becomes a PUT by whoever signed it, through the
		// gate once more.
		forms: awstest.PostGate{Moto: cfg.Self, Secrets: secret, Now: cfg.Now},
		cfg:   cfg, secrets: map[string]string{}, arrived: map[string]time.Time{}, calls: map[string]int{},
		client: &http.Client{
			Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 64},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// maxBody is more than any request of Keyward's.
const maxBody = 16 << 20

// call is one request on its way.
type call struct {
	*http.Request
	caller  Caller
	service string // as in the signature's scope: dynamodb, s3, sqs, secretsmanager, ses
	op      string
	body    []byte
}

func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if embedded.IsForm(r) {
		g.forms.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "request too large", http.StatusRequestEntityTooLarge)
		return
	}
	c, err := g.identify(r, body)
	if err != nil {
		refuse(w, "", http.StatusForbidden, "UnrecognizedClientException", err.Error())
		return
	}
	g.count(c.service + " " + c.op)
	if !g.permitted(w, c) {
		return
	}
	switch c.service {
	case "dynamodb":
		g.dynamo(w, c)
	case "s3":
		g.s3(w, c)
	case "sqs":
		r.Body = io.NopCloser(bytes.NewReader(body))
		g.cfg.Queue.ServeHTTP(w, r)
	case "ses":
		g.ses(w, c)
	default:
		g.forward(w, c)
	}
}

var errNobody = errors.New("the security token included in the request is invalid")

// identify finds the caller by "Credential=<access key>/<day>/<region>/<service>/".
func (g *Gate) identify(r *http.Request, body []byte) (call, error) {
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	scope := strings.Split(rest, "/")
	if len(scope) < 5 {
		return call{}, errNobody
	}
	caller, known := g.cfg.Callers[scope[0]]
	if !known || scope[2] != g.cfg.Region {
		return call{}, errNobody
	}
	c := call{Request: r, caller: caller, service: scope[3], body: body}
	_, c.op, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if c.op == "" {
		c.op = r.Method
	}
	return c, nil
}

// permitted asks for everything that the call needs, and answers it when
// something is denied.
func (g *Gate) permitted(w http.ResponseWriter, c call) bool {
	asks, err := g.asks(c)
	if err != nil {
		refuse(w, c.service, http.StatusForbidden, "AccessDenied", "the gate does not know this request to "+c.service+": "+err.Error())
		return false
	}
	for _, a := range asks {
		if !g.allowed(c.caller, a) {
			refuseDenied(w, c.service, c.caller.Name, a)
			return false
		}
	}
	return true
}

func (g *Gate) allowed(who Caller, a Request) bool {
	a.Role = who.Role
	if a.Context == nil {
		a.Context = map[string]string{}
	}
	a.Context["aws:SecureTransport"] = "true" // loopback stands in for TLS
	ok := g.cfg.Allowed(a)
	if !ok && g.cfg.Denied != nil {
		g.cfg.Denied(a)
	}
	return ok
}

// ask sends a request on to moto.
func (g *Gate) ask(c call) (*http.Response, error) {
	to := *c.URL
	to.Scheme, to.Host = g.cfg.Moto.Scheme, g.cfg.Moto.Host
	out, err := http.NewRequestWithContext(c.Context(), c.Method, to.String(), bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	out.Header = c.Header.Clone()
	out.Header.Del("Accept-Encoding")
	return g.client.Do(out)
}

// forward sends a request on to moto and its answer back, which it returns.
func (g *Gate) forward(w http.ResponseWriter, c call) (status int, body []byte) {
	resp, err := g.ask(c)
	if err == nil {
		defer resp.Body.Close()
		body, err = io.ReadAll(resp.Body)
	}
	if err != nil {
		refuse(w, c.service, http.StatusServiceUnavailable, "ServiceUnavailable", "moto did not answer")
		return 0, nil
	}
	pass(w, resp, body)
	return resp.StatusCode, body
}

func pass(w http.ResponseWriter, resp *http.Response, body []byte) {
	for k, v := range resp.Header {
		if k != "Content-Length" && k != "Connection" && k != "Transfer-Encoding" {
			w.Header()[k] = v
		}
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(body)
}

func (g *Gate) count(what string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls[what]++
}

// Calls counts requests by service and operation.
func (g *Gate) Calls() map[string]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := map[string]int{}
	for k, n := range g.calls {
		out[k] = n
	}
	return out
}
