package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// Fleet reads the status of all integrations together; zero before the first
// SetFleet.
func (s *Store) Fleet(ctx context.Context) (integration.FleetStatus, error) {
	f, err := item[integration.FleetStatus](ctx, s, "store.Fleet", pkFleet, meta)
	if errors.Is(err, integration.ErrNotFound) {
		return integration.FleetStatus{}, nil
	}
	return f, err
}

// SetFleet replaces the status, if nobody did meanwhile, and writes notices.
func (s *Store) SetFleet(ctx context.Context, before, after integration.FleetStatus, ns []integration.Notice) error {
	return s.db.call(ctx, "store.SetFleet", func() error {
		p := newPlan()
		after.Version = before.Version + 1
		p.add(pkFleet, meta, write{version: before.Version}, after.Version, time.Time{}, after)
		for _, n := range (integration.Change{Notices: ns}).Correlated(correlation.ID(ctx)).Notices {
			p.notice(n)
		}
		if p.err != nil {
			return p.err
		}
		return s.execute(p)
	})
}

// Mark puts the integration into the set, if it is not in yet.
func (s *Store) Mark(ctx context.Context, set integration.MarkSet, m integration.Mark) error {
	return s.mark(ctx, "store.Mark", set, m.Integration, write{when: ifAbsent}, m)
}

// Unmark takes the integration out of the set.
func (s *Store) Unmark(ctx context.Context, set integration.MarkSet, id integration.ID) error {
	return s.mark(ctx, "store.Unmark", set, id, write{when: always}, nil)
}

func (s *Store) mark(ctx context.Context, op string, set integration.MarkSet, id integration.ID, w write, value any) error {
	return s.db.call(ctx, op, func() error {
		p := newPlan()
		p.add(pkMarks(set), skMember(id), w, 1, time.Time{}, value)
		if p.err != nil {
			return p.err
		}
		return s.execute(p)
	})
}

// Marks lists the set, ordered by ID.
func (s *Store) Marks(ctx context.Context, set integration.MarkSet, limit int) ([]integration.Mark, error) {
	first, err := itemKey(pkMarks(set), skMember(""))
	if err == nil {
		err = atLeastOne(limit)
	}
	if err != nil {
		return nil, fmt.Errorf("store.Marks: %w", err)
	}
	return readIndex(ctx, s.db, "store.Marks", func(tx *bbolt.Tx) ([]integration.Mark, error) {
		var all []integration.Mark
		c := tx.Bucket(bucketItems).Cursor()
		for k, v := c.Seek(first); bytes.HasPrefix(k, first) && len(all) < limit; k, v = c.Next() {
			m, err := decode[integration.Mark](v)
			if err != nil {
				return nil, err
			}
			all = append(all, m)
		}
		return all, nil
	})
}
