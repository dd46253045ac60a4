package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
)

type simulateCmd struct {
	Listen string `default:"127.0.0.1:8083" placeholder:"ADDR" help:"Where to listen, on this machine only (default: ${default})."`
}

// Run serves the simulated App Store Connect alone, until it is interrupted.
func (cmd *simulateCmd) Run(ctx context.Context, s *session) error {
	apple := asctest.New(asctest.Config{})
	if err := asctest.SampleTeams(apple); err != nil {
		return err
	}
	host, _, err := net.SplitHostPort(cmd.Listen)
	if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return usage("--listen: give an address of this machine, such as 127.0.0.1:8083")
	}
	door, err := net.Listen("tcp", cmd.Listen)
	if err != nil {
		return usage(fmt.Sprintf("cannot listen on %s: it is in use, or not ours. Choose another address with --listen", cmd.Listen))
	}
	base := "http://" + door.Addr().String()
	fmt.Fprintf(s.out, `A simulated App Store Connect is running. Stop it with Ctrl-C; nothing is kept.

  Page        %s/simulator/   teams, sample keys, faults
  API         %s/v1/
  Enterprise  %s/enterprise/v1/
`, base, base, base)
	server := &http.Server{Handler: apple.Site(), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	if err := server.Serve(door); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
