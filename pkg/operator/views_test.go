package operator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdaurl"

	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// TestCapabilitiesAsSupportSeesThem: what is wanted, what was found, and
// nothing that is neither.
func TestCapabilitiesAsSupportSeesThem(t *testing.T) {
	r := newRig(t)
	it := r.MustInvite("acme-ios")
	r.MustSet(it.ID, func(it *integration.Integration) {
		it.Access = integration.AccessLevel{
			Name: "custom", Title: "Custom", Role: "Admin",
			Required: []integration.Capability{integration.Apps, integration.Certificates}, Useful: []integration.Capability{integration.Builds},
		}
		it.Findings = []integration.Finding{
			{Capability: integration.Users, Verdict: integration.Inconclusive, Reason: integration.Timeout},
			{Capability: integration.Apps, Verdict: integration.OK},
			{Capability: integration.Certificates, Verdict: integration.Blocked, Reason: integration.Role},
		}
	})
	shown, err := r.support.Get(context.Background(), it.ID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range shown.Capabilities {
		got = append(got, strings.TrimSpace(strings.Join([]string{c.Name, c.Need, c.Can, c.Reason}, " ")))
	}
	slices.Sort(got)
	if want := []string{"apps required yes", "builds useful unknown", "certificates required no role", "users none unknown timeout"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheWatchedCertificateIsMarked(t *testing.T) {
	r := newRig(t)
	ctx, id := context.Background(), r.MustInvite("acme-ios").ID
	r.MustSet(id, func(it *integration.Integration) { it.Certificates.Serial, it.Certificates.Pinned = "5F", "6A" })
	var certs []integration.Certificate
	for _, serial := range []string{"5F", "6A", "7B"} {
		certs = append(certs, integration.Certificate{Integration: integration.ID(id), Serial: serial, Type: "DISTRIBUTION", NotAfter: start.AddDate(1, 0, 0)})
	}
	certs = append(certs, integration.Certificate{Integration: integration.ID(id), Serial: "01", Type: "DISTRIBUTION", NotAfter: start.AddDate(0, 1, 0)})
	if err := r.db.Store().Commit(ctx, integration.Change{Integration: integration.Put(r.stored(id), r.stored(id)), Certificates: certs}); err != nil {
		t.Fatal(err)
	}
	shown, err := r.support.Certificates(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		serial          string
		watched, pinned bool
	}{{"01", false, false}, {"5F", true, false}, {"6A", false, true}, {"7B", false, false}} {
		if c := shown[i]; c.Serial != want.serial || c.Watched != want.watched || c.Pinned != want.pinned {
			t.Errorf("%d: got %s, watched %t, pinned %t; want %+v", i, c.Serial, c.Watched, c.Pinned, want)
		}
	}
}

// TestUploadsAndMailsAreListedNewestFirst, each with what became of it.
func TestUploadsAndMailsAreListedNewestFirst(t *testing.T) {
	r := newRig(t)
	ctx, id := context.Background(), r.MustInvite("acme-ios").ID
	for i, name := range []integration.UploadID{"upl_a", "upl_b", "upl_c"} {
		at := r.now.Add(time.Duration(i) * time.Minute)
		u := integration.Upload{
			Integration: integration.ID(id), ID: name, Contact: "con_1", KeyID: "ABCDE12345", State: integration.UploadOpen, CreatedAt: at, FormExpires: at,
			Attempts: []integration.Attempt{
				{At: at, State: integration.UploadRefused, Diagnosis: "image"}, {At: at.Add(time.Second), State: integration.UploadRefused, Diagnosis: "role"},
			},
		}
		if err := r.db.Store().Commit(ctx, integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Create(u)}}); err != nil {
			t.Fatal(err)
		}
	}
	us, err := r.support.Uploads(ctx, id)
	if err != nil || len(us) != 3 || us[0].ID != "upl_c" || us[2].ID != "upl_a" {
		t.Fatalf("got %+v, %v", us, err)
	}
	newest := us[0]
	if newest.Contact != "con_1" || newest.KeyID != "ABCDE12345" || newest.State != "open" || len(newest.Attempts) != 2 {
		t.Fatalf("got %+v", newest)
	}
	if a := newest.Attempts[0]; a.Diagnosis != "role" || a.State != "refused" || !strings.Contains(a.Sentence, "role is too low") {
		t.Errorf("the newest attempt is %+v", a)
	}
	if a := newest.Attempts[1]; a.Diagnosis != "image" || !strings.Contains(a.Sentence, "picture") {
		t.Errorf("the one before is %+v", a)
	}
	r.now = r.now.Add(time.Hour)
	if _, err := r.support.IssueLink(ctx, id); err != nil {
		t.Fatal(err)
	}
	ns, err := r.support.Notices(ctx, id)
	if err != nil || len(ns) != 2 || !ns[0].CreatedAt.After(ns[1].CreatedAt) {
		t.Fatalf("mails: %+v, %v", ns, err)
	}
	for _, n := range ns {
		if n.Kind != "invitation" || n.Audience != "admin" || !n.Link {
			t.Errorf("an invitation is a %s to %s, with a link: %t; want one to admin with a link", n.Kind, n.Audience, n.Link)
		}
	}
}

// TestWhoWasWrittenTo: support reads the contact's name, others the ID, and
// support alone what came in and went out.
func TestWhoWasWrittenTo(t *testing.T) {
	r := newRig(t)
	ctx, it := context.Background(), r.MustInvite("acme-ios")
	ns, err := r.db.Store().Notices(ctx, integration.ID(it.ID))
	if err != nil || len(ns) != 1 {
		t.Fatalf("%d notices, %v", len(ns), err)
	}
	ada := it.Contacts[0]
	sent := ns[0]
	sent.Status, sent.SentAt, sent.SentTo = integration.Sent, start, integration.ContactID(ada.ID)
	if err := r.db.Store().Commit(ctx, integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(ns[0], sent)}}); err != nil {
		t.Fatal(err)
	}
	const said = `The last e-mail to the customer was "invitation", on 22 Nov 2025, 09:00 UTC (to `
	for _, tt := range []struct {
		who     *operator.Client
		rename  string
		want    string
		notices int
	}{
		{r.support, "Ada Admin", said + "Ada Admin).", 1},
		{r.export, "Ada Admin", said + ada.ID + ").", 0},
		{r.support, "", said + ada.ID + ").", 1}, // a contact needs no name
	} {
		if _, err := r.support.ChangeContact(ctx, it.ID, ada.ID, operator.ContactPatch{Name: &tt.rename}); err != nil {
			t.Fatal(err)
		}
		got, err := tt.who.Get(ctx, it.ID)
		if err != nil || !strings.HasSuffix(got.Words.Told, tt.want) || len(got.Notices) != tt.notices {
			t.Errorf("got %q with %d notices, %v; want %q with %d", got.Words.Told, len(got.Notices), err, tt.want, tt.notices)
		}
	}
}

// TestWhatWasSentCanBeReadAgain: by support, with a word on what is missing.
func TestWhatWasSentCanBeReadAgain(t *testing.T) {
	r := newRig(t)
	ctx, id := context.Background(), r.MustInvite("acme-ios").ID
	said := integration.Content{Subject: "Please upload your key", Text: "Open the link below:\n(link removed)\n"}
	for name, c := range map[string]struct {
		notice   integration.Notice
		words    string
		readable bool
	}{
		"sent":            {integration.Notice{Status: integration.Sent, Audience: "admin", Link: true, Content: said}, "As it was sent, without the greeting and the upload link.", true},
		"sent to support": {integration.Notice{Status: integration.Sent, Audience: "support", Content: said}, "As it was sent.", true},
		"bounced":         {integration.Notice{Status: integration.Dropped, Audience: "admin", Attempts: 1, Content: said}, "As it was sent, without the greeting.", true},
		"sent long ago":   {integration.Notice{Status: integration.Sent, Audience: "admin"}, "Its text was not kept: it was sent by an earlier version of Keyward.", false},
		"no clear answer": {integration.Notice{Status: integration.Dropped, Audience: "admin", Attempts: 2}, "It is not certain that this e-mail went out, and its text was not kept.", false},
		"outlived":        {integration.Notice{Status: integration.Dropped, Audience: "admin"}, "This e-mail was not sent.", false},
		"waits":           {integration.Notice{Status: integration.Pending, Audience: "admin"}, "This e-mail has not been sent yet. Its text is written when it goes out.", false},
		"under way":       {integration.Notice{Status: integration.Sending, Audience: "admin", Attempts: 1}, "This e-mail has not been sent yet. Its text is written when it goes out.", false},
	} {
		t.Run(name, func(t *testing.T) {
			n := c.notice
			n.Integration, n.Dedupe, n.Kind, n.CreatedAt = integration.ID(id), "invitation#admin#"+name, integration.NoticeInvitation, start
			if err := r.db.Store().Commit(ctx, integration.Change{Notices: []integration.Notice{n}}); err != nil {
				t.Fatal(err)
			}
			got, err := r.support.Notice(ctx, id, string(n.ID()))
			if err != nil || got.ID != string(n.ID()) || got.Words != c.words || got.Readable != c.readable {
				t.Fatalf("got %+v, %v; want %q, readable: %t", got, err, c.words, c.readable)
			}
			if c.readable != (got.Text == said.Text) || c.readable != (got.Subject == said.Subject) {
				t.Errorf("got %q: %q", got.Subject, got.Text)
			}
			i := slices.IndexFunc(r.MustListMails(id), func(o operator.Notice) bool { return o.ID == got.ID && o.Readable == c.readable })
			if i < 0 {
				t.Error("the list does not lead to it")
			}
		})
	}
	for name, path := range map[string][2]string{"no such e-mail": {id, "ntc_0000000000000000"}, "no such integration": {"int_00000000000000000000000000", r.MustListMails(id)[0].ID}} {
		_, err := r.support.Notice(ctx, path[0], path[1])
		if p := wantCode(t, err, operator.CodeNotFound); strings.Contains(p.Detail, "e-mail") != (name == "no such e-mail") {
			t.Errorf("%s: %s", name, p.Detail)
		}
	}
	other := r.MustInvite("bolt-ios").ID
	sent := integration.Notice{Integration: integration.ID(id), Dedupe: "invitation#admin#sent"}
	_, err := r.support.Notice(ctx, other, string(sent.ID()))
	wantCode(t, err, operator.CodeNotFound)
	if list := read(t, r.send("support", "GET", "/v1/integrations/"+id+"/notices", "")); strings.Contains(list, "link removed") {
		t.Error("the list holds the texts")
	}
}

func TestListsCarryNoETag(t *testing.T) {
	r := newRig(t)
	r.MustInvite("acme-ios")
	if got := r.send("support", "GET", "/v1/integrations", "").Header.Get("ETag"); got != "" {
		t.Errorf("got %s: it is no integration's version", got)
	}
}

func TestLevelsAreNamedInOrder(t *testing.T) {
	r := newRig(t)
	n := invitation("acme-ios")
	n.AccessLevel = "root"
	_, err := r.support.Create(context.Background(), n, "")
	if p := wantCode(t, err, operator.CodeInvalid); p.Detail != "There is no such access level. Choose one of: publish, insights, full." {
		t.Errorf("got %q", p.Detail)
	}
}

// TestCallersOfAFunctionURL are who AWS says that they are, and nobody where
// it says nothing.
func TestCallersOfAFunctionURL(t *testing.T) {
	const arn = "arn:aws:sts::111122223333:assumed-role/KeywardSupport/jane"
	context := events.LambdaFunctionURLRequestContext{}
	signed := context
	signed.Authorizer = &events.LambdaFunctionURLRequestContextAuthorizerDescription{
		IAM: &events.LambdaFunctionURLRequestContextAuthorizerIAMDescription{UserARN: arn},
	}
	open := context
	open.Authorizer = &events.LambdaFunctionURLRequestContextAuthorizerDescription{}
	for name, c := range map[string]struct {
		context events.LambdaFunctionURLRequestContext
		want    string
	}{"signed": {signed, arn}, "no authorizer": {context, ""}, "no IAM": {open, ""}} {
		got := "not called"
		handler := lambdaurl.Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = operator.FunctionURLCaller(r) }))
		c.context.HTTP.Method, c.context.DomainName = http.MethodGet, "example.lambda-url.eu-central-1.on.aws"
		resp, err := handler(t.Context(), &events.LambdaFunctionURLRequest{RawPath: "/", RequestContext: c.context})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = resp.Read(make([]byte, 1)) // the handler is done once there is an answer
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if got := operator.FunctionURLCaller(httptest.NewRequest(http.MethodGet, "/", nil)); got != "" {
		t.Errorf("elsewhere: got %q, want nobody", got)
	}
}

// TestClientAsks looks at the requests that a client makes.
func TestClientAsks(t *testing.T) {
	var got *http.Request
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{}`))
	}))
	t.Cleanup(server.Close)
	client := func(agent string) *operator.Client {
		c, err := operator.NewClient(operator.ClientConfig{BaseURL: server.URL + "/", UserAgent: agent})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ctx := context.Background()
	for _, tt := range []struct {
		name, want string
		ask        func(*operator.Client) error
	}{
		{"list", "GET /v1/integrations", func(c *operator.Client) error { _, err := c.List(ctx, operator.Listing{}); return err }},
		{"page", "GET /v1/integrations?cursor=x&limit=1&state=active", func(c *operator.Client) error {
			_, err := c.List(ctx, operator.Listing{State: "active", Cursor: "x", Limit: 1})
			return err
		}},
		{"history", "GET /v1/integrations/int_1/history", func(c *operator.Client) error { _, err := c.History(ctx, "int_1", "", 0); return err }},
		{"page of it", "GET /v1/integrations/int_1/history?cursor=x&limit=1", func(c *operator.Client) error { _, err := c.History(ctx, "int_1", "x", 1); return err }},
		{"levels", "GET /v1/access-levels", func(c *operator.Client) error { _, err := c.AccessLevels(ctx); return err }},
		{"last admin", "DELETE /v1/integrations/int_1/contacts/con_1?last_admin=true", func(c *operator.Client) error {
			_, err := c.EraseLastAdmin(ctx, "int_1", "con_1")
			return err
		}},
	} {
		if err := tt.ask(client("")); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if asked := got.Method + " " + got.RequestURI; asked != tt.want || got.UserAgent() != "keyward" {
			t.Errorf("%s: asked %s as %q, want %s as keyward", tt.name, asked, got.UserAgent(), tt.want)
		}
	}
	if _, err := client("build/1").Fleet(ctx); err != nil || got.UserAgent() != "build/1" {
		t.Errorf("asked as %q, want build/1 (%v)", got.UserAgent(), err)
	}
	if _, err := client("").Change(ctx, "int_1", operator.Patch{}, 0); err != nil || got.Header.Get("If-Match") != "" {
		t.Errorf("without a version: If-Match %q (%v)", got.Header.Get("If-Match"), err)
	}
	if _, err := client("").Change(ctx, "int_1", operator.Patch{}, 1); err != nil || got.Header.Get("If-Match") != `"1"` {
		t.Errorf("with version 1: If-Match %q (%v)", got.Header.Get("If-Match"), err)
	}
	status = http.StatusMultipleChoices
	if _, err := client("").Fleet(ctx); err == nil {
		t.Error("a redirect counts as an answer")
	}
}

func TestClientsNeedAURL(t *testing.T) {
	for _, base := range []string{"", "operator.example.com", "ftp://operator.example.com", "https://", "https://x.example?y=1", "https://x.example#y", "https://u:p@x.example", "https://x y"} {
		if _, err := operator.NewClient(operator.ClientConfig{BaseURL: base}); err == nil {
			t.Errorf("%q: no error", base)
		}
	}
	for _, base := range []string{"https://x.example", "http://127.0.0.1:8080/", "https://x.example/operator"} {
		if _, err := operator.NewClient(operator.ClientConfig{BaseURL: base}); err != nil {
			t.Errorf("%q: %v", base, err)
		}
	}
}
