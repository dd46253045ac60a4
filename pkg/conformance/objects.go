package conformance

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// A Poster sends a form with a file as a browser does, and does not follow
// the redirect.
type Poster func(ctx context.Context, f integration.Form, filename string, body []byte) (status int, header http.Header, answer []byte, err error)

// Post is the Poster over HTTP.
func Post(ctx context.Context, f integration.Form, filename string, body []byte) (int, http.Header, []byte, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, field := range f.Fields {
		if err := w.WriteField(field.Name, field.Value); err != nil {
			return 0, nil, nil, err
		}
	}
	h := textproto.MIMEHeader{"Content-Type": {"application/octet-stream"}}
	h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="file"; filename="%s"`, strings.NewReplacer("\\", "\\\\", `"`, `\"`).Replace(filename)))
	part, err := w.CreatePart(h)
	if err != nil {
		return 0, nil, nil, err
	}
	if _, err := part.Write(body); err != nil {
		return 0, nil, nil, err
	}
	if err := w.Close(); err != nil {
		return 0, nil, nil, err
	}
	return send(ctx, f.URL, w.FormDataContentType(), &b)
}

func send(ctx context.Context, url, contentType string, body io.Reader) (int, http.Header, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header.Set("Content-Type", contentType)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, answer, err
}

// request is a form for a key that nobody else has.
func request() integration.FormRequest {
	id, u := vaultName()
	return integration.FormRequest{
		Key: integration.Upload{Integration: id, ID: u}.ObjectKey(), Expires: time.Now().Add(15 * time.Minute),
		MaxBytes: 65536, Redirect: "http://127.0.0.1/done?a=b",
	}
}

// RunObjects holds an object store to its contract, enforcement excepted.
// Open gives an empty one with each call, whose clock is the real one.
func RunObjects(t *testing.T, open func(t *testing.T) Objects, post Poster) {
	for name, test := range objectsTests() {
		t.Run(name, func(t *testing.T) { test(t, open(t), post) })
	}
}

// upload posts a file that must be accepted, and returns its ETag.
func upload(t *testing.T, s Objects, post Poster, r integration.FormRequest, filename string, body []byte) string {
	t.Helper()
	f := must(s.Presign(t.Context(), r))(t)
	status, header, answer, err := post(t.Context(), f, filename, body)
	if err != nil || status/100 != 2 && status != http.StatusSeeOther {
		t.Fatalf("posting: status %d, error %v, answer %s", status, err, answer)
	}
	etag := strings.Trim(header.Get("ETag"), `"`)
	if to, err := url.Parse(header.Get("Location")); etag == "" && err == nil {
		etag = strings.Trim(to.Query().Get("etag"), `"`)
	}
	if etag == "" {
		t.Fatal("the answer names no ETag")
	}
	return etag
}

func objectsTests() map[string]func(*testing.T, Objects, Poster) {
	return map[string]func(*testing.T, Objects, Poster){
		"a file comes back": func(t *testing.T, s Objects, post Poster) {
			r := request()
			etag := upload(t, s, post, r, "AuthKey_ABC.p8", []byte("content\x00\xff"))
			o := must(s.Read(t.Context(), r.Key, etag))(t)
			same(t, "object", []any{o.Key, o.ETag, o.Size, o.Data, o.Filename},
				[]any{r.Key, etag, int64(9), []byte("content\x00\xff"), "AuthKey_ABC.p8"})
			if since := time.Since(o.At); since > time.Minute || since < -time.Minute {
				t.Errorf("arrived %s ago", since)
			}
		},
		"the browser goes on to the redirect": func(t *testing.T, s Objects, post Poster) {
			r := request()
			status, header, _, err := post(t.Context(), must(s.Presign(t.Context(), r))(t), "a", []byte("x"))
			to, perr := url.Parse(header.Get("Location"))
			if err != nil || perr != nil || status != http.StatusSeeOther {
				t.Fatalf("status %d, errors %v, %v", status, err, perr)
			}
			if !strings.HasPrefix(to.String(), r.Redirect) || to.Query().Get("key") != r.Key || to.Query().Get("bucket") == "" {
				t.Errorf("goes to %s", to)
			}
		},
		"hostile file names": func(t *testing.T, s Objects, post Poster) {
			for _, name := range []string{"Ünï.p8", `quo"te.p8`, "<script>.p8", "two  blanks.p8", "#.p8", "日本語"} {
				r := request()
				etag := upload(t, s, post, r, name, []byte("x"))
				same(t, "file name", must(s.Read(t.Context(), r.Key, etag))(t).Filename, name)
			}
		},
		"another file under the key is another ETag": func(t *testing.T, s Objects, post Poster) {
			r := request()
			first := upload(t, s, post, r, "a", []byte("one"))
			second := upload(t, s, post, r, "a", []byte("two"))
			_, err := s.Read(t.Context(), r.Key, first)
			wantError(t, "Read of the first", err, integration.ErrChanged)
			wantError(t, "Delete of the first", s.Delete(t.Context(), r.Key, first), integration.ErrChanged)
			same(t, "data", must(s.Read(t.Context(), r.Key, second))(t).Data, []byte("two"))
			mustDo(t, s.Delete(t.Context(), r.Key, second))
			_, err = s.Read(t.Context(), r.Key, second)
			wantError(t, "Read of what was deleted", err, integration.ErrNotFound)
		},
		"what is not there": func(t *testing.T, s Objects, _ Poster) {
			r := request()
			_, err := s.Read(t.Context(), r.Key, "etag")
			wantError(t, "Read", err, integration.ErrNotFound)
			mustDo(t, s.Delete(t.Context(), r.Key, "etag"))
			mustDo(t, s.Delete(t.Context(), r.Key, ""))
		},
		"deleting whatever is there": func(t *testing.T, s Objects, post Poster) {
			r := request()
			etag := upload(t, s, post, r, "a", []byte("x"))
			mustDo(t, s.Delete(t.Context(), r.Key, ""))
			_, err := s.Read(t.Context(), r.Key, etag)
			wantError(t, "Read", err, integration.ErrNotFound)
		},
		"listing": objectListing,
		"a request that makes no sense": func(t *testing.T, s Objects, _ Poster) {
			for name, spoil := range map[string]func(*integration.FormRequest){
				"no key": func(r *integration.FormRequest) { r.Key = "" }, "no size": func(r *integration.FormRequest) { r.MaxBytes = 0 },
				"a relative redirect": func(r *integration.FormRequest) { r.Redirect = "/done" },
			} {
				r := request()
				spoil(&r)
				_, err := s.Presign(t.Context(), r)
				wantError(t, name, err, integration.ErrInvalid)
			}
		},
		"cancelled calls end": func(t *testing.T, s Objects, _ Poster) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := s.Read(ctx, "k", "e")
			wantError(t, "Read", err, context.Canceled)
		},
	}
}

func objectListing(t *testing.T, s Objects, post Poster) {
	ctx := t.Context()
	list := func(before time.Time, limit int, want ...string) {
		t.Helper()
		settles(t, "List", func(ctx context.Context) ([]string, error) {
			all, err := s.List(ctx, before, limit)
			var keys []string
			for _, o := range all {
				if o.Data != nil || o.Size != 4 || o.ETag == "" || o.At.IsZero() {
					return nil, fmt.Errorf("a listed object has data, or lacks its size, ETag or time")
				}
				keys = append(keys, o.Key)
			}
			return keys, err
		}, want)
	}
	later := time.Now().Add(time.Hour)
	list(later, 10)
	var keys []string
	for range 3 {
		r := request()
		upload(t, s, post, r, rand.Text(), []byte("four"))
		keys = append(keys, r.Key)
		time.Sleep(1100 * time.Millisecond) // S3 keeps whole seconds
	}
	list(later, 10, keys...)
	list(later, 2, keys[:2]...)
	list(time.Now().Add(-time.Hour), 10)
	mustDo(t, s.Delete(ctx, keys[0], ""))
	list(later, 10, keys[1:]...)
	_, err := s.List(ctx, later, 0)
	wantError(t, "limit 0", err, integration.ErrInvalid)
}
