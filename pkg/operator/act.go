package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"keyward/pkg/integration"
)

// happens applies an event and answers with the integration after it.
func (s *Service) happens(ctx context.Context, c call, event func(integration.Integration) (integration.Event, error)) (Done, int64, error) {
	err := integration.Retry(ctx, func() error {
		it, err := s.Store.Integration(ctx, c.id)
		if err != nil {
			return err
		}
		ev, err := event(it)
		if err != nil {
			return err
		}
		ch, err := integration.Decide(it, ev, s.Now())
		if err != nil || ch.Empty() {
			return err
		}
		return s.Store.Commit(ctx, ch)
	})
	if err != nil {
		return Done{}, 0, err
	}
	return s.done(ctx, c)
}

func (s *Service) done(ctx context.Context, c call) (Done, int64, error) {
	it, err := s.Store.Integration(ctx, c.id)
	if err != nil {
		return Done{}, 0, fmt.Errorf("reading what came of it: %w", err)
	}
	view, err := s.detail(ctx, c, it)
	return Done{Integration: view, Next: view.Words.Next}, it.Version, err
}

func always(ev integration.Event) func(integration.Integration) (integration.Event, error) {
	return func(integration.Integration) (integration.Event, error) { return ev, nil }
}

func (s *Service) issueLink(ctx context.Context, c call) (reply, error) {
	if err := c.none(); err != nil {
		return reply{}, err
	}
	done, version, err := s.happens(ctx, c, always(integration.Invited{By: c.by.actor()}))
	done.Next = "A mail with a new upload link goes to the first contact who can be reached. Links sent before stay usable until they run out."
	if !slices.ContainsFunc(done.Integration.Contacts, deliverable) {
		done.Warnings = append(done.Warnings, "No contact can be reached by mail: support gets the mail instead. Add a contact, or correct an address.")
	}
	return reply{status: http.StatusAccepted, body: done, version: version}, err
}

func deliverable(c Contact) bool { return c.Address != "" && c.Undeliverable.IsZero() }

func (s *Service) revokeLinks(ctx context.Context, c call) (reply, error) {
	if err := c.none(); err != nil {
		return reply{}, err
	}
	done, version, err := s.happens(ctx, c, always(integration.LinksRevoked{By: c.by.actor()}))
	done.Next = "No upload link sent so far opens any more. Issue a new one when the customer is to upload a key."
	return reply{status: http.StatusOK, body: done, version: version}, err
}

func (s *Service) checkNow(ctx context.Context, c call) (reply, error) {
	if err := c.none(); err != nil {
		return reply{}, err
	}
	done, version, err := s.happens(ctx, c, func(it integration.Integration) (integration.Event, error) {
		if it.Key == nil && it.State != integration.Disconnected {
			return nil, problem(http.StatusConflict, CodeWrongState, "There is no key to check. The customer has to upload one first.")
		}
		return integration.CheckRequested{By: c.by.actor()}, nil
	})
	done.Next = "The check is made within about a minute. Look at the integration again to see what it found."
	return reply{status: http.StatusAccepted, body: done, version: version}, err
}

func (s *Service) disconnect(ctx context.Context, c call) (reply, error) {
	if err := c.none(); err != nil {
		return reply{}, err
	}
	us, err := s.Store.Uploads(ctx, c.id)
	if err != nil {
		return reply{}, fmt.Errorf("reading uploads: %w", err)
	}
	end := integration.DisconnectRequested{By: c.by.actor()}
	for _, u := range us {
		if u.State != integration.UploadAccepted && u.State != integration.UploadExpired {
			end.Uploads = append(end.Uploads, u.ID)
		}
	}
	done, version, err := s.happens(ctx, c, always(end))
	if n := done.Integration.KeysToDelete; n > 0 {
		done.Next += " " + integration.NoKeyInBackups + " The customer should still revoke the key at Apple: other copies may exist, such as the file that they uploaded."
	}
	return reply{status: http.StatusOK, body: done, version: version}, err
}

// pin chooses the certificate to watch, among those that Apple last listed.
func (s *Service) pin(ctx context.Context, c call) (reply, error) {
	var req Pin
	if err := errors.Join(c.query(), c.decode(&req)); err != nil {
		return reply{}, err
	}
	certs, err := s.Store.Certificates(ctx, c.id)
	if err != nil {
		return reply{}, fmt.Errorf("reading certificates: %w", err)
	}
	there := func(c integration.Certificate) bool {
		return c.Serial == req.Serial && c.Distribution() && c.GoneAt.IsZero()
	}
	done, version, err := s.happens(ctx, c, func(integration.Integration) (integration.Event, error) {
		if req.Serial != "" && !slices.ContainsFunc(certs, there) {
			return nil, invalid("serial", "Apple lists no distribution certificate with this serial. GET …/certificates shows those there are.")
		}
		return integration.CertificatePinned{Serial: req.Serial, By: c.by.actor()}, nil
	})
	return reply{status: http.StatusOK, body: done, version: version}, err
}
