package operator

import (
	"context"
	"errors"
	"fmt"
	"io"

	"keyward/pkg/integration"
)

// line completes an entry of this call's. Entries of one instant are ordered
// by the version of the integration that they came with; the random rest of
// Seq keeps those of one version apart, whichever process writes them.
func (s *Service) line(c call, version int64, e integration.Entry) integration.Entry {
	b := make([]byte, 8)
	if _, err := io.ReadFull(s.Random, b); err != nil {
		panic("operator: no randomness")
	}
	e.Integration, e.At, e.Actor = c.id, s.Now(), c.by.actor()
	e.Seq = fmt.Sprintf("%08d-op-%x", version, b)
	return e
}

// write appends one line to the history and changes nothing else.
func (s *Service) write(ctx context.Context, c call, version int64, e integration.Entry) error {
	return s.Store.Commit(ctx, integration.Change{History: []integration.Entry{s.line(c, version, e)}})
}

// recordDenial puts a refused call into the history of the integration that
// it was about. The answer is the same whether that exists or not, and whether
// the writing succeeds or not.
func (s *Service) recordDenial(c call, what string) {
	ctx := c.Context()
	version, err := s.version(ctx, c.id)
	if errors.Is(err, integration.ErrNotFound) {
		return
	}
	if err == nil {
		err = s.write(ctx, c, version, integration.Entry{What: "denied", Detail: what})
	}
	if err != nil {
		s.Logger.ErrorContext(ctx, "a denial could not be recorded", "integration", string(c.id), "request", requestID(c.Request), "error", err)
	}
}

// version is the integration's, or the version of the fleet's status.
func (s *Service) version(ctx context.Context, id integration.ID) (int64, error) {
	if id == integration.Fleet {
		st, err := s.Store.Fleet(ctx)
		return st.Version, err
	}
	it, err := s.Store.Integration(ctx, id)
	return it.Version, err
}
