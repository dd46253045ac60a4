package embedded

import (
	"bytes"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/table"
)

func mustObjects(f *testing.F) *Objects {
	f.Helper()
	db, err := Open(Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	s, err := db.Objects(ObjectsConfig{URL: "http://127.0.0.1:1/"})
	if err != nil {
		f.Fatal(err)
	}
	return s
}

// FuzzPolicy judges policies that nobody signed, and some that we would have:
// a refusal is always one of S3's.
func FuzzPolicy(f *testing.F) {
	for _, s := range []string{
		`{"expiration":"2099-01-01T00:00:00.000Z","conditions":[{"bucket":"keyward-uploads"},["eq","$key","k"],["content-length-range",1,65536]]}`,
		`{"expiration":"2099-01-01T00:00:00Z","conditions":[["content-length-range",-1,1e300]]}`, `{"conditions":[1,null,[],["starts-with","$key",""]]}`, `{`, `{"expiration":"x"}`, `{"conditions":{"a":1}}`,
		`{"expiration":"2099-01-01T00:00:00Z","conditions":[{"key":"k","Key":"l"},["EQ","$KEY","k"]]}`,
	} {
		f.Add([]byte(s), "incoming/int_a/upl_b")
	}
	s := mustObjects(f)
	f.Fuzz(func(t *testing.T, text []byte, key string) {
		encoded := base64.StdEncoding.EncodeToString(text)
		date := time.Now().UTC().Format("20060102")
		fields := map[string]string{
			fieldKey: key, fieldPolicy: encoded, fieldAlgorithm: algorithm, fieldDate: date + "T000000Z",
			fieldCredential: s.access + "/" + date + "/" + region + "/s3/aws4_request", fieldSignature: sign(s.secret, date, encoded),
		}
		p, err := s.gate().judge(s.cfg.Bucket, fields)
		var refusal *s3Error
		if err != nil && !errors.As(err, &refusal) {
			t.Errorf("an error of type %T", err)
		}
		if err == nil && !s.db.now().Before(p.expires) {
			t.Error("an expired policy is taken")
		}
		fields[fieldSignature] = strings.Repeat("0", 64)
		if _, err := s.gate().judge(s.cfg.Bucket, fields); err == nil {
			t.Error("a policy that nobody signed is taken")
		}
	})
}

// FuzzPost takes forms as they come over the wire. None of them is signed, so
// none may leave anything behind.
func FuzzPost(f *testing.F) {
	const kind = "multipart/form-data; boundary=b"
	for _, s := range []string{
		"--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n",
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../x\"\r\n\r\n", "--b--", "", "--b\r\n\r\n\r\n--b", "--b\r\nContent-Disposition: form-data; name=\"KEY\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n2\r\n--b--",
		"--b\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\n=\r\n--b--",
	} {
		f.Add([]byte(s), kind)
	}
	s := mustObjects(f)
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", bytes.NewReader(body))
		r.Header["Content-Type"] = []string{kind}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code < 400 || !strings.Contains(w.Body.String(), "<Code>") || w.Header().Get("Location") != "" {
			t.Errorf("status %d", w.Code)
		}
		if list, err := s.List(t.Context(), time.Now().Add(time.Hour), 1); err != nil || len(list) != 0 {
			t.Error("something was kept")
		}
	})
}

// FuzzCursor asks for pages with cursors that are not ours.
func FuzzCursor(f *testing.F) {
	f.Add("", "")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"of":"list  ","after":"x"}`)), "")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"of":"list  c","after":"\u00ff"}`)), "c")
	f.Add("e30", "c")
	db, err := Open(Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	f.Fuzz(func(t *testing.T, cursor, customer string) {
		page, err := db.Store().List(t.Context(), integration.Filter{Cursor: cursor, Customer: customer})
		if err != nil && !errors.Is(err, integration.ErrInvalid) {
			t.Errorf("an error of type %T", err)
		}
		if len(page.Integrations) != 0 {
			t.Error("a cursor makes something of nothing")
		}
	})
}

// FuzzKeys joins and splits keys of items: two items never share one.
func FuzzKeys(f *testing.F) {
	f.Add("INT#int_a", "META")
	f.Add("INT#\x00", "UPL#")
	f.Add("", "")
	f.Add("\xff", "a")
	f.Fuzz(func(t *testing.T, pk, sk string) {
		k := table.Key{PK: pk, SK: sk}
		if k.Valid() != nil {
			return
		}
		if splitKey(itemKey(k)) != k {
			t.Error("does not come back")
		}
		if e := splitIndexKey(indexKey(table.Place{PK: sk, SK: pk}, k)); e != (table.Entry{Key: k, IndexSK: pk}) {
			t.Error("does not come back from an index")
		}
	})
}
