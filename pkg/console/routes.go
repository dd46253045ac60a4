package console

import (
	"errors"
	"net/http"

	"keyward/pkg/operator"
	"keyward/pkg/pages"
)

const (
	maxForm = 64 << 10 // bytes
	maxURI  = 4 << 10
)

// A view is what a handler answers: a page, or where to go instead.
type view struct {
	status   int // 0: 200
	page     string
	title    string
	data     any
	redirect string
}

func redirect(to string) (view, error) { return view{redirect: to}, nil }

// Handler serves all pages.
func (c *Console) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+pages.AssetPrefix, c.assets)
	for pattern, serve := range map[string]func(*http.Request) (view, error){
		"GET /{$}":                       c.overview,
		"GET /integrations":              c.list,
		"POST /search":                   c.search,
		"GET /fleet/end-hold":            c.askEndHold,
		"POST /fleet/end-hold":           c.endHold,
		"GET /invite":                    c.inviteForm,
		"POST /invite":                   c.invite,
		"GET /integrations/{id}":         c.detail,
		"GET /integrations/{id}/history": c.history,
		"GET /integrations/{id}/{act}":   c.ask,
		"POST /integrations/{id}/{act}":  c.act,

		"GET /integrations/{id}/mails/{notice}":            c.mail,
		"GET /integrations/{id}/contacts/{contact}":        c.contactForm,
		"POST /integrations/{id}/contacts/{contact}":       c.saveContact,
		"GET /integrations/{id}/contacts/{contact}/erase":  c.askErase,
		"POST /integrations/{id}/contacts/{contact}/erase": c.erase,
	} {
		mux.Handle(pattern, c.show(serve))
	}
	return pages.Chain(pages.Routes(mux, c.fail), pages.RequestIDs(c.Random), pages.Recover(c.Logger, c.fail),
		pages.Log(c.Logger, c.Now), pages.Headers(nil), c.guard, pages.Bound(pages.Limits{Body: maxForm, URI: maxURI}, c.fail))
}

func (c *Console) show(serve func(*http.Request) (view, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			c.fail(w, r, http.StatusBadRequest)
			return
		}
		v, err := serve(r)
		switch {
		case err != nil:
			c.explain(w, r, err)
		case v.redirect != "":
			http.Redirect(w, r, v.redirect, http.StatusSeeOther)
		default:
			c.render(w, r, v)
		}
	})
}

func (c *Console) render(w http.ResponseWriter, r *http.Request, v view) {
	if v.status == 0 {
		v.status = http.StatusOK
	}
	c.renderer.Render(w, v.status, v.page, pages.Page{
		Title: v.title, Brand: pages.Brand{Name: "Keyward", Home: "/"}, Nav: c.nav(r.URL.Path), Wide: true, Data: v.data,
	})
}

func (c *Console) nav(path string) []pages.Link {
	own := []pages.Link{
		{Text: "Overview", URL: "/", Current: path == "/"},
		{Text: "Integrations", URL: "/integrations", Current: path == "/integrations"},
		{Text: "Invite", URL: "/invite", Current: path == "/invite"},
	}
	return append(own, c.Nav...)
}

// explain says what the service answered instead of what was asked for.
func (c *Console) explain(w http.ResponseWriter, r *http.Request, err error) {
	var p *operator.Problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusNotFound:
		c.fail(w, r, http.StatusNotFound)
	case errors.As(err, &p):
		c.render(w, r, view{status: p.Status, page: "fail", title: "That did not work", data: failure{
			Title: "That did not work", Text: p.Detail, RequestID: p.RequestID,
		}})
	default:
		c.Logger.ErrorContext(r.Context(), "the console got no answer", "request", pages.RequestID(r.Context()), "route", r.Pattern, "error", err)
		c.fail(w, r, http.StatusBadGateway)
	}
}

// A failure is a page that says what went wrong and what to do.
type failure struct{ Title, Text, RequestID string }

var failures = map[int]failure{
	http.StatusNotFound:              {Title: "There is nothing here", Text: "The page, or the integration, does not exist. Look for it in the list of integrations."},
	http.StatusForbidden:             {Title: "That came from another site", Text: "A page of another site asked for this change, so nothing was changed. Do it on this site's own pages."},
	http.StatusMisdirectedRequest:    {Title: "This is not the console's address", Text: "Open the console under the address that it printed when it was started."},
	http.StatusMethodNotAllowed:      {Title: "That cannot be done here", Text: "Go back to the integration and use its buttons."},
	http.StatusBadGateway:            {Title: "Keyward does not answer", Text: "Nothing may have been changed. Try again in a moment; if it stays so, tell the people who run Keyward."},
	http.StatusRequestTimeout:        {Title: "Your connection was too slow", Text: "The form did not arrive in time, and nothing was changed. Go back and send it again."},
	http.StatusRequestEntityTooLarge: {Title: "That is too much text", Text: "Shorten what you typed, and send it again."},
}

func (c *Console) fail(w http.ResponseWriter, r *http.Request, status int) {
	f, ok := failures[status]
	if !ok {
		f = failure{Title: "That did not work", Text: "Go back and try again; if it stays so, tell the people who run Keyward."}
	}
	f.RequestID = pages.RequestID(r.Context())
	c.render(w, r, view{status: status, page: "fail", title: f.Title, data: f})
}
