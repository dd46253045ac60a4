package integration

import "time"

// dateSituations: days that come whether or not Apple answers.
func dateSituations() []situation {
	return []situation{
		{"confirmation due in 14 days", then(enforced(480*time.Hour, true), tick(144*time.Hour)), `
			mail reauthorise to admin, link, expires in 335h45m0s, 13 days
			active
			tokens []
			key upl_1
			deadline in 167h45m0s`},
		{"confirmation due in 7 days", then(enforced(480*time.Hour, true), tick(312*time.Hour)), `
			mail reauthorise to admin, link, expires in 167h45m0s, 6 days
			active
			tokens []
			key upl_1
			deadline in 143h45m0s`},
		{"confirmation due tomorrow", then(enforced(480*time.Hour, true), tick(456*time.Hour)), `
			mail reauthorise to admin, link, expires in 24h0m0s, 1 days
			active
			tokens []
			key upl_1
			deadline in 24h0m0s`},
		{"confirmation overdue, enforced", then(enforced(480*time.Hour, true), tick(456*time.Hour), tick(24*time.Hour)), `
			mail reauth_overdue to support, expires in 0s
			mail access_lost to support because reauthorisation, key KEY0000001, since 0s ago
			mail access_lost to admin because reauthorisation, link, key KEY0000001, since 0s ago
			deactivated reauthorisation
			no tokens []
			key upl_1
			deadline in 72h0m0s`},
		{"confirmation overdue, not enforced", then(enforced(480*time.Hour, false), tick(456*time.Hour), tick(24*time.Hour)), `
			mail reauth_overdue to support, expires in 0s
			active
			tokens []
			key upl_1`},
		{"confirmed after the end",
			then(enforced(480*time.Hour, true), tick(456*time.Hour), tick(24*time.Hour), event(Reauthorised{Contact: "con_a"})), `
			mail recovered to admin because reauthorisation, since 0s ago
			mail recovered to support because reauthorisation, since 0s ago
			active
			tokens []
			key upl_1
			check in 0s
			deadline in 144h0m0s`},
		{"a confirmation revives no rejected key",
			then(enforced(480*time.Hour, true), answers(9, unauthorized), event(Reauthorised{Contact: "con_a"})), `
			deactivated not_authorized
			no tokens []
			key upl_1
			check in 24h0m0s
			deadline in 72h0m0s`},
		{"a confirmation does not end the wait in a wave",
			then(enforced(480*time.Hour, true), waves(true), answers(4, noAgreement), event(Reauthorised{Contact: "con_a"})), `
			action_required agreement
			tokens [agreement]
			key upl_1
			check in 1h0m0s
			deadline in 10m0s`},
		{"confirmed by a new key before the end",
			then(enforced(480*time.Hour, true), tick(456*time.Hour), newKey(fine), tick(144*time.Hour)), `
			mail reauthorise to admin, link, expires in 336h0m0s, 14 days
			active
			tokens []
			key upl_2
			beside it upl_1
			deadline in 168h0m0s`},
		{"a good check revives none that is overdue",
			then(enforced(480*time.Hour, true), tick(456*time.Hour), tick(24*time.Hour), answers(1, fine)), `
			deactivated reauthorisation
			no tokens []
			key upl_1
			check in 24h0m0s
			deadline in 548h13m33s`},
		{"certificate for a year", then(lists(cert("A1", 8760*time.Hour))), `
			active
			tokens []
			key upl_1
			watches A1
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 8041h0m0s`},
		{"certificate ends in 31 days", then(lists(cert("A1", 744*time.Hour))), `
			active
			tokens []
			key upl_1
			watches A1
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 25h0m0s`},
		{"certificate ends in 30 days", then(lists(cert("A1", 720*time.Hour))), `
			mail certificate_expiring to admin, serial A1 of DISTRIBUTION, expires in 720h0m0s, 30 days
			mail certificate_expiring to support, serial A1 of DISTRIBUTION, expires in 720h0m0s, 30 days
			active
			tokens []
			key upl_1
			watches A1
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 385h0m0s`},
		{"certificate ends in 14 days", then(lists(cert("A1", 336*time.Hour))), `
			mail certificate_expiring to admin, serial A1 of DISTRIBUTION, expires in 336h0m0s, 14 days
			mail certificate_expiring to support, serial A1 of DISTRIBUTION, expires in 336h0m0s, 14 days
			active
			tokens []
			key upl_1
			watches A1
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 169h0m0s`},
		{"certificate ends in 7 days", then(lists(cert("A1", 168*time.Hour))), `
			mail certificate_expiring to admin, serial A1 of DISTRIBUTION, expires in 168h0m0s, 7 days
			mail certificate_expiring to support, serial A1 of DISTRIBUTION, expires in 168h0m0s, 7 days
			active
			tokens []
			key upl_1
			watches A1
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 97h0m0s`},
		{"certificate ends in 3 days", then(lists(cert("A1", 72*time.Hour))), `
			mail certificate_expiring to admin, serial A1 of DISTRIBUTION, expires in 72h0m0s, 3 days
			mail certificate_expiring to support, serial A1 of DISTRIBUTION, expires in 72h0m0s, 3 days
			active
			tokens []
			key upl_1
			watches A1
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 49h0m0s`},
		{"certificate ends tomorrow", then(lists(cert("A1", 24*time.Hour))), `
			mail certificate_expiring to admin, serial A1 of DISTRIBUTION, expires in 24h0m0s, 1 days
			mail certificate_expiring to support, serial A1 of DISTRIBUTION, expires in 24h0m0s, 1 days
			active
			tokens []
			key upl_1
			watches A1
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 25h0m0s`},
		{"certificate near its end, listed 25 hours ago", then(lists(cert("A1", 744*time.Hour)), tick(25*time.Hour)), `
			mail certificate_expiring to admin, serial A1 of DISTRIBUTION, expires in 719h0m0s, 30 days
			mail certificate_expiring to support, serial A1 of DISTRIBUTION, expires in 719h0m0s, 30 days
			active
			tokens []
			key upl_1
			watches A1
			deadline in 384h0m0s`},
		{"certificate near its end, listed over 25 hours ago", then(lists(cert("A1", 744*time.Hour)), tick(25*time.Hour+time.Second)), `
			mail certificate_expiring to admin, serial A1 of DISTRIBUTION, expires in 718h59m59s, 30 days, since 25h0m1s ago
			mail certificate_expiring to support, serial A1 of DISTRIBUTION, expires in 718h59m59s, 30 days, since 25h0m1s ago
			active
			tokens []
			key upl_1
			watches A1
			deadline in 383h59m59s`},
		{"certificate renewed for 31 days",
			then(lists(cert("A1", 168*time.Hour)), lists(cert("A1", 168*time.Hour), cert("B2", 744*time.Hour))), `
			mail certificate_renewed to admin, serial B2 of DISTRIBUTION, expires in 744h0m0s
			mail certificate_renewed to support, serial B2 of DISTRIBUTION, expires in 744h0m0s
			active
			tokens []
			key upl_1
			watches B2
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 25h0m0s`},
		{"certificate renewed for 30 days",
			then(lists(cert("A1", 168*time.Hour)), lists(cert("A1", 168*time.Hour), cert("B2", 720*time.Hour))), `
			mail certificate_expiring to admin, serial B2 of DISTRIBUTION, expires in 720h0m0s, 30 days
			mail certificate_expiring to support, serial B2 of DISTRIBUTION, expires in 720h0m0s, 30 days
			active
			tokens []
			key upl_1
			watches B2
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 385h0m0s`},
		{"certificate has ended", then(lists(cert("A1", 24*time.Hour)), wait(24*time.Hour), lists(cert("A1", 0))), `
			mail certificate_expired to admin, serial A1 of DISTRIBUTION, expires in 0s
			mail certificate_expired to support, serial A1 of DISTRIBUTION, expires in 0s
			active
			tokens []
			key upl_1
			watches A1
			certificates in 21h46m27s`},
		{"certificate renewed after a warning",
			then(lists(cert("A1", 168*time.Hour)), lists(cert("A1", 168*time.Hour), cert("B2", 8760*time.Hour))), `
			mail certificate_renewed to admin, serial B2 of DISTRIBUTION, expires in 8760h0m0s
			mail certificate_renewed to support, serial B2 of DISTRIBUTION, expires in 8760h0m0s
			active
			tokens []
			key upl_1
			watches B2
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 8041h0m0s`},
		{"certificate renewed, and ends in 30 days as well",
			then(lists(cert("A1", 24*time.Hour)), lists(cert("B2", 8760*time.Hour)),
				wait(8040*time.Hour), lists(cert("B2", 720*time.Hour))), `
			mail certificate_expiring to admin, serial B2 of DISTRIBUTION, expires in 720h0m0s, 30 days
			mail certificate_expiring to support, serial B2 of DISTRIBUTION, expires in 720h0m0s, 30 days
			active
			tokens []
			key upl_1
			watches B2
			certificates in 21h46m27s
			deadline in 385h0m0s`},
		{"the pinned certificate is gone, another is there",
			then(event(CertificatePinned{Serial: "A1"}), lists(cert("A1", 4800*time.Hour), cert("B2", 8760*time.Hour)),
				lists(cert("B2", 8760*time.Hour)), wait(0)), `
			active
			tokens []
			key upl_1
			watches A1
			check in 3h46m27s
			certificates in 1h0m0s
			deadline in 4081h0m0s`},
		{"a pin goes to another certificate",
			then(lists(cert("A1", 4800*time.Hour)), event(CertificatePinned{Serial: "B2"}),
				lists(cert("A1", 4800*time.Hour), cert("B2", 168*time.Hour))), `
			mail certificate_expiring to admin, serial B2 of DISTRIBUTION, expires in 168h0m0s, 7 days
			mail certificate_expiring to support, serial B2 of DISTRIBUTION, expires in 168h0m0s, 7 days
			active
			tokens []
			key upl_1
			watches B2
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 97h0m0s`},
		{"all distribution certificates are in use",
			then(lists(cert("A1", 4800*time.Hour), cert("B2", 4800*time.Hour), cert("C3", 8760*time.Hour))), `
			mail certificate_no_slot to admin of DISTRIBUTION, 3 times
			mail certificate_no_slot to support of DISTRIBUTION, 3 times
			active
			tokens []
			key upl_1
			watches C3
			check in 3h46m27s
			certificates in 21h46m27s
			deadline in 8041h0m0s`},
	}
}
