package console_test

import (
	"context"
	"slices"
	"time"

	"keyward/pkg/integration"
)

// MustSeed makes one integration of each kind, with all that can be shown.
func (r *rig) MustSeed() map[string]string {
	r.t.Helper()
	ids := map[string]string{
		"active":   r.MustInvite("acme-ios", "Acme Learning, iOS app", "acme"),
		"suspect":  r.MustInvite("borealis", "Borealis Outdoor and Travel Magazine, subscriber app for iPhone and iPad", "borealis"),
		"action":   r.MustInvite("cobalt-main", "Cobalt Bank", "cobalt"),
		"dead":     r.MustInvite("delta", "Delta Fitness", "delta"),
		"awaiting": r.MustInvite("echo", "Echo Radio", "echo"),
		"over":     r.MustInvite("foxtrot", "Foxtrot Games", "foxtrot"),
	}
	r.uploads(ids["active"])
	r.now = r.now.Add(3 * time.Hour)
	for name, keyID := range map[string]string{"active": "ACME123456", "suspect": "BORE123456", "action": "COBA123456", "dead": "DELT123456", "over": "FOXT123456"} {
		r.MustActivate(ids[name], keyID)
	}
	r.certificates(ids["active"])
	r.now = r.now.Add(30 * time.Hour)
	for range 4 {
		r.MustCheck(ids["action"], integration.Blocked, integration.Agreement)
		r.now = r.now.Add(40 * time.Minute)
	}
	for range 54 {
		r.MustCheck(ids["dead"], integration.Rejected, integration.NotAuthorized)
		r.now = r.now.Add(time.Hour)
	}
	r.MustApply(ids["over"], integration.DisconnectRequested{By: "support jane"})
	r.bounce(ids["active"])
	r.now = r.now.Add(time.Hour)
	r.MustCheck(ids["suspect"], integration.Rejected, integration.NotAuthorized)
	r.MustCheck(ids["active"], integration.OK, "")
	r.now = r.now.Add(20 * time.Minute)
	return ids
}

func (r *rig) uploads(id string) {
	contacts, err := r.db.Store().Contacts(context.Background(), integration.ID(id))
	must(r.t, err)
	u := integration.Upload{
		ID: "upl_" + integration.UploadID(id[4:]), Integration: integration.ID(id), Contact: contacts[0].ID, KeyID: "ACME123456",
		CreatedAt: r.now, FormExpires: r.now.Add(15 * time.Minute), State: integration.UploadOpen,
	}
	u = u.Judged(integration.Attempt{ETag: "a", At: r.now, State: integration.UploadRefused, Diagnosis: "rsa_key"})
	u = u.Judged(integration.Attempt{ETag: "b", At: r.now.Add(time.Minute), State: integration.UploadRefused, Diagnosis: string(integration.Role), Missing: []integration.Capability{integration.Certificates}})
	u = u.Judged(integration.Attempt{ETag: "c", At: r.now.Add(2 * time.Minute), State: integration.UploadAccepted})
	r.MustCommit(integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Create(u)}})
	r.MustApply(id, integration.WrongFile{Refusal: integration.Refusal{Upload: u.ID, Diagnosis: "rsa_key"}, Contact: contacts[0].ID})
}

func (r *rig) certificates(id string) {
	it := r.stored(id)
	watch := it
	watch.Certificates.Serial, watch.Certificates.NotAfter = "6A0F3D2C9B1E", r.now.AddDate(0, 0, 300)
	watch.Certificates.CheckedAt = r.now.Add(4 * 24 * time.Hour) // the list is read every day
	cert := func(serial, kind, name string, days int) integration.Certificate {
		return integration.Certificate{
			Integration: it.ID, Serial: serial, Type: kind, Name: name, TeamID: "TEAM123456",
			NotAfter: r.now.AddDate(0, 0, days), FirstSeen: r.now, LastSeen: r.now,
		}
	}
	gone := cert("11AA22BB33CC", "DISTRIBUTION", "Apple Distribution: Acme Inc.", 20)
	gone.GoneAt = r.now
	r.MustCommit(integration.Change{
		Integration: integration.Put(it, watch),
		Certificates: []integration.Certificate{
			cert("6A0F3D2C9B1E", "DISTRIBUTION", "Apple Distribution: Acme Inc.", 300), cert("77AA0F3D2C9B", "IOS_DISTRIBUTION", "iPhone Distribution: Acme Inc.", 14),
			cert("5512AB", "DEVELOPMENT", "Apple Development: Ada", 100), gone,
		},
	})
}

// MustReadMail has one more invitation sent, and gives its page's path.
func (r *rig) MustReadMail(id string) string {
	r.t.Helper()
	r.MustApply(id, integration.Invited{By: "support jane"})
	it := r.stored(id)
	all, err := r.db.Store().Notices(context.Background(), it.ID)
	must(r.t, err)
	contacts, err := r.db.Store().Contacts(context.Background(), it.ID)
	must(r.t, err)
	before := slices.MaxFunc(all, func(a, b integration.Notice) int { return a.CreatedAt.Compare(b.CreatedAt) })
	after := before
	after.Status, after.SentAt, after.SentTo = integration.Sent, r.now, contacts[0].ID
	after.Content = integration.Content{Subject: "Please upload your App Store Connect key – " + it.Label, Text: sentText}
	r.MustCommit(integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(before, after)}})
	return "/integrations/" + id + "/mails/" + string(after.ID())
}

const sentText = `Lernwerk needs an API key from App Store Connect

To work for you on Apple’s App Store Connect (Build and publish your app),
Lernwerk needs an API key of your account. You make it yourself, choose what
it may do, and can revoke it at any time. No password is needed.

What to do:

 1. Sign in to https://appstoreconnect.apple.com as the Account Holder or as
    an Admin. Nobody else can make keys.
 2. Open the link below and upload the file.

Open the secure upload page:
(link removed)
`

func (r *rig) bounce(id string) {
	contacts, err := r.db.Store().Contacts(context.Background(), integration.ID(id))
	must(r.t, err)
	after := contacts[1]
	after.Undeliverable = r.now
	r.MustCommit(integration.Change{Contacts: []integration.Edit[integration.Contact]{integration.Put(contacts[1], after)}})
}
