package e2e

import (
	"debug/elf"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestBootstrapsForLambda builds what `sam build` builds: static programs for
// arm64. This machine need not be able to run them.
func TestBootstrapsForLambda(t *testing.T) {
	for _, id := range mustKit(t).functions() {
		dir := t.TempDir()
		cmd := exec.CommandContext(t.Context(), "make", "build-"+id, "ARTIFACTS_DIR="+dir)
		cmd.Dir = filepath.Join("..", "..")
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", id, err, said)
		}
		f, err := elf.Open(filepath.Join(dir, "bootstrap"))
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if f.Machine != elf.EM_AARCH64 || f.Section(".interp") != nil {
			t.Errorf("%s is for %v, or not static", id, f.Machine)
		}
		f.Close()
	}
}
