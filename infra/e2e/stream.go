package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/template"
	"keyward/infra/local"
)

// A stream reads a table's changes out of moto.
type stream struct {
	moto  *moto.Server
	now   func() time.Time
	table template.Resource
	arn   string // the template's, which roles and events name
	last  string // sequence number that was read last
	shard struct{ arn, id string }

	mu    sync.Mutex
	dirty bool // something was written since
}

// wrote notes that the stream may have something new.
func (s *stream) wrote(table string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dirty = s.dirty || table == s.table.Ref
}

// read takes everything that is new.
func (s *stream) read(ctx context.Context) ([]local.StreamRecord, error) {
	s.mu.Lock()
	dirty := s.dirty
	s.dirty = false
	s.mu.Unlock()
	if !dirty {
		return nil, nil
	}
	if err := s.find(ctx); err != nil {
		return nil, err
	}
	// Each time from a new iterator: in moto a cancelled transaction leaves
	// the old ones behind.
	in := map[string]any{"StreamArn": s.shard.arn, "ShardId": s.shard.id, "ShardIteratorType": "TRIM_HORIZON"}
	if s.last != "" {
		in["ShardIteratorType"], in["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", s.last
	}
	var iterator struct{ ShardIterator string }
	if err := s.moto.Call(ctx, "DynamoDBStreams_20120810.GetShardIterator", in, &iterator); err != nil {
		return nil, err
	}
	var out struct{ Records []map[string]any }
	if err := s.moto.Call(ctx, "DynamoDBStreams_20120810.GetRecords", map[string]any{"ShardIterator": iterator.ShardIterator, "Limit": 1000}, &out); err != nil {
		return nil, err
	}
	var records []local.StreamRecord
	now := s.now()
	for _, e := range out.Records {
		change := object(e["dynamodb"])
		change["ApproximateCreationDateTime"] = now.Unix()
		e["eventSourceARN"], e["awsRegion"] = s.arn, moto.Region
		s.last = str(change["SequenceNumber"])
		text, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		records = append(records, local.StreamRecord{Sequence: s.last, At: now, Event: text})
	}
	return records, nil
}

// find looks the shard up, of which moto has one.
func (s *stream) find(ctx context.Context) error {
	if s.shard.id != "" {
		return nil
	}
	var table struct {
		Table struct{ LatestStreamArn string }
	}
	if err := s.moto.Call(ctx, "DynamoDB_20120810.DescribeTable", map[string]any{"TableName": s.table.Ref}, &table); err != nil {
		return err
	}
	var d struct {
		StreamDescription struct{ Shards []struct{ ShardId string } }
	}
	in := map[string]any{"StreamArn": table.Table.LatestStreamArn}
	if err := s.moto.Call(ctx, "DynamoDBStreams_20120810.DescribeStream", in, &d); err != nil {
		return err
	}
	if len(d.StreamDescription.Shards) == 0 {
		return fmt.Errorf("the stream of %s has no shard", s.table.ID)
	}
	s.shard.arn, s.shard.id = table.Table.LatestStreamArn, d.StreamDescription.Shards[0].ShardId
	return nil
}
