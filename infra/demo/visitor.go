package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"
)

// A visitor is a person with a browser: it keeps cookies, follows redirects
// and fills in the forms of the page that it is on.
type visitor struct {
	browser *http.Client
	at      *url.URL
	status  int
	page    string
}

const maxPage = 1 << 20

func newVisitor() (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &visitor{browser: &http.Client{Jar: jar, Timeout: 30 * time.Second}}, nil
}

// open goes to an address, or to a path of the present site.
func (v *visitor) open(ctx context.Context, address string) error {
	u, err := v.resolve(address)
	if err != nil {
		return err
	}
	return v.ask(ctx, http.MethodGet, u, "", nil)
}

// submit fills in the page's form with the action and sends it. Inputs that are
// not filled in keep what they begin with; one that is not there is a
// difference.
func (v *visitor) submit(ctx context.Context, action string, fill map[string]string) error {
	f, err := v.form(func(f form) bool { return f.action == action })
	if err != nil {
		return err
	}
	values := url.Values{}
	for _, in := range f.fields {
		values.Set(in.name, in.value)
	}
	for name, text := range fill {
		if !values.Has(name) {
			return &unexpected{about: "the form " + action, want: "an input " + name, seen: "none"}
		}
		values.Set(name, text)
	}
	u, err := v.resolve(f.action)
	if err != nil {
		return err
	}
	return v.ask(ctx, http.MethodPost, u, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

// send posts a file by the page's upload form, all other fields first and in
// their order, as browsers do.
func (v *visitor) send(ctx context.Context, name string, content []byte) error {
	f, err := v.form(func(f form) bool { return f.enctype == "multipart/form-data" })
	if err != nil {
		return err
	}
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, in := range f.fields {
		if in.kind != "file" {
			err = errors.Join(err, w.WriteField(in.name, in.value))
		}
	}
	part, fileErr := w.CreateFormFile("file", name)
	if err = errors.Join(err, fileErr); err != nil {
		return err
	}
	part.Write(content) // into memory
	if err := w.Close(); err != nil {
		return err
	}
	u, err := v.resolve(f.action)
	if err != nil {
		return err
	}
	return v.ask(ctx, http.MethodPost, u, w.FormDataContentType(), &body)
}

// follow takes the page's first link that the function likes.
func (v *visitor) follow(ctx context.Context, what string, likes func(href string) bool) error {
	for _, href := range links(v.page) {
		if likes(href) {
			return v.open(ctx, href)
		}
	}
	return &unexpected{about: "the page", want: "a link: " + what, seen: "none"}
}

// reload looks at the present page again.
func (v *visitor) reload(ctx context.Context) error {
	return v.ask(ctx, http.MethodGet, v.at, "", nil)
}

// json reads what the page's address with .json after its path answers.
func (v *visitor) json(ctx context.Context, into any) error {
	u := *v.at
	u.Path += ".json"
	other := *v // the person stays on the page
	if err := other.ask(ctx, http.MethodGet, &u, "", nil); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(other.page), into); err != nil {
		return &unexpected{about: "the page's JSON", want: "JSON", seen: fmt.Sprintf("status %d", other.status)}
	}
	return nil
}

// says tells whether the text is on the page.
func (v *visitor) says(text string) bool { return strings.Contains(html.UnescapeString(v.page), text) }

func (v *visitor) form(wanted func(form) bool) (form, error) {
	for _, f := range forms(v.page) {
		if f.method == http.MethodPost && wanted(f) {
			return f, nil
		}
	}
	return form{}, &unexpected{about: "the page", want: "the form to go on with", seen: fmt.Sprintf("none, status %d", v.status)}
}

func (v *visitor) resolve(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, &unexpected{about: "an address", want: "a URL", seen: "none"}
	}
	if v.at != nil {
		u = v.at.ResolveReference(u)
	}
	return u, nil
}

// ask makes a request as a browser would. Errors do not name the address: it
// may hold a token.
func (v *visitor) ask(ctx context.Context, method string, u *url.URL, contentType string, body io.Reader) error {
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return errors.New("making a request")
	}
	if body != nil {
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Origin", v.at.Scheme+"://"+v.at.Host)
	}
	resp, err := v.browser.Do(req)
	if err != nil {
		var with *url.Error
		if errors.As(err, &with) {
			err = with.Err
		}
		return fmt.Errorf("%s %s: %w", method, u.Host, err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(io.LimitReader(resp.Body, maxPage))
	if err != nil {
		return fmt.Errorf("reading a page: %w", err)
	}
	v.at, v.status, v.page = resp.Request.URL, resp.StatusCode, string(page)
	return nil
}
