package embedded

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"keyward/pkg/integration"
	"keyward/pkg/table"
)

// A Stream tells of every notice that was written or changed, as DynamoDB's
// stream does, in the order of the writes. Records stay until they are
// trimmed, across restarts; one that was read and not trimmed is read again.
type Stream struct{ db *DB }

// Stream is the feed of changes to notices.
func (db *DB) Stream() *Stream { return &Stream{db} }

// A Record is one change.
type Record struct {
	Sequence string          // its place; batch failures are reported by it
	Event    json.RawMessage // one element of a Lambda event's Records
}

// change is what is kept of a record until it is read.
type change struct {
	Event   string
	PK, SK  string
	Status  integration.NoticeStatus
	Version int64
	At      time.Time

	Correlation string `json:",omitempty"`
}

// record appends to the stream, within the transaction of the change itself.
func (db *DB) record(tx *bbolt.Tx, i table.Item, created bool) error {
	b := tx.Bucket(bucketStream)
	n, err := b.NextSequence()
	if err != nil {
		return err
	}
	c := change{
		Event: "MODIFY", PK: i.PK, SK: i.SK, Status: integration.NoticeStatus(i.Status), Version: i.Version, At: db.now(),
		Correlation: i.Correlation,
	}
	if created {
		c.Event = "INSERT"
	}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return b.Put(sequenceKey(n), text)
}

// Read returns the oldest records that were not trimmed, at most limit.
func (s *Stream) Read(ctx context.Context, limit int) ([]Record, error) {
	return read(ctx, s.db, "stream.Read", func(tx *bbolt.Tx) ([]Record, error) {
		var all []Record
		c := tx.Bucket(bucketStream).Cursor()
		for k, v := c.First(); k != nil && len(all) < limit; k, v = c.Next() {
			r, err := recordOf(binary.BigEndian.Uint64(k), v)
			if err != nil {
				return nil, err
			}
			all = append(all, r)
		}
		return all, nil
	})
}

// Trim drops the records up to and with the one of that sequence number: they
// were dealt with.
func (s *Stream) Trim(ctx context.Context, through string) error {
	n, err := strconv.ParseUint(through, 10, 64)
	if err != nil {
		return fmt.Errorf("stream.Trim: %w: not a sequence number", integration.ErrInvalid)
	}
	return s.db.call(ctx, "stream.Trim", func() error {
		return s.db.writer.do(nil, func(tx *bbolt.Tx) error {
			c := tx.Bucket(bucketStream).Cursor()
			for k, _ := c.First(); k != nil && binary.BigEndian.Uint64(k) <= n; k, _ = c.First() {
				if err := c.Delete(); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// Wake gives an element after records were written; several writes may give
// one. Read until nothing is left, then wait.
func (s *Stream) Wake() <-chan struct{} { return s.db.stream }

type attribute struct {
	S string `json:"S,omitempty"`
	N string `json:"N,omitempty"`
}

// recordOf gives a record the shape of a Lambda event's.
// Source: DynamoDB's developer guide, "Tutorial: Process new items with
// DynamoDB Streams and Lambda".
func recordOf(n uint64, stored []byte) (Record, error) {
	var c change
	if err := json.Unmarshal(stored, &c); err != nil {
		return Record{}, fmt.Errorf("a stored stream record cannot be read: %w", err)
	}
	sequence := fmt.Sprintf("%021d", n)
	keys := map[string]attribute{"PK": {S: c.PK}, "SK": {S: c.SK}}
	image := map[string]attribute{
		"PK": {S: c.PK}, "SK": {S: c.SK},
		"status": {S: string(c.Status)}, "version": {N: strconv.FormatInt(c.Version, 10)},
	}
	if c.Correlation != "" {
		image["correlation"] = attribute{S: c.Correlation}
	}
	text, err := json.Marshal(map[string]any{
		"eventID": fmt.Sprintf("%032x", n), "eventName": c.Event, "eventVersion": "1.1",
		"eventSource": "aws:dynamodb", "awsRegion": region,
		"eventSourceARN": "arn:aws:dynamodb:" + region + ":" + account + ":table/keyward/stream/2026-01-01T00:00:00.000",
		"dynamodb": map[string]any{
			"ApproximateCreationDateTime": c.At.Unix(), "Keys": keys, "NewImage": image,
			"SequenceNumber": sequence, "SizeBytes": len(stored), "StreamViewType": "NEW_IMAGE",
		},
	})
	return Record{Sequence: sequence, Event: text}, err
}

// What events say of where they come from, in the manner of AWS's samples.
const (
	region  = "eu-central-1"
	account = "123456789012"
)
