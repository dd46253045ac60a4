package awstest

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Python finds a Python that has moto: $KEYWARD_PYTHON, else .venv of the
// repository, else python3 of the path.
func Python() (string, error) {
	if named := os.Getenv("KEYWARD_PYTHON"); named != "" {
		return named, nil
	}
	for _, python := range []string{filepath.Join(root(), ".venv", "bin", "python"), "python3"} {
		if exec.Command(python, "-c", "import moto.server").Run() == nil {
			return python, nil
		}
	}
	return "", errNoMoto
}

// root is the repository's folder.
func root() string {
	_, file, _, _ := runtime.Caller(0)
	if !filepath.IsAbs(file) { // built with -trimpath: tests run in their package's folder
		file, _ = filepath.Abs(filepath.Join("..", "awstest", "python.go"))
	}
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}
