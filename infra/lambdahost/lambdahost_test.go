package lambdahost

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"keyward/infra/demo"
	"keyward/infra/lambdahost/moto"
	"keyward/infra/template"
	"keyward/pkg/aws/awstest"
)

// rig is what all tests share: each part takes seconds to make.
type rig struct {
	once       sync.Once
	err        error
	text       string // template.yaml
	translator *template.Translator
	build      Build
	moto       *moto.Server
}

var shared rig

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.translator != nil {
		shared.translator.Close()
	}
	if shared.moto != nil {
		shared.moto.Close()
	}
	os.Exit(code)
}

// mustRig makes it once. Without Python it skips; in CI it fails.
func mustRig(t *testing.T) *rig {
	t.Helper()
	if testing.Short() {
		t.Skip("takes a minute")
	}
	shared.once.Do(func() { shared.err = shared.make() })
	if shared.err != nil {
		if _, err := awstest.Python(); err != nil && os.Getenv("CI") == "" {
			t.Skip("skipped: " + err.Error())
		}
		t.Fatal(shared.err)
	}
	return &shared
}

func (r *rig) make() error {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	if err != nil {
		return err
	}
	r.text = string(text)
	python, err := awstest.Python()
	if err != nil {
		return err
	}
	if r.translator, err = template.NewTranslator(python, moto.Region); err != nil {
		return err
	}
	if r.moto, err = moto.Start(); err != nil {
		return err
	}
	dir := filepath.Join(os.TempDir(), "keyward-bootstraps")
	r.build, err = MakeBuild(context.Background(), BuildConfig{Root: root, Dir: dir, Functions: Functions()})
	return err
}

// mustTranslate gives template.yaml after SAM's transform.
func mustTranslate(t *testing.T) template.Document {
	t.Helper()
	r := mustRig(t)
	translated, err := r.translator.Translate(r.text)
	if err != nil {
		t.Fatal(err)
	}
	return translated.Template
}

func newWorldOf(t *testing.T, d template.Document) (*World, error) {
	t.Helper()
	r := mustRig(t)
	if err := r.moto.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, err := NewWorld(t.Context(), WorldConfig{Template: d, Build: r.build, Moto: r.moto})
	if err == nil {
		t.Cleanup(func() { w.Close() })
	}
	return w, err
}

func mustWorld(t *testing.T) *World {
	t.Helper()
	w, err := newWorldOf(t, mustTranslate(t))
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
		t.Fatalf("%v\n%s", err, slices.Collect(slices.Values(w.Troubles())))
	}
	for _, trouble := range w.Troubles() {
		t.Errorf("on the way: %s", trouble)
	}
	if len(report.Steps) < 30 {
		t.Errorf("only %d steps", len(report.Steps))
	}
}
