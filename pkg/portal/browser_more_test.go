package portal_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"keyward/pkg/integration"
	"keyward/pkg/pages/pagestest"
)

func TestWholeWayWithoutScript(t *testing.T) {
	t.Parallel()
	b := pagestest.Open(t)
	w := mustWorld(t, nil)
	b.WithoutScript()
	b.Go(w.site.URL + "/l/" + w.token)
	b.Press("main button")
	fillIn(b)
	b.Press("form[action='/setup'] button")
	b.Attach("#file", mustFile(t, "AuthKey_ABC1234567.p8", mustKey(t)))
	b.Press("#send")
	b.See("We are looking at your file")
	w.mustAccept(w.mustUploads()[0], fine())
	b.See("Your key works") // the page looks again by itself
}

// focusOn presses Tab until the focus is on the element.
func focusOn(t *testing.T, b *pagestest.Browser, want string) {
	t.Helper()
	for range 60 {
		if b.Keys(kb.Tab); b.Focused() == want {
			return
		}
	}
	t.Fatalf("%q cannot be reached with the keyboard", want)
}

func TestWholeWayWithTheKeyboardAlone(t *testing.T) {
	t.Parallel()
	b := pagestest.Open(t)
	w := mustWorld(t, nil)
	b.Go(w.site.URL + "/l/" + w.token)
	b.Keys(kb.Tab)
	if got := b.Focused(); got != "A Skip to the content" {
		t.Errorf("the first stop is %q", got)
	}
	focusOn(t, b, "BUTTON Continue")
	b.Keys(kb.Enter)
	b.See("Enter the IDs")
	for id, text := range map[string]string{"issuer_id": "57246542-96fe-1a63-e053-0824d011072a"} {
		focusOn(t, b, id)
		b.Keys(text)
	}
	for _, text := range []string{"ABC1234567", "TEAM123456", "Example GmbH"} {
		b.Keys(kb.Tab)
		b.Keys(text)
	}
	b.Keys(kb.Enter)
	b.See("Upload the key file")
	focusOn(t, b, "file")
	b.Attach("#file", mustFile(t, "AuthKey_ABC1234567.p8", mustKey(t))) // the system's own dialogue
	b.See("looks like the right kind of file")
	focusOn(t, b, "send")
	b.Keys(kb.Enter)
	b.See("We are looking at your file")
}

func TestAScannerThatPressesEveryButtonUsesNothingUp(t *testing.T) {
	t.Parallel()
	b := pagestest.Open(t)
	w := mustWorld(t, func(_ *portalConfig, d *integration.Draft) { d.Access.Reauthorise.Every = 30 * 24 * time.Hour })
	w.mustAccept(w.visitor().enter().mustBegin(), fine())
	w.advance(time.Hour)
	w.token = w.mustLink()
	before := w.mustIntegration()
	b.Go(w.site.URL + "/l/" + w.token)
	b.Press("main button")
	const press = `document.querySelectorAll("form").forEach(f=>f.noValidate=true);document.querySelectorAll("button")[%d]?.click()`
	for i := range 3 {
		b.Go(w.site.URL + "/setup")
		pagestest.Eval[any](b, strings.Replace(press, "%d", string(rune('0'+i)), 1))
		b.Do(chromedp.WaitReady(chromedp.CSS("h1")))
	}
	if after := w.mustIntegration(); after.Version != before.Version || len(w.mustUploads()) != 1 {
		t.Errorf("pressing every button changed something: version %d → %d, %d uploads", before.Version, after.Version, len(w.mustUploads()))
	}
	w.visitor().enter()
}

func TestTheScriptKnowsWrongFiles(t *testing.T) {
	t.Parallel()
	b := pagestest.Open(t)
	w := mustWorld(t, nil)
	b.Go(w.site.URL + "/l/" + w.token)
	b.Press("main button")
	fillIn(b)
	b.Press("form[action='/setup'] button")
	key := mustKey(t)
	for _, c := range []struct{ name, file, contents, says string }{
		{"good", "AuthKey_ABC1234567.p8", key, "looks like the right kind of file"},
		{"good, downloaded twice", "AuthKey_ABC1234567 (1).p8", key, "looks like the right kind of file"},
		{"good, with a byte order mark", "AuthKey_ABC1234567.p8", "\ufeff" + key, "looks like the right kind of file"},
		{"another key", "AuthKey_XYZ7654321.p8", key, "carries the key ID XYZ7654321"},
		{"another name", "key.txt", key, "ends in .p8"},
		{"In-App Purchase", "SubscriptionKey_ABC1234567.p8", key, "In-App Purchase key"},
		{"empty", "AuthKey_ABC1234567.p8", "", "is empty"},
		{"far too large", "AuthKey_ABC1234567.p8", strings.Repeat("a", 70000), "far too large"},
		{"RSA", "AuthKey_ABC1234567.p8", "-----BEGIN RSA PRIVATE KEY-----\nabc\n", "RSA key"},
		{"RSA in PKCS#8", "AuthKey_ABC1234567.p8", "-----BEGIN PRIVATE KEY-----\n" + strings.Repeat("a", 1600) + "\n-----END PRIVATE KEY-----", "too long for one of Apple"},
		{"SEC1", "AuthKey_ABC1234567.p8", "-----BEGIN EC PRIVATE KEY-----\nabc\n", "converted by another program"},
		{"encrypted", "AuthKey_ABC1234567.p8", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nabc\n", "passphrase"},
		{"certificate", "dist.cer", "-----BEGIN CERTIFICATE-----\nabc\n", "is a certificate"},
		{".p12", "dist.p12", "\x30\x82\x01\x02abc", "binary file"},
		{"cut off", "AuthKey_ABC1234567.p8", key[:100], "cut off"},
		{"a web page", "AuthKey_ABC1234567.p8", "<!DOCTYPE html><p>Sign in", "web page"},
		{"something", "AuthKey_ABC1234567.p8", "hello", "do not see a key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b.Attach("#file", mustFile(t, c.file, c.contents))
			b.See(c.says)
		})
	}
	b.Attach("#file", mustFile(t, "AuthKey_XYZ7654321.p8", key))
	b.See("carries the key ID")
	b.Touch("#send")
	b.See("Send it anyway")
	b.Press("#send") // it lets people insist
	b.See("We are looking at your file")
}

func TestPagesOfEveryVerdictLookRight(t *testing.T) {
	t.Parallel()
	b := pagestest.Open(t)
	w := mustWorld(t, func(_ *portalConfig, d *integration.Draft) { d.Access.Reauthorise.Every = 30 * 24 * time.Hour })
	b.Go(w.site.URL + "/l/" + w.token)
	b.Press("main button")
	fillIn(b)
	b.Press("form[action='/setup'] button")
	upload := b.URL()
	show := func(name string) { b.Go(upload + "/status"); judged(b, name) }
	show("status-nothing")
	for _, code := range []string{"in_app_purchase_key", "not_authorized", "team_mismatch"} {
		w.mustJudge(w.mustUploads()[0], integration.Attempt{ETag: code, State: integration.UploadRefused, Diagnosis: code})
		w.advance(time.Second)
		show("status-refused-" + code)
	}
	w.advance(time.Hour)
	b.Go(upload)
	judged(b, "upload-expired")
	w.mustAccept(w.mustUploads()[0], blocked(integration.Agreement))
	show("status-key-safe")
	w.advance(time.Hour)
	w.token = w.mustLink()
	b.Go(w.site.URL + "/l/" + w.token)
	b.Press("main button")
	judged(b, "setup-replace")
	b.Touch("#agree")
	b.Press("form[action='/reauthorise'] button")
	b.See("that is confirmed")
	judged(b, "setup-confirmed")
	b.Go(w.site.URL + "/nowhere")
	judged(b, "error-404")
	b.Go(w.site.URL + "/")
	b.Type("#address", contactAddress)
	b.Press("form[action='/link-request'] button")
	judged(b, "requested")
}

func TestAConnectionThatBreaksLeavesThePersonOnThePage(t *testing.T) {
	t.Parallel()
	b := pagestest.Open(t)
	w := mustWorld(t, nil)
	b.Go(w.site.URL + "/l/" + w.token)
	b.Press("main button")
	fillIn(b)
	b.Press("form[action='/setup'] button")
	b.Attach("#file", mustFile(t, "AuthKey_ABC1234567.p8", mustKey(t)))
	b.See("looks like the right kind of file")
	w.bucket.Close()
	b.Touch("#send")
	b.See("The connection broke off")
	if got := b.Text(); !strings.Contains(got, "Upload the file") {
		t.Error("the file cannot be sent again")
	}
	judged(b, "upload-broken-off")
}

func TestAnEmptyFileWithoutScriptComesToAPageOfOurs(t *testing.T) {
	t.Parallel()
	b := pagestest.Open(t)
	w := mustWorld(t, nil)
	b.WithoutScript()
	b.Go(w.site.URL + "/l/" + w.token)
	b.Press("main button")
	fillIn(b)
	b.Press("form[action='/setup'] button")
	b.Attach("#file", mustFile(t, "AuthKey_ABC1234567.p8", ""))
	b.Press("#send")
	b.See("We are looking at your file")
}
