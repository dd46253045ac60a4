package awstest

import (
	"errors"
	"os"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Moto is one moto server for a whole test binary. The zero value is ready: the
// server starts with the first Reset.
type Moto struct {
	once   sync.Once
	err    error
	server *Server
	proxy  *Proxy
}

// Run runs the tests and stops the server after them. What it returns is for
// os.Exit.
func (m *Moto) Run(tests *testing.M) int {
	code := tests.Run()
	m.stop()
	return code
}

// Reset empties the stand-in, and returns the configuration of clients for it.
// Tests that use it do not run in parallel with others that reset it.
func (m *Moto) Reset(t testing.TB) aws.Config {
	t.Helper()
	m.Start(t)
	if err := m.server.Reset(t.Context()); err != nil {
		t.Fatalf("resetting moto: %v", err)
	}
	return Config(m.proxy.URL)
}

// Start starts the server, if it does not run yet, and returns the proxy's
// URL: the endpoint of all services.
func (m *Moto) Start(t testing.TB) string {
	t.Helper()
	m.once.Do(func() {
		if m.server, m.err = StartServer(); m.err == nil {
			m.proxy = NewProxy(m.server.URL)
		}
	})
	if errors.Is(m.err, errNoMoto) && os.Getenv("CI") == "" {
		t.Skip("skipped: " + m.err.Error())
	}
	if m.err != nil {
		t.Fatal(m.err)
	}
	return m.proxy.URL
}

func (m *Moto) stop() {
	if m.proxy != nil {
		m.proxy.Close()
	}
	if m.server != nil {
		m.server.Close()
	}
}

// errNoMoto says that there is no Python that has moto.
var errNoMoto = errors.New("no python3 with moto[server]: make python sets one up; KEYWARD_PYTHON may name another")
