package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/template"

	"keyward/infra/local"
	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/mailaddress"
)

type localCmd struct {
	Dir        string `default:".keyward" placeholder:"DIR" help:"Where the state is kept (default: ${default})."`
	Portal     string `default:"127.0.0.1:8080" placeholder:"ADDR" help:"Address of the portal (default: ${default})."`
	Console    string `default:"127.0.0.1:8081" placeholder:"ADDR" help:"Address of console, inbox, clock and operator (default: ${default})."`
	Uploads    string `default:"127.0.0.1:8082" placeholder:"ADDR" help:"Address that upload forms post to (default: ${default})."`
	Simulator  string `default:"127.0.0.1:8083" placeholder:"ADDR" help:"Address of the simulated App Store Connect (default: ${default})."`
	Apple      string `placeholder:"URL" help:"Speak to the App Store Connect at this URL instead of a simulated one; Apple's is https://api.appstoreconnect.apple.com."`
	Vendor     string `default:"Example Apps" help:"The vendor's name, as customers know it (default: ${default})."`
	Support    string `default:"support@vendor.example" placeholder:"ADDRESS" help:"The vendor's support address (default: ${default})."`
	VendorUser string `placeholder:"ADDRESS" help:"The vendor's own Apple Account: customers of the levels publish and full are asked to add it to their team as a user."`
	Verbose    bool   `short:"v" help:"Log what the functions do."`
}

// Run runs all of Keyward on this machine until it is interrupted.
func (cmd *localCmd) Run(ctx context.Context, s *session) error {
	if cmd.Apple != "" {
		if err := appstoreconnect.CheckURL(cmd.Apple); err != nil {
			return usage("--apple: " + err.Error())
		}
	}
	cfg := cmd.config(s.err)
	if cmd.VendorUser != "" {
		address, err := mailaddress.Parse(cmd.VendorUser)
		if err != nil {
			return usage("--vendor-user: " + err.Error())
		}
		user, err := integration.NewVendorUser(address)
		if err != nil {
			return usage("--vendor-user: " + err.Error())
		}
		cfg.Vendor.User = user
	}
	server, err := local.NewServer(ctx, cfg)
	if err != nil {
		return cmd.explain(err)
	}
	defer server.Close()
	if err := welcome.Execute(s.out, cmd.facts(server)); err != nil {
		return err
	}
	err = server.Run(ctx)
	fmt.Fprintln(s.out, "\nStopped. The state is kept: start again to go on.")
	return err
}

func (cmd *localCmd) config(log io.Writer) local.ServerConfig {
	level := slog.LevelWarn
	if cmd.Verbose {
		level = slog.LevelInfo
	}
	return local.ServerConfig{
		Dir: cmd.Dir, Apple: cmd.Apple, Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: level})),
		Addresses: local.Addresses{Portal: cmd.Portal, Console: cmd.Console, Uploads: cmd.Uploads, Simulator: cmd.Simulator},
		Vendor:    app.Vendor{Name: cmd.Vendor, Support: cmd.Support, Sender: "keyward@vendor.example"},
	}
}

// explain says what to do about what people run into.
func (cmd *localCmd) explain(err error) error {
	var (
		address *local.AddressError
		damaged *embedded.DamagedError
		exposed *embedded.ExposedError
	)
	switch {
	case errors.As(err, &damaged):
		return usage(damaged.Error())
	case errors.As(err, &exposed):
		return usage(exposed.Error())
	case errors.Is(err, embedded.ErrLocked):
		return usage(fmt.Sprintf("Keyward is running already on the state in %s. Stop it first, or give another directory with --dir.", cmd.Dir))
	case errors.As(err, &address):
		return usage(address.Error())
	case errors.Is(err, local.ErrOtherApple):
		return usage(err.Error())
	}
	return err
}

// facts are what the welcome screen says.
type facts struct {
	*local.Server
	Key     asctest.Key // the sample that the tour uploads
	Dir     string
	Program string // as it was called: make run calls bin/keyward
}

func (cmd *localCmd) facts(server *local.Server) facts {
	f := facts{Server: server, Dir: cmd.Dir, Program: os.Args[0]}
	if server.Apple != nil {
		if keys := server.Apple.Keys(asctest.SampleHealthy); len(keys) > 0 {
			f.Key = keys[0]
		}
	}
	return f
}

var welcome = template.Must(template.New("welcome").Parse(`
Keyward is running on this machine. Stop it with Ctrl-C; the state stays in {{.Dir}}.

  Console          {{.ConsoleURL}}/          support's pages
  Inbox            {{.ConsoleURL}}/inbox     every mail that goes out
  Clock            {{.ConsoleURL}}/clock     {{if .AppleURL}}let time pass{{else}}stands on the real time{{end}}
  Portal           {{.PortalURL}}/          where customers' links lead
{{- if .AppleURL}}
  Simulated Apple  {{.AppleURL}}

A first tour, in five clicks:

  1. Console: invite a customer.
  2. Inbox: open the invitation, follow its link and press Continue.
  3. Simulated Apple: download {{.Key.FileName}} and upload it, with
       Key ID {{.Key.KeyID}}   Team ID {{.Key.TeamID}}
       Issuer ID {{.Key.IssuerID}}
  4. Simulated Apple: revoke the key.
  5. Clock: move on by 3 days, and read in the inbox what customer and support are told.
{{- else}}

Checks go to the real App Store Connect. Invite yourself in the console, and follow
the link in the inbox: your key stays in {{.Dir}} on this machine.
{{- end}}

The command line works beside it, in another terminal: {{.Program}} list (see {{.Program}} --help).
`))
