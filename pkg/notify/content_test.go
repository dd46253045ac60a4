package notify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// people are one contact for each duty, and the one without any is last.
func people() []integration.Contact {
	person := func(id integration.ContactID, address string, duties ...integration.Duty) integration.Contact {
		c := ada()
		c.ID, c.Address, c.Duties = id, address, duties
		return c
	}
	return []integration.Contact{
		person("con_none", "nora@acme.example"),
		person("con_business", "ben@acme.example", integration.Business),
		person("con_holder", "hal@acme.example", integration.AccountHolder),
		ada(),
	}
}

// TestWhoIsWrittenTo: whoever the notice is for, and the admin where they
// cannot be reached.
func TestWhoIsWrittenTo(t *testing.T) {
	for _, c := range []struct {
		to        integration.Audience
		reachable string // of the four
		want      string
	}{
		{"admin", "con_none con_business con_holder con_ada", "ada@acme.example"},
		{"account_holder", "con_none con_business con_holder con_ada", "hal@acme.example"},
		{"account_holder", "con_none con_business con_ada", "ada@acme.example"},
		{"business", "con_none con_business con_holder con_ada", "ben@acme.example"},
		{"business", "con_none con_holder con_ada", "ada@acme.example"},
		{"support", "con_none con_business con_holder con_ada", "help@vendor.example"},
	} {
		t.Run(string(c.to)+" of "+c.reachable, func(t *testing.T) {
			b := newBench(t)
			it := acme()
			it.Told = integration.Told{Problem: integration.Membership, At: b.now()}
			all := people()
			for i, p := range all {
				if !strings.Contains(c.reachable, string(p.ID)) {
					all[i].Undeliverable = b.now()
				}
			}
			n := integration.Notice{Kind: integration.NoticeActionRequired, Audience: c.to, Reason: integration.Membership}
			b.mustSend(b.put(it, n, all...))
			b.wantMails(c.want)
		})
	}
}

// TestWhichMailsHaveALink: those whose notice asks for one, to a contact.
// Support gets none: whoever has the link may upload a key.
func TestWhichMailsHaveALink(t *testing.T) {
	for name, c := range map[string]struct {
		link bool
		to   integration.Audience
		want bool
	}{
		"asked for":                {true, integration.ToAdmin, true},
		"asked for, to the holder": {true, integration.ToAccountHolder, true},
		"not asked for":            {false, integration.ToAdmin, false},
		"to support":               {true, integration.ToSupport, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			it := acme()
			it.Told = integration.Told{Problem: integration.NotAuthorized, Lost: true, At: b.now()}
			n := integration.Notice{Kind: integration.NoticeAccessLost, Audience: c.to, Reason: integration.NotAuthorized, Link: c.link}
			b.mustSend(b.put(it, n, people()...))
			m := decoded(t, b.mails()[0].Raw)
			if inText, inHTML := strings.Contains(m.text, "/l/"), strings.Contains(m.html, "/l/"); inText != c.want || inHTML != c.want {
				t.Errorf("an upload link is in the text: %t, in the HTML: %t; want %t", inText, inHTML, c.want)
			}
		})
	}
}

// TestHowOftenAMailIsTried: twice without a clear answer, then nobody is
// written to a third time.
func TestHowOftenAMailIsTried(t *testing.T) {
	now := at2026(3, 22, 9, 30)
	for _, c := range []struct {
		to       integration.Audience
		attempts int
		want     step
		why      integration.Reason
	}{
		{integration.ToAdmin, 1, send, ""},
		{integration.ToAdmin, 2, forsake, integration.Unconfirmed},
		{integration.ToSupport, 1, send, ""},
		{integration.ToSupport, 2, drop, integration.Unconfirmed},
	} {
		n := integration.Notice{Kind: integration.NoticeCertVanished, Audience: c.to, Attempts: c.attempts, CreatedAt: now, Status: integration.Pending}
		if got := decide(desk{notice: n, it: acme(), contacts: people()}, now); got.step != c.want || got.why != c.why {
			t.Errorf("to %s after %d attempts: %s because %q, want %s because %q", c.to, c.attempts, got.step, got.why, c.want, c.why)
		}
	}
}

// TestALeaseEndsOnTime: at its end the mail is another worker's.
func TestALeaseEndsOnTime(t *testing.T) {
	now := at2026(3, 22, 9, 30)
	for until, want := range map[time.Duration]step{time.Second: nothing, 0: send, -time.Second: send} {
		n := integration.Notice{
			Kind: integration.NoticeCertVanished, Audience: integration.ToAdmin, CreatedAt: now, Status: integration.Sending,
			Lease: integration.Lease{ID: "chk_a", Until: now.Add(until)},
		}
		if got := decide(desk{notice: n, it: acme(), contacts: people()}, now).step; got != want {
			t.Errorf("a lease that ends in %v: %s, want %s", until, got, want)
		}
	}
}

// TestAMailThatDidNotArriveIsToldToSupportOnce: where others can be tried it is
// not, unless the address itself is bad.
func TestAMailThatDidNotArriveIsToldToSupportOnce(t *testing.T) {
	now := at2026(3, 22, 9, 30)
	n := integration.Notice{
		Integration: acme().ID, Dedupe: "n", Kind: integration.NoticeCertVanished, Audience: integration.ToAdmin,
		Status: integration.Sent, SentTo: "con_ada", CreatedAt: now,
	}
	for name, c := range map[string]struct {
		contacts []integration.Contact
		why      integration.Reason
		status   integration.NoticeStatus
		told     int // how many mails support gets
		left     int // of how many others the mail speaks
		marked   int // contacts
	}{
		"not delivered, others left":  {people(), integration.NotDelivered, integration.Pending, 0, 0, 0},
		"not delivered, nobody left":  {[]integration.Contact{ada()}, integration.NotDelivered, integration.Dropped, 1, 0, 0},
		"bounced, others left":        {people(), integration.Bounced, integration.Pending, 1, 3, 1},
		"bounced, nobody left":        {[]integration.Contact{ada()}, integration.Bounced, integration.Dropped, 1, 0, 1},
		"refused by the mail service": {people()[2:], integration.AddressRefused, integration.Pending, 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			ch := Undelivered(n, "con_ada", c.contacts, c.why, now)
			if got := ch.Sent[0].After.Status; got != c.status {
				t.Errorf("the notice is %s, want %s", got, c.status)
			}
			if len(ch.Notices) != c.told || len(ch.Contacts) != c.marked {
				t.Fatalf("%d mails to support and %d marked contacts, want %d and %d", len(ch.Notices), len(ch.Contacts), c.told, c.marked)
			}
			if c.told == 0 {
				return
			}
			if s := ch.Notices[0]; s.Audience != "support" || s.Facts.Contact != "con_ada" || s.Facts.Recipients != c.left || s.Facts.Names[0] != string(n.Kind) {
				t.Errorf("a mail to %s about %s, with %d others left to try, of %q", s.Audience, s.Facts.Contact, s.Facts.Recipients, s.Facts.Names)
			}
		})
	}
}

// TestARecoveryIsNotToldToThoseWhoHeardOfNoProblem looks at what the table has.
func TestARecoveryIsNotToldToThoseWhoHeardOfNoProblem(t *testing.T) {
	for status, want := range map[integration.NoticeStatus]integration.NoticeStatus{integration.Sent: integration.Sent, integration.Dropped: integration.Dropped} {
		b := newBench(t)
		dedupe := b.put(acme(), integration.Notice{Kind: integration.NoticeRecovered, Audience: integration.ToAdmin, Reason: integration.Role}, ada())
		before := integration.Notice{
			Integration: acme().ID, Dedupe: "before", Kind: integration.NoticeAccessLost, Audience: integration.ToAdmin,
			Status: status, CreatedAt: b.now().Add(-time.Hour),
		}
		if err := b.store.Commit(t.Context(), integration.Change{Notices: []integration.Notice{before}}); err != nil {
			t.Fatal(err)
		}
		b.mustSend(dedupe)
		if got := b.notice(dedupe).Status; got != want {
			t.Errorf("the mail about the problem was %s: that it is over is %s, want %s", status, got, want)
		}
	}
}

// TestStepsAreHeadedWhereThereAreAny, and numbered where there are several.
func TestStepsAreHeadedWhereThereAreAny(t *testing.T) {
	for name, c := range map[string]struct {
		steps []string
		want  string
	}{
		"none": {nil, ""}, "one": {[]string{"Do it."}, "What to do:\n\nDo it.\n\n"},
		"two": {[]string{"Do it.", "Then that."}, "What to do:\n\n 1. Do it.\n 2. Then that.\n\n"},
	} {
		got := (&page{Title: "Title", Steps: c.steps, Fill: fill{ForSupport: true}}).text()
		if got != "Title\n\n"+c.want {
			t.Errorf("%s: got %q, want %q after the title", name, got, c.want)
		}
	}
}

func TestLinesBreakAt76(t *testing.T) {
	long := strings.Repeat("x", 70)
	for s, want := range map[string]string{
		long + " fives": long + " fives", long + " sixsix": long + "\nsixsix", strings.Repeat("y", 90): strings.Repeat("y", 90),
		"": "", " a  b ": "a b", long + " fives a": long + " fives\na",
	} {
		if got := wrap(s, "", ""); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got, want := wrap(strings.Repeat("z", 68)+" four five", " 1. ", "    "), " 1. "+strings.Repeat("z", 68)+"\n    four five"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSubjectsHaveRoomFor70Characters(t *testing.T) {
	what := strings.Repeat("w", 40)
	for label, want := range map[string]string{
		"": what, strings.Repeat("l", 27): what + " – " + strings.Repeat("l", 27), strings.Repeat("l", 28): what + " – " + strings.Repeat("l", 26) + "…",
	} {
		if got := subject(what, label); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNumbersAndNames(t *testing.T) {
	for want, got := range map[string]string{
		"0 days": count(0, "day"), "1 day": count(1, "day"), "2 days": count(2, "day"),
		"abc": shorten("abc", 3), "ab…": shorten("abcd", 3), "…": shorten("ab", 1),
		strings.Repeat("n", 120): name(strings.Repeat("n", 120)), strings.Repeat("m", 119) + "…": name(strings.Repeat("m", 121)),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestWhoElseIsAffected: the list ends with how many are not named.
func TestWhoElseIsAffected(t *testing.T) {
	for n, want := range map[int][]string{2: {"Acme", "Bolt"}, 3: {"Acme", "Bolt", "1 other"}, 40: {"Acme", "Bolt", "38 others"}} {
		var got []string
		for _, r := range concerned(integration.Facts{Names: []string{"Acme", "Bolt"}, Count: n}) {
			got = append(got, r.Value)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	if got := concerned(integration.Facts{Count: 5}); len(got) != 0 {
		t.Errorf("without names: %v", got)
	}
}

func TestTagsAtTheirBounds(t *testing.T) {
	n := integration.Notice{Integration: "int_x", Kind: "recovered", Dedupe: strings.Repeat("d", 128), Correlation: strings.Repeat("c", 128)}
	if tags := Tags(n, "con_ada"); len(tags["notice"]) != 256 || len(tags["correlation"]) != 128 || tags["contact"] != "con_ada" {
		t.Errorf("SES would take all of them: %v", tags)
	}
	n.Correlation = strings.Repeat("c", 129)
	if tags := Tags(n, ""); tags["correlation"] != "" {
		t.Error("a tag is longer than SES takes")
	}
}

// TestALeaseOutlivesItsMail, or two workers would send it.
func TestALeaseOutlivesItsMail(t *testing.T) {
	good := newBench(t).Config
	if good.Lease != 5*time.Minute || good.SendTimeout != 20*time.Second {
		t.Errorf("by default a mail has %v of a lease of %v, want 20s of 5m", good.SendTimeout, good.Lease)
	}
	for lease, want := range map[time.Duration]bool{19 * time.Second: false, 20 * time.Second: false, 21 * time.Second: true} {
		good.Lease = lease
		if _, err := New(good); (err == nil) != want {
			t.Errorf("a lease of %v for mails of 20s: %v", lease, err)
		}
	}
}

func TestTheFleetsNoticesComeThroughTheStream(t *testing.T) {
	b := newBench(t)
	n := integration.Notice{
		Integration: "fleet", Dedupe: "h", Kind: integration.NoticeHoldBegan, Audience: integration.ToSupport, Status: integration.Pending, CreatedAt: b.now(),
	}
	if err := b.store.Commit(t.Context(), integration.Change{Notices: []integration.Notice{n}}); err != nil {
		t.Fatal(err)
	}
	if failed := b.drain(); failed != "" {
		t.Errorf("failed: %s", failed)
	}
	b.wantMails("help@vendor.example")
}
