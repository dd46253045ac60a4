package simulation

import (
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// addCanary gives the vendor an integration with a key of its own, which the
// functions are told of.
func (w *World) addCanary() {
	t := &team{n: -1, id: "TEAMCANARY", name: "Vendor", issuer: "57246542-96fe-1a63-e053-0824d0canary", agreement: true, member: true}
	k := w.apple.newKey(w, t)
	k.works, k.weak = time.Time{}, false
	now := w.now()
	it := integration.Integration{
		ID: canaryID, Reference: "canary", Label: "Canary", Customer: "vendor", CreatedAt: now, Since: now, State: integration.Active,
		Access: integration.Levels()[0], TeamID: t.id, LinkEpoch: 1, ConfirmedAt: now,
		Key: &integration.Key{
			Upload: "upl_canarycanarycanarycanarycanaryca", KeyID: k.id, IssuerID: t.issuer, Kind: integration.TeamKey,
			Program: integration.Standard, Fingerprint: k.fingerprint, AcceptedAt: now,
		},
	}
	it.Access.WatchesCerts = false
	it.Check = integration.CheckState{DueAt: now.Add(time.Minute), Verdict: integration.OK, LastAt: now}
	c := integration.Change{
		Integration: integration.Create(it),
		Owners:      []integration.Edit[integration.Owner]{integration.Create(integration.Owner{Fingerprint: k.fingerprint, Customer: it.Customer, Holders: []integration.ID{it.ID}})},
		Contacts: []integration.Edit[integration.Contact]{integration.Create(integration.Contact{
			Integration: it.ID, ID: "con_canary", Address: "canary@vendor.example", Duties: []integration.Duty{integration.Admin}, CreatedAt: now,
		})},
		History: []integration.Entry{{Integration: it.ID, At: now, Seq: "0", What: "created", Actor: "support", To: integration.Active}},
	}
	w.canary = canaryID
	if w.often(.15) {
		w.later(w.within(6*time.Hour, 30*time.Hour), func() { w.apple.revoke(w, k) })
	}
	if err := w.keepCanary(c, k); err != nil {
		w.fail("people-can-work", err.Error())
	}
}

func (w *World) keepCanary(c integration.Change, k *appleKey) error {
	key, err := keyfile.Parse(k.pem)
	if err != nil {
		return err
	}
	it := c.Integration.After
	if err := w.vault.Put(ctx(), it.ID, it.Key.Upload, key); err != nil {
		return err
	}
	if err := w.store.Commit(ctx(), c); err != nil {
		return err
	}
	w.truth.committed(nil, c)
	return nil
}
