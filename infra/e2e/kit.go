package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/template"
	"keyward/pkg/aws/awstest"
)

// A Kit is what it takes to deploy Keyward's template here: the translated
// template, the bootstraps, and moto. Making one takes from seconds to a
// minute, by what Go has compiled before.
type Kit struct {
	Template template.Document
	Build    Build
	Moto     *moto.Server
}

// NewKit makes one from the repository's folder. It needs Go, make, and the
// Python parts of infra/python. Close it.
func NewKit(ctx context.Context, root string) (*Kit, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	k := &Kit{}
	if k.Template, err = translate(filepath.Join(root, "template.yaml")); err != nil {
		return nil, err
	}
	k.Build, err = MakeBuild(ctx, BuildConfig{Root: root, Dir: filepath.Join(root, "bin", "lambda"), Functions: k.functions()})
	if err != nil {
		return nil, err
	}
	k.Moto, err = moto.Start()
	return k, err
}

// Close ends moto.
func (k *Kit) Close() error { return k.Moto.Close() }

// functions are the logical IDs of the template's functions.
func (k *Kit) functions() []string {
	var out []string
	for id, r := range object(k.Template["Resources"]) {
		if object(r)["Type"] == "AWS::Lambda::Function" {
			out = append(out, id)
		}
	}
	return out
}

func translate(path string) (template.Document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	python, err := awstest.Python()
	if err != nil {
		return nil, err
	}
	translator, err := template.NewTranslator(python, moto.Region)
	if err != nil {
		return nil, err
	}
	defer translator.Close()
	t, err := translator.Translate(string(text))
	if err != nil {
		return nil, fmt.Errorf("template.yaml: %w", err)
	}
	return t.Template, nil
}
