// Package templatetest gives tests Keyward's own templates, and ways to break
// them.
package templatetest

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"keyward/infra/e2e/template"
)

// Region is where the tests' stacks are.
const Region = "eu-central-1"

// Root is the repository's folder.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	if filepath.IsAbs(file) {
		return filepath.Join(filepath.Dir(file), "..", "..", "..", "..")
	}
	dir, err := os.Getwd() // built with -trimpath: tests run in their package's folder
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "template.yaml")); missing == nil || dir == "/" {
			break
		}
		dir = filepath.Dir(dir)
	}
	return dir
}

// MustRead is the text of a file of the repository.
func MustRead(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Root(), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var python = sync.OnceValues(func() (string, error) { return template.Python(Root()) })

// MustTranslator starts a translator for the test. Without a Python for it the
// test fails in CI, and is skipped elsewhere.
func MustTranslator(t testing.TB) *template.Translator {
	t.Helper()
	exe, err := python()
	if errors.Is(err, template.ErrNoPython) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	tr, err := template.NewTranslator(exe, Region)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr
}

// Dev are the parameters of a first deployment.
func Dev() map[string]string {
	return map[string]string{
		"Stage": "dev", "VendorName": "Lernwerk", "SenderAddress": "keys@vendor.example", "SupportAddress": "help@vendor.example",
		"SupportRoleArn": "arn:aws:iam::123456789012:role/support",
	}
}

// Prod are those of a deployment with everything that there is.
func Prod() map[string]string {
	p := Dev()
	maps.Copy(p, map[string]string{
		"Stage": "prod", "AutomationRoleArn": "arn:aws:iam::123456789012:role/builds", "ExportRoleArn": "arn:aws:iam::123456789012:role/export",
		"DomainName": "keys.vendor.example", "HostedZoneId": "Z0123456789ABC", "AlarmAddress": "oncall@vendor.example",
		"CertificateArn":    "arn:aws:acm:us-east-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef",
		"CanaryIntegration": "int_0123456789abcdefghjkmnpqrs", "PortalReservedConcurrency": "20", "OperatorReservedConcurrency": "5",
	})
	return p
}

// MustStack is template.yaml with the parameters.
func MustStack(t testing.TB, tr *template.Translator, text string, parameters map[string]string) *template.Stack {
	t.Helper()
	a, err := tr.Translate(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := template.Resolve(a.Template, template.Options{Parameters: parameters, Region: Region})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A Mutation is a mistake that somebody could make in a template.
type Mutation struct {
	Name     string
	After    string // may: only what follows this text is looked at
	Old, New string
}

// MustApply makes the mistake. What it changes must be there.
func (m Mutation) MustApply(t testing.TB, text string) string {
	t.Helper()
	before, rest, found := strings.Cut(text, m.After)
	if !found || !strings.Contains(rest, m.Old) {
		t.Fatalf("%s: the template has no %q after %q", m.Name, m.Old, m.After)
	}
	return before + m.After + strings.Replace(rest, m.Old, m.New, 1)
}

// MustReadFile is the text of a file that is known to be there.
func MustReadFile(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return string(text)
}
