package embedded

import (
	"encoding/binary"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
)

// TestFileOfTheOldForm opens a file whose items have no index entries of their own.
func TestFileOfTheOldForm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "keyward.db")
	oldFile(t, path, map[string]string{
		"INT#int_1\x00META": `{"ID":"int_1","Reference":"r","Customer":"acme","State":"active","TeamID":"ABCDE12345","Version":3,` +
			`"Key":{"KeyID":"K"},"Check":{"DueAt":"2026-03-04T05:06:07Z"},"Attention":{"Needs":["vendor_user"],"Since":"2026-03-01T00:00:00Z"}}`,
		"INT#int_1\x00NTC#n":           `{"Integration":"int_1","Dedupe":"n","Status":"pending","DueAt":"2026-03-04T06:00:00Z","Version":1}`,
		"INT#int_1\x00CON#con_1":       `{"Integration":"int_1","ID":"con_1","Version":2}`,
		"REF#r\x00META":                `"INT#int_1"`,
		"TEAM#ABCDE12345\x00INT#int_1": `"INT#int_1"`,
		"FLT#rejected\x00INT#int_1":    `{"Integration":"int_1","At":"2026-03-04T05:06:07Z"}`,
	})
	for range 2 { // converted, and as it is from then on
		db, err := Open(Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		wantConverted(t, db)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func wantConverted(t *testing.T, db *DB) {
	t.Helper()
	s, ctx := db.Store(), t.Context()
	it, err := s.Integration(ctx, "int_1")
	if err != nil || it.Version != 3 || it.Customer != "acme" {
		t.Fatalf("version %d of customer %q, error %v", it.Version, it.Customer, err)
	}
	if c, err := s.Contacts(ctx, "int_1"); err != nil || len(c) != 1 || c[0].Version != 2 {
		t.Errorf("%d contacts, error %v", len(c), err)
	}
	for _, lookup := range []string{integration.ByReference("r"), integration.ByTeam("ABCDE12345")} {
		if ids, err := s.Find(ctx, lookup); err != nil || len(ids) != 1 || ids[0] != "int_1" {
			t.Errorf("under %s there is %v, error %v", lookup, ids, err)
		}
	}
	for _, f := range []integration.Filter{{}, {State: integration.Active}, {Customer: "acme"}, {Attention: true}} {
		if page, err := s.List(ctx, f); err != nil || len(page.Integrations) != 1 {
			t.Errorf("%+v lists %d, error %v", f, len(page.Integrations), err)
		}
	}
	due, err := s.Due(ctx, integration.ID("int_1").Shard(), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), 10)
	if err != nil || len(due) != 2 || due[0].Dedupe != "" || due[1].Dedupe != "n" {
		t.Errorf("due is %v, error %v", due, err)
	}
	if marks, err := s.Marks(ctx, integration.MarkedRejected, 10); err != nil || len(marks) != 1 {
		t.Errorf("%d marks, error %v", len(marks), err)
	}
}

// oldFile writes a file as Keyward did: 8 bytes of version, 8 of due time, JSON.
func oldFile(t *testing.T, path string, items map[string]string) {
	t.Helper()
	db, err := Open(Config{Path: path}) // for the directory
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	old, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = old.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("items"))
		for k, text := range items {
			version := map[string]uint64{"INT#int_1\x00META": 3, "INT#int_1\x00CON#con_1": 2}[k]
			head := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, max(version, 1)), 0)
			if err == nil {
				err = b.Put([]byte(k), append(head, text...))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
}
