package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"keyward/infra/demo"
	"keyward/infra/lambdahost"
	"keyward/infra/local"
	"keyward/pkg/app"
)

// onLambda is the flag by which local and demo run the functions' real
// bootstraps, as template.yaml says.
type onLambda struct {
	Lambda bool `help:"Run the functions as Lambda does, by template.yaml, beside a stand-in for AWS. Needs the repository, Go, make, and once: make python."`
}

// preparing tells why nothing happens for a while.
func preparing(s *session) {
	fmt.Fprintln(s.err, "Building the functions and starting AWS's stand-in …")
}

// lambdaWorld is the demonstration's world on real bootstraps. Its end also
// fails when anything was denied or failed on the way.
func lambdaWorld(ctx context.Context, s *session, log func(function, line string)) (demo.World, error) {
	preparing(s)
	kit, err := lambdahost.NewKit(ctx, ".")
	if err != nil {
		return nil, err
	}
	w, err := lambdahost.NewWorld(ctx, lambdahost.WorldConfig{Template: kit.Template, Build: kit.Build, Moto: kit.Moto, Log: log})
	if err != nil {
		return nil, errors.Join(err, kit.Close())
	}
	return kitWorld{w, kit}, nil
}

// kitWorld ends what it was made of.
type kitWorld struct {
	*lambdahost.World
	kit *lambdahost.Kit
}

func (w kitWorld) Close() error {
	err := errors.Join(w.World.Close(), w.kit.Close())
	if t := w.Troubles(); len(t) > 0 {
		err = errors.Join(err, errors.New("not as the template should have it:\n  "+strings.Join(t, "\n  ")))
	}
	return err
}

// functionLog writes what functions print, which is JSON, line by line.
func functionLog(out io.Writer, verbose bool) func(function, line string) {
	if !verbose {
		return nil
	}
	return func(function, line string) { fmt.Fprintf(out, "%-20s %s\n", function, strings.TrimSpace(line)) }
}

// runOnLambda is `keyward local --lambda`.
func (cmd *localCmd) runOnLambda(ctx context.Context, s *session) error {
	if cmd.Apple != "" {
		return usage("--lambda runs beside the simulated App Store Connect only")
	}
	preparing(s)
	kit, err := lambdahost.NewKit(ctx, ".")
	if err != nil {
		return err
	}
	defer kit.Close()
	server, err := lambdahost.NewServer(ctx, lambdahost.ServerConfig{
		Kit: kit, Dir: cmd.Dir, Logger: slog.New(slog.NewTextHandler(s.err, nil)), Log: functionLog(s.err, cmd.Verbose),
		Addresses: local.Addresses{Portal: cmd.Portal, Console: cmd.Console, Uploads: cmd.Uploads, Simulator: cmd.Simulator},
		Vendor:    app.Vendor{Name: cmd.Vendor, Support: cmd.Support, Sender: "keyward@vendor.example"},
	})
	if err != nil {
		return cmd.explain(err)
	}
	defer server.Close()
	fmt.Fprintf(s.out, lambdaWelcome, server.ConsoleURL(), server.ConsoleURL(), server.ConsoleURL(), server.PortalURL(), server.AppleURL(), os.Args[0])
	err = server.Run(ctx)
	for _, t := range server.Host.Troubles() {
		fmt.Fprintln(s.err, "trouble: "+t)
	}
	fmt.Fprintln(s.out, "\nStopped. Nothing is kept.")
	return err
}

const lambdaWelcome = `
Keyward's Lambda functions are running on this machine, as template.yaml wires
them. Stop them with Ctrl-C; nothing is kept.

  Console          %s/
  Inbox            %s/inbox
  Clock            %s/clock
  Portal           %s/
  Simulated Apple  %s

The command line works beside it, in another terminal: %s list
`
