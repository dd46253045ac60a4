package notify

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/integration"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGolden holds every letter to a file that a person has read.
func TestGolden(t *testing.T) {
	for _, c := range specimens() {
		t.Run(c.name, func(t *testing.T) {
			letter := mustRender(t, c)
			golden(t, c.name+".txt", "Subject: "+letter.Subject+"\n\n"+letter.Text)
			golden(t, c.name+".html", letter.HTML)
		})
	}
}

func TestNoGoldenIsLeftOver(t *testing.T) {
	known := map[string]bool{"accepted.eml": true, "hostile.eml": true, "support.eml": true}
	for _, c := range specimens() {
		known[c.name+".txt"], known[c.name+".html"] = true, true
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] {
			t.Errorf("testdata/%s belongs to no specimen", f.Name())
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run the tests with -update, then read what it wrote)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("differs from %s (-want +got):\n%s", path, diff)
	}
}

func TestEveryKindHasALetterAndASpecimen(t *testing.T) {
	r := mustRenderer(t)
	shown := map[string]bool{}
	for _, c := range specimens() {
		shown[letterName(c.notice)] = true
	}
	for kind := range kinds() {
		audiences := []integration.Audience{integration.ToSupport}
		if !supportOnly(kind) {
			audiences = append(audiences, integration.ToAdmin)
		}
		for _, to := range audiences {
			name := letterName(integration.Notice{Kind: kind, Audience: to})
			if _, ok := r.letters[name]; !ok && (to != integration.ToSupport || supportOnly(kind) || toBoth()[kind]) {
				t.Errorf("no template %s", name)
			}
			if _, ok := r.letters[name]; ok && !shown[name] {
				t.Errorf("no specimen of %s", name)
			}
		}
	}
	for name := range r.letters {
		if kind := integration.NoticeKind(strings.TrimSuffix(name, ".support")); !kinds()[kind] {
			t.Errorf("template %s is for no kind", name)
		}
	}
}

func TestLettersToCustomers(t *testing.T) {
	for _, c := range specimens() {
		if c.notice.Audience == integration.ToSupport {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			letter := mustRender(t, c)
			for form, s := range map[string]string{"subject": letter.Subject, "text": letter.Text, "HTML": letter.HTML} {
				for _, word := range []string{"suspect", "deactivat", "<no value>", "%!"} {
					if strings.Contains(strings.ToLower(s), word) {
						t.Errorf("the %s says %q", form, word)
					}
				}
				if form != "subject" {
					mustHold(t, form, s, "What to do", vendor, "help@vendor.example", "Nobody will ever ask you to send a key by e-mail")
				}
				mustHold(t, form, s, "Acme Learning")
			}
			if c.link.URL != "" {
				mustHold(t, "text", letter.Text, c.link.URL, "5 April 2026, 09:30 UTC")
				mustHold(t, "HTML", letter.HTML, `href="`+c.link.URL, ">"+c.link.URL, "5 April 2026, 09:30 UTC")
			}
		})
	}
}

func TestLettersToSupport(t *testing.T) {
	for _, c := range specimens() {
		if c.notice.Audience != integration.ToSupport {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			letter := mustRender(t, c)
			want := []string{"https://console.vendor.example"}
			if c.it.ID != integration.Fleet {
				want = append(want, string(c.it.ID), "acme-42", "E-mails")
			}
			mustHold(t, "text", letter.Text, want...)
			mustHold(t, "HTML", letter.HTML, want...)
			mustHold(t, "text", letter.Text, "What to do")
		})
	}
}

func TestEveryLetterIsWellMade(t *testing.T) {
	for _, c := range specimens() {
		t.Run(c.name, func(t *testing.T) {
			letter := mustRender(t, c)
			if n := utf8.RuneCountInString(letter.Subject); n > 70 || n < 10 {
				t.Errorf("the subject has %d characters: %s", n, letter.Subject)
			}
			for line := range strings.Lines(letter.Text) {
				if utf8.RuneCountInString(line) > 77 && !strings.Contains(line, "https://") {
					t.Errorf("line of %d characters: %s", utf8.RuneCountInString(line), line)
				}
			}
			for _, bad := range []string{"<img", "src=", "@import", "url(", "<script", boldOn, boldOff, "ZgotmplZ"} {
				if strings.Contains(letter.HTML, bad) {
					t.Errorf("the HTML holds %q", bad)
				}
			}
			if strings.ContainsAny(letter.Text, boldOn+boldOff) {
				t.Error("the text holds marks")
			}
		})
	}
}

func mustHold(t *testing.T, form, s string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(unwrapped(s), w) {
			t.Errorf("the %s does not say %q", form, w)
		}
	}
}

// unwrapped undoes the line breaks within paragraphs.
func unwrapped(s string) string { return strings.Join(strings.Fields(s), " ") }

func mustRenderer(t *testing.T) *Renderer {
	t.Helper()
	r, err := NewRenderer(Letterhead{Vendor: vendor, Support: "help@vendor.example", ConsoleURL: "https://console.vendor.example"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustRender(t *testing.T, c specimen) Letter {
	t.Helper()
	letter, err := mustRenderer(t).Render(c.desk, c.to, c.link, at2026(3, 22, 9, 30))
	if err != nil {
		t.Fatal(err)
	}
	return letter
}

const vendor = "Lernwerk"

func at2026(month time.Month, d, hour, minute int) time.Time {
	return time.Date(2026, month, d, hour, minute, 0, 0, time.UTC)
}
