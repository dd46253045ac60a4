package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

const about = `Keyward keeps App Store Connect integrations alive.

Commands find the operator by --url, else KEYWARD_URL, else by the file
.keyward/credentials.json, which "keyward local" writes.

Exit codes: 0 done; 2 wrong command line; 3 nothing of that name; 4 not allowed;
5 refused; 6 no answer, or the service is not well; 1 anything else.`

// A command is the whole command line. Commands of one machine come first,
// then those that speak to an operator.
type command struct {
	Connection connection `embed:"" group:"Where the operator is:"`
	JSON       bool       `name:"json" help:"Print JSON, for programs."`

	Local    localCmd    `cmd:"" help:"Run all of Keyward on this machine."`
	Simulate simulateCmd `cmd:"" help:"Run the simulated App Store Connect alone."`
	Demo     demoCmd     `cmd:"" help:"Tell the life of integrations, on a virtual clock."`

	Invite     inviteCmd     `cmd:"" help:"Invite a customer to hand over a key."`
	List       listCmd       `cmd:"" help:"List integrations, or search for some."`
	Show       showCmd       `cmd:"" help:"Show one integration."`
	History    historyCmd    `cmd:"" help:"Show what happened to an integration."`
	Check      checkCmd      `cmd:"" help:"Check a key with Apple now."`
	Token      tokenCmd      `cmd:"" help:"Print a token for App Store Connect, and nothing else."`
	Link       linkCmd       `cmd:"" help:"Send a new upload link, or revoke those sent."`
	Contact    contactCmd    `cmd:"" help:"Add, change or erase contacts."`
	Team       teamCmd       `cmd:"" help:"Set the Apple team of an integration, or allow a key of another team."`
	Fleet      fleetCmd      `cmd:"" help:"Show how all integrations are together, or end a fleet hold."`
	Disconnect disconnectCmd `cmd:"" help:"End an integration for good."`
	Console    consoleCmd    `cmd:"" help:"Serve support's web pages on this machine."`
}

// streams are what a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// helped ends the parsing when help was asked for.
type helped struct{}

func run(ctx context.Context, args []string, s streams) (code int) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(helped); !ok {
				panic(v)
			}
			code = exitDone
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	var cmd command
	parser, err := kong.New(&cmd, kong.Name("keyward"), kong.Description(about), kong.Writers(s.out, s.err),
		kong.Exit(func(int) { panic(helped{}) }), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		panic(err) // a mistake in the struct above
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(s.err, "keyward: %s\nTry: keyward --help\n", err)
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(s, &session{connection: cmd.Connection, streams: s, JSON: cmd.JSON})
	return report(s.err, err)
}

// report tells a person what went wrong, and a program which kind it is.
func report(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, context.Canceled) {
		return exitFailed
	}
	fmt.Fprintf(w, "keyward: %s\n", plain(err.Error()))
	if hint := hintFor(err); hint != "" {
		fmt.Fprintln(w, hint)
	}
	return exitCode(err)
}
