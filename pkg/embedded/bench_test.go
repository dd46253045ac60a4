package embedded_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

// inFlight runs do b.N times, so many at once, and reports the rate.
func inFlight(b *testing.B, n int, do func(i int) error) {
	b.Helper()
	var next atomic.Int64
	var workers sync.WaitGroup
	b.ResetTimer()
	for range n {
		workers.Go(func() {
			for i := int(next.Add(1)); i <= b.N; i = int(next.Add(1)) {
				if err := do(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	workers.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

func openFile(b *testing.B) *embedded.DB {
	return open(b, embedded.Config{Path: filepath.Join(b.TempDir(), "keyward.db")})
}

// likely is an integration of the usual size.
func likely(i int) integration.Integration {
	now := time.Now()
	it := integration.Integration{
		ID: integration.ID(fmt.Sprintf("int_%026d", i)), Reference: fmt.Sprint("ref-", i), Label: "Acme Learning, iOS app", Customer: "acme",
		CreatedAt: now, Access: integration.Levels()[0], TeamID: "ABCDE12345", State: integration.Active, Since: now,
		Key: &integration.Key{Upload: "upl_1", KeyID: fmt.Sprint("K", i), Fingerprint: fmt.Sprintf("%064d", i), AcceptedAt: now},
	}
	for a := range 3 {
		it.Apps = append(it.Apps, integration.App{ID: fmt.Sprint(a), BundleID: fmt.Sprintf("com.acme.a%d", a), Name: "An App"})
	}
	it.Check.DueAt = now.Add(6 * time.Hour)
	return it
}

func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{1, 64} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := openFile(b).Store()
			items := make([]integration.Integration, n)
			free := make(chan int, n)
			for i := range items {
				items[i] = likely(i)
				if err := s.Commit(b.Context(), integration.Change{Integration: integration.Create(items[i])}); err != nil {
					b.Fatal(err)
				}
				items[i].Version = 1
				free <- i
			}
			inFlight(b, n, func(int) error {
				i := <-free
				defer func() { free <- i }()
				is := items[i]
				is.Check.DueAt = is.Check.DueAt.Add(time.Second)
				err := s.Commit(b.Context(), integration.Change{Integration: integration.Put(items[i], is)})
				is.Version++
				items[i] = is
				return err
			})
		})
	}
}

func BenchmarkRead(b *testing.B) {
	s := openFile(b).Store()
	if err := s.Commit(b.Context(), integration.Change{Integration: integration.Create(likely(1))}); err != nil {
		b.Fatal(err)
	}
	inFlight(b, 1, func(int) error {
		_, err := s.Integration(b.Context(), likely(1).ID)
		return err
	})
}

// BenchmarkQueue sends, receives and deletes one message each.
func BenchmarkQueue(b *testing.B) {
	for _, n := range []int{1, 64} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			q := openFile(b).Queue("checks", embedded.QueueConfig{})
			inFlight(b, n, func(int) error {
				if err := q.Send(b.Context(), integration.CheckMessage{Integration: "int_1", Check: "chk_1"}, 0); err != nil {
					return err
				}
				messages, err := q.Receive(b.Context(), 1)
				if err != nil {
					return err
				}
				for _, m := range messages {
					err = q.Delete(b.Context(), m.Receipt)
				}
				return err
			})
		})
	}
}
