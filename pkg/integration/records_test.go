package integration

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestWhoGetsAnEmail: the duty first, then admins, then the others, each in
// the order in which they were added; nobody whom mail does not reach.
func TestWhoGetsAnEmail(t *testing.T) {
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	contacts := []Contact{
		{ID: "con_other", Address: "o@a.example", CreatedAt: at(0)},
		{ID: "con_biz2", Address: "b@a.example", Duties: []Duty{Business}, CreatedAt: at(3)},
		{ID: "con_admin2", Address: "c@a.example", Duties: []Duty{Admin}, CreatedAt: at(2)},
		{ID: "con_admin1", Address: "d@a.example", Duties: []Duty{Admin}, CreatedAt: at(2)},
		{ID: "con_holder", Address: "e@a.example", Duties: []Duty{AccountHolder}, CreatedAt: at(4)},
		{ID: "con_biz1", Address: "f@a.example", Duties: []Duty{Business}, CreatedAt: at(1)},
		{ID: "con_erased", Duties: []Duty{Admin, Business, AccountHolder}, CreatedAt: at(0)},
		{ID: "con_bounced", Address: "g@a.example", Duties: []Duty{Admin, Business, AccountHolder}, CreatedAt: at(0), Undeliverable: at(9)},
	}
	for duty, want := range map[Duty]string{
		Admin:         "con_admin1 con_admin2 con_other con_biz1 con_biz2 con_holder",
		AccountHolder: "con_holder con_admin1 con_admin2 con_other con_biz1 con_biz2",
		Business:      "con_biz1 con_biz2 con_admin1 con_admin2 con_other con_holder",
	} {
		var got []string
		for _, c := range Recipients(contacts, duty) {
			got = append(got, string(c.ID))
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("for the %s: %s, want %s", duty, s, want)
		}
	}
	for duty, want := range map[Duty]bool{"admin": true, "account_holder": true, "business": true, "": false, "support": false} {
		if duty.Valid() != want {
			t.Errorf("duty %q valid: %v, want %v", duty, duty.Valid(), want)
		}
	}
}

// TestWhereAnIntegrationIsFound: by what support has at hand.
func TestWhereAnIntegrationIsFound(t *testing.T) {
	bare := Integration{Reference: "acme-1"}
	full := Integration{
		Reference: "acme-1", TeamID: "TEAMAAAAAA", Key: &Key{KeyID: "KEYNEW0000"}, Other: &Key{KeyID: "KEYOLD0000"},
		Apps: []App{{BundleID: "com.acme.Two"}, {BundleID: "com.acme.one"}, {BundleID: "COM.acme.one"}},
	}
	for want, it := range map[string]Integration{
		"REF#acme-1": bare,
		"BID#com.acme.one BID#com.acme.two KID#KEYNEW0000 KID#KEYOLD0000 REF#acme-1 TEAM#TEAMAAAAAA": full,
	} {
		if got := strings.Join(it.Lookups(), " "); got != want {
			t.Errorf("found by %s, want %s", got, want)
		}
	}
	got := Contact{Address: " Ann@A.example"}.Lookups()
	if same := ByAddress("ann@a.example"); len(got) != 1 || got[0] != same || strings.Contains(same, "ann") {
		t.Errorf("a contact is found by %v, and by the same address in small letters by %s", got, same)
	}
	if got := (Contact{}).Lookups(); got != nil {
		t.Errorf("an erased contact is found by %v", got)
	}
}

// TestWhichLinksOpen an integration's upload page.
func TestWhichLinksOpen(t *testing.T) {
	good := Link{Integration: "int_a", Epoch: 2, ExpiresAt: start.Add(time.Second)}
	it := Integration{ID: "int_a", LinkEpoch: 2, State: Active}
	with := func(change func(*Link, *Integration)) (Link, Integration) {
		l, i := good, it
		change(&l, &i)
		return l, i
	}
	for name, change := range map[string]func(*Link, *Integration){
		"another integration's":   func(l *Link, _ *Integration) { l.Integration = "int_b" },
		"used or revoked":         func(_ *Link, i *Integration) { i.LinkEpoch = 3 },
		"expired at this moment":  func(l *Link, _ *Integration) { l.ExpiresAt = start },
		"of one that has ended":   func(_ *Link, i *Integration) { i.State = Disconnected },
		"of an integration to be": func(l *Link, _ *Integration) { l.Epoch = 3 },
	} {
		if l, i := with(change); l.Opens(i, start) {
			t.Errorf("a link %s opens", name)
		}
	}
	if !good.Opens(it, start) {
		t.Error("a good link does not open")
	}
}

// TestATokenIsSecret: 256 bits in 43 characters, never the same twice, and
// only its hash can be stored.
func TestATokenIsSecret(t *testing.T) {
	token, hash := NewLinkToken(bytes.NewReader(make([]byte, 32)))
	const zeros = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925" // SHA-256 of 32 zero bytes
	if token != strings.Repeat("A", 43) || hash == zeros || hash != LinkHash(token) || len(hash) != 64 {
		t.Errorf("token %q, hash %q", token, hash)
	}
	seen := map[string]bool{}
	for range 100 {
		token, _ := NewLinkToken(nil)
		if len(token) != 43 || seen[token] {
			t.Fatalf("token %q", token)
		}
		seen[token] = true
	}
	for name, make := range map[string]func(){
		"a token": func() { NewLinkToken(strings.NewReader("too short")) },
		"an ID":   func() { NewID(strings.NewReader("too short")) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s was made without randomness", name)
				}
			}()
			make()
		}()
	}
}

// TestWhatBecomesOfAnUploadsAttempts: one verdict for each file.
func TestWhatBecomesOfAnUploadsAttempts(t *testing.T) {
	u := Upload{State: UploadOpen, KeyID: "K", IssuerID: "I", TeamID: "T", TeamName: "N"}
	before := u.Judged(Attempt{ETag: "e1", State: UploadWaiting})
	after := before.Judged(Attempt{ETag: "e2", State: UploadRefused, Diagnosis: "not_a_key"}).Judged(Attempt{ETag: "e1", State: UploadAccepted})
	var got []string
	for _, a := range after.Attempts {
		got = append(got, a.ETag+" "+string(a.State))
	}
	if s := strings.Join(got, ", "); s != "e2 refused, e1 accepted" || after.State != UploadAccepted {
		t.Errorf("the upload is %s, its attempts %s", after.State, s)
	}
	if a, ok := after.Attempt("e2"); !ok || a.Diagnosis != "not_a_key" {
		t.Errorf("e2 is %+v, %v", a, ok)
	}
	if a, ok := after.Attempt("e3"); ok || a.ETag != "" {
		t.Errorf("e3, which never came, is %+v", a)
	}
	if first, ok := after.Attempt(after.Attempts[0].ETag); !ok || first.ETag != "e2" || before.Attempts[0].State != UploadWaiting {
		t.Errorf("the first attempt is %+v, the one judged before %+v", first, before.Attempts[0])
	}
	if want := (Entered{KeyID: "K", IssuerID: "I", TeamID: "T", TeamName: "N"}); u.Entered() != want {
		t.Errorf("entered was %+v, want %+v", u.Entered(), want)
	}
}

// TestWhoMayHoldAKey: one customer's integrations alone, and only with
// support's consent.
func TestWhoMayHoldAKey(t *testing.T) {
	held := Owner{Fingerprint: "f", Customer: "acme", Holders: []ID{"int_1"}}
	for _, tc := range []struct {
		name    string
		o       Owner
		it      Integration
		refused string
		holders string
	}{
		{"nobody has it", Owner{}, Integration{ID: "int_2", Customer: "acme"}, "", "int_2 of acme"},
		{"itself", held, Integration{ID: "int_1", Customer: "acme"}, "", "int_1 of acme"},
		{"another of the customer", held, Integration{ID: "int_2", Customer: "acme"}, "key_shared", "int_1 of acme"},
		{"another of the customer, allowed", held, Integration{ID: "int_2", Customer: "acme", SharesKeys: true}, "", "int_1 int_2 of acme"},
		{"another customer", held, Integration{ID: "int_2", Customer: "bolt"}, "key_held", "int_1 of acme"},
		{"another customer, which shares its own", held, Integration{ID: "int_2", Customer: "bolt", SharesKeys: true}, "key_held", "int_1 of acme"},
		{"another customer gave it up", Owner{Customer: "acme"}, Integration{ID: "int_2", Customer: "bolt"}, "", "int_2 of bolt"},
	} {
		got, refused := tc.o.Admit(tc.it)
		var ids []string
		for _, id := range got.Holders {
			ids = append(ids, string(id))
		}
		if s := strings.Join(ids, " ") + " of " + got.Customer; refused != tc.refused || s != tc.holders {
			t.Errorf("%s: refused %q, held by %s; want %q, %s", tc.name, refused, s, tc.refused, tc.holders)
		}
	}
	both := Owner{Holders: []ID{"int_1", "int_2"}}
	if got := both.Release("int_1").Holders; !slices.Equal(got, []ID{"int_2"}) || len(both.Holders) != 2 {
		t.Errorf("after one gave it up it is held by %v, before by %v", got, both.Holders)
	}
}

// TestWhichObjectsAreUploads: no other text passes for the key of one.
func TestWhichObjectsAreUploads(t *testing.T) {
	for key, want := range map[string]bool{
		"incoming/int_a/upl_b": true, "incoming/int_a": false, "int_a/upl_b": false, "incoming/upl_b/int_a": false,
		"incoming/int_a/con_b": false, "incoming/con_a/upl_b": false, "incoming/int_a/upl_b/c": false, "": false,
	} {
		id, u, ok := ParseObjectKey(key)
		if ok != want || ok && (id != "int_a" || u != "upl_b") || !ok && (id != "" || u != "") {
			t.Errorf("%q is read as %q, %q, %v", key, id, u, ok)
		}
	}
}

// TestAChangeThatWritesSomethingIsNotEmpty, whatever it writes.
func TestAChangeThatWritesSomethingIsNotEmpty(t *testing.T) {
	it := Integration{}
	for name, c := range map[string]Change{
		"a new integration": {Integration: Create(it)}, "one that goes": {Integration: Edit[Integration]{Before: &it}},
		"an upload": {Uploads: make([]Edit[Upload], 1)}, "a contact": {Contacts: make([]Edit[Contact], 1)},
		"a sent notice": {Sent: make([]Edit[Notice], 1)}, "an owner": {Owners: make([]Edit[Owner], 1)},
		"a notice": {Notices: make([]Notice, 1)}, "a link": {Links: make([]Link, 1)},
		"a certificate": {Certificates: make([]Certificate, 1)}, "history": {History: make([]Entry, 1)},
		"as many of each": {
			Uploads: make([]Edit[Upload], 1), Contacts: make([]Edit[Contact], 1), Sent: make([]Edit[Notice], 1), Owners: make([]Edit[Owner], 1),
			Notices: make([]Notice, 1), Links: make([]Link, 1), Certificates: make([]Certificate, 1), History: make([]Entry, 1),
		},
	} {
		if c.Empty() {
			t.Errorf("%s would not be written", name)
		}
	}
	if !(Change{}).Empty() {
		t.Error("nothing would be written")
	}
}

// TestWhatAChangeBringsAboutIsCorrelated: new notices and uploads alone, and
// none that has an ID already.
func TestWhatAChangeBringsAboutIsCorrelated(t *testing.T) {
	old, next, own := Upload{ID: "upl_old"}, Upload{ID: "upl_new"}, Upload{ID: "upl_own", Correlation: "cor_0"}
	c := Change{
		Notices: []Notice{{Kind: "a"}, {Kind: "b", Correlation: "cor_0"}},
		Uploads: []Edit[Upload]{Put(old, old), Create(next), Create(own), {Before: &old}},
	}
	text := func(c Change) string {
		var parts []string
		for _, n := range c.Notices {
			parts = append(parts, string(n.Kind)+"="+n.Correlation)
		}
		for _, e := range c.Uploads {
			if e.After != nil {
				parts = append(parts, string(e.After.ID)+"="+e.After.Correlation)
			}
		}
		return strings.Join(parts, " ")
	}
	const before = "a= b=cor_0 upl_old= upl_new= upl_own=cor_0"
	if got, want := text(c.Correlated("cor_1")), "a=cor_1 b=cor_0 upl_old= upl_new=cor_1 upl_own=cor_0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := text(c.Correlated("")); got != before || text(c) != before {
		t.Errorf("without an ID: %s; the change itself: %s", got, text(c))
	}
}

// TestWhatAListingTakes: no filter takes everything.
func TestWhatAListingTakes(t *testing.T) {
	it := Integration{State: Active, Customer: "acme"}
	urgent := it
	urgent.Attention.Needs = []Need{NeedsAction}
	for _, tc := range []struct {
		f             Filter
		name          string
		takes, urgent bool
	}{
		{Filter{}, "list  ", true, true},
		{Filter{State: Active}, "list active ", true, true},
		{Filter{State: Suspect}, "list suspect ", false, false},
		{Filter{Customer: "acme"}, "list  acme", true, true},
		{Filter{Customer: "bolt"}, "list  bolt", false, false},
		{Filter{State: Active, Customer: "bolt"}, "list active bolt", false, false},
		{Filter{State: Suspect, Customer: "acme"}, "list suspect acme", false, false},
		{Filter{Attention: true}, "attention  ", false, true},
		{Filter{Attention: true, State: Active}, "attention active ", false, true},
		{Filter{Attention: true, State: Suspect}, "attention suspect ", false, false},
	} {
		if got, urg := tc.f.Takes(it), tc.f.Takes(urgent); got != tc.takes || urg != tc.urgent || tc.f.Listing() != tc.name {
			t.Errorf("%q takes one that is well: %v, one that needs attention: %v; want %q, %v, %v", tc.f.Listing(), got, urg, tc.name, tc.takes, tc.urgent)
		}
	}
}

// TestRetriesEnd with the context, another error, or after two hundred.
func TestRetriesEnd(t *testing.T) {
	over, cancel := context.WithCancel(context.Background())
	cancel()
	other := errors.New("down")
	for _, tc := range []struct {
		name string
		ctx  context.Context
		errs func(n int) error
		want []error
		runs int
	}{
		{"at once", context.Background(), func(int) error { return nil }, nil, 1},
		{"after a conflict", context.Background(), func(n int) error {
			if n < 3 {
				return fmt.Errorf("writing: %w", ErrConflict)
			}
			return nil
		}, nil, 3},
		{"another error", context.Background(), func(int) error { return other }, []error{other}, 1},
		{"no time left", over, func(int) error { return ErrConflict }, []error{context.Canceled, ErrConflict}, 1},
		{"for ever", context.Background(), func(int) error { return ErrConflict }, []error{ErrConflict}, 200},
	} {
		runs := 0
		err := Retry(tc.ctx, func() error { runs++; return tc.errs(runs) })
		for _, want := range tc.want {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", tc.name, err, want)
			}
		}
		if runs != tc.runs || (err == nil) != (tc.want == nil) {
			t.Errorf("%s: %d attempts, %v; want %d", tc.name, runs, err, tc.runs)
		}
	}
}

// TestWhenACertificateIsGone: on the second reading, ten minutes later.
func TestWhenACertificateIsGone(t *testing.T) {
	first := Certificate{Serial: "A1"}.Missing(start)
	if !first.GoneAt.IsZero() || !first.MissingFrom.Equal(start) {
		t.Errorf("after one list: %+v", first)
	}
	if soon := first.Missing(start.Add(10*time.Minute - time.Second)); !soon.GoneAt.IsZero() {
		t.Errorf("after a second list too soon: %+v", soon)
	}
	gone := first.Missing(start.Add(10 * time.Minute))
	if !gone.GoneAt.Equal(start) {
		t.Errorf("after two lists: %+v", gone)
	}
	if later := gone.Missing(start.Add(time.Hour)); !later.GoneAt.Equal(start) {
		t.Errorf("after three lists: %+v", later)
	}
	for kind, want := range map[string]bool{"DISTRIBUTION": true, "IOS_DISTRIBUTION": true, "DEVELOPMENT": false, "": false} {
		if got := (Certificate{Type: kind}).Distribution(); got != want {
			t.Errorf("%q signs for the App Store: %v, want %v", kind, got, want)
		}
	}
}

// TestWhichAnswersKeepAKey: Apple knows it.
func TestWhichAnswersKeepAKey(t *testing.T) {
	for v, want := range map[Verdict]bool{OK: true, Blocked: true, Rejected: false, Inconclusive: false} {
		if got := (Outcome{Verdict: v}).Accepted(); got != want {
			t.Errorf("%s keeps the key: %v, want %v", v, got, want)
		}
	}
	for code, want := range map[string]bool{
		"other_team": true, "other_apps": true, "unexpected_apps": true, "team_mismatch": false, "key_held": false, "role": false, "": false,
	} {
		if got := AboutTeam(code); got != want {
			t.Errorf("only support can allow %q: %v, want %v", code, got, want)
		}
	}
}

// TestWhenSomebodyIsAtWork: a lease has a holder and an end.
func TestWhenSomebodyIsAtWork(t *testing.T) {
	for _, tc := range []struct {
		l    Lease
		want bool
	}{
		{Lease{ID: "chk_1", Until: start.Add(time.Second)}, true}, {Lease{ID: "chk_1", Until: start}, false},
		{Lease{Until: start.Add(time.Second)}, false}, {Lease{}, false},
	} {
		if got := tc.l.Held(start); got != tc.want {
			t.Errorf("%+v: held %v, want %v", tc.l, got, tc.want)
		}
	}
	seen := map[int]bool{}
	random := newTestRandom(2)
	for range 1000 {
		if n := NewID(random).Shard(); n < 0 || n > 15 {
			t.Fatalf("partition %d", n)
		} else {
			seen[n] = true
		}
	}
	if len(seen) != 16 {
		t.Errorf("a thousand integrations use %d of 16 partitions", len(seen))
	}
}
