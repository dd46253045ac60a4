package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"keyward/infra/demo"
	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/template"
	"keyward/infra/local"
	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/integration"
	"keyward/pkg/operator"
)

// WorldConfig configures a World.
type WorldConfig struct {
	Template template.Document // must: after SAM's transform
	Build    Build             // must
	Moto     *moto.Server      // must: empty
}

// A World is demo.World on real bootstraps.
type World struct {
	*Host
	clock *local.Clock
	apple *asctest.Server
	site  net.Listener
	web   *http.Server
}

const supportAddress = "support@vendor.example"

// NewWorld deploys the template beside a simulated App Store Connect.
func NewWorld(ctx context.Context, cfg WorldConfig) (*World, error) {
	site, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &World{clock: local.NewFrozenClock(time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)), site: site}
	w.apple = asctest.New(asctest.Config{Now: w.clock.Now})
	w.web = &http.Server{Handler: w.apple.Site(), ReadHeaderTimeout: 10 * time.Second}
	go w.web.Serve(site)
	w.Host, err = New(ctx, Config{
		Template: cfg.Template, Build: cfg.Build, Moto: cfg.Moto, Clock: w.clock,
		Vendor: app.Vendor{Name: "Example Apps", Support: supportAddress, Sender: "keyward@vendor.example"},
		Apple:  local.Apple{URL: w.AppleURL(), EnterpriseURL: w.AppleURL() + "/enterprise"},
	})
	if err != nil {
		w.web.Close()
		return nil, err
	}
	return w, nil
}

// Close ends everything but moto.
func (w *World) Close() error { return errors.Join(w.Host.Close(), w.web.Close()) }

// Now is the virtual time.
func (w *World) Now() time.Time { return w.clock.Now() }

// Mails are all that SES took, the oldest first.
func (w *World) Mails(context.Context) ([]demo.Mail, error) {
	var out []demo.Mail
	for _, m := range w.Host.Mails() {
		out = append(out, demo.Mail{At: m.At, Mail: m.Mail})
	}
	return out, nil
}

// Operator speaks in the role.
func (w *World) Operator(r operator.Role) (*operator.Client, error) {
	return operator.NewClient(operator.ClientConfig{
		BaseURL: w.OperatorURL(), Authorize: operator.Bearer(w.Credentials()[r]), UserAgent: "keyward-demo",
	})
}

// SupportAddress is where mails to support go.
func (w *World) SupportAddress() string { return supportAddress }

// Secrets are the names of all secrets in the vault.
func (w *World) Secrets(ctx context.Context) ([]string, error) {
	var names []string
	in := map[string]any{"MaxResults": 100}
	for {
		var page struct {
			SecretList []struct{ Name string }
			NextToken  string
		}
		if err := w.cfg.Moto.Call(ctx, "secretsmanager.ListSecrets", in, &page); err != nil {
			return nil, err
		}
		for _, s := range page.SecretList {
			if strings.HasPrefix(s.Name, "keyward/") {
				names = append(names, s.Name)
			}
		}
		if page.NextToken == "" {
			return names, nil
		}
		in["NextToken"] = page.NextToken
	}
}

// Objects is how many files lie in the upload bucket.
func (w *World) Objects(ctx context.Context) (int, error) {
	n := 0
	for _, b := range w.stack.OfType("AWS::S3::Bucket") {
		page, err := w.cfg.Moto.Do(ctx, "s3", http.MethodGet, "/"+b.Ref+"?list-type=2", nil, nil)
		if err != nil {
			return 0, err
		}
		n += bytes.Count(page, []byte("<Key>"))
	}
	return n, nil
}

// Deliver puts a message into the queue of validate.
func (w *World) Deliver(ctx context.Context, m integration.CheckMessage) error {
	q, there := w.stack.Resources["ValidateQueue"]
	if !there {
		return fmt.Errorf("the stack has no ValidateQueue")
	}
	return w.send(ctx, q, m)
}

// Checks tells how many checks each integration has had.
func (w *World) Checks() map[integration.ID]int {
	out := map[integration.ID]int{}
	for id, n := range w.Host.Checks() {
		out[integration.ID(id)] = n
	}
	return out
}

// Apple is the simulator.
func (w *World) Apple() demo.Apple { return w.apple }

// AppleURL is where the simulator answers.
func (w *World) AppleURL() string { return "http://" + w.site.Addr().String() }
