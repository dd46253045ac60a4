package dynamo

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/integration"
)

// The bounds of a page; see integration.Filter.
const (
	defaultPage = 50
	maxPage     = 200
)

// List returns one page of integrations, in the filter's order. The index says which
// there may be; the integrations themselves are read as they are now.
func (s *Store) List(ctx context.Context, f integration.Filter) (integration.Page, error) {
	const op = "dynamo.List"
	if f.Limit == 0 {
		f.Limit = defaultPage
	}
	at, err := placeOf(f.Cursor, f.Listing(), "")
	if f.Limit < 1 || f.Limit > maxPage {
		err = fmt.Errorf("%w: a limit of %d", integration.ErrInvalid, f.Limit)
	}
	if err != nil {
		return integration.Page{}, fmt.Errorf("%s: %w", op, err)
	}
	next, stop := iter.Pull2(s.listed(ctx, op, f, at.After))
	defer stop()
	return s.page(ctx, op, f, at, next)
}

// page fills a page, and goes one further to know whether it was the last.
func (s *Store) page(ctx context.Context, op string, f integration.Filter, at place, next func() (string, error, bool)) (integration.Page, error) {
	var out integration.Page
	for {
		keys, err := pull(next, f.Limit+1-len(out.Integrations))
		if err != nil || len(keys) == 0 {
			return out, err
		}
		all, err := s.integrations(ctx, op, keys)
		if err != nil {
			return integration.Page{}, err
		}
		for _, key := range keys {
			it, there := all[integration.IDInOrder(key)]
			if !there || !f.Takes(it) {
				continue
			}
			if len(out.Integrations) == f.Limit {
				out.Next = at.cursor()
				return out, nil
			}
			out.Integrations, at.After = append(out.Integrations, it), key
		}
	}
}

// pull takes the next sort keys, at most so many.
func pull(next func() (string, error, bool), most int) ([]string, error) {
	var ids []string
	for len(ids) < most {
		id, err, ok := next()
		if !ok || err != nil {
			return ids, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// listed gives the sort keys that the index has for the filter, ordered; each
// ends with an ID. A listing of all is put together from those of the states.
func (s *Store) listed(ctx context.Context, op string, f integration.Filter, after string) iter.Seq2[string, error] {
	switch {
	case f.Attention:
		return s.indexed(ctx, op, listPKAttention, after, f.Limit)
	case f.Customer != "":
		return s.indexed(ctx, op, listPKCustomer(f.Customer), after, f.Limit)
	case f.State != "":
		return s.indexed(ctx, op, listPKState(f.State), after, f.Limit)
	}
	var all []iter.Seq2[string, error]
	for _, st := range integration.States() {
		all = append(all, s.indexed(ctx, op, listPKState(st), after, f.Limit))
	}
	return merged(all)
}

func (s *Store) indexed(ctx context.Context, op, pk, after string, limit int) iter.Seq2[string, error] {
	in := &dynamodb.QueryInput{
		IndexName: aws.String(indexList), KeyConditionExpression: aws.String(attrListPK + " = :pk"),
		ExpressionAttributeValues: attributes{":pk": text(pk)}, Limit: pageSize(limit + 1),
	}
	if after != "" {
		in.KeyConditionExpression = aws.String(attrListPK + " = :pk AND " + attrListSK + " > :after")
		in.ExpressionAttributeValues[":after"] = text(after)
	}
	return func(yield func(string, error) bool) {
		for row, err := range s.query(ctx, op, in) {
			if !yield(textOf(row, attrListSK), err) {
				return
			}
		}
	}
}

// merged gives the elements of ordered sequences in order, each once: an
// integration that changes its state meanwhile may be in two.
func merged(all []iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var heads []*head
		for _, seq := range all {
			next, stop := iter.Pull2(seq)
			defer stop()
			heads = append(heads, &head{next: next})
		}
		var last string
		for {
			h, err := first(heads)
			if err != nil || h == nil {
				if err != nil {
					yield("", err)
				}
				return
			}
			id := h.id
			h.full = false
			if id != last && !yield(id, nil) {
				return
			}
			last = id
		}
	}
}

// A head is the next element of a sequence.
type head struct {
	next func() (string, error, bool)
	id   string
	full bool
	over bool
}

// first is the head with the smallest element; nil when all are over.
func first(heads []*head) (*head, error) {
	var least *head
	for _, h := range heads {
		if !h.full && !h.over {
			id, err, ok := h.next()
			if err != nil {
				return nil, err
			}
			h.id, h.full, h.over = id, ok, !ok
		}
		if h.full && (least == nil || h.id < least.id) {
			least = h
		}
	}
	return least, nil
}

// maxBatch is DynamoDB's limit on a BatchGetItem.
const maxBatch = 100

// integrations reads those that are there.
func (s *Store) integrations(ctx context.Context, op string, sortKeys []string) (map[integration.ID]integration.Integration, error) {
	all := map[integration.ID]integration.Integration{}
	for chunk := range slices.Chunk(sortKeys, maxBatch) {
		var keys []attributes
		for _, key := range chunk {
			keys = append(keys, keyOf(pkIntegration(integration.IDInOrder(key)), meta))
		}
		if err := s.batch(ctx, op, keys, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// maxRounds is how often what DynamoDB left unread is asked for again.
const maxRounds = 6

func (s *Store) batch(ctx context.Context, op string, keys []attributes, into map[integration.ID]integration.Integration) error {
	for round := range maxRounds {
		if round > 0 {
			if err := pause(ctx, round); err != nil {
				return fmt.Errorf("%s: %w", op, err)
			}
		}
		out, err := s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			s.table: {Keys: keys, ConsistentRead: aws.Bool(true)},
		}})
		if err != nil {
			return failed(op, err)
		}
		for _, row := range out.Responses[s.table] {
			it, err := decode[integration.Integration](row)
			if err != nil {
				return fmt.Errorf("%s: %w", op, err)
			}
			into[it.ID] = it
		}
		if keys = out.UnprocessedKeys[s.table].Keys; len(keys) == 0 {
			return nil
		}
	}
	return fmt.Errorf("%s: %w", op, integration.ErrThrottled)
}
