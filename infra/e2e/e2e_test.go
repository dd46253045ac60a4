package e2e

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"keyward/infra/demo"
	"keyward/infra/e2e/template"
	"keyward/pkg/aws/awstest"
)

// kit is what all tests share: it takes seconds to make.
var kit struct {
	once sync.Once
	*Kit
	err error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if kit.Kit != nil {
		kit.Close()
	}
	os.Exit(code)
}

// mustKit makes it once. Without Python it skips; in CI it fails.
func mustKit(t *testing.T) *Kit {
	t.Helper()
	if testing.Short() {
		t.Skip("takes minutes")
	}
	if _, err := awstest.Python(); err != nil && os.Getenv("CI") == "" {
		t.Skip("skipped: " + err.Error())
	}
	kit.once.Do(func() { kit.Kit, kit.err = NewKit(context.Background(), filepath.Join("..", "..")) })
	if kit.err != nil {
		t.Fatal(kit.err)
	}
	return kit.Kit
}

// deploy makes a world of a template, in an empty moto.
func deploy(t *testing.T, d template.Document) (*World, error) {
	t.Helper()
	k := mustKit(t)
	if err := k.Moto.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, err := NewWorld(t.Context(), WorldConfig{Template: d, Build: k.Build, Moto: k.Moto})
	if err == nil {
		t.Cleanup(func() { w.Close() })
	}
	return w, err
}

func mustWorld(t *testing.T) *World {
	t.Helper()
	w, err := deploy(t, mustKit(t).Template)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestTheDemonstrationOnRealBootstraps(t *testing.T) {
	w := mustWorld(t)
	began := time.Now()
	report, err := demo.Run(t.Context(), w, func(s demo.Step) {
		if testing.Verbose() {
			t.Logf("%6.1fs %s %s: %s", time.Since(began).Seconds(), s.At.Format("2 Jan 15:04"), s.Who, s.What)
		}
	})
	calls, total := w.gate.Calls(), 0
	for _, n := range calls {
		total += n
	}
	t.Logf("%v: %d checks, %d mails, %d calls to AWS: %v", time.Since(began).Round(time.Second), report.Figures.Checks, report.Figures.Mails, total, calls)
	if err != nil {
		t.Fatalf("%v\n%q", err, w.Troubles())
	}
	for _, trouble := range w.Troubles() {
		t.Errorf("on the way: %s", trouble)
	}
	if len(report.Steps) < 30 {
		t.Errorf("only %d steps", len(report.Steps))
	}
}
