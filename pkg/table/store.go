package table

import (
	"context"
	"errors"
	"fmt"

	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// A Store keeps integrations in an engine's table; see conformance.Store for
// what its methods promise.
type Store struct{ engine Engine }

// NewStore makes a store.
func NewStore(e Engine) *Store { return &Store{e} }

// Commit writes all of the change or nothing.
func (s *Store) Commit(ctx context.Context, c integration.Change) error {
	return s.engine.Write(ctx, "Commit", func() ([]Write, error) { return writesOf(c.Correlated(correlation.ID(ctx))) })
}

// Integration reads one; ErrNotFound when it is not there.
func (s *Store) Integration(ctx context.Context, id integration.ID) (integration.Integration, error) {
	return get[integration.Integration](ctx, s, "Integration", Key{pkIntegration(id), meta})
}

// Upload reads one; ErrNotFound when it is not there.
func (s *Store) Upload(ctx context.Context, id integration.ID, u integration.UploadID) (integration.Upload, error) {
	return get[integration.Upload](ctx, s, "Upload", Key{pkIntegration(id), skUpload(u)})
}

// Notice reads one; ErrNotFound when it is not there.
func (s *Store) Notice(ctx context.Context, id integration.ID, dedupe string) (integration.Notice, error) {
	return get[integration.Notice](ctx, s, "Notice", Key{pkIntegration(id), skNotice(dedupe)})
}

// Link reads one; ErrNotFound when it is not there.
func (s *Store) Link(ctx context.Context, hash string) (integration.Link, error) {
	return get[integration.Link](ctx, s, "Link", Key{pkLink(hash), meta})
}

// Owner reads one; nobody's is the zero Owner with the fingerprint.
func (s *Store) Owner(ctx context.Context, fingerprint string) (integration.Owner, error) {
	o, err := get[integration.Owner](ctx, s, "Owner", Key{pkOwner(fingerprint), meta})
	if errors.Is(err, integration.ErrNotFound) {
		return integration.Owner{Fingerprint: fingerprint}, nil
	}
	return o, err
}

// Uploads lists an integration's uploads, ordered by ID.
func (s *Store) Uploads(ctx context.Context, id integration.ID) ([]integration.Upload, error) {
	return children[integration.Upload](ctx, s, "Uploads", id, skUpload(""))
}

// Contacts lists an integration's contacts, ordered by ID.
func (s *Store) Contacts(ctx context.Context, id integration.ID) ([]integration.Contact, error) {
	return children[integration.Contact](ctx, s, "Contacts", id, skContact(""))
}

// Certificates lists an integration's certificates, ordered by serial.
func (s *Store) Certificates(ctx context.Context, id integration.ID) ([]integration.Certificate, error) {
	return children[integration.Certificate](ctx, s, "Certificates", id, skCertificate(""))
}

// Notices lists an integration's notices, ordered by dedupe key.
func (s *Store) Notices(ctx context.Context, id integration.ID) ([]integration.Notice, error) {
	return children[integration.Notice](ctx, s, "Notices", id, prefixNotice)
}

// Fleet reads the status of all integrations together; zero before the first
// SetFleet.
func (s *Store) Fleet(ctx context.Context) (integration.FleetStatus, error) {
	f, err := get[integration.FleetStatus](ctx, s, "Fleet", Key{pkFleet, meta})
	if errors.Is(err, integration.ErrNotFound) {
		return integration.FleetStatus{}, nil
	}
	return f, err
}

// SetFleet replaces the status, if nobody did meanwhile, and writes notices.
func (s *Store) SetFleet(ctx context.Context, before, after integration.FleetStatus, ns []integration.Notice) error {
	return s.engine.Write(ctx, "SetFleet", func() ([]Write, error) {
		p := &plan{}
		after.Version = before.Version + 1
		p.put(Write{When: AtVersion, Version: before.Version, Item: Item{Key: Key{pkFleet, meta}, Version: after.Version}}, after)
		for _, n := range (integration.Change{Notices: ns}).Correlated(correlation.ID(ctx)).Notices {
			p.notice(n)
		}
		return p.writes, p.err
	})
}

// Mark puts the integration into the set, if it is not in yet.
func (s *Store) Mark(ctx context.Context, set integration.MarkSet, m integration.Mark) error {
	return s.engine.Write(ctx, "Mark", func() ([]Write, error) {
		p := &plan{}
		w := Write{When: IfAbsent, Item: Item{Key: Key{pkMarks(set), skMember(m.Integration)}, Version: 1}}
		w.Item.expire(m.At, keepMarks)
		p.put(w, m)
		return p.writes, p.err
	})
}

// Unmark takes the integration out of the set.
func (s *Store) Unmark(ctx context.Context, set integration.MarkSet, id integration.ID) error {
	return s.engine.Write(ctx, "Unmark", func() ([]Write, error) {
		p := &plan{}
		p.add(Write{Delete: true, Item: Item{Key: Key{pkMarks(set), skMember(id)}}})
		return p.writes, p.err
	})
}

// get reads one item. Under a key that no item can have there is nothing.
func get[T any](ctx context.Context, s *Store, op string, k Key) (v T, err error) {
	err = s.engine.Read(ctx, Operation{Name: op}, func(r Reader) error {
		if k.Valid() != nil {
			return integration.ErrNotFound
		}
		i, there, err := r.Get(k)
		if err != nil {
			return err
		}
		if !there {
			return integration.ErrNotFound
		}
		v, err = valueOf[T](i)
		return err
	})
	return v, err
}

// children reads the items of an integration whose sort keys begin so.
func children[T any](ctx context.Context, s *Store, op string, id integration.ID, prefix string) (all []T, err error) {
	err = s.engine.Read(ctx, Operation{Name: op}, func(r Reader) error {
		all, err = take(r, Range{PK: pkIntegration(id), Prefix: prefix}, valueOf[T])
		return err
	})
	return all, err
}

// take reads what the items of a range hold. In a partition that cannot be
// there is nothing.
func take[T any](r Reader, in Range, read func(Item) (T, error)) ([]T, error) {
	if (Key{PK: in.PK}).Valid() != nil {
		return nil, nil
	}
	var out []T
	for i, err := range r.Items(in) {
		if err != nil {
			return nil, err
		}
		v, err := read(i)
		if err != nil {
			return nil, err
		}
		if out = append(out, v); len(out) == in.Limit {
			break
		}
	}
	return out, nil
}

// atLeastOne refuses a limit that allows nothing.
func atLeastOne(limit int) error {
	if limit < 1 {
		return fmt.Errorf("%w: a limit of %d", integration.ErrInvalid, limit)
	}
	return nil
}
