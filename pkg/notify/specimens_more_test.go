package notify

import "keyward/pkg/integration"

func setupSpecimens() []specimen {
	key := integration.Facts{KeyID: "2X9R4HXF34"}
	keys := integration.Facts{KeyID: "2X9R4HXF34", OldKeyID: "9QWE8RTZ7U"}
	return []specimen{
		toCustomer("invitation", integration.NoticeInvitation, "", integration.Facts{}).linked().with(awaiting),
		toCustomer("invitation_asked_for", integration.NoticeInvitation, "", integration.Facts{Unneeded: true}).linked(),
		toCustomer("invitation_with_user", integration.NoticeInvitation, "", integration.Facts{}).linked().with(awaiting).with(userFound(integration.UserNotAsked)),
		toCustomer("invitation_again", integration.NoticeInvitation, "", integration.Facts{}).linked(),
		toCustomer("invitation_reminder_again", integration.NoticeInvitationReminder, "", integration.Facts{}).linked(),
		toCustomer("invitation_insights", integration.NoticeInvitation, "", integration.Facts{}).linked().with(awaiting).with(insights),
		toCustomer("invitation_reminder", integration.NoticeInvitationReminder, "", integration.Facts{}).linked().with(awaiting),
		toCustomer("key_accepted", integration.NoticeAccepted, "", key),
		toCustomer("key_accepted_team_typed", integration.NoticeAccepted, "", key).with(typedTeam),
		toCustomer("key_replaced_team_typed", integration.NoticeReplaced, "", keys).with(typedTeam),
		toCustomer("key_safe_team_typed", integration.NoticeKeySafe, integration.Agreement, key).with(typedTeam),
		toCustomer("key_accepted_role_seen", integration.NoticeAccepted, "", key).with(usersRead),
		toCustomer("key_accepted_user_missing", integration.NoticeAccepted, "", key).with(userFound(integration.UserMissing)),
		toCustomer("key_accepted_user_incomplete", integration.NoticeAccepted, "", key).with(userFound(integration.UserIncomplete, integration.CloudSigning)),
		toCustomer("key_safe_agreement", integration.NoticeKeySafe, integration.Agreement, key),
		toCustomer("key_safe_membership", integration.NoticeKeySafe, integration.Membership, key),
		toCustomer("key_safe_apps", integration.NoticeKeySafe, integration.NoApps, key).with(insights),
		toCustomer("key_replaced", integration.NoticeReplaced, "", keys),
		toCustomer("key_replaced_nothing", integration.NoticeReplaced, "", key),
		toCustomer("may_revoke", integration.NoticeMayRevoke, "", keys),
		toCustomer("upload_refused", integration.NoticeUploadRefused, "", refusedFacts(integration.NotAuthorized)).linked().with(awaiting),
		toCustomer("upload_refused_role", integration.NoticeUploadRefused, "", refusedFacts(integration.Role)).linked(),
		toCustomer("upload_refused_link_void", integration.NoticeUploadRefused, "", refusedFacts(integration.RefusedLinkVoid)),
		toCustomer("invitation_after_a_refusal", integration.NoticeInvitation, "", integration.Facts{}).linked().with(awaiting).with(refusedBefore),
		toCustomer("invitation_reminder_after_a_refusal", integration.NoticeInvitationReminder, "", integration.Facts{}).linked().with(awaiting).with(refusedBefore),
		toCustomer("problem_reminder_after_a_refusal", integration.NoticeProblemReminder, integration.NotAuthorized, integration.Facts{KeyID: "2X9R4HXF34", Since: at2026(3, 21, 22, 10)}).linked().with(refusedBefore),
		toCustomer("upload_again", integration.NoticeUploadAgain, "", integration.Facts{}).linked().with(awaiting),
		toCustomer("key_refused", integration.NoticeKeyRefused, integration.NotAuthorized, keys).linked(),
		toCustomer("reauthorise", integration.NoticeReauthorise, "", integration.Facts{Expires: at2026(4, 5, 8, 0), Days: 14}).linked(),
		toCustomer("vendor_user_reminder_missing", integration.NoticeUserReminder, "", integration.Facts{Since: at2026(3, 19, 8, 0)}).with(userFound(integration.UserMissing)),
		toCustomer("vendor_user_reminder_incomplete", integration.NoticeUserReminder, "", integration.Facts{Since: at2026(3, 19, 8, 0)}).with(userFound(integration.UserIncomplete, integration.CloudSigning)),
		toCustomer("vendor_user_reminder_invited", integration.NoticeUserReminder, "", integration.Facts{Since: at2026(3, 19, 8, 0)}).with(userFound(integration.UserInvited, integration.Provisioning)),
		toCustomer("key_deleted", integration.NoticeKeyDeleted, integration.NotAuthorized,
			integration.Facts{KeyID: "2X9R4HXF34", Since: at2026(1, 2, 8, 0)}).linked(),
		toCustomer("disconnected", integration.NoticeDisconnected, "",
			integration.Facts{Since: at2026(3, 22, 9, 0)}).with(gone),
	}
}

func problemSpecimens() []specimen {
	since := integration.Facts{KeyID: "2X9R4HXF34", Since: at2026(3, 21, 22, 10), Count: 9}
	cannot := since
	cannot.Missing = []integration.Capability{integration.Certificates, integration.Profiles}
	specimens := []specimen{
		toCustomer("action_required_role", integration.NoticeActionRequired, integration.Role, cannot).linked(),
		toCustomer("action_required_apps", integration.NoticeActionRequired, integration.NoApps, since),
		toCustomer("action_required_wrong_team", integration.NoticeActionRequired, integration.WrongTeam, since).linked(),
		toCustomer("access_lost_without_link", integration.NoticeAccessLost, integration.NotAuthorized, since),
		toCustomer("problem_reminder_role", integration.NoticeProblemReminder, integration.Role, cannot).linked(),
	}
	for _, why := range []integration.Reason{integration.Agreement, integration.Membership} {
		specimens = append(specimens,
			toCustomer("action_required_"+string(why), integration.NoticeActionRequired, why, since),
			toCustomer("problem_reminder_"+string(why), integration.NoticeProblemReminder, why, since),
			toCustomer("recovered_"+string(why), integration.NoticeRecovered, why, since))
	}
	for _, why := range []integration.Reason{
		integration.NotAuthorized, integration.ForbiddenAtAll, integration.WrongProgram, integration.WrongKeyKind, integration.Reauthorisation,
	} {
		specimens = append(specimens,
			toCustomer("access_lost_"+string(why), integration.NoticeAccessLost, why, since).linked(),
			toCustomer("problem_reminder_"+string(why), integration.NoticeProblemReminder, why, since).linked(),
			toCustomer("recovered_"+string(why), integration.NoticeRecovered, why, since))
	}
	return specimens
}

func certificateSpecimens() []specimen {
	cert := integration.Facts{Serial: "5F3A9C0012D4", CertType: "DISTRIBUTION", Expires: at2026(3, 29, 6, 0), Days: 7}
	tomorrow := cert
	tomorrow.Days = 1
	slots := integration.Facts{CertType: "DISTRIBUTION", Count: 3}
	return []specimen{
		toCustomer("certificate_expiring", integration.NoticeCertExpiring, "", cert),
		toCustomer("certificate_expiring_tomorrow", integration.NoticeCertExpiring, "", tomorrow),
		toCustomer("certificate_expired", integration.NoticeCertExpired, "", cert),
		toCustomer("certificate_vanished", integration.NoticeCertVanished, "", cert),
		toCustomer("certificate_vanished_another", integration.NoticeCertVanished, "", anotherCert(cert)),
		toCustomer("certificate_back", integration.NoticeCertBack, "", cert),
		toCustomer("certificate_expiring_unread", integration.NoticeCertExpiring, "", unreadCert(cert)),
		toCustomer("certificate_renewed", integration.NoticeCertRenewed, "", cert),
		toCustomer("certificate_no_slot", integration.NoticeNoSlot, "", slots),
		toSupport(integration.NoticeCertExpiring, "", cert).afterMails(mailed(integration.NoticeCertExpiring, "con_ada", at2026(3, 22, 9, 25))),
		toSupport(integration.NoticeCertExpired, "", cert).afterMails(mailed(integration.NoticeCertExpired, "con_ada", at2026(3, 22, 9, 25))),
		toSupport(integration.NoticeCertVanished, "", cert).afterMails(mailed(integration.NoticeCertVanished, "con_ada", at2026(3, 22, 9, 25))),
		toSupport(integration.NoticeCertVanished, "", anotherCert(cert)).named("another"),
		toSupport(integration.NoticeCertExpiring, "", unreadCert(cert)).named("unread"),
		toSupport(integration.NoticeCertBack, "", cert).afterMails(mailed(integration.NoticeCertBack, "con_ada", at2026(3, 22, 9, 25))),
		toSupport(integration.NoticePinVoid, "", anotherCert(cert)),
		toSupport(integration.NoticeCertUnread, integration.Nonsense, unreadCert(cert)),
		toSupport(integration.NoticeCertUnread, integration.Role, integration.Facts{Since: at2026(3, 20, 9, 0)}).named("role"),
		toSupport(integration.NoticeCertReadable, "", unreadCert(cert)),
		toSupport(integration.NoticeCertRenewed, "", cert).afterMails(mailed(integration.NoticeCertRenewed, "con_ada", at2026(3, 22, 9, 25))),
		toSupport(integration.NoticeNoSlot, "", slots).afterMails(mailed(integration.NoticeNoSlot, "con_ada", at2026(3, 22, 9, 25))),
	}
}

func supportSpecimens() []specimen {
	since := integration.Facts{KeyID: "2X9R4HXF34", Since: at2026(3, 21, 22, 10), Count: 9}
	once := since
	once.Count = 1
	lost := mailed(integration.NoticeAccessLost, "con_ada", at2026(3, 21, 23, 10))
	now, link := at2026(3, 22, 9, 25), waits(mailed(integration.NoticeAccessLost, "", at2026(3, 22, 9, 25)))
	link.Link = true
	keys := integration.Facts{KeyID: "9QWE8RTZ7U", OldKeyID: "2X9R4HXF34"}
	silent := integration.Facts{Since: at2026(3, 21, 8, 0), Count: 9}
	return []specimen{
		toSupport(integration.NoticeActionRequired, integration.Agreement, since).with(blocked).afterMails(mailed(integration.NoticeActionRequired, "con_holder", now)),
		toSupport(integration.NoticeActionRequired, integration.Agreement, once).with(blocked).named("at_the_upload").
			afterMails(mailed(integration.NoticeKeySafe, "con_holder", now), waits(mailed(integration.NoticeKeySafe, "con_ada", now))),
		toSupport(integration.NoticeAccessLost, integration.NotAuthorized, since).with(dead).afterMails(link),
		toSupport(integration.NoticeAccessLost, integration.NotAuthorized, since).with(dead).named("nobody_reachable").alone().afterMails(link),
		toSupport(integration.NoticeRecovered, integration.NotAuthorized, since).afterMails(lost, mailed(integration.NoticeRecovered, "con_ada", now)),
		toSupport(integration.NoticeRecovered, integration.NotAuthorized, since).named("unheard").afterMails(dropped(lost), waits(mailed(integration.NoticeRecovered, "", now))),
		toSupport(integration.NoticeKeyRefused, integration.NotAuthorized, keys).afterMails(mailed(integration.NoticeKeyRefused, "con_ada", now)),
		toSupport(integration.NoticeKeyDeleted, integration.NotAuthorized, since).with(dead).afterMails(mailed(integration.NoticeKeyDeleted, "con_ada", now)),
		toSupport(integration.NoticeRolledBack, integration.NotAuthorized, keys),
		toSupport(integration.NoticeUnanswered, integration.Timeout, silent),
		toSupport(integration.NoticeUnanswered, integration.VaultDown, silent).named("vault"),
		toSupport(integration.NoticeUnanswered, integration.RateLimited, silent).named("rate_limited"),
		toSupport(integration.NoticeUnanswered, integration.OurClock, silent).named("clock"),
		toSupport(integration.NoticeUnanswered, integration.NotTheRole, silent).named("not_the_role"),
		toSupport(integration.NoticeWrongFiles, "", integration.Facts{Count: 10}).with(awaiting),
		toSupport(integration.NoticeUploadStuck, integration.ForbiddenAtAll, integration.Facts{Contact: "con_ada"}).with(awaiting),
		toSupport(integration.NoticeUploadStuck, integration.NotTheRole, integration.Facts{Contact: "con_ada"}).with(awaiting).named("not_the_role"),
		toSupport(integration.NoticeUploadStuck, integration.OurClock, integration.Facts{Contact: "con_ada"}).with(awaiting).named("clock"),
		toSupport(integration.NoticeKeyHeld, "", integration.Facts{Contact: "con_ada"}).with(awaiting),
		toSupport(integration.NoticeWrongTeam, "", otherTeam("other_team")),
		toSupport(integration.NoticeWrongTeam, "", otherTeam("other_apps")).named("other_apps"),
		toSupport(integration.NoticeWrongTeam, "", otherTeam("unexpected_apps")).named("unexpected_apps"),
		toSupport(integration.NoticeTeamDiffers, "", otherTeam("")),
		toSupport(integration.NoticeStillOpen, integration.Agreement, since).with(blocked).afterMails(
			mailed(integration.NoticeActionRequired, "con_holder", at2026(3, 21, 23, 10)),
			mailed(integration.NoticeProblemReminder, "con_holder", at2026(3, 24, 23, 10)), mailed(integration.NoticeProblemReminder, "con_holder", at2026(3, 31, 23, 10))),
		toSupport(integration.NoticeReauthOverdue, "", integration.Facts{Expires: at2026(3, 22, 8, 0)}).afterMails(
			mailed(integration.NoticeReauthorise, "con_ada", at2026(3, 8, 8, 0)), mailed(integration.NoticeReauthorise, "con_ada", at2026(3, 15, 8, 0)), mailed(integration.NoticeReauthorise, "con_ada", at2026(3, 21, 8, 0))),
		toSupport(integration.NoticeReauthOverdue, "", integration.Facts{Expires: at2026(3, 22, 8, 0)}).with(dead).named("enforced"),
		toSupport(integration.NoticeInvitationOver, "", integration.Facts{}).with(awaiting).afterMails(
			mailed(integration.NoticeInvitation, "con_ada", at2026(3, 8, 8, 0)),
			mailed(integration.NoticeInvitationReminder, "con_ada", at2026(3, 11, 8, 0)), mailed(integration.NoticeInvitationReminder, "con_ada", at2026(3, 18, 8, 0))),
		toSupport(integration.NoticeInvitationOver, "", integration.Facts{}).with(awaiting).named("unheard").afterMails(dropped(mailed(integration.NoticeInvitation, "con_ada", at2026(3, 8, 8, 0)))),
		unreachableSpecimen(integration.Bounced, 2),
		unreachableSpecimen(integration.NotDelivered, 0),
		unreachableSpecimen(integration.Complained, 1),
		unreachableSpecimen(integration.AddressRefused, 0),
		unreachableSpecimen(integration.NobodyLeft, 0),
		unreachableSpecimen(integration.Unconfirmed, 0),
	}
}

func unreachableSpecimen(why integration.Reason, left int) specimen {
	lost := integration.Notice{Integration: acme().ID, Kind: integration.NoticeAccessLost, Reason: integration.NotAuthorized}
	s := toSupport(integration.NoticeUnreachable, why, integration.Facts{}).with(dead).named(string(why))
	s.notice = unreachable("d", lost, "con_ada", why, left, at2026(3, 22, 9, 30))
	return s
}

func fleetSpecimens() []specimen {
	fleet := func(kind integration.NoticeKind, why integration.Reason, facts integration.Facts) specimen {
		s := toSupport(kind, why, facts)
		s.it, s.notice.Integration = integration.Integration{ID: integration.Fleet}, integration.Fleet
		return s
	}
	names := []string{"Acme Learning, iOS app", "Bolt Analytics", "Zeta Clinic"}
	many := integration.Facts{Since: at2026(3, 21, 8, 0), Count: 41, Names: names}
	fewer := integration.Facts{Since: at2026(3, 21, 8, 0), Count: 3, Peak: 41, Names: names}
	byPerson := fewer
	byPerson.Count, byPerson.By = 38, "support jane.doe"
	byItself := fewer
	byItself.Count, byItself.Names = 0, nil
	return []specimen{
		fleet(integration.NoticeHoldBegan, "", many),
		fleet(integration.NoticeHoldEnded, "", fewer),
		fleet(integration.NoticeHoldEnded, "", byItself).named("none_left"),
		fleet(integration.NoticeHoldEnded, "", byPerson).named("by_a_person"),
		fleet(integration.NoticeHoldOverdue, "", many),
		fleet(integration.NoticeWaveBegan, integration.Agreement, many),
		fleet(integration.NoticeWaveEnded, integration.Agreement, fewer),
		fleet(integration.NoticeCanaryFails, integration.NotAuthorized, integration.Facts{}),
		fleet(integration.NoticeFleetSilent, integration.Outage, integration.Facts{Since: at2026(3, 21, 8, 0), Count: 812}),
	}
}

func (s specimen) named(more string) specimen {
	s.name += "_" + more
	return s
}

// usersRead is one whose key reads all that its level requires, and the users.
func usersRead(it *integration.Integration) {
	for _, c := range append(it.Access.Required, integration.Users) {
		it.Findings = append(it.Findings, integration.Finding{Capability: c, Verdict: integration.OK})
	}
}

// refusedFacts are of an upload that was refused after it had waited.
func refusedFacts[Code ~string](why Code) integration.Facts {
	r := integration.Refusal{
		Upload: "upl_b", ETag: "e", Diagnosis: string(why), At: at2026(3, 21, 22, 10),
		Entered: integration.Entered{KeyID: "9QWE8RTZ7U", IssuerID: "57246542-96fe-1a63-e053-0824d011072a", TeamID: "A1B2C3D4E5", TeamName: "Acme Learning Ltd"},
	}
	if r.Diagnosis == string(integration.Role) {
		r.Missing = []integration.Capability{integration.Certificates, integration.Profiles}
	}
	return integration.Facts{KeyID: r.Entered.KeyID, Contact: "con_ada", Refusal: r}
}

func refusedBefore(it *integration.Integration) { it.Refused = refusedFacts("rsa_key").Refusal }

func insights(it *integration.Integration) { it.Access = integration.Levels()[1] }

func gone(it *integration.Integration) { it.State, it.Key = integration.Disconnected, nil }

func blocked(it *integration.Integration) {
	it.State, it.Cause, it.Since = integration.ActionRequired, integration.Agreement, at2026(3, 21, 23, 10)
	it.Told = integration.Told{Problem: integration.Agreement, At: at2026(3, 21, 23, 10)}
}

func dead(it *integration.Integration) {
	it.State, it.Cause, it.Since = integration.Deactivated, integration.NotAuthorized, at2026(3, 22, 4, 10)
	it.Told = integration.Told{Problem: integration.NotAuthorized, Lost: true, At: at2026(3, 22, 4, 10)}
	it.Check = integration.CheckState{Verdict: integration.Rejected, Reason: integration.NotAuthorized, LastAt: at2026(3, 22, 4, 10), OKAt: at2026(3, 21, 16, 10)}
}

// userFound is one whose level asks for the vendor's user.
func userFound(access integration.UserAccess, missing ...integration.UserRight) func(*integration.Integration) {
	return func(it *integration.Integration) {
		it.Access.User = integration.VendorUser{Address: "builds@vendor.example", Role: "App Manager", Needs: integration.UserRights()}
		it.User = integration.UserFinding{Access: access, Missing: missing}
	}
}

// otherTeam are the facts of a key that is not of the integration's team.
func otherTeam(diagnosis string) integration.Facts {
	f := integration.Facts{Contact: "con_ada", KeyID: "9QWE8RTZ7U", OldTeamID: "A1B2C3D4E5", Diagnosis: diagnosis}
	if diagnosis == "other_team" || diagnosis == "" {
		f.TeamID = "Z9Y8X7W6V5"
	}
	return f
}

// anotherCert names the certificate that is watched instead.
func anotherCert(f integration.Facts) integration.Facts {
	f.Next = "3C9B1E6A0F3D2C9B"
	return f
}

// unreadCert is a certificate whose list was last read a while ago.
func unreadCert(f integration.Facts) integration.Facts {
	f.Since = at2026(3, 20, 9, 0)
	return f
}

// dropped is an e-mail that bounced, with nobody left to send it to.
func dropped(n integration.Notice) integration.Notice {
	n.Status, n.Tried = integration.Dropped, []integration.ContactID{n.SentTo}
	return n
}

// alone is a customer of whom nobody can be reached.
func (s specimen) alone() specimen {
	s.contacts = nil
	return s
}
