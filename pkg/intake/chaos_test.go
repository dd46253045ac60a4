package intake

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
)

// Whatever goes wrong on the way: two forms, several files through each, calls
// that fail before and after they were done, duplicates, reorderings, an Apple
// that has its moods. In the end one key at most is accepted, its secret is in
// the vault, no other secret is without somebody who knows of it, and the
// bucket is empty.
func TestAnythingMayHappen(t *testing.T) {
	seeds := 40
	if testing.Short() {
		seeds = 5
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			chaos(t, rand.New(rand.NewPCG(uint64(seed), 7)))
		})
	}
}

func chaos(t *testing.T, r *rand.Rand) {
	w := newWorld(t)
	w.invite("int_a", "acme", "publish")
	keys := []asctest.Key{w.key(), w.key(), w.key(asctest.CustomerSupport)}
	ups := []integration.Upload{w.formFor("int_a", uplA, keys[0]), w.formFor("int_a", uplB, keys[1])}
	if r.IntN(2) == 0 {
		_, err := w.apple.Fail(asctest.Fault{Until: w.clock().Add(time.Duration(r.IntN(300)) * time.Second), Probability: 0.5, Seed: r.Uint64(), Effect: asctest.Spurious401})
		must(t, err)
	}
	w.trouble = unreliable(w, r)
	for i := range 2 + r.IntN(4) {
		k := keys[r.IntN(len(keys))]
		data := k.PEM
		if r.IntN(4) == 0 {
			data = []byte("not a key")
		}
		w.postAnyway(ups[i%2], k.FileName, data)
		if r.IntN(2) == 0 {
			w.shuffle(r)
		}
		w.pass(time.Duration(r.IntN(40)) * time.Second)
	}
	for range 30 {
		w.shuffle(r)
		w.pass(20 * time.Second)
	}
	w.mu.Lock()
	w.trouble = nil
	w.mu.Unlock()
	w.settle()
	w.wantOrder()
}

// unreliable fails one call in eight until the world's time is ten minutes on.
func unreliable(w *world, r *rand.Rand) func(op, when string) error {
	var mu sync.Mutex
	return func(op, _ string) error {
		mu.Lock()
		defer mu.Unlock()
		if op != "objects.Post" && op != "objects.Presign" && op != "queue.intake.Receive" && op != "queue.intake.Delete" && r.IntN(8) == 0 {
			return errCrash
		}
		return nil
	}
}

// postAnyway posts without minding trouble.
func (w *world) postAnyway(u integration.Upload, filename string, data []byte) {
	w.t.Helper()
	w.mu.Lock()
	trouble := w.trouble
	w.trouble = nil
	w.mu.Unlock()
	w.post(u, filename, data)
	w.mu.Lock()
	w.trouble = trouble
	w.mu.Unlock()
}

// shuffle delivers what is visible in any order, some of it twice, in one
// batch, so that it runs concurrently.
func (w *world) shuffle(r *rand.Rand) {
	w.t.Helper()
	batch, err := w.queue.Receive(w.t.Context(), 10)
	must(w.t, err)
	if len(batch) == 0 {
		return
	}
	r.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	if r.IntN(3) == 0 { // one comes twice, before or beside the others
		w.deliverAgain(batch[r.IntN(len(batch))])
	}
	w.deliver(batch)
}

// deliverAgain delivers a message without deleting it.
func (w *world) deliverAgain(m embedded.Message) {
	if ref, _, ok := parseMessage(m.Body); ok {
		_ = w.service.Process(w.t.Context(), ref)
	}
}

// wantOrder checks what must hold in the end.
func (w *world) wantOrder() {
	w.t.Helper()
	it := w.integration("int_a")
	accepted := 0
	for _, id := range []integration.UploadID{uplA, uplB} {
		for _, a := range w.upload("int_a", id).Attempts {
			if a.State == integration.UploadAccepted {
				accepted++
			}
		}
	}
	if accepted > 1 || (accepted == 1) != (it.Key != nil) {
		w.t.Errorf("%d uploads are accepted, key in force: %v", accepted, it.Key != nil)
	}
	if n := w.notices("int_a", integration.NoticeAccepted); n != accepted {
		w.t.Errorf("%d mails say that a key is accepted, %d are", n, accepted)
	}
	for _, name := range w.secrets() {
		if !known(it, integration.UploadID(name)) {
			w.t.Errorf("nobody knows of the secret %s", name)
		}
	}
	if it.Key != nil {
		secret, err := w.vault.Get(w.t.Context(), "int_a", it.Key.Upload)
		if err != nil || secret.Fingerprint() != it.Key.Fingerprint {
			w.t.Errorf("the vault does not hold the key in force (%v)", err)
		}
	}
	w.wantEmptyBucket()
}
