package lambdahost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"keyward/infra/lambdahost/moto"
	"keyward/infra/template"
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

// NewKit makes one from the repository that the folder is in. It needs Go,
// make, and the Python parts of infra/python. Close it.
func NewKit(ctx context.Context, dir string) (*Kit, error) {
	root, err := repository(dir)
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

// repository is the folder, here or above, that has template.yaml.
func repository(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "template.yaml")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("no template.yaml here or above: this runs in Keyward's repository only")
		}
		dir = parent
	}
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
