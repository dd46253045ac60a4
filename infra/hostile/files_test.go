package hostile

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"keyward/infra/hostile/leak"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// A bench is a world with one customer who is at the upload form.
type bench struct {
	*world
	*visitor
	team  asctest.Team
	key   asctest.Key
	id    string // the integration's
	token string
	path  string // the upload's
	form  postForm
	pages map[string]string // the status page by diagnosis
}

func (b *bench) ids() ids { return ids{b.key.KeyID, b.team.IssuerID, b.team.TeamID, b.team.Name} }

func mustBench(t *testing.T) *bench {
	t.Helper()
	w := mustWorld(t, options{})
	b := &bench{world: w, visitor: w.visitor(), pages: map[string]string{}, team: w.apple.AddTeam(asctest.Team{Name: "Canary Team"})}
	var err error
	if b.key, err = w.apple.NewKey(b.team.TeamID); err != nil {
		t.Fatal(err)
	}
	b.id = w.invite("bench", "ann@bench.example").ID
	b.token = w.linkFor(b.id)
	b.enter(b.token)
	b.fresh()
	return b
}

// fresh gets a form with another quarter of an hour to live.
func (b *bench) fresh() {
	b.visitor.t.Helper()
	b.path = b.begin(b.ids())
	b.form = b.visitor.form(b.path)
}

// hand sends the file through form, bucket, queue and intake, and gives the
// attempt that was judged.
func (b *bench) hand(f file) (integration.Attempt, string) {
	b.visitor.t.Helper()
	b.tick(600 * time.Millisecond) // within what one address may do
	a := b.send(b.form, f.name, f.content)
	if a.StatusCode == http.StatusBadRequest && strings.ContainsFunc(f.name, unicode.IsControl) {
		return integration.Attempt{State: integration.UploadRefused, Diagnosis: string(keyfile.Unknown)}, "" // the bucket takes no such name
	}
	if a.StatusCode != http.StatusSeeOther {
		b.visitor.t.Fatalf("%s: the bucket answers %d", f.what, a.StatusCode)
	}
	back, err := url.Parse(a.Header.Get("Location"))
	if err != nil || back.Scheme+"://"+back.Host != b.portal || back.Path != b.path+"/status" {
		b.visitor.t.Fatalf("%s: the bucket leads elsewhere", f.what)
	}
	b.settle()
	etag := strings.Trim(back.Query().Get("etag"), `"`)
	return b.attempt(etag), etag
}

func (b *bench) attempt(etag string) integration.Attempt {
	b.visitor.t.Helper()
	u, err := b.host.Store().Upload(context.Background(), integration.ID(b.id), integration.UploadID(strings.TrimPrefix(b.path, "/uploads/")))
	if err != nil {
		b.visitor.t.Fatal(err)
	}
	a, _ := u.Attempt(etag)
	return a
}

// refused is what every hostile file must end in: a verdict with a diagnosis
// that has a sentence, nothing in bucket and vault, and a status page that
// depends on the diagnosis alone.
func (b *bench) refused(t *testing.T, f file) {
	t.Helper()
	a, etag := b.hand(f)
	known := slices.Contains(keyfile.Diagnoses(), keyfile.Diagnosis(a.Diagnosis))
	if a.State != integration.UploadRefused || !known || keyfile.Diagnosis(a.Diagnosis).Sentence() == "" {
		t.Errorf("%s: %s with diagnosis %q", f.what, a.State, a.Diagnosis)
	}
	if n, m := b.objects(), len(b.secrets()); n != 0 || m != 0 {
		t.Fatalf("%s: %d files are left in the bucket, %d keys in the vault", f.what, n, m)
	}
	if etag == "" {
		return
	}
	page := b.get(b.path + "/status?etag=" + etag)
	text := told.ReplaceAllString(strings.ReplaceAll(page.body, etag, "ETAG"), "")
	text = strings.ReplaceAll(text, b.path, "PATH")
	if first, there := b.pages[a.Diagnosis]; !there {
		b.pages[a.Diagnosis] = text
	} else if text != first {
		t.Errorf("%s: the page depends on more than the diagnosis", f.what)
	}
	if page.StatusCode != http.StatusOK || !strings.Contains(page.body, "This file did not work") {
		t.Errorf("%s: the page says no verdict, status %d", f.what, page.StatusCode)
	}
}

// told is what the page says of times.
var told = regexp.MustCompile(`<time[^>]*>[^<]*</time>`)

// echoes looks for pieces of the file in all that was logged.
func (b *bench) echoes(t *testing.T, files []file) {
	t.Helper()
	s := leak.NewScanner()
	if err := s.Key("the key", b.key.PEM); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if len(f.content) >= 64 && !strings.Contains(f.what, "64 KiB") && !strings.Contains(f.what, "nothing but") && !strings.Contains(f.what, "deep") {
			s.Plain("file "+f.what, string(f.content[24:min(len(f.content), 500)]))
		}
		if len(f.name) > 20 {
			s.Plain("name "+f.what, f.name)
		}
	}
	for _, h := range s.Scan(b.tape.log("log")) {
		t.Errorf("the log repeats %v", h)
	}
	if n := strings.Count(string(b.tape.log("log")), "panic"); n > 0 {
		t.Errorf("the log tells of %d panics", n)
	}
}

// TestEverySingleBitOfAKeyFile turns each over: the file is refused with a
// diagnosis, or it is the same key still.
func TestEverySingleBitOfAKeyFile(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	want, err := keyfile.Parse(b.key.PEM)
	if err != nil {
		t.Fatal(err)
	}
	all := flips(b.key.PEM)
	for i, f := range all {
		if i%1000 == 999 {
			b.fresh()
		}
		k, err := keyfile.Parse(f.content)
		if err == nil {
			if k.Fingerprint() != want.Fingerprint() {
				t.Errorf("%s: accepted, as another key", f.what)
			}
			continue
		}
		b.refused(t, f)
	}
	b.echoes(t, all)
	if len(all) < 1900 || len(b.pages) < 8 {
		t.Errorf("%d files, %d diagnoses", len(all), len(b.pages))
	}
	b.stillWorks(t)
}

// TestHostileFiles sends all the rest.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	all := corpus(t, b.key.PEM)
	damaged := append([]byte(nil), b.key.PEM[:150]...)
	for _, n := range names() {
		all = append(all, file{fmt.Sprintf("a file named %.12q…", n), n, damaged})
	}
	for i, f := range all {
		if i%1000 == 999 {
			b.fresh()
		}
		b.refused(t, f)
	}
	b.echoes(t, all)
	if len(all) < 500 {
		t.Errorf("%d files", len(all))
	}
	b.stillWorks(t)
}

// stillWorks: after all that the link is still good, and the right file is
// taken.
func (b *bench) stillWorks(t *testing.T) {
	t.Helper()
	b.fresh()
	a, _ := b.hand(file{"the key itself", b.key.FileName, b.key.PEM})
	if a.State != integration.UploadAccepted || len(b.secrets()) != 1 || b.objects() != 0 {
		t.Errorf("the right key is %s (%s), %d keys in the vault, %d files in the bucket", a.State, a.Diagnosis, len(b.secrets()), b.objects())
	}
}

// TestKeysThatAreNotTheOneNamed are well-formed, and wrong: Apple says so.
func TestKeysThatAreNotTheOneNamed(t *testing.T) {
	t.Parallel()
	b := mustBench(t)
	other, err := b.apple.NewKey(b.team.TeamID)
	if err != nil {
		t.Fatal(err)
	}
	stranger := b.apple.AddTeam(asctest.Team{})
	foreign, err := b.apple.NewKey(stranger.TeamID)
	if err != nil {
		t.Fatal(err)
	}
	purchase, err := b.apple.NewSubscriptionKey(b.team.TeamID)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]file{
		"another of the team": {name: "key.p8", content: other.PEM}, "another team's": {name: b.key.FileName, content: foreign.PEM},
		"for purchases": {name: "key.p8", content: purchase.PEM}, "another's name": {name: other.FileName, content: foreign.PEM},
	} {
		b.fresh()
		_, etag := b.hand(f)
		b.advance(10 * time.Minute)
		if a := b.attempt(etag); a.State != integration.UploadRefused || a.Diagnosis == "" {
			t.Errorf("%s: %s (%s)", name, a.State, a.Diagnosis)
		}
		if len(b.secrets()) != 0 || b.objects() != 0 {
			t.Errorf("%s: %d keys in the vault, %d files in the bucket", name, len(b.secrets()), b.objects())
		}
		b.enter(b.token)
	}
}
