package notify

import (
	"slices"
	"time"

	"keyward/pkg/integration"
)

// A sense tells whether what a notice says is still so. It is looked at when
// the mail is about to go, because minutes or, for one that was paced, hours
// may have passed since the notice was written.
type sense func(d desk, now time.Time) bool

// senses has one entry for each kind that a customer can get. What support
// gets always has sense: it is a record of what happened, and support knows
// how to read it.
//
//	kind                    is sent while
//	invitation, _reminder   the invitation that it was written for stands: neither used, nor revoked, nor issued anew
//	key_accepted, _replaced the key that it names is in force
//	key_safe                the key that it names is in force, and the problem is open
//	may_revoke              the key that it names as new is in force
//	action_required         this problem, in this form, is what the contacts were told last
//	access_lost             likewise
//	problem_reminder        this problem is open
//	recovered               no problem is open, and the mail about this one went out or may have
//	upload_refused, upload_again, key_refused, key_deleted   no key has been accepted since
//	reauthorise             nobody has confirmed since
//	vendor_user_reminder    the vendor's user is still missing or lacks access, and the key is in use
//	disconnected            the integration is
//	certificate_expiring, _expired, _renewed the certificate that it names is the one watched
//	certificate_vanished    always
//	certificate_back        it has not vanished once more
//	certificate_no_slot     there is still none
func senses() map[integration.NoticeKind]sense {
	return map[integration.NoticeKind]sense{
		integration.NoticeInvitation:         invitationStands,
		integration.NoticeInvitationReminder: invitationStands,
		integration.NoticeAccepted:           keyInForce,
		integration.NoticeReplaced:           keyInForce,
		integration.NoticeKeySafe:            both(keyInForce, problemOpen),
		integration.NoticeMayRevoke:          keyInForce,
		integration.NoticeActionRequired:     problemTold,
		integration.NoticeAccessLost:         problemTold,
		integration.NoticeProblemReminder:    problemOpen,
		integration.NoticeRecovered:          recoveredFromTold,
		integration.NoticeUploadRefused:      noKeySince,
		integration.NoticeUploadAgain:        noKeySince,
		integration.NoticeKeyRefused:         noKeySince,
		integration.NoticeKeyDeleted:         noKeySince,
		integration.NoticeReauthorise:        confirmationDue,
		integration.NoticeUserReminder:       userWanted,
		integration.NoticeDisconnected:       disconnected,
		integration.NoticeCertExpiring:       certificateWatched,
		integration.NoticeCertExpired:        certificateWatched,
		integration.NoticeCertRenewed:        certificateWatched,
		integration.NoticeCertVanished:       always,
		integration.NoticeCertBack:           certificateListed,
		integration.NoticeNoSlot:             slotWanted,
	}
}

// makesSense tells whether the notice should still go out. Of a disconnected
// integration the customer gets the receipt alone.
func makesSense(d desk, now time.Time) bool {
	n := d.notice
	if n.Audience == integration.ToSupport {
		return true
	}
	if d.it.State == integration.Disconnected && n.Kind != integration.NoticeDisconnected {
		return false
	}
	s, known := senses()[n.Kind]
	return known && s(d, now)
}

func always(desk, time.Time) bool { return true }

func both(a, b sense) sense {
	return func(d desk, now time.Time) bool { return a(d, now) && b(d, now) }
}

func disconnected(d desk, _ time.Time) bool { return d.it.State == integration.Disconnected }

func invitationStands(d desk, now time.Time) bool {
	standing := d.it.Invitation
	return !standing.At.IsZero() && now.Before(standing.ExpiresAt) &&
		(d.notice.Facts.Expires.IsZero() || d.notice.Facts.Expires.Equal(standing.ExpiresAt))
}

func keyInForce(d desk, _ time.Time) bool {
	return d.it.Key != nil && (d.notice.Facts.KeyID == "" || d.notice.Facts.KeyID == d.it.Key.KeyID)
}

func noKeySince(d desk, _ time.Time) bool {
	return d.it.Key == nil || !d.it.Key.AcceptedAt.After(d.notice.CreatedAt)
}

func problemOpen(d desk, _ time.Time) bool {
	return d.it.Told.Problem != "" && d.it.Told.Problem == d.notice.Reason
}

func problemTold(d desk, now time.Time) bool {
	return problemOpen(d, now) && d.it.Told.Lost == (d.notice.Kind == integration.NoticeAccessLost)
}

// recoveredFromTold keeps quiet towards those who never heard of the problem:
// the mail about it was dropped, or is still waiting and will be dropped.
func recoveredFromTold(d desk, _ time.Time) bool {
	if d.it.Told.Problem != "" {
		return false
	}
	var last *integration.Notice
	for i, o := range d.others {
		about := slices.Contains([]integration.NoticeKind{integration.NoticeActionRequired, integration.NoticeAccessLost}, o.Kind)
		if about && o.Audience == d.notice.Audience && !o.CreatedAt.After(d.notice.CreatedAt) &&
			(last == nil || o.CreatedAt.After(last.CreatedAt)) {
			last = &d.others[i]
		}
	}
	return last == nil || last.Status == integration.Sent || last.Status == integration.Sending || last.Attempts > 0
}

// looksBack reports whether the integration's other notices are needed: for
// the notice's sense, or because support is told of them.
func looksBack(n integration.Notice) bool {
	return n.Kind == integration.NoticeRecovered || n.Audience == integration.ToSupport
}

func confirmationDue(d desk, _ time.Time) bool {
	return d.it.Key != nil && !d.it.ConfirmedAt.After(d.notice.CreatedAt)
}

func userWanted(d desk, _ time.Time) bool {
	inUse := d.it.State == integration.Active || d.it.State == integration.Suspect
	return inUse && d.it.Access.User.Asked() && d.it.User.Wanting()
}

func certificateWatched(d desk, _ time.Time) bool {
	return d.notice.Facts.Serial == "" || d.notice.Facts.Serial == d.it.Certificates.Serial
}

func certificateListed(d desk, _ time.Time) bool {
	return d.it.Certificates.Vanished == "" || d.notice.Facts.Serial != d.it.Certificates.Vanished
}

func slotWanted(d desk, _ time.Time) bool { return d.it.Certificates.SlotTold }
