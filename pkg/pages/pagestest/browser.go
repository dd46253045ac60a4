// Package pagestest drives pages in a real Chromium, for tests: as a person
// with and without script, on a phone, with the keyboard alone, and with axe,
// which finds what people with disabilities would stumble over.
package pagestest

import (
	"context"
	_ "embed" // axe
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axe-core 4.14.1, MPL 2.0: see testdata/axe/LICENSE.
//
//go:embed testdata/axe/axe.min.js
var axe string

// patience bounds each step, on a machine that is busy with other tests: it is
// longer than the longest time between two looks of a page that waits.
const patience = time.Minute

// A Browser is one tab with cookies of its own.
type Browser struct {
	t   *testing.T
	ctx context.Context
}

// Open starts a Chromium, which ends with the test. The test fails if a page
// breaks its own content security policy, or a script throws. Where there is none the
// test fails if CI is set, and is skipped elsewhere: a test that cannot run
// does not skip in silence.
func Open(t *testing.T) *Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("no browser in short mode")
	}
	path := find()
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no Chromium: install the package chromium, or set KEYWARD_CHROMIUM to its path")
		}
		t.Skip("no Chromium found: pages are not tested in a browser; install the package chromium, or set KEYWARD_CHROMIUM to its path")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WindowSize(1000, 900),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("no-proxy-server", true),
		chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter,AutofillServerCommunication"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root otherwise
	}
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(cancelTab)
	b := &Browser{t: t, ctx: ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	b.watch()
	return b
}

// In is the same tab, for a subtest: what is wrong fails that.
func (b *Browser) In(t *testing.T) *Browser { return &Browser{t: t, ctx: b.ctx} }

func find() string {
	if p := os.Getenv("KEYWARD_CHROMIUM"); p != "" {
		return p
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// Do runs the steps, and fails the test if one does not work in time.
func (b *Browser) Do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		where, _ := chromedp.Run(b.ctx, chromedp.Title())
		b.t.Fatalf("on the page %q: %v", where, err)
	}
}

// Go opens a URL.
func (b *Browser) Go(url string) { b.t.Helper(); b.Do(chromedp.Navigate(url)) }

// Press clicks what the CSS selector finds, and waits for the page that comes.
func (b *Browser) Press(selector string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("pressing %s: %v", selector, err)
	}
}

// Touch clicks what the CSS selector finds, where no page comes of it.
func (b *Browser) Touch(selector string) {
	b.t.Helper()
	b.Do(chromedp.Click(chromedp.CSS(selector)))
}

// Type writes into an input.
func (b *Browser) Type(selector, text string) {
	b.t.Helper()
	b.Do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// Keys presses keys, wherever the focus is.
func (b *Browser) Keys(keys string) { b.t.Helper(); b.Do(chromedp.KeyEvent(keys)) }

// Attach chooses a file in an input.
func (b *Browser) Attach(selector, path string) {
	b.t.Helper()
	b.Do(chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path}))
}

// See waits until the page's text has the words.
func (b *Browser) See(words string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	text := ""
	for time.Now().Before(deadline) {
		// The page may just be changing: an error is not the end.
		if text, _ = chromedp.Run(b.ctx, chromedp.Text(chromedp.CSS("body"))); strings.Contains(text, words) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("the page never said %q, but:\n%s", words, text)
}

// Text is what a person sees of the page.
func (b *Browser) Text() string { return Eval[string](b, "document.body.innerText") }

// URL is where the browser is.
func (b *Browser) URL() string { return Eval[string](b, "location.href") }

// Eval runs JavaScript, also where pages may not.
func Eval[T any](b *Browser, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("evaluating %.60s: %v", expression, err)
	}
	return v
}

// WithoutScript switches JavaScript off for the pages that follow.
func (b *Browser) WithoutScript() {
	b.t.Helper()
	b.Do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
}

// Screen sets the size of the window, in CSS pixels, and the colour scheme:
// "light" or "dark".
func (b *Browser) Screen(width, height int, scheme string) {
	b.t.Helper()
	b.Do(chromedp.EmulateViewport(int64(width), int64(height)), func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return chromedp.Void{}, err
	})
}
