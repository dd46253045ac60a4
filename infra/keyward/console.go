package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"keyward/pkg/console"
	"keyward/pkg/operator"
)

type consoleCmd struct {
	Listen string `default:"127.0.0.1:8084" placeholder:"ADDR" help:"Where to serve the pages; this machine only (default: ${default})."`
}

// Run serves the console until it is interrupted. Whoever reaches it acts as
// support, so it listens on this machine alone.
func (cmd *consoleCmd) Run(ctx context.Context, s *session) error {
	host, _, err := net.SplitHostPort(cmd.Listen)
	if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return usage("--listen must be an address of this machine, such as 127.0.0.1:8084: the pages ask for no password")
	}
	client, err := s.client(operator.Support)
	if err != nil {
		return err
	}
	if _, err := client.Fleet(ctx); err != nil {
		return err
	}
	pages, err := console.New(console.Config{Client: client, Now: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", cmd.Listen)
	if err != nil {
		return fmt.Errorf("--listen %s: %w", cmd.Listen, err)
	}
	fmt.Fprintf(s.out, "The console is at http://%s/\nCtrl-C stops it.\n", l.Addr())
	return serve(ctx, l, pages.Handler())
}

func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
	stop := context.AfterFunc(ctx, func() {
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	})
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the console: %w", err)
	}
	return nil
}
