package integration

import "time"

// keySituations: a key on its way in, in force, replaced and gone.
func keySituations() []situation {
	return []situation{
		{"invited", invited(), `
			mail invitation to admin, link, expires in 336h0m0s
			awaiting_key
			no tokens []
			deadline in 72h0m0s`},
		{"invited, three days without a key", invited(tick(72 * time.Hour)), `
			mail invitation_reminder to admin, link, expires in 264h0m0s
			awaiting_key
			no tokens []
			deadline in 168h0m0s`},
		{"invited, ten days without a key", invited(tick(72*time.Hour), tick(168*time.Hour)), `
			mail invitation_reminder to admin, link, expires in 96h0m0s
			awaiting_key
			no tokens []
			deadline in 96h0m0s`},
		{"invited, the link has run out", invited(tick(336 * time.Hour)), `
			mail invitation_over to support
			awaiting_key
			no tokens []`},
		{"first key accepted", invited(newKey(fine)), `
			mail key_accepted to admin, key KEY0000001, about con_a
			active
			tokens []
			key upl_1
			check in 15m0s`},
		{"first key, agreement missing", invited(newKey(noAgreement)), `
			mail key_safe to account_holder because agreement, key KEY0000001, about con_a
			mail action_required to support because agreement, key KEY0000001, 1 times, since 0s ago
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 15m0s
			deadline in 72h0m0s`},
		{"first key, membership lapsed", invited(newKey(noMembership)), `
			mail key_safe to account_holder because membership, key KEY0000001, about con_a
			mail action_required to support because membership, key KEY0000001, 1 times, since 0s ago
			action_required membership
			tokens [membership]
			key upl_1
			check in 15m0s
			deadline in 72h0m0s`},
		{"replaced", then(newKey(fine)), `
			mail key_replaced to admin, key KEY0000002, old KEY0000001, about con_a
			active
			tokens []
			key upl_2
			beside it upl_1
			check in 15m0s`},
		{"replaced by the same key", then(func(l *life) []Notice {
			k := *l.it.Key
			k.Upload = "upl_again"
			m := l.do(KeyAccepted{Key: k, Outcome: fine, Epoch: l.it.LinkEpoch})
			l.it.Certificates.DueAt = time.Time{}
			return m
		}), `
			mail key_accepted to admin, key KEY0000001, old KEY0000001
			active
			tokens []
			key upl_again
			beside it upl_1
			check in 15m0s`},
		{"replaced twice", then(newKey(fine), newKey(fine)), `
			mail key_replaced to admin, key KEY0000003, old KEY0000002, about con_a
			active
			tokens []
			key upl_3
			beside it upl_2
			delete upl_1 fp1 in 0s
			check in 15m0s`},
		{"replaced, and proven", then(newKey(fine), answers(1, fine)), `
			mail may_revoke to admin, key KEY0000002, old KEY0000001
			active
			tokens []
			key upl_2
			delete upl_1 fp1 in 0s
			check in 3h31m27s`},
		{"replaced, and rolled back", then(newKey(fine), both(unauthorized, fine)), `
			mail rolled_back to support because not_authorized, key KEY0000001, old KEY0000002
			active
			tokens []
			key upl_1
			beside it upl_2
			check in 5m0s`},
		{"rolled back, and the new one works", then(newKey(fine), both(unauthorized, fine), both(fine, fine)), `
			mail may_revoke to admin, key KEY0000002, old KEY0000001
			active
			tokens []
			key upl_2
			delete upl_1 fp1 in 0s
			check in 3h26m27s`},
		{"disconnected", then(event(DisconnectRequested{By: "support"})), `
			disconnected
			no tokens []
			delete upl_1 fp1 in 0s`},
		{"disconnected while a file is under way",
			then(event(DisconnectRequested{By: "support", Uploads: []UploadID{"upl_1", "upl_9"}})), `
			disconnected
			no tokens []
			delete upl_9  in 2m0s
			delete upl_1 fp1 in 0s`},
		{"disconnected, and the vault is empty",
			then(event(DisconnectRequested{By: "support"}), event(Emptied{Uploads: []UploadID{"upl_1"}})), `
			mail disconnected to business, since 0s ago
			disconnected
			no tokens []`},
		{"disconnected, and another secret has left",
			then(event(DisconnectRequested{By: "support"}), event(Emptied{Uploads: []UploadID{"upl_2"}})), `
			disconnected
			no tokens []
			delete upl_1 fp1 in 0s`},
		{"a contact asks for a link, and the key works", then(event(Invited{By: "contact con_a", Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s, not needed
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"support sends a link, though the key works", then(event(Invited{By: "support"})), `
			mail invitation to admin, link, expires in 336h0m0s
			active
			tokens []
			key upl_1
			check in 3h46m27s
			deadline in 72h0m0s`},
		{"a contact asks for a link after support sent one",
			then(event(Invited{By: "support"}), wait(time.Hour), event(Invited{By: "contact con_a", Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s
			active
			tokens []
			key upl_1
			check in 2h46m27s
			deadline in 72h0m0s`},
		{"a contact asks for a link after support's has run out",
			then(event(Invited{By: "support"}), wait(337*time.Hour), event(Invited{By: "contact con_a", Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s, not needed
			active
			tokens []
			key upl_1`},
		{"a contact asks for a link, and has no key yet", invited(event(Invited{By: "contact con_a", Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s
			awaiting_key
			no tokens []
			deadline in 72h0m0s`},
		{"a contact asks for a link, and the key is dead", then(answers(9, unauthorized), event(Invited{By: "contact con_a", Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s
			deactivated not_authorized
			no tokens []
			key upl_1
			check in 24h0m0s
			deadline in 72h0m0s`},
		{"a contact asks for a link, and the role is too low", then(answers(4, noRole), wait(time.Hour), event(Invited{By: "contact con_a", Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s
			action_required role
			tokens [role]
			key upl_1
			check in 0s
			deadline in 71h0m0s`},
		{"a contact asks for a link, and an agreement is missing", then(answers(4, noAgreement), event(Invited{By: "contact con_a", Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s, not needed
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 1h0m0s
			deadline in 72h0m0s`},
		{"links revoked", invited(event(LinksRevoked{By: "support"})), `
			awaiting_key
			no tokens []`},
		{"Apple did not answer about an upload", then(event(UploadGivenUp{Upload: "upl_7", Contact: "con_b"})), `
			mail upload_again to admin, link, about con_b
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"a file refused while the page is open", then(refused("upl_5", false)), `
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"a file refused after the page could be closed", then(refused("upl_5", true)), `
			mail upload_refused to admin, link, key TYPEDKEY01, about con_b
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"nine files refused", then(refusedTimes(9)), `
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"ten files refused", then(refusedTimes(10)), `
			mail wrong_files to support, 10 times
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"nine files refused after a key, nine before", then(refusedTimes(9), newKey(fine), refusedTimes(9)), `
			active
			tokens []
			key upl_2
			beside it upl_1
			check in 15m0s`},
		{"a key that another customer has",
			then(event(KeyHeldElsewhere{Refusal: Refusal{Upload: "upl_6", Diagnosis: "key_held"}, Contact: "con_b"})), `
			mail key_held to support, about con_b
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"rolled back, and the new one is dead", then(newKey(fine), both(unauthorized, fine), func(l *life) (last []Notice) {
			for range 40 {
				if l.it.Other == nil {
					break
				}
				last = both(fine, unauthorized)(l)
			}
			return last
		}), `
			mail key_refused to support because not_authorized, key KEY0000001, old KEY0000002
			mail key_refused to admin because not_authorized, link, key KEY0000001, old KEY0000002
			active
			tokens []
			key upl_1
			delete upl_2 fp2 in 0s
			check in 3h31m27s`},
	}
}
