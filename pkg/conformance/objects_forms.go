package conformance

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// A refusal is a form that was tampered with, or used as it must not be.
type refusal struct {
	request func(r *integration.FormRequest) // may
	form    func(f *integration.Form)        // may
	size    int
	status  int
	code    string
}

func field(name string, change func(value string) string) func(*integration.Form) {
	return func(f *integration.Form) {
		i := slices.IndexFunc(f.Fields, func(g integration.FormField) bool { return strings.EqualFold(g.Name, name) })
		if i < 0 {
			panic("conformance: the form has no field " + name)
		}
		f.Fields[i].Value = change(f.Fields[i].Value)
	}
}

func without(name string) func(*integration.Form) {
	return func(f *integration.Form) {
		f.Fields = slices.DeleteFunc(f.Fields, func(g integration.FormField) bool { return strings.EqualFold(g.Name, name) })
	}
}

func with(name, value string) func(*integration.Form) {
	return func(f *integration.Form) {
		f.Fields = append(f.Fields, integration.FormField{Name: name, Value: value})
	}
}

func altered(v string) string { return v + "x" }

func refusals() map[string]refusal {
	denied := func(form func(*integration.Form)) refusal {
		return refusal{form: form, size: 1, status: http.StatusForbidden, code: "AccessDenied"}
	}
	all := map[string]refusal{
		"expired":                    {request: func(r *integration.FormRequest) { r.Expires = time.Now().Add(-time.Minute) }, size: 1, status: 403, code: "AccessDenied"},
		"too large":                  {request: func(r *integration.FormRequest) { r.MaxBytes = 100 }, size: 101, status: 400, code: "EntityTooLarge"},
		"far too large":              {size: 3 << 20, status: 400, code: "EntityTooLarge"},
		"another key":                denied(field("key", altered)),
		"a key below":                denied(field("key", func(v string) string { return v + "/x" })),
		"a key made of the name":     denied(field("key", func(string) string { return "${filename}" })),
		"another redirect":           denied(field("success_action_redirect", func(string) string { return "https://evil.example/" })),
		"no redirect":                denied(without("success_action_redirect")),
		"no encryption":              denied(without("x-amz-server-side-encryption")),
		"weaker encryption":          denied(field("x-amz-server-side-encryption", func(string) string { return "AES256" })),
		"another encryption key":     denied(field("x-amz-server-side-encryption-aws-kms-key-id", altered)),
		"another date":               denied(field("x-amz-date", altered)),
		"a field that nobody asked":  denied(with("acl", "public-read")),
		"metadata that nobody asked": denied(with("x-amz-meta-other", "x")),
		"no policy":                  denied(without("policy")),
		"no key":                     {form: without("key"), size: 1, status: 400, code: "InvalidArgument"},
		"no signature":               {form: without("x-amz-signature"), size: 1, status: 400, code: "InvalidArgument"},
		"a wrong signature": {form: field("x-amz-signature", func(v string) string {
			return strings.Repeat("0", len(v))
		}), size: 1, status: 403, code: "SignatureDoesNotMatch"},
		"another's access key": {form: field("x-amz-credential", func(v string) string {
			_, rest, _ := strings.Cut(v, "/")
			return "AKIAIOSFODNN7EXAMPLE/" + rest
		}), size: 1, status: 403, code: "InvalidAccessKeyId"},
	}
	all["an altered policy"] = refusal{form: func(f *integration.Form) {
		field("policy", func(v string) string { return "e30" + v[3:] })(f)
	}, size: 1, status: 403, code: "SignatureDoesNotMatch"}
	return all
}

// RunForms holds an object store to enforcing its forms as S3 does. It is
// apart from RunObjects since not every stand-in for S3 enforces them.
func RunForms(t *testing.T, open func(t *testing.T) Objects, post Poster) {
	for name, refused := range refusals() {
		t.Run(name, func(t *testing.T) { refused.run(t, open(t), post) })
	}
	t.Run("the limits themselves are allowed", func(t *testing.T) {
		s := open(t)
		for _, size := range []int{0, 1, 65536} {
			upload(t, s, post, request(), "a", bytes.Repeat([]byte("x"), size))
		}
	})
	t.Run("a form works again until it expires", func(t *testing.T) {
		s, r := open(t), request()
		f := must(s.Presign(t.Context(), r))(t)
		for range 2 {
			if status, _, answer, err := post(t.Context(), f, "a", []byte("x")); err != nil || status != http.StatusSeeOther {
				t.Fatalf("status %d, error %v, answer %s", status, err, answer)
			}
		}
	})
	t.Run("fields to be ignored are", func(t *testing.T) {
		s := open(t)
		f := must(s.Presign(t.Context(), request()))(t)
		with("x-ignore-me", "x")(&f)
		if status, _, answer, err := post(t.Context(), f, "a", []byte("x")); err != nil || status != http.StatusSeeOther {
			t.Errorf("status %d, error %v, answer %s", status, err, answer)
		}
	})
	t.Run("field names count without their case", func(t *testing.T) {
		s := open(t)
		f := must(s.Presign(t.Context(), request()))(t)
		for i := range f.Fields {
			f.Fields[i].Name = strings.ToUpper(f.Fields[i].Name)
		}
		if status, _, answer, err := post(t.Context(), f, "a", []byte("x")); err != nil || status != http.StatusSeeOther {
			t.Errorf("status %d, error %v, answer %s", status, err, answer)
		}
	})
}

// run posts the form, and looks that it was refused and nothing stored.
func (r refusal) run(t *testing.T, s Objects, post Poster) {
	req := request()
	if r.request != nil {
		r.request(&req)
	}
	f := must(s.Presign(t.Context(), req))(t)
	if r.form != nil {
		r.form(&f)
	}
	status, _, answer, err := post(t.Context(), f, "AuthKey_ABC.p8", bytes.Repeat([]byte("x"), r.size))
	if err != nil {
		t.Fatal(err)
	}
	if status != r.status || !strings.Contains(string(answer), "<Code>"+r.code+"</Code>") {
		t.Errorf("got status %d and %s, want %d and %s", status, answer, r.status, r.code)
	}
	if all := must(s.List(t.Context(), time.Now().Add(time.Hour), 10))(t); len(all) > 0 {
		t.Errorf("%d objects were stored", len(all))
	}
}
