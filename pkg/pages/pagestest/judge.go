package pagestest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Accessible fails the test for every rule of WCAG 2.2 A and AA, and of axe's
// best practices, that the page breaks.
func (b *Browser) Accessible() {
	b.t.Helper()
	const rules = `["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]`
	found := b.await(axe + `;axe.run(document,{runOnly:` + rules + `}).then(r=>r.violations.map(
		v=>v.id+": "+v.help+" – "+v.nodes.map(n=>n.target.join(" ")+" "+(n.any.concat(n.all).map(c=>c.message).join("; "))).join(" | ")).join("\n"))`)
	if found != "" {
		b.t.Errorf("axe on %s:\n%s", b.URL(), found)
	}
}

// await evaluates an expression that gives a promise of a text.
func (b *Browser) await(expression string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, func(p *runtime.EvaluateParams) {
		wait := true
		p.AwaitPromise = &wait
	}))
	if err != nil {
		b.t.Fatalf("evaluating: %v", err)
	}
	return text
}

// Fits fails the test if the page can be scrolled sideways at the width, and
// names what sticks out.
func (b *Browser) Fits(width int) {
	b.t.Helper()
	b.Screen(width, 700, "light")
	out := Eval[string](b, `(()=>{const w=document.documentElement.clientWidth;
		if(document.documentElement.scrollWidth<=w)return "";
		return [...document.querySelectorAll("body *")].filter(e=>e.getBoundingClientRect().right>w+1)
			.map(e=>e.tagName+"."+e.className+"#"+e.id).join(", ")||"something"})()`)
	if out != "" {
		b.t.Errorf("at %d px %s sticks out of %s", width, out, b.URL())
	}
}

// Focused describes what has the focus: its ID, else its tag and text.
func (b *Browser) Focused() string {
	return Eval[string](b, `(e=>e.id||e.name||(e.tagName+" "+e.textContent.trim()))(document.activeElement)`)
}

// watch fails the test at its end for what the browser complained about.
func (b *Browser) watch() {
	b.t.Helper()
	var mu sync.Mutex
	var complaints []string
	err := chromedp.Listen(b.ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, "a script threw: "+e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			if e.Entry.Source == "security" || e.Entry.Source == "violation" || strings.Contains(e.Entry.Text, "Content Security Policy") {
				complaints = append(complaints, e.Entry.Text)
			}
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range complaints {
			b.t.Error(c)
		}
	})
}

// Shoot saves pictures of the whole page, where KEYWARD_SHOTS names a folder:
// on a desktop and on a phone, light and dark. Otherwise it does nothing.
func (b *Browser) Shoot(name string) {
	b.t.Helper()
	dir := os.Getenv("KEYWARD_SHOTS")
	if dir == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		for label, width := range map[string]int{"desktop": 1100, "phone": 360} {
			b.Screen(width, 800, scheme)
			picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
			if err != nil {
				b.t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name+"-"+label+"-"+scheme+".png"), picture, 0o600); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	b.Screen(1000, 900, "light")
}
