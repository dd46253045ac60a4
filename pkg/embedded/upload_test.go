package embedded_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"keyward/pkg/conformance"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

func form(t *testing.T, s *embedded.Objects, c *clock) integration.Form {
	t.Helper()
	f, err := s.Presign(t.Context(), integration.FormRequest{
		Key: "incoming/int_1/upl_1", Expires: c.now().Add(15 * time.Minute), MaxBytes: 65536, Redirect: "http://127.0.0.1/done",
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestUploadIsTold: the event has EventBridge's shape, and the ETag that the
// object is read with.
func TestUploadIsTold(t *testing.T) {
	c := newClock()
	db := open(t, embedded.Config{Now: c.now})
	q := db.Queue("intake", embedded.QueueConfig{})
	s := serve(t, db, q)
	if status, _, answer, err := conformance.Post(t.Context(), form(t, s, c), "a.p8", []byte("four")); err != nil || status != http.StatusSeeOther {
		t.Fatalf("status %d, error %v, %s", status, err, answer)
	}
	messages, err := q.Receive(t.Context(), 10)
	if err != nil || len(messages) != 1 {
		t.Fatalf("%d messages, error %v", len(messages), err)
	}
	var e struct {
		Version, ID, Source, Account, Region string
		DetailType                           string `json:"detail-type"`
		Time                                 time.Time
		Resources                            []string
		Detail                               struct {
			Bucket struct{ Name string }
			Object struct {
				Key, ETag, Sequencer string
				Size                 int
			}
			Reason string
		}
	}
	if err := json.Unmarshal([]byte(messages[0].Body), &e); err != nil {
		t.Fatal(err)
	}
	if e.Source != "aws.s3" || e.DetailType != "Object Created" || e.Detail.Reason != "PostObject" || !e.Time.Equal(c.now()) || e.ID == "" {
		t.Errorf("the event is %s", messages[0].Body)
	}
	if e.Detail.Object.Key != "incoming/int_1/upl_1" || e.Detail.Object.Size != 4 || e.Detail.Bucket.Name == "" || e.Detail.Object.Sequencer == "" {
		t.Errorf("the event is %s", messages[0].Body)
	}
	if _, err := s.Read(t.Context(), e.Detail.Object.Key, e.Detail.Object.ETag); err != nil {
		t.Errorf("reading with the event's ETag: %v", err)
	}
}

// TestUploadThatFailsIsNotTold: object and message are one.
func TestUploadThatFailsIsNotTold(t *testing.T) {
	c := newClock()
	down := false
	db := open(t, embedded.Config{Now: c.now, Hooks: embedded.Hooks{Before: func(op string) error {
		if down && op == "objects.Post" {
			return errors.New("down")
		}
		return nil
	}}})
	q := db.Queue("intake", embedded.QueueConfig{})
	s := serve(t, db, q)
	f := form(t, s, c)
	down = true
	status, _, answer, err := conformance.Post(t.Context(), f, "a.p8", []byte("x"))
	if err != nil || status != http.StatusServiceUnavailable || !strings.Contains(string(answer), "<Code>ServiceUnavailable</Code>") {
		t.Errorf("status %d, error %v, %s", status, err, answer)
	}
	all, err := s.List(t.Context(), c.now().Add(time.Hour), 10)
	depth, err2 := q.Depth(t.Context())
	if err := errors.Join(err, err2); err != nil || len(all) != 0 || depth.Visible != 0 {
		t.Errorf("%d objects, %d messages, error %v", len(all), depth.Visible, err)
	}
}

func TestFormOutlivesARestart(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "keyward.db")
	db, err := embedded.Open(embedded.Config{Path: path, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	f := form(t, serve(t, db, nil), c)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again := serve(t, open(t, embedded.Config{Path: path, Now: c.now}), nil)
	f.URL = form(t, again, c).URL
	if status, _, answer, err := conformance.Post(t.Context(), f, "a.p8", []byte("x")); err != nil || status != http.StatusSeeOther {
		t.Errorf("status %d, error %v, %s", status, err, answer)
	}
}

func TestFormExpiresByTheClock(t *testing.T) {
	c := newClock()
	s := serve(t, open(t, embedded.Config{Now: c.now}), nil)
	f := form(t, s, c)
	c.advance(15 * time.Minute)
	status, _, answer, err := conformance.Post(t.Context(), f, "a.p8", []byte("x"))
	if err != nil || status != http.StatusForbidden || !strings.Contains(string(answer), "Policy expired") {
		t.Errorf("status %d, error %v, %s", status, err, answer)
	}
}

// TestMalformedPosts: what no browser sends is refused as S3 does.
func TestMalformedPosts(t *testing.T) {
	c := newClock()
	s := serve(t, open(t, embedded.Config{Now: c.now}), nil)
	f := form(t, s, c)
	body := func(write func(w *multipart.Writer)) (string, *bytes.Buffer) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		write(w)
		w.Close()
		return w.FormDataContentType(), &b
	}
	fields := func(w *multipart.Writer) {
		for _, field := range f.Fields {
			w.WriteField(field.Name, field.Value)
		}
	}
	file := func(w *multipart.Writer) { p, _ := w.CreateFormFile("file", "a.p8"); p.Write([]byte("x")) }
	cases := []struct {
		name   string
		write  func(w *multipart.Writer)
		status int
		code   string
	}{
		{"no file", fields, 400, "InvalidArgument"},
		{"the file first", func(w *multipart.Writer) { file(w); fields(w) }, 400, "InvalidArgument"},
		{"a field twice", func(w *multipart.Writer) { fields(w); w.WriteField("Key", "incoming/int_1/upl_1"); file(w) }, 400, "InvalidArgument"},
		{"huge fields", func(w *multipart.Writer) { w.WriteField("x-ignore-a", strings.Repeat("x", 30<<10)); fields(w); file(w) }, 400, "MaxPostPreDataLengthExceeded"},
		{"a long file name", func(w *multipart.Writer) { fields(w); w.CreateFormFile("file", strings.Repeat("n", 3000)) }, 400, "MetadataTooLarge"},
		{"fields after the file", func(w *multipart.Writer) { fields(w); file(w); w.WriteField("acl", "public-read") }, 303, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			kind, b := body(tc.write)
			r := httptest.NewRequest(http.MethodPost, "/uploads", b)
			r.Header.Set("Content-Type", kind)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != tc.status || tc.code != "" && !strings.Contains(w.Body.String(), "<Code>"+tc.code+"</Code>") {
				t.Errorf("status %d, %s", w.Code, w.Body)
			}
		})
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/uploads", strings.NewReader("key=a")))
	if w.Code != http.StatusPreconditionFailed {
		t.Errorf("a form that is no multipart gets status %d", w.Code)
	}
	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/uploads", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET gets status %d", w.Code)
	}
}
