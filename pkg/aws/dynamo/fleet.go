package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// SetFleet replaces the status, if nobody did meanwhile, and writes notices.
func (s *Store) SetFleet(ctx context.Context, before, after integration.FleetStatus, ns []integration.Notice) error {
	const op = "dynamo.SetFleet"
	p := newPlan()
	after.Version = before.Version + 1
	p.put(write{when: atVersion, version: before.Version, item: item{PK: pkFleet, SK: meta, Version: after.Version}}, after)
	for _, n := range (integration.Change{Notices: ns}).Correlated(correlation.ID(ctx)).Notices {
		p.notice(n)
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w", op, p.err)
	}
	return s.execute(ctx, op, p.writes)
}

// Mark puts the integration into the set, if it is not in yet.
func (s *Store) Mark(ctx context.Context, set integration.MarkSet, m integration.Mark) error {
	const op = "dynamo.Mark"
	p := newPlan()
	w := write{when: ifAbsent, item: item{PK: pkMarks(set), SK: skMember(m.Integration), Version: 1}}
	w.item.tidy(m.At, keepMarks)
	p.put(w, m)
	if p.err != nil {
		return fmt.Errorf("%s: %w", op, p.err)
	}
	return s.execute(ctx, op, p.writes)
}

// Unmark takes the integration out of the set.
func (s *Store) Unmark(ctx context.Context, set integration.MarkSet, id integration.ID) error {
	const op = "dynamo.Unmark"
	if err := validKey(pkMarks(set), skMember(id)); err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.table, Key: keyOf(pkMarks(set), skMember(id))})
	return failed(op, err)
}

// Marks lists the set, ordered by ID.
func (s *Store) Marks(ctx context.Context, set integration.MarkSet, limit int) ([]integration.Mark, error) {
	const op = "dynamo.Marks"
	err := validKey(pkMarks(set), "")
	if err == nil {
		err = atLeastOne(limit)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	in := within(pkMarks(set), skMember(""))
	in.Limit = pageSize(limit)
	return take(s.query(ctx, op, in), op, limit, decode[integration.Mark])
}
