package simulation

import (
	"fmt"

	"keyward/pkg/integration"
)

// A customer is one integration's people, and their team at Apple.
type customer struct {
	n        int
	name     string // the tenant; two integrations may share one
	label    string
	level    string // the access level
	team     *team
	id       integration.ID
	people   []*person
	links    []string // tokens that came by mail, the latest last
	busy     bool     // somebody is uploading
	diligent float64  // how likely they do what a mail asks
	ended    bool
	moves    *team                  // to which its next key belongs; nil: to team
	mistypes bool                   // types another team ID while nothing at Apple shows the right one
	lent     func(*World) *appleKey // gives the key in force to another integration of the tenant
	lends    func(*World) *appleKey // the tenant's other integration's; may be nil
}

// A person has an address.
type person struct {
	address string
	holder  bool // the Account Holder
	bounces bool
}

// reader finds out whose address it is.
func (w *World) reader(address string) (*customer, *person) {
	for _, c := range w.customers {
		for _, p := range c.people {
			if p.address == address {
				return c, p
			}
		}
	}
	return nil, nil
}

// byID finds the customer of an integration, whether or not the operator's
// answer about it arrived.
func (w *World) byID(id integration.ID) *customer {
	label := w.truth.of(id).it.Label
	for _, c := range w.customers {
		if c.id == id || c.label == label {
			return c
		}
	}
	return nil
}

// newCustomer gives a customer a team at Apple and contacts. One in eight
// belongs to the same tenant as the one before.
func (w *World) newCustomer(n int) *customer {
	c := &customer{
		n: n, name: fmt.Sprintf("tenant%d", n), label: fmt.Sprintf("Label%dx", n), diligent: .8, level: "insights",
		team: &team{
			n: n, id: fmt.Sprintf("TEAM%06d", n), name: fmt.Sprintf("Company %d", n), agreement: true, member: true,
			issuer: fmt.Sprintf("57246542-96fe-1a63-e053-0824d01%05d", n),
		},
	}
	if n > 0 && w.chance(.12) {
		c.name = w.customers[n-1].name
	}
	if w.chance(.4) {
		c.level = "publish" // whose certificates are watched
	}
	c.people = []*person{{address: fmt.Sprintf("admin%d@customer%d.example", n, n)}}
	if w.chance(.5) {
		c.people = append(c.people, &person{address: fmt.Sprintf("holder%d@customer%d.example", n, n), holder: true})
	}
	c.lent = func(w *World) *appleKey {
		if k := w.apple.newest(c.team); k != nil {
			return k
		}
		return w.apple.newKey(w, c.team)
	}
	if len(c.people) > 1 && w.chance(.15) {
		c.people[0].bounces = true
	}
	return c
}

// reads is somebody reading a mail, and doing what it asks for, or not.
func (c *customer) reads(w *World, who *person, l letter) {
	if l.token != "" {
		c.links = append(c.links, l.token)
	}
	if c.ended || !w.chance(c.diligent) {
		return
	}
	switch l.kind {
	case integration.NoticeInvitation, integration.NoticeInvitationReminder, integration.NoticeAccessLost, integration.NoticeUploadRefused, integration.NoticeUploadAgain, integration.NoticeKeyRefused, integration.NoticeKeyDeleted:
		w.upload(c)
	case integration.NoticeActionRequired, integration.NoticeKeySafe, integration.NoticeProblemReminder:
		c.mends(w)
	case integration.NoticeMayRevoke:
		c.revokesOld(w, l)
	case integration.NoticeUserReminder:
		c.addsUser(w)
	case integration.NoticeReauthorise:
		if w.often(.5) {
			w.confirms(c, l.token)
		}
	}
}

// mends is the Account Holder setting the team right.
func (c *customer) mends(w *World) {
	w.note(c.label, "mends", "")
	w.apple.mend(c.team, w.now())
}

// revokesOld revokes what the mail says is no longer needed: all keys of the
// team but the newest.
func (c *customer) revokesOld(w *World, _ letter) {
	newest := w.apple.newest(c.team)
	for _, k := range w.apple.of(c.team) {
		if k != newest && k.revoked.IsZero() {
			w.apple.revoke(w, k)
		}
	}
}

// upload has somebody at the customer's make a key and hand it over.
func (w *World) upload(c *customer) {
	if c.busy || len(c.links) == 0 {
		return
	}
	c.busy = true
	t := &task{name: c.label}
	t.done = func(*task) { c.busy = false }
	w.visit(c, t)
}
