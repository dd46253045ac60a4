package console

import (
	"net/http"
	"net/url"
	"strings"

	"keyward/pkg/operator"
)

type overviewData struct {
	Done     string // what has just been done, as a sentence
	Fleet    operator.Fleet
	Released bool // a person ended a hold not long ago
	Counts   []count
	Needs    []operator.Integration // what needs attention, the most urgent first
	More     bool
	Empty    bool
}

type count struct {
	State string
	Count int
}

var order = []string{"active", "awaiting_key", "suspect", "action_required", "deactivated", "disconnected"}

const needsShown = 20

func (c *Console) overview(r *http.Request) (view, error) {
	fleet, err := c.Client.Fleet(r.Context())
	if err != nil {
		return view{}, err
	}
	data := overviewData{
		Done: done[r.URL.Query().Get("done")], Fleet: fleet, Empty: true,
		Released: !fleet.ReleasedAt.IsZero() && c.Now().Sub(fleet.ReleasedAt) < releaseShown,
	}
	for _, state := range order {
		data.Counts = append(data.Counts, count{state, fleet.Counts[state]})
		data.Empty = data.Empty && fleet.Counts[state] == 0
	}
	page, err := c.Client.List(r.Context(), operator.Listing{Order: "attention", Limit: needsShown})
	if err != nil {
		return view{}, err
	}
	data.Needs, data.More = page.Integrations, page.Next != ""
	return view{page: "overview", title: "Overview", data: data}, nil
}

type listData struct {
	State, Customer string
	States          []string
	Integrations    []operator.Integration
	Next            string // the next page's URL
	Search          string // what was searched by; empty: this is a list
}

func (c *Console) list(r *http.Request) (view, error) {
	q := r.URL.Query()
	l := operator.Listing{State: q.Get("state"), Customer: strings.TrimSpace(q.Get("customer")), Cursor: q.Get("cursor"), Limit: 50}
	page, err := c.Client.List(r.Context(), l)
	if err != nil {
		return view{}, err
	}
	data := listData{State: l.State, Customer: l.Customer, States: order, Integrations: page.Integrations}
	if page.Next != "" {
		next := url.Values{"cursor": {page.Next}}
		for name, value := range map[string]string{"state": l.State, "customer": l.Customer} {
			if value != "" {
				next.Set(name, value)
			}
		}
		data.Next = "/integrations?" + next.Encode()
	}
	return view{page: "list", title: "Integrations", data: data}, nil
}

// search takes its text in the body, since it may be an address.
func (c *Console) search(r *http.Request) (view, error) {
	text := strings.TrimSpace(r.PostFormValue("text"))
	if text == "" {
		return redirect("/integrations")
	}
	found := map[string]bool{}
	data := listData{States: order, Search: "one"}
	for _, s := range searches(text) {
		its, err := c.Client.Find(r.Context(), s)
		if err != nil {
			return view{}, err
		}
		for _, it := range its {
			if !found[it.ID] {
				found[it.ID] = true
				data.Integrations = append(data.Integrations, it)
			}
		}
	}
	if len(data.Integrations) == 1 {
		return redirect(home(data.Integrations[0].ID))
	}
	return view{page: "list", title: "Search", data: data}, nil
}

// searches are what the text could mean. Bundle IDs and references can look
// alike, as team IDs and key IDs do.
func searches(text string) []operator.Search {
	switch {
	case strings.Contains(text, "@"):
		return []operator.Search{{Address: text}, {Reference: text}}
	case strings.HasPrefix(text, "int_"):
		return []operator.Search{{ID: text}}
	}
	out := []operator.Search{{Reference: text}, {BundleID: text}}
	if upper := strings.ToUpper(text); len(upper) == 10 {
		out = append(out, operator.Search{TeamID: upper}, operator.Search{KeyID: upper})
	}
	return out
}

func home(id string) string { return "/integrations/" + url.PathEscape(id) }
