package console

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"keyward/pkg/operator"
)

// slots is how many contacts the form has room for; more are added later.
const slots = 3

type inviteData struct {
	operator.NewIntegration
	Levels  []operator.AccessLevel
	Once    string // makes sending the form twice harmless
	Errors  map[string]string
	Problem string // one that belongs to no field
	Taken   string // the integration that has the reference
}

// Err is what is wrong with a field.
func (d inviteData) Err(field string) string { return d.Errors[field] }

// Slots are the contacts of the form, the empty ones included.
func (d inviteData) Slots() []contactSlot {
	out := make([]contactSlot, slots)
	for i := range out {
		out[i].Number, out[i].Index = i+1, i
		if i < len(d.Contacts) {
			out[i].NewContact = d.Contacts[i]
		}
		at := fmt.Sprintf("contacts[%d].", i)
		out[i].NameError, out[i].AddressError, out[i].DutiesError = d.Err(at+"name"), d.Err(at+"address"), d.Err(at+"duties")
	}
	return out
}

type contactSlot struct {
	operator.NewContact
	Number, Index                        int
	NameError, AddressError, DutiesError string
}

// Has tells whether the contact has the duty.
func (s contactSlot) Has(duty string) bool { return hasDuty(s.Duties, duty) }

func (c *Console) inviteForm(r *http.Request) (view, error) {
	levels, err := c.Client.AccessLevels(r.Context())
	if err != nil {
		return view{}, err
	}
	b := make([]byte, 16)
	if _, err := io.ReadFull(c.Random, b); err != nil {
		return view{}, fmt.Errorf("making a form: %w", err)
	}
	data := inviteData{Levels: levels, Once: hex.EncodeToString(b)}
	data.Contacts = []operator.NewContact{{Duties: []string{"admin"}}}
	return view{page: "invite", title: "Invite a customer", data: data}, nil
}

func (c *Console) invite(r *http.Request) (view, error) {
	data := inviteData{NewIntegration: invitation(r), Once: r.PostFormValue("once")}
	it, err := c.Client.Create(r.Context(), data.NewIntegration, data.Once)
	if err == nil {
		return redirect(home(it.ID) + "?done=invited")
	}
	var p *operator.Problem
	if !errors.As(err, &p) || p.Status >= 500 || p.Status == http.StatusForbidden {
		return view{}, err
	}
	data.blame(p)
	if data.Levels, err = c.Client.AccessLevels(r.Context()); err != nil {
		return view{}, err
	}
	return view{status: http.StatusUnprocessableEntity, page: "invite", title: "Error: Invite a customer", data: data}, nil
}

// blame puts the problem beside the field that it is about.
func (d *inviteData) blame(p *operator.Problem) {
	d.Taken = p.Integration
	if p.Field == "" || p.Field == "Idempotency-Key" {
		d.Problem = p.Detail
		return
	}
	d.Errors = map[string]string{p.Field: p.Detail}
}

// invitation reads the form. Slots without name and address are left out.
func invitation(r *http.Request) operator.NewIntegration {
	text := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	n := operator.NewIntegration{
		Reference: text("reference"), Label: text("label"), Customer: text("customer"),
		AccessLevel: text("access_level"), SharesKeys: text("shares_keys") == "yes",
		TeamID: text("team_id"), BundleIDs: strings.Fields(r.PostFormValue("bundle_ids")),
	}
	for i := range slots {
		contact := operator.NewContact{
			Name: text(fmt.Sprintf("name%d", i)), Address: text(fmt.Sprintf("address%d", i)), Duties: r.PostForm[fmt.Sprintf("duties%d", i)],
		}
		if contact.Name != "" || contact.Address != "" {
			n.Contacts = append(n.Contacts, contact)
		}
	}
	return n
}
