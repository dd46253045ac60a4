package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"keyward/pkg/integration"
)

func mustLocal(t *testing.T, random io.Reader) *Local {
	t.Helper()
	w, err := NewLocal(LocalConfig{Random: random})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// TestTheStoryHolds tells it twice, once with true randomness: IDs decide at
// which minute an integration is checked, and must decide nothing else.
func TestTheStoryHolds(t *testing.T) {
	t.Parallel()
	var a, b Report
	for random, r := range map[io.Reader]*Report{Seeded(1): &a, nil: &b} {
		var err error
		if *r, err = Run(context.Background(), mustLocal(t, random), nil); err != nil {
			t.Fatal(err)
		}
	}
	if len(a.Steps) < 30 || len(a.Steps) != len(b.Steps) {
		t.Fatalf("%d and %d steps", len(a.Steps), len(b.Steps))
	}
	for i := range a.Steps {
		x, y := a.Steps[i], b.Steps[i]
		if x.What != y.What || spell(x.Mails) != spell(y.Mails) || strings.Join(facts(x.Facts), " ") != strings.Join(facts(y.Facts), " ") {
			t.Errorf("told in two ways:\n%+v\n%+v", x, y)
		}
	}
	t.Run("table", func(t *testing.T) { checkTable(t, a) })
	t.Run("print", func(t *testing.T) { checkPrint(t, a) })
	t.Run("json", func(t *testing.T) { checkJSON(t, a) })
}

func checkTable(t *testing.T, r Report) {
	if len(r.Integrations) != 6 || r.Failed != nil {
		t.Fatalf("%d integrations, failed %v", len(r.Integrations), r.Failed)
	}
	main := r.Integrations[0]
	if main.State != string(integration.Disconnected) || main.Secrets != 0 || main.MailsToCustomer != 14 || main.MailsToSupport != 12 {
		t.Errorf("the main integration: %+v", main)
	}
	for _, row := range r.Integrations[1:] {
		if row.State != string(integration.Active) || row.Secrets != 1 || row.MailsToCustomer != 2 || row.MailsToSupport != 0 || row.Checks < 100 {
			t.Errorf("a neighbour: %+v", row)
		}
	}
}

// secret is what must not be printed: addresses, link tokens and JWTs.
var secret = regexp.MustCompile(`@|[A-Za-z0-9_-]{43}|eyJ`)

func checkPrint(t *testing.T, r Report) {
	plain, coloured := printed(t, r, false), printed(t, r, true)
	for line := range strings.Lines(plain) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
			t.Errorf("%d columns: %s", n, line)
		}
		if secret.MatchString(line) {
			t.Errorf("tells too much: %s", line)
		}
	}
	for _, part := range []string{"5  The key is revoked", "✉ access lost → admin, support", "juniper-guides", "All 38 steps"} {
		if !strings.Contains(plain, part) {
			t.Errorf("says nothing of %q", part)
		}
	}
	if strings.Contains(plain, "\x1b") || regexp.MustCompile("\x1b\\[[0-9]+m").ReplaceAllString(coloured, "") != plain || coloured == plain {
		t.Error("colours are not all that differs")
	}
}

func printed(t *testing.T, r Report, colour bool) string {
	t.Helper()
	var b bytes.Buffer
	p := NewPrinter(PrinterConfig{Out: &b, Colour: colour})
	p.Begin(r.Steps[0].At)
	for _, s := range r.Steps {
		p.Step(s)
	}
	var err error
	if r.Failed != nil {
		err = r.Failed
	}
	if err := p.End(r, err); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func checkJSON(t *testing.T, r Report) {
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Steps   []struct{ OK bool }
		Figures struct {
			Virtual float64 `json:"virtual_seconds"`
		}
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Steps) != len(r.Steps) || !got.Steps[0].OK || got.Figures.Virtual < 30*24*3600 {
		t.Errorf("got %+v", got)
	}
	if secret.Match(text) {
		t.Error("tells too much")
	}
}
