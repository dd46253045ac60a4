package embedded_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

func TestFileIsForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "keyward.db")
	open(t, embedded.Config{Path: path})
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("mode is %o, want %o", info.Mode().Perm(), want)
		}
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyward.db")
	open(t, embedded.Config{Path: path})
	begun := time.Now()
	_, err := embedded.Open(embedded.Config{Path: path, Wait: 100 * time.Millisecond})
	if !errors.Is(err, embedded.ErrLocked) {
		t.Errorf("got %v, want ErrLocked", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("refused only after %s", took)
	}
}

func TestTemporaryFileLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	open(t, embedded.Config{})
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Errorf("%d files left, error %v", len(left), err)
	}
}

// TestInABubble: under testing/synctest the file's time is the bubble's.
func TestInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := open(t, embedded.Config{}).Queue("q", embedded.QueueConfig{})
		if err := q.Send(t.Context(), "m", 15*time.Minute); err != nil {
			t.Fatal(err)
		}
		receive(t, q, 0)
		time.Sleep(15 * time.Minute)
		receive(t, q, 1)
	})
}

// killedFile makes this test binary the process that is to be killed.
const killedFile = "KEYWARD_TEST_KILLED_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(killedFile); path != "" {
		writeUntilKilled(path)
	}
	os.Exit(m.Run())
}

// writeUntilKilled commits from several goroutines, and says each ID after it
// was acknowledged.
func writeUntilKilled(path string) {
	db, err := embedded.Open(embedded.Config{Path: path})
	if err != nil {
		panic(err)
	}
	var said sync.Mutex
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				id := integration.ID(fmt.Sprintf("int_%d-%d", w, i))
				c := integration.Change{
					Integration: integration.Create(integration.Integration{ID: id, Reference: string(id)}),
					Notices:     []integration.Notice{{Integration: id, Dedupe: "n"}},
				}
				err := errors.Join(db.Store().Commit(context.Background(), c), db.Queue("q", embedded.QueueConfig{}).Send(context.Background(), id, 0))
				if err != nil {
					panic(err)
				}
				said.Lock()
				fmt.Println(id)
				said.Unlock()
			}
		}()
	}
	select {}
}

// TestKilled kills a writing process again and again; what it acknowledged
// must be there, whole.
func TestKilled(t *testing.T) {
	for round := range 3 {
		path := filepath.Join(t.TempDir(), "keyward.db")
		acknowledged := killAfter(t, path, 200+137*round)
		db := open(t, embedded.Config{Path: path})
		s := db.Store()
		for _, id := range acknowledged {
			if _, err := s.Integration(t.Context(), id); err != nil {
				t.Fatalf("of %d acknowledged integrations one is lost: %v", len(acknowledged), err)
			}
			if _, err := s.Notice(t.Context(), id, "n"); err != nil {
				t.Fatalf("a transaction is there by half: %v", err)
			}
			if found, err := s.Find(t.Context(), integration.ByReference(string(id))); err != nil || len(found) != 1 {
				t.Fatalf("a transaction is there by half: %v", err)
			}
		}
		depth, err := db.Queue("q", embedded.QueueConfig{}).Depth(t.Context())
		if err != nil || depth.Visible < len(acknowledged) {
			t.Errorf("%d messages for %d acknowledged sends, error %v", depth.Visible, len(acknowledged), err)
		}
	}
}

// killAfter lets a process write until it has acknowledged so many, kills it
// without warning, and returns all that it acknowledged.
func killAfter(t *testing.T, path string, n int) []integration.ID {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), killedFile+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var ids []integration.ID
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if ids = append(ids, integration.ID(lines.Text())); len(ids) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed
	if len(ids) < n {
		t.Fatalf("the writer ended by itself after %d", len(ids))
	}
	return ids
}
