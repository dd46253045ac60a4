package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/template"
)

// A stream reads a table's changes out of moto.
type stream struct {
	moto  *moto.Server
	table template.Resource
	arn   string // the template's, which roles and events name
	last  string // sequence number that was read last
	dirty bool   // something was written since
	shard struct{ arn, id string }
}

// A record is one change, in the shape in which Lambda hands it over.
type record struct {
	sequence string
	at       time.Time // virtual
	event    map[string]any
}

// read takes everything that is new.
func (s *stream) read(ctx context.Context, now time.Time) ([]record, error) {
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
	var records []record
	for _, e := range out.Records {
		change := object(e["dynamodb"])
		change["ApproximateCreationDateTime"] = now.Unix()
		e["eventSourceARN"], e["awsRegion"] = s.arn, moto.Region
		s.last = str(change["SequenceNumber"])
		records = append(records, record{s.last, now, e})
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

// body is the JSON that a function gets.
func body(records []record) ([]byte, error) {
	var all []map[string]any
	for _, r := range records {
		all = append(all, r.event)
	}
	return json.Marshal(map[string]any{"Records": all})
}
