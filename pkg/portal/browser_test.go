package portal_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"keyward/pkg/integration"
	"keyward/pkg/pages/pagestest"
)

// mustFile writes a file for the browser to upload.
func mustFile(t *testing.T, name, contents string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(contents), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func mustKey(t *testing.T) string {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// fine is an outcome with everything found.
func fine() integration.Outcome {
	o := integration.Outcome{Verdict: integration.OK, Kind: integration.TeamKey, TeamIDs: []string{"TEAM123456"},
		Apps: []integration.App{{ID: "1", BundleID: "com.example.app", Name: "Example Learning"}, {ID: "2", BundleID: "com.example.kids", Name: "Example Kids"}}}
	for _, c := range integration.Capabilities() {
		f := integration.Finding{Capability: c, Verdict: integration.OK}
		if c == integration.Users {
			f.Verdict, f.Reason = integration.Blocked, integration.Role
		}
		o.Findings = append(o.Findings, f)
	}
	return o
}

// fillIn types the four IDs.
func fillIn(b *pagestest.Browser) {
	b.Type("#issuer_id", "57246542-96fe-1a63-e053-0824d011072a")
	b.Type("#key_id", " abc1234567 ") // as people copy it
	b.Type("#team_id", "TEAM123456")
	b.Type("#team_name", "Example GmbH")
}

func clear(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.Clear(chromedp.CSS(selector))
}

// judged looks at a page as it is: with axe, and at the width of a small phone.
func judged(b *pagestest.Browser, name string) {
	b.Accessible()
	b.Fits(320)
	b.Screen(1000, 900, "dark")
	b.Accessible()
	b.Screen(1000, 900, "light")
	b.Shoot(name)
}

func TestWholeWayInABrowser(t *testing.T) {
	t.Parallel()
	b := pagestest.Open(t)
	w := mustWorld(t, nil)
	b.Go(w.site.URL + "/")
	judged(b, "home")
	b.Go(w.site.URL + "/l/" + w.token)
	judged(b, "link")
	b.Press("main button")
	if b.URL() != w.site.URL+"/setup" {
		t.Fatalf("Continue leads to %s", b.URL())
	}
	judged(b, "setup")

	b.Type("#key_id", "57246542-96fe-1a63-e053-0824d011072a")
	b.Press("form[action='/setup'] button")
	if got := b.Focused(); got != "errors" {
		t.Errorf("after an error the focus is on %q", got)
	}
	judged(b, "setup-errors")
	b.Do(clear("#key_id"))
	fillIn(b)
	b.Press("form[action='/setup'] button")
	b.See("Upload the key file")
	judged(b, "upload")

	b.Attach("#file", mustFile(t, "SubscriptionKey_ABC1234567.p8", mustKey(t)))
	b.See("In-App Purchase key")
	judged(b, "upload-warned")
	b.Attach("#file", mustFile(t, "AuthKey_ABC1234567.p8", mustKey(t)))
	b.See("looks like the right kind of file")
	b.Press("#send")
	b.See("We are looking at your file")
	judged(b, "status-looking")

	u := w.mustUploads()[0]
	w.advance(2 * time.Second)
	w.mustJudge(u, integration.Attempt{ETag: w.mustETag(u), State: integration.UploadWaiting, Diagnosis: string(integration.NotAuthorized)})
	b.See("Apple takes a few minutes to know new keys")
	if got := b.Focused(); got != "status-title" {
		t.Errorf("after a change the focus is on %q", got)
	}
	judged(b, "status-new-key")
	w.mustAccept(w.mustUploads()[0], fine())
	b.See("Your key works")
	b.See("Example Learning")
	judged(b, "status-accepted")
	for name, back := range map[string]string{"Back": "/setup", "the upload": "/uploads/" + string(u.ID)} {
		b.Go(w.site.URL + back)
		if b.See("Your key works"); !strings.HasSuffix(b.URL(), "/status") {
			t.Errorf("%s leads to %s", name, b.URL())
		}
	}
	b.Go(w.site.URL + "/l/" + w.token) // the same browser, the same link
	b.Press("main button")
	b.See("Your key works")
	other := pagestest.Open(t)
	other.Go(w.site.URL + "/l/" + w.token)
	other.Press("main button")
	other.See("This link cannot be used")
	b = other
	judged(b, "void")
}
