package gate

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// asked notes what the gate asks permission for, and denies what it is told to.
type asked struct {
	deny string
	all  []string
}

func (a *asked) allowed(r Request) bool {
	line := r.Role + " " + r.Action + " " + r.Resource
	for _, k := range []string{"kms:ViaService", "kms:EncryptionContext:SecretARN", "kms:EncryptionContext:aws:s3:arn"} {
		if v := r.Context[k]; v != "" {
			line += " " + v
		}
	}
	a.all = append(a.all, line)
	return r.Action != a.deny
}

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// mustGate stands before a moto that the handler plays.
func mustGate(t *testing.T, a *asked, moto http.HandlerFunc) *Gate {
	t.Helper()
	server := httptest.NewServer(moto)
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{
		Moto: u, Region: "eu-central-1", Account: "123456789012", Allowed: a.allowed, Now: func() time.Time { return noon },
		Callers: map[string]Caller{"ASIAINTAKE": {Name: "intake", Role: "IntakeRole", Secret: "s"}},
		Keys:    map[string]string{"uploads": "arn:aws:kms:eu-central-1:123456789012:key/u"},
		Queue:   http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }),
		Sender:  func(string) string { return "arn:aws:ses:eu-central-1:123456789012:identity/vendor.example" },
	})
}

func request(service, target, method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=ASIAINTAKE/20260302/eu-central-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	return r
}

const (
	table  = "arn:aws:dynamodb:eu-central-1:123456789012:table/keyward-dev"
	secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:keyward/dev/int_1/upl_1-a1B2c3"
	vault  = "arn:aws:kms:eu-central-1:123456789012:key/v"
	upload = "arn:aws:kms:eu-central-1:123456789012:key/u"
)

func TestWhatACallAsksFor(t *testing.T) {
	tests := map[string]struct {
		request *http.Request
		want    []string // without the role
	}{
		"a row": {request("dynamodb", "DynamoDB_20120810.GetItem", "POST", "/", `{"TableName":"keyward-dev"}`), []string{"dynamodb:GetItem " + table}},
		"an index": {request("dynamodb", "DynamoDB_20120810.Query", "POST", "/", `{"TableName":"keyward-dev","IndexName":"due"}`),
			[]string{"dynamodb:Query " + table + "/index/due"}},
		"a transaction": {request("dynamodb", "DynamoDB_20120810.TransactWriteItems", "POST", "/",
			`{"TransactItems":[{"Put":{"TableName":"keyward-dev"}},{"Delete":{"TableName":"keyward-dev"}},{"ConditionCheck":{"TableName":"keyward-dev"}}]}`),
			[]string{"dynamodb:PutItem " + table, "dynamodb:DeleteItem " + table, "dynamodb:ConditionCheckItem " + table}},
		"a message": {request("sqs", "AmazonSQS.SendMessage", "POST", "/", `{"QueueUrl":"https://sqs.eu-central-1.amazonaws.com/123456789012/keyward-dev-intake"}`),
			[]string{"sqs:SendMessage arn:aws:sqs:eu-central-1:123456789012:keyward-dev-intake"}},
		"a new secret": {request("secretsmanager", "secretsmanager.CreateSecret", "POST", "/",
			`{"Name":"keyward/dev/int_1/upl_1","KmsKeyId":"`+vault+`","Tags":[{"Key":"a","Value":"b"}]}`),
			[]string{
				"secretsmanager:CreateSecret " + secret,
				"kms:GenerateDataKey " + vault + " secretsmanager.eu-central-1.amazonaws.com RequestToValidateKeyAccess",
				"kms:Decrypt " + vault + " secretsmanager.eu-central-1.amazonaws.com RequestToValidateKeyAccess",
				"kms:GenerateDataKey " + vault + " secretsmanager.eu-central-1.amazonaws.com " + secret,
				"kms:Decrypt " + vault + " secretsmanager.eu-central-1.amazonaws.com " + secret,
				"secretsmanager:TagResource " + secret,
			}},
		"a file": {request("s3", "", "GET", "/uploads/incoming/x", ""),
			[]string{"s3:GetObject arn:aws:s3:::uploads/incoming/x", "kms:Decrypt " + upload + " s3.eu-central-1.amazonaws.com arn:aws:s3:::uploads"}},
		"a listing": {request("s3", "", "GET", "/uploads?list-type=2&prefix=incoming/", ""), []string{"s3:ListBucket arn:aws:s3:::uploads"}},
		"a conditional delete": {func() *http.Request {
			r := request("s3", "", "DELETE", "/uploads/incoming/x", "")
			r.Header.Set("If-Match", `"e"`)
			return r
		}(), []string{"s3:DeleteObject arn:aws:s3:::uploads/incoming/x", "s3:GetObject arn:aws:s3:::uploads/incoming/x"}},
		"a mail": {request("ses", "", "POST", "/v2/email/outbound-emails",
			`{"FromEmailAddress":"k@vendor.example","ConfigurationSetName":"keyward-dev","Destination":{"ToAddresses":["a@b.example"]},"Content":{"Raw":{"Data":"eA=="}}}`),
			[]string{
				"ses:SendRawEmail arn:aws:ses:eu-central-1:123456789012:identity/vendor.example",
				"ses:SendRawEmail arn:aws:ses:eu-central-1:123456789012:configuration-set/keyward-dev",
			}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := &asked{}
			g := mustGate(t, a, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(`{}`)) })
			g.ServeHTTP(httptest.NewRecorder(), tt.request)
			for i, w := range tt.want {
				tt.want[i] = "IntakeRole " + w
			}
			if !slices.Equal(a.all, tt.want) {
				t.Errorf("asked for\n%s\nnot\n%s", strings.Join(a.all, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// TestRefusals are in each service's own shape, and moto hears nothing of them.
func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		request *http.Request
		deny    string
		status  int
		says    string
	}{
		"DynamoDB":          {request("dynamodb", "DynamoDB_20120810.PutItem", "POST", "/", `{"TableName":"t"}`), "dynamodb:PutItem", 400, `"__type":"com.amazon.coral.service#AccessDeniedException"`},
		"SQS":               {request("sqs", "AmazonSQS.SendMessage", "POST", "/", `{}`), "sqs:SendMessage", 403, "AccessDeniedException"},
		"S3":                {request("s3", "", "GET", "/uploads/x", ""), "s3:GetObject", 403, "<Code>AccessDenied</Code>"},
		"the key behind":    {request("s3", "", "GET", "/uploads/x", ""), "kms:Decrypt", 403, "kms:Decrypt"},
		"unknown operation": {request("dynamodb", "DynamoDB_20120810.DeleteTable", "POST", "/", `{}`), "", 403, "does not know"},
		"unknown service":   {request("lambda", "", "GET", "/2015-03-31/functions", ""), "", 403, "does not know"},
		"a simple mail":     {request("ses", "", "POST", "/v2/email/outbound-emails", `{"Content":{"Simple":{}}}`), "", 403, "does not know"},
		"nobody":            {httptest.NewRequest("GET", "/uploads/x", nil), "", 403, "security token"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := mustGate(t, &asked{deny: tt.deny}, func(http.ResponseWriter, *http.Request) { t.Error("moto was asked") })
			w := httptest.NewRecorder()
			g.ServeHTTP(w, tt.request)
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
		})
	}
}

// TestWhatIsNotThere is 404 for those who may list the bucket, else 403.
func TestWhatIsNotThere(t *testing.T) {
	for deny, want := range map[string]int{"": http.StatusNotFound, "s3:ListBucket": http.StatusForbidden} {
		g := mustGate(t, &asked{deny: deny}, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
		w := httptest.NewRecorder()
		g.ServeHTTP(w, request("s3", "", "GET", "/uploads/incoming/x", ""))
		if w.Code != want {
			t.Errorf("denied %q: status %d", deny, w.Code)
		}
	}
}

func TestListingsShowTheVirtualTime(t *testing.T) {
	g := mustGate(t, &asked{}, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			io.WriteString(w, "<Contents>\n <Key>incoming/x</Key>\n <LastModified>2031-01-01T00:00:00.000Z</LastModified></Contents>")
		}
	})
	g.ServeHTTP(httptest.NewRecorder(), request("s3", "", "PUT", "/uploads/incoming/x", "data"))
	w := httptest.NewRecorder()
	g.ServeHTTP(w, request("s3", "", "GET", "/uploads?list-type=2", ""))
	if !strings.Contains(w.Body.String(), "<LastModified>2026-03-02T12:00:00.000Z</LastModified>") {
		t.Errorf("got %s", w.Body)
	}
}

func TestADeleteKeepsToItsCondition(t *testing.T) {
	deleted := false
	g := mustGate(t, &asked{}, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"now"`)
		deleted = deleted || r.Method == http.MethodDelete
	})
	for etag, want := range map[string]int{`"before"`: http.StatusPreconditionFailed, `"now"`: http.StatusOK} {
		r, w := request("s3", "", "DELETE", "/uploads/incoming/x", ""), httptest.NewRecorder()
		r.Header.Set("If-Match", etag)
		deleted = false
		g.ServeHTTP(w, r)
		if w.Code != want || deleted != (want == http.StatusOK) {
			t.Errorf("%s: status %d, deleted %v", etag, w.Code, deleted)
		}
	}
}
