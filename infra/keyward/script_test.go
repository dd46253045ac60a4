package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"keyward/pkg/app"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/operator"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"keyward": main, "masked": masked})
}

var aToken = regexp.MustCompile(`eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{80,}`)

// masked runs a command and prints TOKEN in the place of each token: scripts
// are shown with all that they print, and tokens belong into no test's output.
func masked() {
	c := exec.Command(os.Args[1], os.Args[2:]...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	os.Stdout.Write(aToken.ReplaceAllLiteral(out, []byte("TOKEN")))
	if err != nil {
		os.Exit(c.ProcessState.ExitCode())
	}
}

// TestScripts types the commands as a user does, against an operator on
// embedded adapters. Each script has its own.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata",
		Setup: setUp,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fails":    fails,    // fails 5 keyward …: runs it, and wants this exit code
			"activate": activate, // activate REFERENCE: hands over a key, as intake does
			"apply":    apply,    // apply REFERENCE blocked: lets a check end so
			"hold":     hold,     // hold 25h: lets a fleet hold have lasted so long
			"mails":    mails,    // mails REFERENCE: has its e-mails sent, and sets MAIL to the ID of the last
			"user":     user,     // user REFERENCE missing: asks for the vendor's user, and lets a check find it so
		},
	})
}

type dbKey struct{}

const account = "arn:aws:sts::111122223333:assumed-role/"

var arns = map[string]string{
	"tok-support": account + "Support/jane", "tok-automation": account + "Build/build-42", "tok-export": account + "Reports/nightly",
}

func setUp(env *testscript.Env) error {
	db, err := embedded.Open(embedded.Config{})
	if err != nil {
		return err
	}
	env.Defer(func() { _ = db.Close() })
	server, err := startOperator(db)
	if err != nil {
		return err
	}
	env.Defer(server.Close)
	env.Values[dbKey{}] = db
	env.Setenv("OPERATOR", server.URL+"/api")
	return writeCredentials(env.WorkDir, server.URL+"/api")
}

// startOperator serves one whose callers are known by bearer token.
func startOperator(db *embedded.DB) (*httptest.Server, error) {
	api, err := app.Operator(app.Ports{Store: db.Store(), Vault: db.Vault(), Now: time.Now}, app.Settings{
		Caller: func(r *http.Request) string {
			return arns[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
		},
		Roles: map[string]operator.Role{
			"arn:aws:iam::111122223333:role/Support": operator.Support, "arn:aws:iam::111122223333:role/Build": operator.Automation,
			"arn:aws:iam::111122223333:role/Reports": operator.Export,
		},
	})
	if err != nil {
		return nil, err
	}
	return httptest.NewServer(http.StripPrefix("/api", api)), nil
}

func writeCredentials(dir, url string) error {
	b, err := json.Marshal(credentials{URL: url, Support: "tok-support", Automation: "tok-automation", Export: "tok-export"})
	if err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(dir, ".keyward"), 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, ".keyward", "credentials.json"), b, 0o600)
}

func fails(ts *testscript.TestScript, _ bool, args []string) {
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); !errors.As(err, &exit) {
		ts.Fatalf("got %v, want exit code %s", err, args[0])
	}
	if got := strconv.Itoa(exit.ExitCode()); got != args[0] {
		ts.Fatalf("got exit code %s, want %s", got, args[0])
	}
}

func activate(ts *testscript.TestScript, _ bool, args []string) {
	db := ts.Value(dbKey{}).(*embedded.DB)
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	der, err := x509.MarshalPKCS8PrivateKey(k)
	ts.Check(err)
	key, err := keyfile.Parse(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	ts.Check(err)
	it, upload := stored(ts, db, args[0]), integration.NewUploadID(rand.Reader)
	ts.Check(db.Vault().Put(context.Background(), it.ID, upload, key))
	commit(ts, db, it, integration.KeyAccepted{
		Key: integration.Key{
			Upload: upload, KeyID: "ABCDE12345", IssuerID: "57246542-96fe-1a63-e053-0824d011072a", Kind: integration.TeamKey,
			Program: integration.Standard, Fingerprint: key.Fingerprint(), AcceptedAt: time.Now(),
		},
		TeamID: "TEAM123456", TeamName: "Acme Inc.\x1b[31m", Epoch: it.LinkEpoch,
		Outcome: integration.Outcome{
			Verdict: integration.OK, Apps: []integration.App{{ID: "1", BundleID: "com.acme.learn", Name: "Learn"}},
			Findings: []integration.Finding{{Capability: integration.Apps, Verdict: integration.OK}},
		},
	})
}

func apply(ts *testscript.TestScript, _ bool, args []string) {
	db := ts.Value(dbKey{}).(*embedded.DB)
	check := integration.NewCheckID(rand.Reader)
	it := stored(ts, db, args[0])
	commit(ts, db, it, integration.CheckLeased{Check: check, Until: time.Now().Add(time.Minute)})
	commit(ts, db, stored(ts, db, args[0]), integration.Checked{
		Check: check, Used: it.Key.Upload, Outcome: integration.Outcome{Verdict: integration.Verdict(args[1]), Reason: integration.Agreement},
	})
}

func mails(ts *testscript.TestScript, _ bool, args []string) {
	store, ctx := ts.Value(dbKey{}).(*embedded.DB).Store(), context.Background()
	it := stored(ts, ts.Value(dbKey{}).(*embedded.DB), args[0])
	ns, err := store.Notices(ctx, it.ID)
	ts.Check(err)
	contacts, err := store.Contacts(ctx, it.ID)
	ts.Check(err)
	for _, n := range ns {
		sent := n
		sent.Status, sent.SentAt, sent.SentTo = integration.Sent, time.Now(), contacts[0].ID
		sent.Content = integration.Content{Subject: "Please upload your key", Text: "Open the link below:\n(link removed)\x1b[31m\n"}
		ts.Check(store.Commit(ctx, integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(n, sent)}}))
		ts.Setenv("MAIL", string(n.ID()))
	}
}

func user(ts *testscript.TestScript, _ bool, args []string) {
	before := stored(ts, ts.Value(dbKey{}).(*embedded.DB), args[0])
	asked, err := integration.NewVendorUser("builds@vendor.example")
	ts.Check(err)
	after := before
	after.Access.User, after.User = asked, integration.UserFinding{Access: integration.UserAccess(args[1])}
	ts.Check(ts.Value(dbKey{}).(*embedded.DB).Store().Commit(context.Background(), integration.Change{Integration: integration.Put(before, after)}))
}

func hold(ts *testscript.TestScript, _ bool, args []string) {
	lasts, err := time.ParseDuration(args[0])
	ts.Check(err)
	store, ctx := ts.Value(dbKey{}).(*embedded.DB).Store(), context.Background()
	before, err := store.Fleet(ctx)
	ts.Check(err)
	after, since := before, time.Now().Add(-lasts)
	after.Size, after.HoldSince, after.HeldPeak, after.WaveSince, after.WavePeak = 40, since, 9, since, 5
	ts.Check(store.SetFleet(ctx, before, after, nil))
	ts.Check(store.Mark(ctx, integration.MarkedRejected, integration.Mark{Integration: "int_x", At: since}))
}

func stored(ts *testscript.TestScript, db *embedded.DB, reference string) integration.Integration {
	ids, err := db.Store().Find(context.Background(), integration.ByReference(reference))
	ts.Check(err)
	it, err := db.Store().Integration(context.Background(), ids[0])
	ts.Check(err)
	return it
}

func commit(ts *testscript.TestScript, db *embedded.DB, it integration.Integration, ev integration.Event) {
	ch, err := integration.Decide(it, ev, time.Now())
	ts.Check(err)
	ts.Check(db.Store().Commit(context.Background(), ch))
}
