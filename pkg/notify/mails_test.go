package notify

import (
	"testing"
	"time"

	"keyward/pkg/integration"
)

// TestSupportReadsWhatBecameOfTheCustomersMail is a table of what was written
// to the customer together with support's mail, and of what support reads.
func TestSupportReadsWhatBecameOfTheCustomersMail(t *testing.T) {
	now := at2026(3, 22, 9, 25)
	lost := mailed(integration.NoticeAccessLost, "con_ada", now)
	lost.Reason = integration.NotAuthorized
	held, linked, unclear, unsent, stale := waits(lost), lost, lost, waits(lost), waits(lost)
	held.NotBefore = now.Add(40 * time.Minute)
	linked.Link = true
	unclear.Status, unclear.Attempts = integration.Dropped, 2
	unsent.Status = integration.Dropped
	stale.Reason = integration.ForbiddenAtAll
	other := lost
	other.CreatedAt = now.Add(-time.Hour)
	toSupportToo := lost
	toSupportToo.Audience = integration.ToSupport
	both := mailed(integration.NoticeAccessLost, "con_holder", now)
	const nobody = "No e-mail about this goes to the customer."
	for name, c := range map[string]struct {
		others   []integration.Notice
		contacts []integration.Contact
		want     string
	}{
		"nothing":               {nil, people(), nobody},
		"of another time":       {[]integration.Notice{other}, people(), nobody},
		"to support":            {[]integration.Notice{toSupportToo}, people(), nobody},
		"sent":                  {[]integration.Notice{lost}, people(), "The customer was told on 22 March 2026, 09:26 UTC (to con_ada, admin)."},
		"sent, with a link":     {[]integration.Notice{linked}, people(), "The customer was told on 22 March 2026, 09:26 UTC (to con_ada, admin), with a fresh upload link."},
		"sent, contact is gone": {[]integration.Notice{lost}, nil, "The customer was told on 22 March 2026, 09:26 UTC (to con_ada)."},
		"sent to two": {[]integration.Notice{lost, both}, people(), "The customer was told on 22 March 2026, 09:26 UTC (to con_ada, admin). " +
			"The customer was told on 22 March 2026, 09:26 UTC (to con_holder, account holder)."},
		"waits":                    {[]integration.Notice{waits(lost)}, people(), "The e-mail to the customer is on its way."},
		"held back":                {[]integration.Notice{held}, people(), "The e-mail to the customer is held back until 22 March 2026, 10:05 UTC."},
		"bounced":                  {[]integration.Notice{dropped(lost)}, people(), "The e-mail to the customer did not arrive: tell them by another way."},
		"no clear answer":          {[]integration.Notice{unclear}, people(), "It is not certain that the e-mail to the customer went out: tell them by another way."},
		"not sent":                 {[]integration.Notice{unsent}, people(), "The e-mail to the customer was not sent."},
		"waits, nobody reachable":  {[]integration.Notice{waits(lost)}, nil, "No contact of the customer can be reached: tell them by another way."},
		"held, nobody reachable":   {[]integration.Notice{held}, nil, "No contact of the customer can be reached: tell them by another way."},
		"waits, and is not so now": {[]integration.Notice{stale}, people(), nobody},
	} {
		t.Run(name, func(t *testing.T) {
			s := toSupport(integration.NoticeAccessLost, integration.NotAuthorized, integration.Facts{}).with(dead)
			s.others, s.contacts = c.others, c.contacts
			if got := s.together(at2026(3, 22, 9, 30)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// TestSupportsMailReadsTheOthers: what support is told comes from the table.
func TestSupportsMailReadsTheOthers(t *testing.T) {
	b := newBench(t)
	it := acme()
	dead(&it)
	first := mailed(integration.NoticeAccessLost, "con_ada", b.now())
	if err := b.store.Commit(t.Context(), integration.Change{Notices: []integration.Notice{first}}); err != nil {
		t.Fatal(err)
	}
	n := integration.Notice{Kind: integration.NoticeAccessLost, Audience: integration.ToSupport, Reason: integration.NotAuthorized, Facts: integration.Facts{Since: b.now(), Count: 9}}
	b.mustSend(b.put(it, n, ada()))
	mustHold(t, "mail", decoded(t, b.mails()[0].Raw).text, "The customer was told on 22 March 2026, 09:31 UTC (to con_ada, admin).",
		"Confirmed by 9 checks since 22 March 2026, 09:30 UTC")
}

// TestHowOftenItWasSeen is said as it was.
func TestHowOftenItWasSeen(t *testing.T) {
	for count, want := range map[int][2]string{
		0: {"This has been so since 21 March 2026, 22:10 UTC.", "Since 21 March 2026, 22:10 UTC: "},
		1: {"We’ve seen this once, on 21 March 2026, 22:10 UTC.", "Seen once, on 21 March 2026, 22:10 UTC: "},
		2: {"We’ve seen this in 2 checks since 21 March 2026, 22:10 UTC.", "Confirmed by 2 checks since 21 March 2026, 22:10 UTC: "},
	} {
		facts := integration.Facts{Since: at2026(3, 21, 22, 10), Count: count}
		for kind, why := range map[integration.NoticeKind]integration.Reason{
			integration.NoticeAccessLost: integration.NotAuthorized, integration.NoticeActionRequired: integration.Agreement,
		} {
			mustHold(t, "customer's", mustRender(t, toCustomer("", kind, why, facts)).Text, want[0])
			mustHold(t, "support's", mustRender(t, toSupport(kind, why, facts)).Text, want[1])
		}
	}
}
