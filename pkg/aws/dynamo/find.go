package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keyward/pkg/integration"
)

// Find returns the integrations that have the look-up key, ordered by ID.
func (s *Store) Find(ctx context.Context, lookup string) ([]integration.ID, error) {
	const op = "dynamo.Find"
	switch {
	case isReference(lookup):
		return s.byReference(ctx, op, lookup)
	case hasAnyPrefix(lookup, integration.ByTeam(""), integration.ByKeyID(""), integration.ByBundleID(""), "ADR#"):
		return s.members(ctx, op, lookup)
	}
	return nil, nil
}

func hasAnyPrefix(text string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(text, p) })
}

func (s *Store) byReference(ctx context.Context, op, lookup string) ([]integration.ID, error) {
	if validKey(lookup, meta) != nil {
		return nil, nil
	}
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.table, Key: keyOf(lookup, meta), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, failed(op, err)
	}
	if out.Item == nil {
		return nil, nil
	}
	return []integration.ID{memberID(textOf(out.Item, attrMember))}, nil
}

func (s *Store) members(ctx context.Context, op, lookup string) ([]integration.ID, error) {
	ids, err := collect(s.query(ctx, op, within(lookup, skMember(""))), op, func(row attributes) (integration.ID, error) {
		return memberID(textOf(row, attrSK)), nil
	})
	return slices.Compact(ids), err
}

// Due returns what is due in the shard by the time, oldest first.
func (s *Store) Due(ctx context.Context, shard int, by time.Time, limit int) ([]integration.Due, error) {
	const op = "dynamo.Due"
	if err := atLeastOne(limit); err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	return take(s.query(ctx, op, &dynamodb.QueryInput{
		IndexName:                 aws.String(indexDue),
		KeyConditionExpression:    aws.String(attrDuePK + " = :pk AND " + attrDueAt + " <= :by"),
		ExpressionAttributeValues: attributes{":pk": text(duePK(shard)), ":by": text(sortable(by))},
		Limit:                     pageSize(limit),
	}), op, limit, dueOf)
}

func dueOf(row attributes) (integration.Due, error) {
	at, err := time.Parse(sortableLayout, textOf(row, attrDueAt))
	if err != nil {
		return integration.Due{}, errRow
	}
	d := integration.Due{Integration: integration.ID(strings.TrimPrefix(textOf(row, attrPK), pkIntegration(""))), At: at}
	if sk := textOf(row, attrSK); sk != meta {
		d.Dedupe = strings.TrimPrefix(sk, skNotice(""))
	}
	return d, nil
}

// Fleet reads the status of all integrations together; zero before the first
// SetFleet.
func (s *Store) Fleet(ctx context.Context) (integration.FleetStatus, error) {
	f, err := get[integration.FleetStatus](ctx, s, "dynamo.Fleet", pkFleet, meta)
	if errors.Is(err, integration.ErrNotFound) {
		return integration.FleetStatus{}, nil
	}
	return f, err
}
