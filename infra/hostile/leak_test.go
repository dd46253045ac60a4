package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"keyward/infra/demo"
	"keyward/infra/hostile/leak"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// A canaryWorld is a world whose every secret is known: all keys that anybody
// makes at Apple, all addresses, upload links and tokens.
type canaryWorld struct {
	*world
	path string
	keys []asctest.Key
}

func mustCanaries(t *testing.T) *canaryWorld {
	t.Helper()
	path := filepath.Join(quickDir(t), "keyward.db")
	w := &canaryWorld{world: mustWorld(t, options{path: path}), path: path}
	w.tape.record()
	return w
}

// quickDir is in memory where there is such a place: a story is thousands of
// commits, and each waits for the disk.
func quickDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "keyward-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Methods of demo.World.

func (w *canaryWorld) Now() time.Time { return w.clock.Now() }
func (w *canaryWorld) Advance(ctx context.Context, d time.Duration) error {
	return w.host.Advance(ctx, d)
}
func (w *canaryWorld) Operator(r operator.Role) (*operator.Client, error) { return w.as(r), nil }
func (w *canaryWorld) PortalURL() string                                  { return w.portal }
func (w *canaryWorld) SupportAddress() string                             { return supportAddress }
func (w *canaryWorld) Secrets(ctx context.Context) ([]string, error) {
	return w.host.Vault().Names(ctx)
}
func (w *canaryWorld) Objects(context.Context) (int, error) { return w.objects(), nil }
func (w *canaryWorld) Apple() demo.Apple                    { return spy{w.apple, w} }
func (w *canaryWorld) AppleURL() string                     { return w.site }
func (w *canaryWorld) Close() error                         { return nil }
func (w *canaryWorld) Deliver(ctx context.Context, m integration.CheckMessage) error {
	return w.host.DeliverCheck(ctx, m)
}

func (w *canaryWorld) Mails(ctx context.Context) ([]demo.Mail, error) {
	list, err := w.host.Inbox().List(ctx, math.MaxInt)
	var out []demo.Mail
	for _, m := range slices.Backward(list) {
		out = append(out, demo.Mail{At: m.At, Mail: m.Mail})
	}
	return out, err
}

var checked = regexp.MustCompile(`"msg":"checked".*?"integration":"(int_[0-9a-z]+)"`)

func (w *canaryWorld) Checks() map[integration.ID]int {
	out := map[integration.ID]int{}
	for _, m := range checked.FindAllSubmatch(w.tape.log("log"), -1) {
		out[integration.ID(m[1])]++
	}
	return out
}

// A spy notes the keys that are made.
type spy struct {
	*asctest.Server
	world *canaryWorld
}

func (s spy) NewKey(teamID string, roles ...asctest.Role) (asctest.Key, error) {
	k, err := s.Server.NewKey(teamID, roles...)
	s.world.keys = append(s.world.keys, k)
	return k, err
}

func (s spy) NewSubscriptionKey(teamID string) (asctest.Key, error) {
	k, err := s.Server.NewSubscriptionKey(teamID)
	s.world.keys = append(s.world.keys, k)
	return k, err
}

// The kinds of secrets, which begin their names.
const (
	aKey, aLink, aToken, anAddress, aPerson = "key", "link", "token", "address", "person"
)

// scanner knows all secrets that there are by now.
func (w *canaryWorld) scanner(t *testing.T) *leak.Scanner {
	t.Helper()
	s := leak.NewScanner()
	for _, k := range w.keys {
		if err := s.Key(aKey+" "+k.KeyID, k.PEM); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for _, m := range must(w.Mails(t.Context())) {
		text := strings.ReplaceAll(string(m.Raw), "=\r\n", "")
		for _, link := range regexp.MustCompile(`/l/([A-Za-z0-9_-]{43})`).FindAllStringSubmatch(text, -1) {
			seen[aLink+" "+link[1]] = true
		}
		if m.To != supportAddress {
			seen[anAddress+" "+m.To] = true
		}
	}
	for _, team := range w.apple.Teams() {
		for _, u := range team.Users {
			seen[aPerson+" "+u.Username] = true
		}
	}
	kinds := map[string]int{aKey: len(w.keys)}
	for secret := range seen {
		kind, text, _ := strings.Cut(secret, " ")
		kinds[kind]++
		s.Text(fmt.Sprintf("%s %d", kind, kinds[kind]), text)
	}
	for _, r := range w.tape.answers() {
		if jwt, ok := strings.CutPrefix(r.asked.Get("Authorization"), "Bearer "); ok && r.door == "apple" {
			kinds[aToken]++
			s.Plain(aToken+" for Apple", jwt[strings.LastIndex(jwt, ".")+1:])
		}
		if r.door == "operator" && strings.HasSuffix(r.path, "/token") && r.status == http.StatusOK {
			var grant operator.TokenGrant
			mustJSON(t, r.body, &grant)
			kinds["granted"]++
			s.Text(aToken+" handed out", grant.Token[strings.LastIndex(grant.Token, ".")+1:])
		}
	}
	for _, role := range []operator.Role{operator.Support, operator.Automation, operator.Export} {
		s.Text(aToken+" of "+string(role), w.host.Credentials()[role])
	}
	for kind, n := range kinds {
		if n == 0 {
			t.Errorf("no secret of the kind %s went through", kind)
		}
	}
	if kinds[aKey] < 1 || kinds[aLink] < 1 || kinds[anAddress] < 1 || kinds[aToken] < 1 || s.Len() < 1000 {
		t.Fatalf("too few secrets: %v", kinds)
	}
	return s
}

// clean: nothing but what may be is found.
func clean(t *testing.T, s *leak.Scanner, where string, data []byte, may ...string) {
	t.Helper()
	for _, h := range s.Scan(data) {
		kind, _, _ := strings.Cut(h.Secret, " ")
		if !slices.Contains(may, kind) {
			t.Errorf("%s holds %v", where, h)
		}
	}
}

// nowhere looks through all that came out of the world, and all that it keeps.
func (w *canaryWorld) nowhere(t *testing.T, output ...[]byte) {
	t.Helper()
	s := w.scanner(t)
	log := w.tape.log("log")
	if len(log) == 0 {
		t.Fatal("nothing was logged")
	}
	clean(t, s, "the log", log)
	clean(t, s, "the log", []byte(strings.Join(leakShapes(log), "\n")))
	for i, o := range output {
		clean(t, s, fmt.Sprintf("output %d", i), o)
		clean(t, s, fmt.Sprintf("output %d", i), []byte(strings.Join(leakShapes(o), "\n")))
	}
	answers := w.tape.answers()
	for _, r := range answers {
		clean(t, s, "the answer to "+r.String(), r.text(), mayShow(r)...)
		if len(r.header.Values("Set-Cookie")) > 0 && r.path != "/continue" && r.path != "/setup" {
			t.Errorf("%s sets a cookie", r)
		}
	}
	w.dump(t, s)
	t.Logf("%d answers, %d bytes of log, %d pieces of secrets", len(answers), len(log), s.Len())
}

func leakShapes(data []byte) []string {
	var out []string
	for _, h := range leak.Looks(data) {
		out = append(out, h.String())
	}
	return out
}

// mayShow is what an answer is there to show.
func mayShow(r reel) []string {
	contacts := regexp.MustCompile(`^(POST /v1/integrations|[A-Z]+ /v1/integrations/int_[0-9a-z]+(/contacts(/con_[0-9a-z]+)?|/links|/checks|/team-move|/disconnect)?)$`)
	switch {
	case r.door == "apple":
		return []string{aPerson, aToken, aKey, aLink, anAddress} // Apple's own doing
	case r.door == "portal" && strings.HasPrefix(r.path, "/l/"):
		return []string{aLink} // the form that Continue sends
	case r.door == "operator" && contacts.MatchString(r.method+" "+r.path):
		return []string{anAddress} // support sees contacts
	case r.door == "operator" && strings.HasSuffix(r.path, "/token"):
		return []string{aToken}
	}
	return nil
}

// dump reads every item of the state's file.
func (w *canaryWorld) dump(t *testing.T, s *leak.Scanner) {
	t.Helper()
	if err := w.host.Close(); err != nil {
		t.Fatal(err)
	}
	db := must(bbolt.Open(w.path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second}))
	defer db.Close()
	items := 0
	err := db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(bucket []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				items++
				clean(t, s, fmt.Sprintf("an item of %s", bucket), bytes.Join([][]byte{k, v}, []byte("\n")), mayKeep(string(bucket), string(k))...)
				return nil
			})
		})
	})
	if err != nil || items < 20 {
		t.Errorf("%d items, %v", items, err)
	}
}

// mayKeep is what an item is there to keep.
func mayKeep(bucket, key string) []string {
	switch {
	case bucket == "vault":
		return []string{aKey}
	case bucket == "mail":
		return []string{aLink, anAddress}
	case bucket == "table" && strings.Contains(key, "\x00CON#"):
		return []string{anAddress}
	}
	return nil
}

// TestTheDemoLeaksNothing tells the whole story with every secret known.
func TestTheDemoLeaksNothing(t *testing.T) {
	t.Parallel()
	w := mustCanaries(t)
	var out bytes.Buffer
	p := demo.NewPrinter(demo.PrinterConfig{Out: &out})
	p.Begin(w.Now())
	report, err := demo.Run(t.Context(), w, func(s demo.Step) { p.Step(s) })
	if err != nil {
		t.Fatalf("the story went wrong: %v", err)
	}
	if err := p.End(report, nil); err != nil {
		t.Fatal(err)
	}
	text := must(json.Marshal(report))
	w.nowhere(t, out.Bytes(), text)
}
