package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// BuildConfig says what to build.
type BuildConfig struct {
	Root      string   // must: the repository's folder
	Dir       string   // must: where the bootstraps go, each into a folder of its own
	Functions []string // must: logical IDs
}

// A Build is where bootstraps are, by the logical ID of their function.
type Build map[string]string

// MakeBuild compiles functions by the Makefile's targets that `sam build`
// uses, but for this machine: what is made for arm64 does not run elsewhere.
// The first is built alone: it compiles what all share, which each would
// compile for itself if they began together.
func MakeBuild(ctx context.Context, cfg BuildConfig) (Build, error) {
	out := Build{}
	var work errgroup.Group
	work.SetLimit(runtime.NumCPU())
	for i, id := range cfg.Functions {
		out[id] = filepath.Join(cfg.Dir, id, "bootstrap")
		work.Go(func() error {
			if err := buildOne(ctx, cfg, id); err != nil {
				return fmt.Errorf("building %s: %w", id, err)
			}
			return nil
		})
		if i == 0 {
			if err := work.Wait(); err != nil {
				return out, err
			}
		}
	}
	return out, work.Wait()
}

// buildOne asks make what it would do, and does that for this machine.
func buildOne(ctx context.Context, cfg BuildConfig, id string) error {
	dry := exec.CommandContext(ctx, "make", "--no-print-directory", "-n", "build-"+id, "ARTIFACTS_DIR="+filepath.Join(cfg.Dir, id))
	dry.Dir = cfg.Root
	said, err := dry.CombinedOutput()
	if err != nil {
		return fmt.Errorf("make -n: %w\n%s", err, said)
	}
	recipe := string(said)
	if !strings.Contains(recipe, "GOOS=linux GOARCH=arm64 ") {
		return errors.New("the target does not build for Lambda on arm64: " + recipe)
	}
	recipe = strings.Replace(recipe, "GOOS=linux GOARCH=arm64 ", "GOOS="+runtime.GOOS+" GOARCH="+runtime.GOARCH+" ", 1)
	shell := exec.CommandContext(ctx, "sh", "-c", recipe)
	shell.Dir, shell.Env = cfg.Root, os.Environ()
	if said, err := shell.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, said)
	}
	return nil
}
