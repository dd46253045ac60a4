package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyward/pkg/embedded"
)

// stateFile is a closed state file that holds many mails and one key.
func stateFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state", "keyward.db")
	db, err := embedded.Open(embedded.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	q := db.Queue("q", embedded.QueueConfig{})
	for i := range 300 {
		if err := q.Send(context.Background(), fmt.Sprintf("%d %s", i, strings.Repeat("x", 500)), 0); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// TestADamagedStateFileIsASentence: whatever happened to the file, Keyward says
// which file it is and what to do, changes nothing, and never ends with a trace.
func TestADamagedStateFileIsASentence(t *testing.T) {
	whole, err := os.ReadFile(stateFile(t))
	if err != nil {
		t.Fatal(err)
	}
	noise := func(from, to int) func([]byte) []byte {
		return func(b []byte) []byte {
			for i := from; i < min(to, len(b)); i++ {
				b[i] = byte(i*7 + 13)
			}
			return b
		}
	}
	for name, damage := range map[string]func([]byte) []byte{
		"emptied":                  func([]byte) []byte { return nil },
		"one byte":                 func(b []byte) []byte { return b[:1] },
		"cut to 5,000 bytes":       func(b []byte) []byte { return b[:5000] },
		"cut to 8,192 bytes":       func(b []byte) []byte { return b[:8192] },
		"cut to 100,000 bytes":     func(b []byte) []byte { return b[:100_000] },
		"noise alone":              noise(0, len(whole)),
		"noise behind the header":  noise(8192, len(whole)),
		"a text":                   func([]byte) []byte { return []byte(strings.Repeat("not a database\n", 1000)) },
		"zeros behind the header":  func(b []byte) []byte { clear(b[8192:]); return b },
		"another program's header": func(b []byte) []byte { copy(b, "SQLite format 3"); clear(b[15:8192]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "keyward.db")
			damaged := damage(append([]byte(nil), whole...))
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			db, err := embedded.Open(embedded.Config{Path: path})
			if err == nil {
				db.Close()
			}
			var e *embedded.DamagedError
			if !errors.As(err, &e) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "move the file away") {
				t.Fatalf("got %v", err)
			}
			if after, err := os.ReadFile(path); err != nil || string(after) != string(damaged) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestAWholeStateFileIsOpenedAgain(t *testing.T) {
	path := stateFile(t)
	if err := os.Chmod(path, 0o644); err != nil { //nolint:gosec // that is the case
		t.Fatal(err)
	}
	db, err := embedded.Open(embedded.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
}

// A directory that is there already and open to others is closed when it is
// empty, and refused when it holds something.
func TestADirectoryOpenToOthers(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // that is the case
		t.Fatal(err)
	}
	open(t, embedded.Config{Path: filepath.Join(dir, "keyward.db")})
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("mode is %v, %v", info.Mode(), err)
	}
	shared := t.TempDir()
	if err := os.WriteFile(filepath.Join(shared, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o755); err != nil { //nolint:gosec // that is the case
		t.Fatal(err)
	}
	_, err := embedded.Open(embedded.Config{Path: filepath.Join(shared, "keyward.db")})
	var e *embedded.ExposedError
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "chmod 700 "+shared) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(shared, "keyward.db")); !os.IsNotExist(err) {
		t.Error("a state file was made all the same")
	}
}
