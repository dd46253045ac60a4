package integration

import "time"

// answerSituations: what Apple answers, once and again.
func answerSituations() []situation {
	return []situation{
		{"works", then(answers(1, fine)), `
			active
			tokens []
			key upl_1
			check in 6h0m0s`},
		{"a key that another integration holds, refused late", then(event(KeyHeldElsewhere{
			Refusal: Refusal{Upload: "upl_5", Diagnosis: "key_held", Entered: Entered{KeyID: "TYPEDKEY01"}}, Contact: "con_b", Late: true})), `
			mail key_held to support, about con_b
			mail upload_refused to admin, link, key TYPEDKEY01, about con_b
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"a key of another team, refused late", then(event(KeyOfOtherTeam{
			Refusal: Refusal{Upload: "upl_5", Diagnosis: "other_team", Entered: Entered{KeyID: "TYPEDKEY01"}}, Contact: "con_b", Late: true})), `
			mail wrong_team to support, key TYPEDKEY01, about con_b
			mail upload_refused to admin, link, key TYPEDKEY01, about con_b
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"a key of another team, refused at once", then(event(KeyOfOtherTeam{
			Refusal: Refusal{Upload: "upl_5", Diagnosis: "other_team", Entered: Entered{KeyID: "TYPEDKEY01"}}, Contact: "con_b"})), `
			mail wrong_team to support, key TYPEDKEY01, about con_b
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"refused late, because the link was revoked", then(event(WrongFile{
			Refusal: Refusal{Upload: "upl_5", Diagnosis: "link_void", Entered: Entered{KeyID: "TYPEDKEY01"}}, Contact: "con_b", Late: true})), `
			mail upload_refused to admin, key TYPEDKEY01, about con_b
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"Apple gave no answer about a file for 20 hours", then(event(UploadGivenUp{Upload: "upl_5", Contact: "con_b"})), `
			mail upload_again to admin, link, about con_b
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"a contact asks for a link while the key works", then(event(Invited{Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s, not needed
			active
			tokens []
			key upl_1
			check in 3h46m27s`},
		{"support sends a link while the key works", then(event(Invited{By: "support"})), `
			mail invitation to admin, link, expires in 336h0m0s
			active
			tokens []
			key upl_1
			check in 3h46m27s
			deadline in 72h0m0s`},
		{"a contact asks for a link after access was lost", then(answers(9, unauthorized), event(Invited{Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s
			deactivated not_authorized
			no tokens []
			key upl_1
			check in 24h0m0s
			deadline in 72h0m0s`},
		{"a contact asks for a link while the role is too low", then(answers(4, noRole), event(Invited{Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s
			action_required role
			tokens [role]
			key upl_1
			check in 1h0m0s
			deadline in 72h0m0s`},
		{"a contact asks for a link while an agreement is missing", then(answers(4, noAgreement), event(Invited{Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s, not needed
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 1h0m0s
			deadline in 72h0m0s`},
		{"a contact asks for a link after support sent one", then(event(Invited{By: "support"}), wait(48*time.Hour), event(Invited{Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s
			active
			tokens []
			key upl_1
			deadline in 72h0m0s`},
		{"a contact asks for a link after support's has run out",
			then(event(Invited{By: "support"}), tick(72*time.Hour), tick(168*time.Hour), tick(96*time.Hour), wait(time.Second), event(Invited{Asked: true})), `
			mail invitation to admin, link, expires in 336h0m0s, not needed
			active
			tokens []
			key upl_1`},
		{"the vendor's user is missing", then(asks, answers(1, userRead(UserMissing))), `
			active
			tokens []
			key upl_1
			check in 6h0m0s`},
		{"the vendor's user has been missing for less than three days", then(asks, answers(12, userRead(UserMissing))), `
			active
			tokens []
			key upl_1
			check in 6h0m0s`},
		{"the vendor's user has been missing for three days", then(asks, answers(13, userRead(UserMissing))), `
			mail vendor_user_reminder to admin, since 72h0m0s ago
			active
			tokens []
			key upl_1
			check in 6h0m0s`},
		{"rejected once", then(answers(1, unauthorized)), `
			suspect not_authorized
			tokens [not_authorized]
			key upl_1
			check in 5m0s`},
		{"rejected twice", then(answers(2, unauthorized)), `
			suspect not_authorized
			tokens [not_authorized]
			key upl_1
			check in 25m0s`},
		{"rejected three times", then(answers(3, unauthorized)), `
			suspect not_authorized
			tokens [not_authorized]
			key upl_1
			check in 30m0s`},
		{"rejected by all checks of five hours", then(answers(8, unauthorized)), `
			suspect not_authorized
			tokens [not_authorized]
			key upl_1
			check in 1h0m0s`},
		{"rejected by all checks of six hours", then(answers(9, unauthorized)), `
			mail access_lost to support because not_authorized, key KEY0000001, 9 times, since 6h0m0s ago
			mail access_lost to admin because not_authorized, link, key KEY0000001, 9 times, since 6h0m0s ago
			deactivated not_authorized
			no tokens []
			key upl_1
			check in 24h0m0s
			deadline in 72h0m0s`},
		{"rejected a day later", then(answers(10, unauthorized)), `
			deactivated not_authorized
			no tokens []
			key upl_1
			check in 24h0m0s
			deadline in 48h0m0s`},
		{"deactivated, three days later", then(answers(9, unauthorized), tick(72*time.Hour)), `
			mail problem_reminder to admin because not_authorized, link, key KEY0000001, since 72h0m0s ago
			deactivated not_authorized
			no tokens []
			key upl_1
			deadline in 168h0m0s`},
		{"deactivated, ten days later", then(answers(9, unauthorized), tick(72*time.Hour), tick(168*time.Hour)), `
			mail problem_reminder to admin because not_authorized, link, key KEY0000001, since 240h0m0s ago
			deactivated not_authorized
			no tokens []
			key upl_1
			deadline in 168h0m0s`},
		{"deactivated, seventeen days later",
			then(answers(9, unauthorized), tick(72*time.Hour), tick(168*time.Hour), tick(168*time.Hour)), `
			mail still_open to support because not_authorized, key KEY0000001, since 408h0m0s ago
			deactivated not_authorized
			no tokens []
			key upl_1
			deadline in 1752h0m0s`},
		{"deactivated, ninety days later",
			then(answers(9, unauthorized), tick(72*time.Hour), tick(168*time.Hour), tick(168*time.Hour), tick(1752*time.Hour)), `
			mail key_deleted to support because not_authorized, key KEY0000001, since 2160h0m0s ago
			mail key_deleted to admin because not_authorized, link, key KEY0000001, since 2160h0m0s ago
			deactivated not_authorized
			no tokens []
			delete upl_1 fp1 in 0s`},
		{"deactivated, a new key", then(answers(9, unauthorized), newKey(fine)), `
			mail key_replaced to admin, key KEY0000002, about con_a
			mail recovered to support because not_authorized, since 0s ago
			active
			tokens []
			key upl_2
			beside it upl_1
			check in 15m0s`},
		{"deactivated, a new key works", then(answers(9, unauthorized), newKey(fine), answers(1, fine)), `
			active
			tokens []
			key upl_2
			delete upl_1 fp1 in 0s
			check in 5h45m0s`},
		{"deactivated, good again", then(answers(10, unauthorized), answers(1, fine)), `
			mail recovered to admin because not_authorized, since 48h0m0s ago
			mail recovered to support because not_authorized, since 48h0m0s ago
			active
			tokens []
			key upl_1
			check in 6h0m0s`},
		{"agreement missing once", then(answers(1, noAgreement)), `
			suspect agreement
			tokens [agreement]
			key upl_1
			check in 5m0s`},
		{"agreement missing for half an hour", then(answers(3, noAgreement)), `
			suspect agreement
			tokens [agreement]
			key upl_1
			check in 30m0s`},
		{"agreement missing for an hour", then(answers(4, noAgreement)), `
			mail action_required to support because agreement, key KEY0000001, 4 times, since 1h0m0s ago
			mail action_required to account_holder because agreement, key KEY0000001, 4 times, since 1h0m0s ago
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 1h0m0s
			deadline in 72h0m0s`},
		{"membership lapsed for an hour", then(answers(4, noMembership)), `
			mail action_required to support because membership, key KEY0000001, 4 times, since 1h0m0s ago
			mail action_required to account_holder because membership, key KEY0000001, 4 times, since 1h0m0s ago
			action_required membership
			tokens [membership]
			key upl_1
			check in 1h0m0s
			deadline in 72h0m0s`},
		{"role too low for an hour", then(answers(4, noRole)), `
			mail action_required to support because role, key KEY0000001, missing [certificates profiles], 4 times, since 1h0m0s ago
			mail action_required to admin because role, link, key KEY0000001, missing [certificates profiles], 4 times, since 1h0m0s ago
			action_required role
			tokens [role]
			key upl_1
			check in 1h0m0s
			deadline in 72h0m0s`},
		{"no app for an hour", then(answers(4, noApp)), `
			mail action_required to support because apps, key KEY0000001, 4 times, since 1h0m0s ago
			mail action_required to admin because apps, key KEY0000001, 4 times, since 1h0m0s ago
			action_required apps
			tokens [apps]
			key upl_1
			check in 1h0m0s
			deadline in 72h0m0s`},
		{"agreement, reminder", then(answers(4, noAgreement), tick(72*time.Hour)), `
			mail problem_reminder to account_holder because agreement, key KEY0000001, since 72h0m0s ago
			action_required agreement
			tokens [agreement]
			key upl_1
			deadline in 168h0m0s`},
		{"role, reminder", then(answers(4, noRole), tick(72*time.Hour)), `
			mail problem_reminder to admin because role, link, key KEY0000001, missing [certificates profiles], since 72h0m0s ago
			action_required role
			tokens [role]
			key upl_1
			deadline in 168h0m0s`},
		{"agreement accepted", then(answers(4, noAgreement), answers(1, fine)), `
			mail recovered to account_holder because agreement, since 1h0m0s ago
			mail recovered to support because agreement, since 1h0m0s ago
			active
			tokens []
			key upl_1
			check in 4h0m0s`},
		{"agreement accepted, and lapsed", then(answers(4, noAgreement), answers(4, noMembership)), `
			action_required membership
			tokens [membership]
			key upl_1
			check in 1h0m0s
			deadline in 71h0m0s`},
		{"agreement missing for nearly three days", then(answers(75, noAgreement)), `
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 1h0m0s
			deadline in 1h0m0s`},
		{"agreement missing for three days", then(answers(76, noAgreement)), `
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 5h0m0s
			deadline in 0s`},
		{"agreement, membership and the agreement again within a day",
			then(answers(4, noAgreement), answers(4, noMembership), answers(4, noAgreement)), `
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 1h0m0s
			deadline in 16h0m0s`},
		{"agreement, membership and the agreement again, a day after it was told",
			then(answers(4, noAgreement), answers(4, noMembership), answers(4, noAgreement), tick(16*time.Hour)), `
			mail action_required to support because agreement, key KEY0000001, 4 times, since 19h0m0s ago
			mail action_required to account_holder because agreement, key KEY0000001, 4 times, since 19h0m0s ago
			action_required agreement
			tokens [agreement]
			key upl_1
			deadline in 72h0m0s`},
		{"no answer once", then(answers(1, outage)), `
			active
			tokens []
			key upl_1
			check in 5m0s`},
		{"no answer four times", then(answers(4, outage)), `
			active
			tokens []
			key upl_1
			check in 1h0m0s`},
		{"no answer for a day", then(answers(28, outage)), `
			mail unanswered to support because outage, 28 times, since 24h50m0s ago
			active
			tokens []
			key upl_1
			check in 1h0m0s`},
		{"asked to wait two hours",
			then(answers(1, Outcome{Verdict: Inconclusive, Reason: RateLimited, RetryIn: 2 * time.Hour})), `
			active
			tokens []
			key upl_1
			check in 2h0m0s`},
		{"asked to wait a week",
			then(answers(1, Outcome{Verdict: Inconclusive, Reason: RateLimited, RetryIn: 168 * time.Hour})), `
			active
			tokens []
			key upl_1
			check in 6h0m0s`},
		{"agreement missing everywhere", then(waves(true), answers(4, noAgreement)), `
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 1h0m0s
			deadline in 10m0s`},
		{"agreement still missing everywhere a day later",
			then(waves(true), answers(4, noAgreement), tick(24*time.Hour)), `
			mail action_required to support because agreement, key KEY0000001, 4 times, since 25h0m0s ago
			mail action_required to account_holder because agreement, not before 5m52s, key KEY0000001, 4 times, since 25h0m0s ago
			action_required agreement
			tokens [agreement]
			key upl_1
			deadline in 72h0m0s`},
		{"membership lapsed during the wave", then(waves(true), answers(4, noMembership)), `
			mail action_required to support because membership, key KEY0000001, 4 times, since 1h0m0s ago
			mail action_required to account_holder because membership, not before 5m52s, key KEY0000001, 4 times, since 1h0m0s ago
			action_required membership
			tokens [membership]
			key upl_1
			check in 1h0m0s
			deadline in 72h0m0s`},
		{"rejected like many others for two days", then(holds(true), answers(96, unauthorized)), `
			suspect not_authorized
			tokens [not_authorized]
			key upl_1
			check in 30m0s`},
		{"agreement missing again after six hours",
			then(answers(4, noAgreement), answers(1, fine), answers(4, noAgreement)), `
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 1h0m0s
			deadline in 18h0m0s`},
		{"agreement missing again, and a day has passed",
			then(answers(4, noAgreement), answers(1, fine), answers(4, noAgreement), tick(18*time.Hour)), `
			mail action_required to support because agreement, key KEY0000001, 4 times, since 19h0m0s ago
			mail action_required to account_holder because agreement, key KEY0000001, 4 times, since 19h0m0s ago
			action_required agreement
			tokens [agreement]
			key upl_1
			deadline in 72h0m0s`},
	}
}
