package embedded_test

import (
	"path/filepath"
	"testing"

	"keyward/pkg/conformance"
	"keyward/pkg/embedded"
)

// open gives a database that is closed with the test.
func open(t testing.TB, cfg embedded.Config) *embedded.DB {
	t.Helper()
	db, err := embedded.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestStore(t *testing.T) {
	forms := map[string]func(t *testing.T) embedded.Config{
		"temporary": func(*testing.T) embedded.Config { return embedded.Config{} },
		"memory":    func(*testing.T) embedded.Config { return embedded.Config{Path: embedded.Memory} },
		"file": func(t *testing.T) embedded.Config {
			return embedded.Config{Path: filepath.Join(t.TempDir(), "keyward.db")}
		},
	}
	for name, config := range forms {
		t.Run(name, func(t *testing.T) {
			conformance.RunStore(t, func(t *testing.T) conformance.Store { return open(t, config(t)).Store() })
		})
	}
}
