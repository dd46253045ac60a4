package operator

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"keyward/pkg/integration"
)

func (s *Service) history(ctx context.Context, c call) (reply, error) {
	if err := s.exists(ctx, c); err != nil {
		return reply{}, err
	}
	return s.entries(ctx, c)
}

// entries is a page of the history of what the call is about.
func (s *Service) entries(ctx context.Context, c call) (reply, error) {
	limit, cursor, err := paging(c.URL.Query(), 50, 200)
	if err = errors.Join(c.query("limit", "cursor"), err); err != nil {
		return reply{}, err
	}
	entries, next, err := s.Store.History(ctx, c.id, cursor, limit)
	if err != nil {
		return reply{}, badCursor(err)
	}
	return ok(History{Entries: append([]Entry{}, each(entries, viewEntry)...), Next: next})
}

func (s *Service) exists(ctx context.Context, c call) error {
	_, err := s.Store.Integration(ctx, c.id)
	return err
}

func (s *Service) notices(ctx context.Context, c call) (reply, error) {
	if err := errors.Join(c.query(), s.exists(ctx, c)); err != nil {
		return reply{}, err
	}
	ns, err := s.Store.Notices(ctx, c.id)
	if err != nil {
		return reply{}, fmt.Errorf("reading notices: %w", err)
	}
	return ok(Notices{Notices: append([]Notice{}, newestNotices(ns, s.Now())...)})
}

// notice is one e-mail with its text.
func (s *Service) notice(ctx context.Context, c call) (reply, error) {
	if err := errors.Join(c.query(), s.exists(ctx, c)); err != nil {
		return reply{}, err
	}
	ns, err := s.Store.Notices(ctx, c.id)
	if err != nil {
		return reply{}, fmt.Errorf("reading notices: %w", err)
	}
	i := slices.IndexFunc(ns, func(n integration.Notice) bool { return string(n.ID()) == c.PathValue("notice") })
	if i < 0 {
		return reply{}, problem(http.StatusNotFound, CodeNotFound, "There is no such e-mail. The integration's list of e-mails has their IDs.")
	}
	n := ns[i]
	return ok(SentNotice{Notice: viewNotice(n, s.Now()), Words: textWords(n), Subject: n.Content.Subject, Text: n.Content.Text})
}

func (s *Service) uploads(ctx context.Context, c call) (reply, error) {
	if err := errors.Join(c.query(), s.exists(ctx, c)); err != nil {
		return reply{}, err
	}
	us, err := s.Store.Uploads(ctx, c.id)
	if err != nil {
		return reply{}, fmt.Errorf("reading uploads: %w", err)
	}
	return ok(Uploads{Uploads: append([]Upload{}, newestUploads(us, s.Now())...)})
}

func (s *Service) certificates(ctx context.Context, c call) (reply, error) {
	if err := c.query(); err != nil {
		return reply{}, err
	}
	it, err := s.Store.Integration(ctx, c.id)
	if err != nil {
		return reply{}, err
	}
	certs, err := s.Store.Certificates(ctx, c.id)
	if err != nil {
		return reply{}, fmt.Errorf("reading certificates: %w", err)
	}
	slices.SortStableFunc(certs, mattersMore)
	return ok(Certificates{Certificates: append([]Certificate{}, each(certs, viewCertificate(it))...)})
}

// mattersMore puts those first that Apple lists and that sign apps, the one
// that ends first before the others.
func mattersMore(a, b integration.Certificate) int {
	rank := func(c integration.Certificate) int {
		switch {
		case !c.GoneAt.IsZero():
			return 2
		case !c.Distribution():
			return 1
		}
		return 0
	}
	return cmp.Or(rank(a)-rank(b), a.NotAfter.Compare(b.NotAfter), cmp.Compare(a.Serial, b.Serial))
}
