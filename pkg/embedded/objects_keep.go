package embedded

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"go.etcd.io/bbolt"
)

// keep stores the object and queues the event about it in one transaction: a
// crash loses both or neither. The ETag is random, as that of an object under
// a KMS key is nothing that the content tells.
func (s *Objects) keep(r *http.Request, p Post) (etag string, err error) {
	etag, err = s.db.randomHex(16)
	if err != nil {
		return "", err
	}
	o := object{ETag: etag, Data: p.Data, Filename: p.Fields[fieldFilename], At: s.db.now()}
	text, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	return ask(r.Context(), s.db, "objects.Post", func() (string, error) {
		event, err := s.event(r, p.Key, o)
		if err != nil {
			return "", err
		}
		return etag, s.put(p.Key, text, event)
	})
}

func (s *Objects) put(key string, text, event []byte) error {
	events := s.cfg.Events
	if events == nil {
		return s.db.writer.do(nil, func(tx *bbolt.Tx) error { return tx.Bucket(bucketObjects).Put([]byte(key), text) })
	}
	m, err := events.compose(event, 0)
	if err != nil {
		return err
	}
	err = s.db.writer.do(nil, func(tx *bbolt.Tx) error {
		if err := tx.Bucket(bucketObjects).Put([]byte(key), text); err != nil {
			return err
		}
		return events.put(tx, m)
	})
	if err == nil {
		events.wake.give()
	}
	return err
}

// event is what EventBridge says of a new object.
// Source: S3's user guide, "EventBridge event message structure".
func (s *Objects) event(r *http.Request, key string, o object) ([]byte, error) {
	id, err := s.db.uuid()
	if err != nil {
		return nil, err
	}
	request, err := s.db.randomHex(8)
	if err != nil {
		return nil, err
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return json.Marshal(map[string]any{
		"version": "0", "id": id, "detail-type": "Object Created", "source": "aws.s3",
		"account": account, "time": o.At.Format(time.RFC3339), "region": region,
		"resources": []string{"arn:aws:s3:::" + s.cfg.Bucket},
		"detail": map[string]any{
			"version": "0", "bucket": map[string]any{"name": s.cfg.Bucket},
			"object": map[string]any{
				"key": key, "size": len(o.Data), "etag": o.ETag, "sequencer": fmt.Sprintf("%018X", o.At.UnixNano()),
			},
			"request-id": request, "requester": account, "source-ip-address": host, "reason": "PostObject",
		},
	})
}

func (db *DB) randomHex(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(db.random, b); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	return hex.EncodeToString(b), nil
}
