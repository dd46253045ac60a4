package hostile

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdaurl"

	"keyward/infra/hostile/leak"
	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
	"keyward/pkg/portal"
)

// functions are the eight handlers, as Lambda calls them.
type functions struct {
	db   *embedded.DB
	tape *tape
	all  map[string]lambda.Handler
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// hostileSettings are those of a portal that does not take its time to answer.
func hostileSettings(publicURL string) app.Settings {
	return app.Settings{
		Vendor:    app.Vendor{Name: "V", Sender: "a@v.example", Support: "s@v.example"},
		PublicURL: publicURL, Limits: portal.Limits{AnswerTime: 1},
	}
}

func mustFunctions(t testing.TB) functions {
	t.Helper()
	f := functions{tape: &tape{}, all: map[string]lambda.Handler{}}
	log := slog.New(slog.NewJSONHandler(f.tape.writer("log"), &slog.HandlerOptions{Level: slog.LevelDebug}))
	f.db = must(embedded.Open(embedded.Config{}))
	t.Cleanup(func() { f.db.Close() })
	queue := f.db.Queue("q", embedded.QueueConfig{})
	objects := must(f.db.Objects(embedded.ObjectsConfig{URL: "http://127.0.0.1:1/"}))
	settings := hostileSettings("https://keys.example.com")
	settings.Roles = map[string]operator.Role{"arn:aws:iam::123456789012:role/support": operator.Support}
	all := must(app.All(app.Ports{
		Store: f.db.Store(), Vault: f.db.Vault(), Objects: objects, Forms: objects, Mailer: f.db.Inbox(),
		Apple:  appstoreconnect.New(appstoreconnect.Config{BaseURL: "http://127.0.0.1:1", EnterpriseURL: "http://127.0.0.1:1", Now: time.Now}),
		Queues: app.Queues{Intake: queue, Validate: queue, Certificates: queue}, DeadLetters: queue, Now: time.Now, Logger: log,
	}, settings))
	for name, handler := range map[string]any{
		"portal": lambdaurl.Wrap(all.Portal), "operator": lambdaurl.Wrap(all.Operator), "intake": all.Intake, "validate": all.Validate,
		"certificates": all.Certificates, "sweep": all.Sweep, "notify": all.Notify, "feedback": all.Feedback,
	} {
		f.all[name] = lambda.NewHandler(handler)
	}
	return f
}

const eventCanary = "CANARY7f3e9b1d5a8c2064canary"

// bodies are what a message in a queue may hold.
func bodies() []string {
	c := eventCanary
	id, check := string(integration.NewID(rand.Reader)), string(integration.NewCheckID(rand.Reader))
	out := []string{
		"", " ", "null", "[]", "{}", "0", `""`, "true", "{", `{"a":`, c, `"` + c + `"`, `{"` + c + `":1}`, strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 9000), "\x00", "\xff\xfe",
		`{"integration":"` + c + `","check":"` + c + `"}`, `{"integration":1,"check":[]}`, `{"integration":"int_` + c + `","check":"chk_` + c + `","lease":"` + c + `"}`,
		`{"integration":"` + id + `","check":"` + check + `"}`, `{"integration":"` + id + `","check":"` + c + `"}`, `{"integration":"INT#` + c + `\u0000META","check":"x"}`,
		`{"integration":"` + strings.Repeat("x", 5000) + `","check":"` + strings.Repeat("y", 5000) + `"}`, `{"integration":"../../` + c + `","check":"x"}`,
	}
	for _, key := range []string{"", c, "incoming/" + c, "incoming/" + id + "/" + c, "incoming/../" + c, "/", "incoming/" + id + "/upl_" + strings.Repeat("a", 32), "incoming/%2e%2e/x", "a\u0000" + c, strings.Repeat("k", 3000)} {
		for _, etag := range []string{"", c, `"` + c + `"`, "\\u0000"} {
			for _, size := range []string{"1", "-1", "99999999999999999999", `"1"`, "1e99"} {
				out = append(out, `{"detail-type":"Object Created","source":"`+c+`","detail":{"bucket":{"name":"`+c+`"},"object":{"key":`+quote(key)+`,"etag":`+quote(etag)+`,"size":`+size+`}}}`)
			}
		}
	}
	for _, kind := range []string{"Bounce", "Complaint", "Reject", "Rendering Failure", c} {
		for _, tags := range []string{"{}", "null", `{"integration":["` + c + `"]}`, `{"integration":["int_` + c + `"],"contact":["` + c + `"],"notice":["` + c + `"],"kind":["` + c + `"]}`,
			`{"integration":["` + id + `"],"contact":["` + c + `"],"notice":["6161"],"kind":["` + c + `"]}`, `{"integration":["fleet"],"contact":["` + c + `"]}`, `{"integration":"` + c + `"}`} {
			out = append(out, `{"source":"aws.ses","detail-type":"`+c+`","detail":{"eventType":"`+kind+`","mail":{"messageId":"`+c+`","destination":["`+c+`@x.example"],"tags":`+tags+`},"bounce":{"bounceType":"Permanent","bounceSubType":"`+c+`"},"complaint":{"complaintSubType":"`+c+`"}}}`)
		}
	}
	return out
}

func quote(s string) string { return string(must(json.Marshal(s))) }

// payloads are what Lambda may hand over: the bodies in batches, and what is
// no batch.
func payloads() []string {
	c := eventCanary
	out := []string{
		"", "null", "{}", "[]", "1", `"` + c + `"`, "{", `{"Records":null}`, `{"Records":{}}`, `{"Records":[null]}`, `{"Records":[{}]}`, `{"Records":["` + c + `"]}`, `{"Records":[[` + `]]}`,
		`{"scheduled_at":"` + c + `"}`, `{"scheduled_at":1}`, `{"scheduled_at":"9999-12-31T23:59:59Z"}`, `{"version":"2.0"}`, strings.Repeat("[", 15_000),
	}
	for _, b := range bodies() {
		out = append(out, `{"Records":[{"messageId":"m","eventSource":"aws:sqs","body":`+quote(b)+`}]}`, b)
	}
	for _, key := range []string{`{"S":"INT#` + c + `"}`, `{"S":"INT#int_x"}`, `{"N":"1"}`, `{"B":"AAAA"}`, `{"NULL":true}`, `{}`, `null`, `{"S":1}`, `{"SS":["` + c + `"]}`, `{"M":{"a":{"S":"` + c + `"}}}`} {
		for _, sort := range []string{`{"S":"NTC#` + c + `"}`, `{"S":"NTC#"}`, `{"S":"NTC#\u0000"}`, `{"N":"` + c + `"}`} {
			for _, name := range []string{"INSERT", "MODIFY", "REMOVE", c} {
				out = append(out, `{"Records":[{"eventName":"`+name+`","dynamodb":{"SequenceNumber":"1","Keys":{"PK":`+key+`,"SK":`+sort+`},"NewImage":{"status":{"S":"pending"}}}}]}`)
			}
		}
	}
	return append(out, requests()...)
}

// requests are events of function URLs.
func requests() []string {
	c := eventCanary
	var out []string
	for _, method := range []string{"GET", "POST", "", c, "GET /x HTTP/1.1\\r\\nX: y", "CONNECT"} {
		for _, path := range []string{"/", "", c, "/../" + c, "/l/" + c, "//evil.example/" + c, "/%zz", "/\\u0000", "http://evil.example/", "/v1/integrations/" + c, "*", "/" + strings.Repeat("a", 9000)} {
			for _, body := range []string{`""`, `"` + c + `"`, `"!!not base64!!"`, "null", "1"} {
				out = append(out, `{"version":"2.0","rawPath":"`+path+`","rawQueryString":"`+c+`=%zz","headers":{"host":"evil.example","cookie":"keyward=`+c+`","content-type":"application/x-www-form-urlencoded","x-`+c+`":"`+c+`"},
"requestContext":{"domainName":"evil.example","http":{"method":"`+method+`","path":"`+path+`","sourceIp":"`+c+`"},"authorizer":{"iam":{"userArn":"arn:aws:sts::123456789012:assumed-role/`+c+`/`+c+`@x.example"}}},"body":`+body+`,"isBase64Encoded":true}`)
			}
		}
	}
	return out
}

// TestHostileEvents hands each to every handler.
func TestHostileEvents(t *testing.T) {
	t.Parallel()
	all := payloads()
	if len(all) < 1000 {
		t.Fatalf("%d events", len(all))
	}
	for _, name := range []string{"portal", "operator", "intake", "validate", "certificates", "sweep", "notify", "feedback"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := mustFunctions(t)
			s := leak.NewScanner()
			s.Text("what the event says", eventCanary)
			for i, p := range all {
				what := fmt.Sprintf("event %d (%.60q)", i, p)
				if p == "null" && (name == "portal" || name == "operator") {
					continue // lambdaurl dereferences it; function URLs never send it
				}
				answer, err := invoke(f.all[name], p)
				if _, died := err.(panicked); died {
					t.Fatalf("%s: %v", what, err)
				}
				if err != nil && !aboutURL(err) && len(s.Scan([]byte(err.Error()))) > 0 {
					t.Errorf("%s: the error repeats it", what)
				}
				if hits := s.Scan(shown(t, what, answer)); len(hits) > 0 {
					t.Errorf("%s: the answer repeats it: %v", what, hits)
				}
			}
			for _, line := range strings.Split(string(f.tape.log("log")), "\n") {
				if len(s.Scan([]byte(line))) > 0 {
					t.Errorf("the log repeats it: %.300s", strings.ReplaceAll(line, eventCanary, "…"))
				}
			}
			f.empty(t)
		})
	}
}

// aboutURL tells whether lambdaurl could not parse the URL: its error repeats
// it, so that a host must neither log it nor hand it to one who does.
func aboutURL(err error) bool {
	var u *url.Error
	return errors.As(err, &u)
}

// redirected is a streamed answer that leads to a cleaner path, with the path
// and the query that were asked for. It must stay on our site.
var redirected = regexp.MustCompile(`^\{"statusCode":30[178],"headers":\{[^}]*"Location":"(/[^/\\"][^"]*|/)"`)

// shown is what of an answer must not repeat anything.
func shown(t *testing.T, what string, answer []byte) []byte {
	t.Helper()
	if !strings.HasPrefix(string(answer), `{"statusCode":30`) {
		return answer
	}
	if !redirected.Match(answer) {
		t.Errorf("%s: leads away: %.400q", what, answer)
	}
	return nil
}

// empty: nothing of it was kept.
func (f functions) empty(t *testing.T) {
	t.Helper()
	names := must(f.db.Vault().Names(context.Background()))
	page := must(f.db.Store().List(context.Background(), integration.Filter{}))
	mails := must(f.db.Inbox().List(context.Background(), 10))
	if len(names) != 0 || len(page.Integrations) != 0 || len(mails) != 0 {
		t.Errorf("left behind: %d keys, %d integrations, %d mails", len(names), len(page.Integrations), len(mails))
	}
}

// panicked is a handler that took its process with it.
type panicked string

func (p panicked) Error() string { return "panic: " + string(p) }

func invoke(h lambda.Handler, payload string) (answer []byte, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(fmt.Sprintf("%T: %.200v", v, v))
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return h.Invoke(ctx, []byte(payload))
}
