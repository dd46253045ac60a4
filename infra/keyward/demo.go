package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"

	"keyward/infra/demo"
)

type demoCmd struct {
	Verbose bool `short:"v" help:"Log what the functions do, on standard error."`
}

// Run tells the life of integrations, and fails where it comes out otherwise
// than expected.
func (cmd *demoCmd) Run(ctx context.Context, s *session) (err error) {
	world, err := demo.NewLocal(demo.LocalConfig{Random: demo.Seeded(1), Logger: cmd.logger(s.err)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.Close()) }()
	if s.JSON {
		report, err := demo.Run(ctx, world, nil)
		return errors.Join(err, printJSON(s.out, report))
	}
	p := demo.NewPrinter(demo.PrinterConfig{Out: s.out, Colour: colourful(s.out)})
	p.Begin(world.Now())
	report, err := demo.Run(ctx, world, p.Step)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(err, p.End(report, err))
}

func (cmd *demoCmd) logger(w io.Writer) *slog.Logger {
	if !cmd.Verbose {
		return nil
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
}

// colourful tells whether a terminal is there that may show colours; see
// no-color.org.
func colourful(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
