package functions_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyward/functions/internal/boot"
	"keyward/infra/e2e/template/templatetest"
)

// An outcome is what an event leads to in a world with one invitation.
type outcome struct {
	status  int  // of web functions
	failed  int  // items of a batch that are given back
	dropped int  // items that are logged as nonsense
	mails   int  // in the inbox afterwards
	domain  bool // the portal stands behind CloudFront
}

var outcomes = map[string]outcome{
	"portal-health":     {status: 200},
	"portal-link":       {status: 200},
	"portal-continue":   {status: 303},
	"portal-setup":      {status: 200},
	"portal-cross-site": {status: 403},
	"portal-cloudfront": {status: 200, domain: true},

	"operator-list":     {status: 200},
	"operator-create":   {status: 201},
	"operator-token":    {status: 409}, // there is no key yet
	"operator-stranger": {status: 403},

	"intake-object-created": {},
	"intake-batch":          {},
	"intake-retry":          {},
	"intake-left-behind":    {},
	"intake-not-an-event":   {dropped: 1},

	"sweep-schedule": {},
	"sweep-late":     {},

	"validate-checks":      {},
	"validate-twice":       {},
	"validate-not-a-check": {dropped: 2},

	"certificates-checks":      {},
	"certificates-twice":       {},
	"certificates-not-a-check": {dropped: 2},

	"notify-insert":   {mails: 1},
	"notify-modify":   {mails: 1},
	"notify-batch":    {mails: 1},
	"notify-unwanted": {},

	"feedback-bounce-permanent":  {},
	"feedback-bounce-transient":  {},
	"feedback-bounce-suppressed": {},
	"feedback-complaint":         {},
	"feedback-delivery-delay":    {},
	"feedback-reject":            {},
	"feedback-rendering-failure": {},
	"feedback-not-an-event":      {failed: 1},
}

func TestEventsAreUnderstood(t *testing.T) {
	for name, want := range outcomes {
		t.Run(name, func(t *testing.T) {
			env := boot.Env{}
			if want.domain {
				env.OriginSecret = "an-origin-secret-of-48-characters-made-by-aws-0000"
			}
			w := mustWorld(t, env)
			w.mustInvite(t)
			function, _, _ := strings.Cut(name, "-")
			event := []byte(templatetest.MustRead(t, "events/"+name+".json"))
			answer, err := w.invoke(t, function, event)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, w, want, function, event, answer)
		})
	}
}

func compare(t *testing.T, w *world, want outcome, function string, event, answer []byte) {
	t.Helper()
	switch function {
	case "portal", "operator":
		if got := status(t, answer); got != want.status {
			t.Errorf("status %d, not %d: %s", got, want.status, answer)
		}
	case "sweep":
	default:
		if got := failures(t, answer); !slices.Equal(got, firstIDs(t, event, want.failed)) {
			t.Errorf("given back: %q", got)
		}
	}
	if got := strings.Count(w.log.String(), "message dropped"); got != want.dropped {
		t.Errorf("%d items dropped, not %d: %s", got, want.dropped, w.log)
	}
	mails, err := w.db.Inbox().List(context.Background(), 10)
	if err != nil || len(mails) != want.mails {
		t.Errorf("%d mails, not %d: %v", len(mails), want.mails, err)
	}
}

// status is that of the prelude with which a streamed answer begins.
func status(t *testing.T, answer []byte) int {
	t.Helper()
	prelude, _, _ := bytes.Cut(answer, make([]byte, 8))
	var p struct{ StatusCode int }
	if err := json.Unmarshal(prelude, &p); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return p.StatusCode
}

// firstIDs are the names by which the first n items of a batch are given back.
func firstIDs(t *testing.T, event []byte, n int) []string {
	t.Helper()
	var e struct{ Records []struct{ MessageID string } }
	if err := json.Unmarshal(event, &e); err != nil {
		t.Fatal(err)
	}
	ids := []string{}
	for _, r := range e.Records[:n] {
		ids = append(ids, r.MessageID)
	}
	return ids
}

func TestEveryEventIsTried(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(templatetest.Root(), "events", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no events", err)
	}
	for _, f := range files {
		if _, ok := outcomes[strings.TrimSuffix(filepath.Base(f), ".json")]; !ok {
			t.Errorf("%s has no outcome", f)
		}
	}
	for name := range outcomes {
		if _, err := os.Stat(filepath.Join(templatetest.Root(), "events", name+".json")); err != nil {
			t.Error(err)
		}
	}
}

// TestAPanicIsSurvivedAndSaysNothing lets every function's database panic with
// a key, a link's token and an address.
func TestAPanicIsSurvivedAndSaysNothing(t *testing.T) {
	const secret = "-----BEGIN PRIVATE KEY-----MIGTAgEA " + token + " ada@acme.example"
	for name, given := range map[string]int{
		"portal-continue": 0, "operator-list": 0, "intake-object-created": 1, "sweep-schedule": 0,
		"validate-checks": 2, "certificates-checks": 2, "notify-batch": 2, "feedback-complaint": 1,
	} {
		t.Run(name, func(t *testing.T) {
			w := mustWorld(t, boot.Env{})
			w.mustInvite(t)
			w.before = func() error { panic(secret) }
			function, _, _ := strings.Cut(name, "-")
			answer, err := w.invoke(t, function, []byte(templatetest.MustRead(t, "events/"+name+".json")))
			switch function {
			case "sweep":
				if err == nil {
					t.Error("the sweep says that all is well")
				}
			case "portal", "operator":
				if got := status(t, answer); got != 500 {
					t.Errorf("status %d", got)
				}
			default:
				if got := failures(t, answer); len(got) != given {
					t.Errorf("given back: %q", got)
				}
			}
			said := fmt.Sprint(w.log, string(answer), err)
			if !strings.Contains(said, "panic with string at ") {
				t.Errorf("nobody learns of it: %s", said)
			}
			for _, part := range strings.Fields(secret) {
				if strings.Contains(said, part) {
					t.Error("what was panicked with is told")
				}
			}
		})
	}
}

func TestBehindCloudFrontTheFunctionsOwnURLIsClosed(t *testing.T) {
	w := mustWorld(t, boot.Env{OriginSecret: "another secret"})
	w.mustInvite(t)
	for _, name := range []string{"portal-link", "portal-health", "portal-cloudfront"} {
		answer, err := w.invoke(t, "portal", []byte(templatetest.MustRead(t, "events/"+name+".json")))
		if err != nil || status(t, answer) != 404 {
			t.Errorf("%s: %v: %s", name, err, answer)
		}
		for _, header := range []string{"Content-Security-Policy", "Strict-Transport-Security", "Cache-Control", "Referrer-Policy", "X-Robots-Tag"} {
			if !bytes.Contains(answer, []byte(`"`+header+`":`)) {
				t.Errorf("%s: no %s: %s", name, header, answer)
			}
		}
	}
}
