package embedded_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

// decodeRecord reads a record as a Lambda would.
func decodeRecord(t *testing.T, r embedded.Record) events.DynamoDBEventRecord {
	t.Helper()
	var e events.DynamoDBEventRecord
	if err := json.Unmarshal(r.Event, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func mustCommit(t testing.TB, db *embedded.DB, c integration.Change) {
	t.Helper()
	if err := db.Store().Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func notice(dedupe string) integration.Notice {
	return integration.Notice{Integration: "int_1", Dedupe: dedupe, Status: integration.Pending}
}

func TestStreamTellsOfNotices(t *testing.T) {
	db := open(t, embedded.Config{})
	mustCommit(t, db, integration.Change{
		Integration: integration.Create(integration.Integration{ID: "int_1", Reference: "r"}),
		Notices:     []integration.Notice{notice("a#b")},
	})
	select {
	case <-db.Stream().Wake():
	default:
		t.Error("nobody was woken")
	}
	was := notice("a#b")
	was.Version = 1
	is := was
	is.Status = integration.Sending
	mustCommit(t, db, integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(was, is)}})
	mustCommit(t, db, integration.Change{Notices: []integration.Notice{notice("a#b")}}) // there already: no record

	records, err := db.Stream().Read(t.Context(), 10)
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, error %v; want an insertion and a change", len(records), err)
	}
	for i, want := range []struct{ name, status string }{{"INSERT", "pending"}, {"MODIFY", "sending"}} {
		e := decodeRecord(t, records[i])
		image := e.Change.NewImage
		if e.EventName != want.name || image["status"].String() != want.status || e.EventSource != "aws:dynamodb" {
			t.Errorf("record %d is %s of a notice that is %s", i, e.EventName, image["status"].String())
		}
		if image["PK"].String() != "INT#int_1" || image["SK"].String() != "NTC#a#b" || e.Change.SequenceNumber != records[i].Sequence {
			t.Errorf("record %d is about %s %s, number %s", i, image["PK"].String(), image["SK"].String(), e.Change.SequenceNumber)
		}
	}
}

func TestStreamStaysUntilTrimmed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyward.db")
	db, err := embedded.Open(embedded.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	for _, dedupe := range []string{"1", "2", "3"} {
		mustCommit(t, db, integration.Change{Notices: []integration.Notice{notice(dedupe)}})
	}
	records, err := db.Stream().Read(t.Context(), 2)
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, error %v", len(records), err)
	}
	if err := db.Stream().Trim(t.Context(), records[0].Sequence); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, embedded.Config{Path: path})
	left, err := again.Stream().Read(t.Context(), 10)
	if err != nil || len(left) != 2 || left[0].Sequence != records[1].Sequence {
		t.Fatalf("%d records left, error %v; want the two that were not trimmed", len(left), err)
	}
	if err := again.Stream().Trim(t.Context(), left[1].Sequence); err != nil {
		t.Fatal(err)
	}
	mustCommit(t, again, integration.Change{Notices: []integration.Notice{notice("4")}})
	last, err := again.Stream().Read(t.Context(), 10)
	if err != nil || len(last) != 1 || last[0].Sequence <= left[1].Sequence {
		t.Errorf("%d records, error %v; want one with a later number", len(last), err)
	}
}
