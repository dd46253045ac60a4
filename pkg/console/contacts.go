package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"keyward/pkg/operator"
)

// newID stands in the place of a contact's ID in the form's URL.
const newID = "new"

type contactData struct {
	operator.Contact
	Back, Label, Post string
	New               bool
	Errors            map[string]string
	Problem           string
	LastAdmin         bool // ask whether it is meant
}

// Has tells whether the contact has the duty.
func (d contactData) Has(duty string) bool { return hasDuty(d.Duties, duty) }

// Err is what is wrong with a field.
func (d contactData) Err(field string) string { return d.Errors[field] }

func hasDuty(duties []string, duty string) bool { return slices.Contains(duties, duty) }

func (c *Console) contact(r *http.Request) (contactData, error) {
	it, err := c.Client.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return contactData{}, err
	}
	data := contactData{Back: home(it.ID), Label: it.Label, Post: r.URL.Path}
	if r.PathValue("contact") == newID {
		data.New = true
		return data, nil
	}
	i := slices.IndexFunc(it.Contacts, func(c operator.Contact) bool { return c.ID == r.PathValue("contact") && !c.Erased })
	if i < 0 {
		return contactData{}, errNothing
	}
	data.Contact = it.Contacts[i]
	return data, nil
}

func (c *Console) contactForm(r *http.Request) (view, error) {
	data, err := c.contact(r)
	return contactView(data), err
}

func contactView(data contactData) view {
	v := view{page: "contact", title: "Change a contact", data: data}
	if data.New {
		v.title = "Add a contact"
	}
	return v
}

func (c *Console) saveContact(r *http.Request) (view, error) {
	data, err := c.contact(r)
	if err != nil {
		return view{}, err
	}
	data.Name = strings.TrimSpace(r.PostFormValue("name"))
	address := strings.TrimSpace(r.PostFormValue("address"))
	patch := operator.ContactPatch{Name: &data.Name, LastAdmin: r.PostFormValue("last_admin") == "yes"}
	if address != data.Address || r.PostFormValue("arrives") == "yes" {
		patch.Address = &address // a patched address counts as deliverable, so an unchanged one stays out
	}
	data.Address, data.Duties = address, append([]string{}, r.PostForm["duties"]...) // none is [], not null: null means unchanged
	patch.Duties = &data.Duties
	if err = c.storeContact(r, data, patch); err == nil {
		return redirect(data.Back + "?done=contact#contacts")
	}
	var p *operator.Problem
	if !errors.As(err, &p) || p.Status >= 500 || p.Status == http.StatusForbidden {
		return view{}, err
	}
	data.blame(p)
	v := contactView(data)
	v.status, v.title = p.Status, "Error: "+v.title
	return v, nil
}

func (c *Console) storeContact(r *http.Request, data contactData, patch operator.ContactPatch) error {
	id := r.PathValue("id")
	if data.New {
		_, err := c.Client.AddContact(r.Context(), id, operator.NewContact{Name: data.Name, Address: data.Address, Duties: data.Duties})
		return err
	}
	_, err := c.Client.ChangeContact(r.Context(), id, data.ID, patch)
	return err
}

func (d *contactData) blame(p *operator.Problem) {
	d.LastAdmin = p.Code == operator.CodeLastAdmin
	if p.Field != "" {
		d.Errors = map[string]string{p.Field: p.Detail}
		return
	}
	d.Problem = p.Detail
	if d.LastAdmin {
		d.Problem = lastAdminText
	}
}

const lastAdminText = "This is the last contact who makes and uploads keys. Nobody would be asked for a key any more, and problems would go to support alone."

func askErase(data contactData, lastAdmin bool) view {
	ask := askData{
		Back: data.Back, Post: data.Post, Label: data.Label, Title: "Erase this contact?", Button: "Erase", Danger: true, LastAdmin: lastAdmin,
		Text: "The name and the address are erased and cannot be brought back; the history keeps an ID only. Upload links that the contact was sent do not open any more. A file that was sent before still counts, unless you revoke the links.",
	}
	v := view{page: "ask", title: ask.Title, data: ask}
	if lastAdmin {
		ask.Error = lastAdminText
		v.status, v.data = http.StatusConflict, ask
	}
	return v
}

func (c *Console) askErase(r *http.Request) (view, error) {
	data, err := c.contact(r)
	if err == nil && data.New {
		err = errNothing
	}
	return askErase(data, false), err
}

func (c *Console) erase(r *http.Request) (view, error) {
	data, err := c.contact(r)
	if err != nil {
		return view{}, err
	}
	do := c.Client.EraseContact
	if r.PostFormValue("last_admin") == "yes" {
		do = c.Client.EraseLastAdmin
	}
	_, err = do(r.Context(), r.PathValue("id"), data.ID)
	var p *operator.Problem
	if errors.As(err, &p) && p.Code == operator.CodeLastAdmin {
		return askErase(data, true), nil
	}
	if err != nil {
		return view{}, err
	}
	return redirect(data.Back + "?done=erase#contacts")
}
