package notify

import (
	"testing"
	"time"

	"keyward/pkg/integration"
)

// TestSense tells for each kind of notice to a customer when it still goes
// out, and when it has outlived its sense.
func TestSense(t *testing.T) {
	now := at2026(3, 22, 9, 30)
	end := now.Add(integration.LinkLife)
	open := func(why integration.Reason, lost bool) integration.Integration {
		it := acme()
		it.Told = integration.Told{Problem: why, Lost: lost}
		return it
	}
	invited := acme()
	invited.Invitation = integration.Invitation{At: now, ExpiresAt: end}
	reissued := invited
	reissued.Invitation.ExpiresAt = end.Add(time.Hour)
	newer := acme()
	newer.Key = &integration.Key{KeyID: "NEWER00000", AcceptedAt: now.Add(time.Minute)}
	keyless := acme()
	keyless.Key = nil
	confirmed := acme()
	confirmed.Access.Reauthorise.Every = 30 * 24 * time.Hour
	confirmed.ConfirmedAt = now.Add(-16 * 24 * time.Hour)
	lately := confirmed
	lately.ConfirmedAt = now.Add(time.Minute)
	watching := acme()
	vanishedAgain := acme()
	vanishedAgain.Certificates = integration.CertificateState{Serial: "5F", Vanished: "5F"}
	watching.Certificates = integration.CertificateState{Serial: "5F", SlotTold: true}
	wanting, settled, unused, unasked := acme(), acme(), acme(), acme()
	userFound(integration.UserMissing)(&wanting)
	userFound(integration.UserActive)(&settled)
	userFound(integration.UserMissing)(&unused)
	unused.State = integration.Deactivated
	userFound(integration.UserMissing)(&unasked)
	unasked.Access.User = integration.VendorUser{}
	suspected := wanting
	suspected.State = integration.Suspect
	ended := acme()
	ended.State = integration.Disconnected

	thisEnd, thisKey := integration.Facts{Expires: end}, integration.Facts{KeyID: "2X9R4HXF34"}
	thisCert, thisDay := integration.Facts{Serial: "5F"}, integration.Facts{Expires: confirmed.ConfirmedAt.Add(30 * 24 * time.Hour)}
	aDayMore := integration.Facts{Expires: thisDay.Expires.Add(24 * time.Hour)} // for whoever is asked late
	for _, c := range []struct {
		kind   integration.NoticeKind
		why    integration.Reason
		facts  integration.Facts
		goes   []integration.Integration
		rather []integration.Integration // dropped
	}{
		{integration.NoticeInvitation, "", thisEnd, []integration.Integration{invited}, []integration.Integration{acme(), reissued}},
		{integration.NoticeInvitationReminder, "", thisEnd, []integration.Integration{invited}, []integration.Integration{acme(), reissued}},
		{integration.NoticeAccepted, "", thisKey, []integration.Integration{acme()}, []integration.Integration{newer, keyless}},
		{integration.NoticeReplaced, "", thisKey, []integration.Integration{acme()}, []integration.Integration{newer, keyless}},
		{integration.NoticeMayRevoke, "", thisKey, []integration.Integration{acme()}, []integration.Integration{newer, keyless}},
		{integration.NoticeKeySafe, integration.Agreement, thisKey, []integration.Integration{open(integration.Agreement, false)}, []integration.Integration{acme(), newer}},
		{integration.NoticeActionRequired, integration.Agreement, thisKey, []integration.Integration{open(integration.Agreement, false)},
			[]integration.Integration{acme(), open(integration.Membership, false), open(integration.Agreement, true)}},
		{integration.NoticeAccessLost, integration.NotAuthorized, thisKey, []integration.Integration{open(integration.NotAuthorized, true)},
			[]integration.Integration{acme(), open(integration.Agreement, false)}},
		{integration.NoticeProblemReminder, integration.NotAuthorized, thisKey, []integration.Integration{open(integration.NotAuthorized, true)},
			[]integration.Integration{acme(), open(integration.Role, false)}},
		{integration.NoticeRecovered, integration.Agreement, thisKey, []integration.Integration{acme()}, []integration.Integration{open(integration.Role, false)}},
		{integration.NoticeUploadRefused, "", integration.Facts{}, []integration.Integration{acme(), keyless}, []integration.Integration{newer}},
		{integration.NoticeUploadAgain, "", integration.Facts{}, []integration.Integration{acme(), keyless}, []integration.Integration{newer}},
		{integration.NoticeKeyRefused, "", thisKey, []integration.Integration{acme()}, []integration.Integration{newer}},
		{integration.NoticeKeyDeleted, "", thisKey, []integration.Integration{keyless}, []integration.Integration{newer}},
		{integration.NoticeReauthorise, "", thisDay, []integration.Integration{confirmed}, []integration.Integration{lately, keyless}},
		{integration.NoticeReauthorise, "", aDayMore, []integration.Integration{confirmed}, []integration.Integration{lately, keyless}},
		{integration.NoticeUserReminder, "", integration.Facts{}, []integration.Integration{wanting, suspected}, []integration.Integration{acme(), settled, unused, unasked}},
		{integration.NoticeDisconnected, "", integration.Facts{}, []integration.Integration{ended}, []integration.Integration{acme()}},
		{integration.NoticeCertExpiring, "", thisCert, []integration.Integration{watching}, []integration.Integration{acme()}},
		{integration.NoticeCertExpired, "", thisCert, []integration.Integration{watching}, []integration.Integration{acme()}},
		{integration.NoticeCertRenewed, "", thisCert, []integration.Integration{watching}, []integration.Integration{acme()}},
		{integration.NoticeCertBack, "", thisCert, []integration.Integration{watching, acme()}, []integration.Integration{vanishedAgain}},
		{integration.NoticeCertVanished, "", thisCert, []integration.Integration{watching, acme()}, nil},
		{integration.NoticeNoSlot, "", integration.Facts{}, []integration.Integration{watching}, []integration.Integration{acme()}},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			n := integration.Notice{Kind: c.kind, Audience: integration.ToAdmin, Reason: c.why, Facts: c.facts, CreatedAt: now}
			for _, it := range c.goes {
				if !makesSense(desk{notice: n, it: it}, now) {
					t.Errorf("dropped, though it still holds: %+v", it)
				}
			}
			if c.kind != integration.NoticeDisconnected {
				c.rather = append(c.rather, ended)
			}
			for _, it := range c.rather {
				if makesSense(desk{notice: n, it: it}, now) {
					t.Errorf("sent, though it does not hold any more: %+v", it)
				}
			}
			n.Audience = integration.ToSupport
			if !makesSense(desk{notice: n, it: ended}, now) {
				t.Error("not told to support")
			}
		})
	}
}

func TestSenseKnowsEveryKindToCustomers(t *testing.T) {
	for kind := range toBoth() {
		if supportOnly(kind) {
			t.Errorf("%s has no sense", kind)
		}
	}
	for kind := range senses() {
		if !kinds()[kind] {
			t.Errorf("%s is no kind", kind)
		}
	}
}

func TestRecoveredIsForThoseWhoHeardOfTheProblem(t *testing.T) {
	now := at2026(3, 22, 9, 30)
	problem := func(to integration.Audience, s integration.NoticeStatus, attempts int) integration.Notice {
		return integration.Notice{Kind: integration.NoticeAccessLost, Audience: to, Status: s, Attempts: attempts, CreatedAt: now.Add(-time.Hour)}
	}
	older := problem(integration.ToAdmin, integration.Sent, 1)
	older.CreatedAt = now.Add(-9 * time.Hour)
	for name, c := range map[string]struct {
		others []integration.Notice
		want   bool
	}{
		"sent":                       {[]integration.Notice{problem(integration.ToAdmin, integration.Sent, 1)}, true},
		"being sent":                 {[]integration.Notice{problem(integration.ToAdmin, integration.Sending, 1)}, true},
		"perhaps sent, and bounced":  {[]integration.Notice{problem(integration.ToAdmin, integration.Pending, 1)}, true},
		"never sent":                 {[]integration.Notice{problem(integration.ToAdmin, integration.Pending, 0)}, false},
		"dropped":                    {[]integration.Notice{problem(integration.ToAdmin, integration.Dropped, 0)}, false},
		"dropped, an older one sent": {[]integration.Notice{older, problem(integration.ToAdmin, integration.Dropped, 0)}, false},
		"sent to support alone":      {[]integration.Notice{problem(integration.ToSupport, integration.Sent, 1)}, true},
		"none on record":             {nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			n := integration.Notice{Kind: integration.NoticeRecovered, Audience: integration.ToAdmin, CreatedAt: now}
			if got := makesSense(desk{notice: n, it: acme(), others: c.others}, now); got != c.want {
				t.Errorf("goes out: %v, want %v", got, c.want)
			}
		})
	}
}
