package embedded

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// ErrLocked comes from Open when another process uses the file.
var ErrLocked = errors.New("in use by another process")

// Config says where the state is kept, and what time it is.
type Config struct {
	Path   string           // may; the file. Empty: a temporary one without fsync, gone after Close, for tests. Or Memory
	Stage  string           // may; the part of secrets' names that says which Keyward it is; default "local"
	Now    func() time.Time // may; default time.Now
	Random io.Reader        // may; default crypto/rand.Reader
	Hooks  Hooks            // may; default no trouble at all
	Wait   time.Duration    // may; how long to wait for another process to let go of the file; default 500 ms
}

// Memory, as Config.Path, keeps everything in memory. Calls then come one after
// the other, each some ten times faster than with a file: for simulations.
const Memory = ":memory:"

// A DB is the open file. Close it, so that another process may open it.
type DB struct {
	cfg    Config
	bolt   *bbolt.DB
	writer *writer
	random *lockedReader
	past   past
	stream signal

	mu     sync.Mutex
	queues map[string]signal
}

var (
	bucketItems    = []byte("table")
	bucketDue      = []byte("table due")
	bucketList     = []byte("table list")
	bucketStream   = []byte("stream")
	bucketVault    = []byte("vault")
	bucketObjects  = []byte("objects")
	bucketMessages = []byte("messages")
	bucketVisible  = []byte("visible")
	bucketMail     = []byte("mail")
	bucketMeta     = []byte("meta")
)

// Open opens the file, and makes it, with its directory, where it is missing.
// ErrLocked: another process has it. *DamagedError and *ExposedError are
// sentences for whoever started Keyward.
func Open(cfg Config) (*DB, error) {
	cfg = cfg.withDefaults()
	bolt, err := openBolt(cfg)
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("opening %s: %w", cfg.Path, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the state file: %w", err)
	}
	db := &DB{
		cfg: cfg, bolt: bolt, writer: newWriter(bolt), random: &lockedReader{r: cfg.Random},
		stream: newSignal(), queues: map[string]signal{},
	}
	if err := db.prepare(); err != nil {
		bolt.Close()
		return nil, fmt.Errorf("preparing the state file: %w", err)
	}
	return db, nil
}

func (db *DB) prepare() error {
	if err := db.bolt.Update(func(tx *bbolt.Tx) error { return errors.Join(makeBuckets(tx), convert(tx)) }); err != nil || db.cfg.Path != Memory {
		return err
	}
	tx, err := db.bolt.Begin(true)
	db.writer.held = tx
	return err
}

func (cfg Config) withDefaults() Config {
	if cfg.Stage == "" {
		cfg.Stage = "local"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Wait == 0 {
		cfg.Wait = 500 * time.Millisecond
	}
	return cfg
}

// mapped is how much of the file is mapped from the start. Within it a long
// read never holds up a write.
const mapped = 1 << 28

func openBolt(cfg Config) (*bbolt.DB, error) {
	options := &bbolt.Options{
		Timeout: cfg.Wait, FreelistType: bbolt.FreelistMapType, InitialMmapSize: mapped, NoStatistics: true,
	}
	if cfg.Path == "" || cfg.Path == Memory {
		return openTemporary(options)
	}
	return openFile(cfg.Path, options)
}

// openTemporary removes the file as soon as it is open, so that nothing is
// left whatever becomes of the process.
func openTemporary(options *bbolt.Options) (*bbolt.DB, error) {
	f, err := os.CreateTemp("", "keyward-*.db")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return nil, err
	}
	options.NoSync, options.NoGrowSync, options.NoFreelistSync = true, true, true
	return bbolt.Open(f.Name(), 0o600, options)
}

func makeBuckets(tx *bbolt.Tx) error {
	for _, name := range [][]byte{
		bucketItems, bucketDue, bucketList, bucketStream, bucketVault, bucketObjects,
		bucketMessages, bucketVisible, bucketMail, bucketMeta,
	} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

// Close lets go of the file. Calls under way end first; later ones fail.
func (db *DB) Close() error {
	db.past.forget()
	if held := db.writer.held; held != nil {
		return errors.Join(held.Rollback(), db.bolt.Close())
	}
	return db.bolt.Close()
}

// view shows a consistent state of the file.
func (db *DB) view(look func(*bbolt.Tx) error) error {
	if db.writer.held == nil {
		return db.bolt.View(look)
	}
	db.writer.mu.Lock()
	defer db.writer.mu.Unlock()
	return look(db.writer.held)
}

func (db *DB) now() time.Time { return db.cfg.Now().UTC() }

// lockedReader lets many goroutines share a source of randomness that, in
// tests, was not made for that.
type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return io.ReadFull(l.r, p)
}

// A signal wakes one waiting consumer; it never blocks who gives it.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) give() {
	select {
	case s <- struct{}{}:
	default:
	}
}
