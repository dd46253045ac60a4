package template

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrNoPython means that no Python has what transform.py needs.
var ErrNoPython = errors.New("no Python with aws-sam-translator and cfn-lint: run `make python`, or set KEYWARD_PYTHON")

// Python finds one that has them: $KEYWARD_PYTHON, else .venv in the
// repository's root, else python3 of the path.
func Python(root string) (string, error) {
	if named := os.Getenv("KEYWARD_PYTHON"); named != "" {
		return named, nil
	}
	for _, python := range []string{filepath.Join(root, ".venv", "bin", "python"), "python3"} {
		if exec.Command(python, "-c", "import samtranslator, cfnlint").Run() == nil {
			return python, nil
		}
	}
	return "", ErrNoPython
}
