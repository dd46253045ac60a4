package appstoreconnect

import (
	"errors"
	"net/http"
	"testing"

	"keyward/pkg/integration"
)

func FuzzAnswer(f *testing.F) {
	for _, tc := range answers {
		if len(tc.body) < 1000 {
			f.Add(tc.status, "application/json", tc.body)
		}
	}
	f.Add(200, "text/html", oneApp)
	f.Add(403, "", `{"errors":[{"code":["FORBIDDEN"],"detail":7},null,{}]}`)
	f.Add(403, "a/b; c", `{"errors":{"code":"FORBIDDEN"}}`)
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		if status < 100 || status > 999 {
			return
		}
		resp := answer(status, body)
		resp.Header = http.Header{"Content-Type": {contentType}}
		got, err := readAnswer(resp, noon)
		if err == nil {
			if !success(status) || len(got) == 0 {
				t.Errorf("status %d passed", status)
			}
			return
		}
		var api *APIError
		if !errors.As(err, &api) || api.Status != status {
			t.Fatalf("an error of another type: %T", err)
		}
		for _, c := range api.Codes {
			if !codeForm.MatchString(c) {
				t.Errorf("code %q", c)
			}
		}
		verdict, reason := Classify(err)
		if reason == "" || verdict == integration.OK || (verdict == integration.Rejected) != (reason == integration.NotAuthorized) {
			t.Errorf("got %q, %q", verdict, reason)
		}
		if verdict == integration.Rejected && status != 401 || verdict == integration.Blocked && status != 403 {
			t.Errorf("status %d is %s", status, verdict)
		}
	})
}

func FuzzCertificateList(f *testing.F) {
	f.Add(`{"data":[{"id":1,"attributes":{"serialNumber":"0A","certificateContent":"AAAA","expirationDate":"2027"}}],"links":{"next":"?a"}}`)
	f.Add(oneApp)
	f.Add(emptyList)
	f.Add(`{"data":[{"attributes":null},null],"links":null}`)
	creds := teamCreds(f)
	f.Fuzz(func(t *testing.T, body string) {
		c := clientOf(&script{answers: handlers{"*": says(200, body)}})
		list, err := c.Certificates(t.Context(), creds)
		if err == nil {
			for _, cert := range list {
				if len(cert.Serial) > 0 && cert.Serial[0] == '0' {
					t.Errorf("serial %q", cert.Serial)
				}
			}
			return
		}
		if verdict, _ := Classify(err); verdict != integration.Inconclusive || list != nil {
			t.Errorf("a 200 gave %s", verdict)
		}
	})
}

func FuzzScope(f *testing.F) {
	f.Add("GET /v1/apps?filter[platform]=IOS")
	f.Add("GET //x")
	f.Fuzz(func(t *testing.T, entry string) {
		if validScope(entry) && (hasControl(entry) || len(entry) < len("GET /")) {
			t.Errorf("%q passed", entry)
		}
	})
}
