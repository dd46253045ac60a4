package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
)

// The two processes speak in lines of JSON over the simulator's standard input
// and output: one order, then one question after the other.

// order is what the simulator is to have.
type order struct{ Keys int }

// welcome says where it is.
type welcome struct {
	URL  string
	Root []byte // PEM
	Team string
	Keys []asctest.Key
}

// usage is what a process has used so far.
type usage struct {
	CPU   time.Duration // user and system
	Calls int           // of the API
}

// serveApple is the simulator's process. It ends with its input.
func serveApple(in io.Reader, out io.Writer) error {
	asked, answer := json.NewDecoder(in), json.NewEncoder(out)
	var o order
	if err := asked.Decode(&o); err != nil {
		return fmt.Errorf("reading the order: %w", err)
	}
	apple := asctest.New(asctest.Config{RateLimit: -1})
	site := httptest.NewUnstartedServer(apple)
	site.EnableHTTP2 = true
	site.Config.ErrorLog = log.New(io.Discard, "", 0)
	site.StartTLS()
	defer site.Close()
	w, err := settle(apple, o)
	if err != nil {
		return err
	}
	w.URL = site.URL
	w.Root = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: site.Certificate().Raw})
	if err := answer.Encode(w); err != nil {
		return err
	}
	for {
		if err := asked.Decode(&struct{}{}); err != nil {
			return nil // nobody asks any more
		}
		if err := answer.Encode(usage{CPU: cpuTime(), Calls: apple.Calls()}); err != nil {
			return err
		}
	}
}

// settle makes a team of the usual size, and keys for it.
func settle(apple *asctest.Server, o order) (welcome, error) {
	team := apple.AddTeam(asctest.Team{Name: "Juniper Field Guides LLC", Apps: []asctest.App{
		{ID: "6451100201", BundleID: "com.juniperguides.birds", Name: "Juniper Birds"},
		{ID: "6451100202", BundleID: "com.juniperguides.trees", Name: "Juniper Trees"},
	}})
	w := welcome{Team: team.TeamID}
	for range o.Keys {
		k, err := apple.NewKey(team.TeamID, asctest.AppManager)
		if err != nil {
			return w, err
		}
		w.Keys = append(w.Keys, k)
	}
	return w, nil
}

// An appleProcess is the simulator, seen from Keyward's process.
type appleProcess struct {
	welcome
	cmd    *exec.Cmd
	ask    *json.Encoder
	answer *json.Decoder
	in     io.Closer
}

// startApple runs this program once more, as the simulator.
func startApple(ctx context.Context, o order) (*appleProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, appleCommand)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the simulator: %w", err)
	}
	p := &appleProcess{cmd: cmd, ask: json.NewEncoder(in), answer: json.NewDecoder(bufio.NewReader(out)), in: in}
	if err := errors.Join(p.ask.Encode(o), p.answer.Decode(&p.welcome)); err != nil {
		p.Close()
		return nil, fmt.Errorf("greeting the simulator: %w", err)
	}
	return p, nil
}

// usage asks the simulator what it has used.
func (p *appleProcess) usage() (u usage, err error) {
	if err = p.ask.Encode(struct{}{}); err == nil {
		err = p.answer.Decode(&u)
	}
	if err != nil {
		return u, fmt.Errorf("asking the simulator: %w", err)
	}
	return u, nil
}

// tls trusts the simulator.
func (p *appleProcess) tls() *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(p.Root)
	return &tls.Config{RootCAs: roots}
}

// Close ends the simulator.
func (p *appleProcess) Close() error {
	p.in.Close()
	return p.cmd.Wait()
}
