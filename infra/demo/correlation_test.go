package demo

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
)

// A journal keeps the log's lines.
type journal struct {
	mu    sync.Mutex
	lines []map[string]string
}

func (j *journal) Write(line []byte) (int, error) {
	var values map[string]any
	if err := json.NewDecoder(bytes.NewReader(line)).Decode(&values); err != nil {
		return 0, err
	}
	texts := map[string]string{}
	for k, v := range values {
		texts[k], _ = v.(string)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, texts)
	return len(line), nil
}

// ids are the correlation IDs of the lines with these values, without repeats.
func (j *journal) ids(t *testing.T, want map[string]string) []string {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []string
	for _, line := range j.lines {
		match := true
		for k, v := range want {
			match = match && line[k] == v
		}
		if id := line["correlation_id"]; match && (len(out) == 0 || out[len(out)-1] != id) {
			out = append(out, id)
		}
	}
	if len(out) == 0 || out[len(out)-1] == "" {
		t.Fatalf("no line with %v and a correlation ID", want)
	}
	return out
}

// mustAgree finds that all lines of the last of these share one ID.
func (j *journal) mustAgree(t *testing.T, cause map[string]string, effects ...map[string]string) {
	t.Helper()
	all := j.ids(t, cause)
	want := all[len(all)-1]
	for _, e := range effects {
		if got := j.ids(t, e); got[len(got)-1] != want {
			t.Errorf("%v has the ID %s, and %v has %v", cause, want, e, got)
		}
	}
}

// TestOneIDIsFollowedThroughTheFunctions: a person finds with one ID all that a
// request, or a run of the sweep, has led to.
func TestOneIDIsFollowedThroughTheFunctions(t *testing.T) {
	t.Parallel()
	log := &journal{}
	w, err := NewLocal(LocalConfig{Random: Seeded(3), Logger: slog.New(slog.NewJSONHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	s, err := newStory(w)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	c := &customer{reference: "acme", label: "Acme", level: "publish", roles: []asctest.Role{asctest.AppManager}, people: map[string]string{"ada@acme.example": "admin"}}
	must(s.join(c, 300*day))

	must(s.invite(ctx, c)) // operator → notice → notify
	log.mustAgree(t, map[string]string{"msg": "integration created"}, map[string]string{"msg": "mail sent", "kind": "invitation"})

	_, err = w.apple.Fail(asctest.Fault{Effect: asctest.Outage}) // portal → file → intake → delayed message → intake → notice → notify
	must(err)
	must(then(s.openLink(c, integration.NoticeInvitation), s.goOn(c), s.upload(c, c.ownKey))(ctx))
	log.ids(t, map[string]string{"msg": "upload waits"})
	w.apple.ClearFaults()
	must(w.Advance(ctx, 2*time.Hour))
	log.mustAgree(t, map[string]string{"msg": "request", "route": "POST /setup"}, map[string]string{"msg": "upload waits"},
		map[string]string{"msg": "upload accepted"}, map[string]string{"msg": "upload removed"}, map[string]string{"msg": "mail sent", "kind": "key_accepted"})

	must(w.apple.Revoke(c.key.KeyID)) // sweep → message → validate → notice → notify
	must(w.Advance(ctx, 3*day))
	lost := log.ids(t, map[string]string{"msg": "mail sent", "kind": "access_lost"})[0]
	for _, msg := range []string{"swept", "checked"} {
		if all := strings.Join(log.ids(t, map[string]string{"msg": msg}), " "); !strings.Contains(all, lost) {
			t.Errorf("%s: no line has the ID of the mail that it led to", msg)
		}
	}
	mails, err := w.host.Inbox().List(ctx, 20) // … → e-mail → bounce → feedback
	must(err)
	for _, m := range mails {
		if m.Mail.Tags["kind"] == "access_lost" && m.Mail.To == "ada@acme.example" {
			must(w.host.Bounce(ctx, m.ID))
		}
	}
	must(w.Advance(ctx, time.Minute))
	if got := log.ids(t, map[string]string{"msg": "contact does not get mail"}); got[0] != lost {
		t.Errorf("the bounce of %s has the ID %v", lost, got)
	}

	swept, checked := log.ids(t, map[string]string{"msg": "swept"}), log.ids(t, map[string]string{"msg": "checked"})
	if len(swept) < 30 || len(checked) < 5 {
		t.Errorf("runs of the sweep have %d IDs and checks %d: causes share IDs", len(swept), len(checked))
	}
}
