package console

import (
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"

	"keyward/pkg/operator"
)

type detailData struct {
	operator.Integration
	Done         string // what has just been done, as a sentence
	Certificates []operator.Certificate
	Uploads      []operator.Upload
	Notices      []operator.Notice
	Mail         operator.SentNotice // the one that the page is about
	History      []operator.Entry
	More         string // the older history's URL
	names        map[string]string
	Living       bool // it is not disconnected
}

// Who names a contact by ID.
func (d detailData) Who(id string) string {
	if id == "" {
		return "an unknown contact"
	}
	if name := d.names[id]; name != "" {
		return name
	}
	return id
}

// Recipient names whom an e-mail went to, or is for.
func (d detailData) Recipient(n operator.Notice) string {
	if n.SentTo != "" {
		return d.Who(n.SentTo)
	}
	return lower(n.Audience)
}

// Actor names who acted; a contact by name.
func (d detailData) Actor(actor string) string {
	if id, ok := strings.CutPrefix(actor, "contact "); ok {
		return d.Who(id)
	}
	return actor
}

// Detail names a contact by name, and writes a code as words.
func (d detailData) Detail(detail string) string {
	if id, ok := strings.CutPrefix(detail, "contact "); ok {
		return d.Who(id)
	}
	if strings.Contains(detail, " ") {
		return detail
	}
	return lower(detail)
}

// done are the sentences that a redirect can ask for; it cannot bring its own.
var done = map[string]string{
	"invited":       "The customer is invited: a mail with an upload link goes out.",
	"link":          "A mail with a new upload link goes to the first contact who can be reached.",
	"revoke":        "No upload link sent so far opens any more.",
	"check":         "A check is on its way. Load this page again in a minute to see what it found.",
	"pin":           "The certificate to watch has changed.",
	"label":         "The label has changed. Mails use it from now on.",
	"team":          "The team and the expected apps have changed.",
	"allow-move":    "The next accepted key may be of another team. Ask the contact to upload it.",
	"withdraw-move": "Keys of another team are refused again.",
	"share":         "The consent to share keys has changed.",
	"disconnect":    "The integration has ended.",
	"contact":       "The contact is saved.",
	"end-hold":      "The fleet hold has ended. Each key that is still rejected is checked once more at least before anything is decided about it.",
	"erase":         "The contact's name and address are erased.",
}

func (c *Console) detail(r *http.Request) (view, error) {
	it, err := c.Client.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return view{}, err
	}
	data := detailData{
		Integration: it, Done: done[r.URL.Query().Get("done")], names: names(it.Contacts), Living: it.State != "disconnected",
	}
	g, ctx := errgroup.WithContext(r.Context())
	g.Go(func() (err error) { data.Certificates, err = c.Client.Certificates(ctx, it.ID); return err })
	g.Go(func() (err error) { data.Uploads, err = c.Client.Uploads(ctx, it.ID); return err })
	g.Go(func() (err error) { data.Notices, err = c.Client.Notices(ctx, it.ID); return err })
	g.Go(func() error {
		h, err := c.Client.History(ctx, it.ID, "", 15)
		data.History = h.Entries
		if h.Next != "" {
			data.More = home(it.ID) + "/history"
		}
		return err
	})
	return view{page: "detail", title: it.Label, data: &data}, g.Wait()
}

func names(contacts []operator.Contact) map[string]string {
	out := map[string]string{}
	for _, c := range contacts {
		out[c.ID] = c.Name
		if c.Name == "" {
			out[c.ID] = c.Address
		}
	}
	return out
}

// mail is one e-mail as it was sent.
func (c *Console) mail(r *http.Request) (view, error) {
	it, err := c.Client.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return view{}, err
	}
	n, err := c.Client.Notice(r.Context(), it.ID, r.PathValue("notice"))
	data := detailData{Integration: it, Mail: n, names: names(it.Contacts)}
	return view{page: "mail", title: "E-mail to " + it.Label, data: &data}, err
}

func (c *Console) history(r *http.Request) (view, error) {
	it, err := c.Client.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return view{}, err
	}
	h, err := c.Client.History(r.Context(), it.ID, r.URL.Query().Get("cursor"), 100)
	data := detailData{Integration: it, History: h.Entries, names: names(it.Contacts)}
	if h.Next != "" {
		data.More = home(it.ID) + "/history?" + url.Values{"cursor": {h.Next}}.Encode()
	}
	return view{page: "history", title: "History of " + it.Label, data: &data}, err
}
