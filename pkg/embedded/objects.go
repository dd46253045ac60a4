package embedded

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
)

// ObjectsConfig says how the object store is reached, and whom it tells.
type ObjectsConfig struct {
	URL    string // must; where the Objects are served as an http.Handler: the action of the forms
	Bucket string // may; default "keyward-uploads"
	KMSKey string // may; the key ID that forms ask S3 to encrypt with; default an ARN of no account
	Events *Queue // may; gets an "Object Created" event with each object, in the same transaction
}

// Objects takes uploads by presigned POST forms and enforces their policies as
// S3 does. It is also the http.Handler that browsers post to.
type Objects struct {
	db     *DB
	cfg    ObjectsConfig
	secret string
	access string // the access key ID that signatures name
}

// Objects is the object store of the file.
func (db *DB) Objects(cfg ObjectsConfig) (*Objects, error) {
	if cfg.URL == "" {
		return nil, fmt.Errorf("the object store needs its URL: %w", integration.ErrInvalid)
	}
	cfg.Bucket = cmp.Or(cfg.Bucket, "keyward-uploads")
	cfg.KMSKey = cmp.Or(cfg.KMSKey, "arn:aws:kms:"+region+":"+account+":key/00000000-0000-4000-8000-000000000000")
	secret, err := db.signingSecret()
	if err != nil {
		return nil, fmt.Errorf("opening the object store: %w", err)
	}
	sum := sha256.Sum256(secret)
	return &Objects{db: db, cfg: cfg, secret: hex.EncodeToString(secret), access: fmt.Sprintf("AKIA%X", sum[:8])}, nil
}

// signingSecret is random, and the file's own: forms outlive a restart.
func (db *DB) signingSecret() (secret []byte, err error) {
	fresh := make([]byte, 32)
	if _, err := io.ReadFull(db.random, fresh); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	name := []byte("post-secret")
	err = db.writer.do(nil, func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketMeta)
		if there := b.Get(name); there != nil {
			secret = slices.Clone(there)
			return nil
		}
		secret = fresh
		return b.Put(name, fresh)
	})
	return secret, err
}

// object is what is kept of an upload.
type object struct {
	ETag     string
	Data     []byte
	Filename string
	At       time.Time
}

func (o object) listed(key string) integration.Object {
	return integration.Object{Key: key, ETag: o.ETag, Size: int64(len(o.Data)), At: o.At}
}

func objectAt(tx *bbolt.Tx, key string) (object, error) {
	var o object
	stored := tx.Bucket(bucketObjects).Get([]byte(key))
	if stored == nil {
		return o, integration.ErrNotFound
	}
	if err := json.Unmarshal(stored, &o); err != nil {
		return o, fmt.Errorf("a stored object cannot be read: %w", err)
	}
	return o, nil
}

// Read gives the object if its ETag is that one; see conformance.Objects.
func (s *Objects) Read(ctx context.Context, key, etag string) (integration.Object, error) {
	return read(ctx, s.db, "objects.Read", func(tx *bbolt.Tx) (integration.Object, error) {
		o, err := objectAt(tx, key)
		if err != nil {
			return integration.Object{}, err
		}
		if o.ETag != etag {
			return integration.Object{}, integration.ErrChanged
		}
		out := o.listed(key)
		out.Data, out.Filename = o.Data, o.Filename
		return out, nil
	})
}

// Delete takes the object away if its ETag is that one, or whatever it is when
// none is given.
func (s *Objects) Delete(ctx context.Context, key, etag string) error {
	return s.db.call(ctx, "objects.Delete", func() error {
		return ignoreNothing(s.db.writer.do(func(tx *bbolt.Tx) error {
			o, err := objectAt(tx, key)
			if errors.Is(err, integration.ErrNotFound) {
				return errNothing
			}
			if err == nil && etag != "" && o.ETag != etag {
				return integration.ErrChanged
			}
			return err
		}, func(tx *bbolt.Tx) error { return tx.Bucket(bucketObjects).Delete([]byte(key)) }))
	})
}

// List returns objects that arrived before the time, oldest first. There are
// never many: intake empties the store.
func (s *Objects) List(ctx context.Context, before time.Time, limit int) ([]integration.Object, error) {
	if limit < 1 {
		return nil, fmt.Errorf("objects.List: %w: a limit of %d", integration.ErrInvalid, limit)
	}
	return readIndex(ctx, s.db, "objects.List", func(tx *bbolt.Tx) (all []integration.Object, err error) {
		err = tx.Bucket(bucketObjects).ForEach(func(k, _ []byte) error {
			o, err := objectAt(tx, string(k))
			if err == nil && o.At.Before(before) {
				all = append(all, o.listed(string(k)))
			}
			return err
		})
		slices.SortStableFunc(all, func(a, b integration.Object) int { return a.At.Compare(b.At) })
		return all[:min(limit, len(all))], err
	})
}

// sign is Signature Version 4 of a POST policy.
// Source: S3's API reference, "Authenticating requests in browser-based
// uploads using POST".
func sign(secret, date, policy string) string {
	key := []byte("AWS4" + secret)
	for _, part := range []string{date, region, "s3", "aws4_request"} {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, policy))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
