package embedded_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"keyward/pkg/conformance"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestVault(t *testing.T) {
	for _, path := range []string{"", embedded.Memory} {
		conformance.RunVault(t, func(t *testing.T) conformance.Vault { return open(t, embedded.Config{Path: path}).Vault() })
	}
}

// serve puts an object store behind HTTP.
func serve(t testing.TB, db *embedded.DB, events *embedded.Queue) *embedded.Objects {
	t.Helper()
	var objects *embedded.Objects
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { objects.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	objects, err := db.Objects(embedded.ObjectsConfig{URL: server.URL + "/uploads", Events: events})
	if err != nil {
		t.Fatal(err)
	}
	return objects
}

func openObjects(t *testing.T) conformance.Objects { return serve(t, open(t, embedded.Config{}), nil) }

func TestObjects(t *testing.T) { conformance.RunObjects(t, openObjects, conformance.Post) }

func TestForms(t *testing.T) { conformance.RunForms(t, openObjects, conformance.Post) }

func TestQueue(t *testing.T) {
	conformance.RunQueue(t, func(t *testing.T) conformance.QueueRig {
		c := newClock()
		db := open(t, embedded.Config{Now: c.now})
		config := embedded.QueueConfig{Visibility: time.Minute, MaxReceives: 3, DeadLetter: "dead"}
		q, dead := db.Queue("work", config), db.Queue("dead", embedded.QueueConfig{})
		return conformance.QueueRig{
			Queue: q, Delete: q.Delete, Advance: c.advance, Visibility: config.Visibility, MaxReceives: config.MaxReceives,
			Receive: func(ctx context.Context) ([]conformance.Delivery, error) {
				messages, err := q.Receive(ctx, 10)
				var all []conformance.Delivery
				for _, m := range messages {
					all = append(all, conformance.Delivery{Body: m.Body, Receipt: m.Receipt})
				}
				return all, err
			},
			Dead: func(ctx context.Context) ([]string, error) {
				messages, err := dead.Messages(ctx)
				var all []string
				for _, m := range messages {
					all = append(all, m.Body)
				}
				return all, err
			},
		}
	})
}

func TestInbox(t *testing.T) {
	conformance.RunMailer(t, func(t *testing.T) conformance.MailerRig {
		b := open(t, embedded.Config{}).Inbox()
		return conformance.MailerRig{Mailer: b, Arrive: func(ctx context.Context, id string) (integration.Mail, error) {
			r, err := b.Get(ctx, id)
			return r.Mail, err
		}}
	})
}
