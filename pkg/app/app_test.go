package app_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/sweep"
)

// A bucket lists files, and notes what is deleted.
type bucket struct {
	files   []integration.Object
	deleted []string
}

func (b *bucket) List(_ context.Context, before time.Time, _ int) ([]integration.Object, error) {
	var old []integration.Object
	for _, f := range b.files {
		if f.At.Before(before) {
			old = append(old, f)
		}
	}
	return old, nil
}

func (b *bucket) Read(context.Context, string, string) (integration.Object, error) {
	return integration.Object{}, integration.ErrNotFound
}

func (b *bucket) Delete(_ context.Context, key, etag string) error {
	b.deleted = append(b.deleted, key+" "+etag)
	return nil
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestIntakeUnderstandsWhatTheSweepQueues(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	db := must(embedded.Open(embedded.Config{Now: func() time.Time { return now }}))
	t.Cleanup(func() { db.Close() })
	files := &bucket{files: []integration.Object{
		{Key: "incoming/int_a/upl_old", ETag: "e1", Size: 7, At: now.Add(-16 * time.Minute)},
		{Key: "incoming/int_a/upl_new", ETag: "e2", Size: 7, At: now.Add(-14 * time.Minute)},
	}}
	queue := db.Queue("q", embedded.QueueConfig{})
	ports := app.Ports{
		Store: db.Store(), Vault: db.Vault(), Objects: files, Queues: app.Queues{Intake: queue, Validate: queue, Certificates: queue},
		Apple: appstoreconnect.New(appstoreconnect.Config{BaseURL: "http://127.0.0.1:1"}), // not asked
		Now:   func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler),
	}
	if err := must(app.Sweep(ports, app.Settings{}))(t.Context(), sweep.Schedule{}); err != nil {
		t.Fatal(err)
	}
	var batch events.SQSEvent
	for _, m := range must(queue.Receive(t.Context(), 10)) {
		batch.Records = append(batch.Records, events.SQSMessage{MessageId: m.ID, Body: m.Body})
	}
	failed, err := must(app.Intake(ports, app.Settings{}))(t.Context(), batch)
	if want := []string{"incoming/int_a/upl_old e1"}; err != nil || len(failed.BatchItemFailures) > 0 || !slices.Equal(files.deleted, want) {
		t.Errorf("intake took %v, want %v; failures %v, %v", files.deleted, want, failed, err)
	}
}

func TestEveryFunctionSaysWhatItLacks(t *testing.T) {
	_, err := app.All(app.Ports{}, app.Settings{})
	if err == nil {
		t.Fatal("functions are made of nothing")
	}
	for _, want := range []string{
		"portal: Config.Forms is missing", "portal: Config.Vendor.Name is missing", "operator: Config.Roles is missing", "intake: Config.Objects is missing",
		"sweep: Config.Certificates is missing", "validate: Config.Apple is missing", "certificates: Config.Vault is missing",
		"notify: Config.Mailer is missing", "feedback: Config.Store is missing",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nobody says %q:\n%v", want, err)
		}
	}
}
