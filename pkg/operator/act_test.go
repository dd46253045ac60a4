package operator_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

func TestLinks(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	r.now = r.now.Add(time.Hour)
	if _, err := r.support.IssueLink(ctx, it.ID); err != nil {
		t.Fatal(err)
	}
	notices, _ := r.support.Notices(ctx, it.ID)
	if len(notices) != 2 || !notices[0].Link {
		t.Errorf("notices: %+v", notices)
	}
	epoch := r.stored(it.ID).LinkEpoch
	done, err := r.support.RevokeLinks(ctx, it.ID)
	if err != nil || r.stored(it.ID).LinkEpoch == epoch || !strings.Contains(done.Next, "opens any more") {
		t.Errorf("got %+v, %v", done.Next, err)
	}
	if e := r.newest(it.ID); e.What != "links_revoked" || e.Actor != "support jane.doe" {
		t.Errorf("history: %+v", e)
	}
}

func TestCheckNow(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	_, err := r.support.CheckNow(ctx, it.ID)
	wantCode(t, err, operator.CodeWrongState)
	r.MustActivate(it.ID)
	if _, err = r.support.CheckNow(ctx, it.ID); err != nil {
		t.Fatal(err)
	}
	if due := r.stored(it.ID).Check.DueAt; !due.Equal(r.now) {
		t.Errorf("due at %v, want now", due)
	}
}

func TestDisconnect(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	done, err := r.support.Disconnect(ctx, it.ID)
	if err != nil || done.Integration.State != "disconnected" || !strings.Contains(done.Next, "receipt") || !strings.Contains(done.Next, "revoke the key at Apple") ||
		!strings.Contains(done.Next, "No backup holds the key") {
		t.Errorf("got %q, %v", done.Next, err)
	}
	before := r.stored(it.ID).Version
	if again, err := r.support.Disconnect(ctx, it.ID); err != nil || again.Integration.Version != before {
		t.Errorf("a second time: version %d, %v; want %d", again.Integration.Version, err, before)
	}
	_, err = r.support.IssueLink(ctx, it.ID)
	if p := wantCode(t, err, operator.CodeWrongState); p.Status != 409 {
		t.Errorf("got %d", p.Status)
	}
}

func TestPin(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	err := r.db.Store().Commit(ctx, integration.Change{
		Integration: integration.Put(r.stored(it.ID), r.stored(it.ID)),
		Certificates: []integration.Certificate{
			{Integration: integration.ID(it.ID), Serial: "DEV", Type: "DEVELOPMENT", NotAfter: r.now.AddDate(0, 1, 0)},
			{Integration: integration.ID(it.ID), Serial: "GONE", Type: "DISTRIBUTION", GoneAt: r.now},
			{Integration: integration.ID(it.ID), Serial: "LATE", Type: "DISTRIBUTION", NotAfter: r.now.AddDate(1, 0, 0)},
			{Integration: integration.ID(it.ID), Serial: "SOON", Type: "DISTRIBUTION", NotAfter: r.now.AddDate(0, 1, 0)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, serial := range []string{"DEV", "GONE", "NONE"} {
		_, err := r.support.PinCertificate(ctx, it.ID, serial)
		wantCode(t, err, operator.CodeInvalid)
	}
	done, err := r.support.PinCertificate(ctx, it.ID, "SOON")
	if err != nil || done.Integration.Certificate.Pinned != "SOON" {
		t.Errorf("got %+v, %v", done.Integration.Certificate, err)
	}
	certs, err := r.support.Certificates(ctx, it.ID)
	if err != nil || fmt.Sprint(serials(certs)) != "[SOON LATE DEV GONE]" || !certs[0].Pinned {
		t.Errorf("got %v, %v", serials(certs), err)
	}
}

func serials(certs []operator.Certificate) []string {
	var out []string
	for _, c := range certs {
		out = append(out, c.Serial)
	}
	return out
}

func TestPatch(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	after, err := r.support.Change(ctx, it.ID, operator.Patch{Label: ptr("New label"), SharesKeys: ptr(true)}, it.Version)
	if err != nil || after.Label != "New label" || !after.SharesKeys || after.Version == it.Version {
		t.Fatalf("got %+v, %v", after, err)
	}
	h, _ := r.support.History(ctx, it.ID, "", 10)
	var lines []string
	for _, e := range h.Entries {
		lines = append(lines, e.What+" "+e.Detail)
	}
	if all := strings.Join(lines, ";"); !strings.Contains(all, "label_changed") || !strings.Contains(all, "sharing_consent given") {
		t.Errorf("history: %s", all)
	}
	_, err = r.support.Change(ctx, it.ID, operator.Patch{Label: ptr("Too late")}, it.Version)
	if p := wantCode(t, err, operator.CodeChanged); p.Status != 412 {
		t.Errorf("got %d", p.Status)
	}
	same, err := r.support.Change(ctx, it.ID, operator.Patch{Label: ptr("New label")}, 0)
	if err != nil || same.Version != after.Version {
		t.Errorf("the same label again: version %d, %v", same.Version, err)
	}
	_, err = r.support.Change(ctx, it.ID, operator.Patch{Label: ptr("")}, 0)
	wantCode(t, err, operator.CodeInvalid)
}

func TestETagIsTheVersion(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	resp := r.send("support", "GET", "/v1/integrations/"+it.ID, "")
	if got, want := resp.Header.Get("ETag"), fmt.Sprintf(`"%d"`, it.Version); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestListsAreCutIntoPages(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	for i := range 7 {
		r.MustInvite(fmt.Sprintf("acme-%d", i))
	}
	seen := map[string]bool{}
	l := operator.Listing{Limit: 3, State: "awaiting_key", Customer: "acme"}
	for pages := 0; ; pages++ {
		page, err := r.support.List(ctx, l)
		if err != nil || pages > 3 {
			t.Fatalf("page %d: %v", pages, err)
		}
		for _, it := range page.Integrations {
			seen[it.Reference] = true
			if it.Contacts != nil {
				t.Error("a list has contacts")
			}
		}
		if l.Cursor = page.Next; l.Cursor == "" {
			break
		}
	}
	if len(seen) != 7 {
		t.Errorf("saw %d", len(seen))
	}
}

func TestFindByEverything(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustActivate(it.ID)
	for _, s := range []operator.Search{
		{ID: it.ID}, {Reference: "acme-ios"}, {TeamID: "TEAM123456"}, {KeyID: "ABCDE12345"},
		{BundleID: "COM.acme.learn"}, {Address: " Ada.Admin@acme.example"},
	} {
		found, err := r.support.Find(context.Background(), s)
		if err != nil || len(found) != 1 || found[0].ID != it.ID {
			t.Errorf("%+v: got %d, %v", s, len(found), err)
		}
	}
	for _, s := range []operator.Search{{ID: "int_1"}, {ID: "int_00000000000000000000000000"}, {Reference: "acme"}, {Address: "nobody@acme.example"}} {
		if found, err := r.support.Find(context.Background(), s); err != nil || len(found) != 0 {
			t.Errorf("%+v: got %d, %v", s, len(found), err)
		}
	}
}

func TestHistoryIsCutIntoPages(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	it := r.MustInvite("acme-ios")
	for range 5 { // of one instant
		_, err := r.automation.Token(ctx, it.ID, operator.TokenRequest{})
		wantCode(t, err, operator.CodeNoToken)
	}
	var all []operator.Entry
	for cursor := ""; ; {
		h, err := r.support.History(ctx, it.ID, cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, h.Entries...)
		if cursor = h.Next; cursor == "" {
			break
		}
	}
	if len(all) != 6 || all[5].What != "created" {
		t.Errorf("got %d entries", len(all))
	}
}
