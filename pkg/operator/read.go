package operator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"keyward/pkg/integration"
	"keyward/pkg/wording"
)

func (s *Service) list(ctx context.Context, c call) (reply, error) {
	q := c.URL.Query()
	limit, cursor, err := paging(q, 50, 200)
	if err = errors.Join(c.query("state", "customer", "order", "limit", "cursor"), err); err != nil {
		return reply{}, err
	}
	state := integration.State(q.Get("state"))
	if state != "" && !slices.Contains(integration.States(), state) {
		return reply{}, invalid("state", "There is no such state. The states are %q.", integration.States())
	}
	page, err := s.ordered(ctx, q.Get("order"), integration.Filter{State: state, Customer: q.Get("customer"), Limit: limit, Cursor: cursor})
	if err != nil {
		return reply{}, badCursor(err)
	}
	out := List{Integrations: []Integration{}, Next: page.Next}
	for _, it := range page.Integrations {
		out.Integrations = append(out.Integrations, viewIntegration(it, s.Now()))
	}
	return ok(out)
}

// wellCursor begins the cursors of the part of a list that needs no attention.
const wellCursor = "well."

// ordered lists what needs attention first, the most urgent first, and then
// the others by ID. The order "attention" leaves the others out; "id" is for
// programs that read everything while it changes.
func (s *Service) ordered(ctx context.Context, order string, f integration.Filter) (integration.Page, error) {
	switch order {
	case "id":
		return s.Store.List(ctx, f)
	case "attention", "":
		f.Attention = true
	default:
		return integration.Page{}, invalid("order", `There is no such order. Say "attention" or "id", or nothing.`)
	}
	var page integration.Page
	rest, well := strings.CutPrefix(f.Cursor, wellCursor)
	if !well || order != "" {
		var err error
		page, err = s.Store.List(ctx, f)
		if err != nil || page.Next != "" || order != "" {
			return page, err
		}
		if len(page.Integrations) == f.Limit {
			page.Next = wellCursor
			return page, nil
		}
	}
	f.Attention, f.Cursor = false, rest
	if !well {
		f.Cursor = ""
	}
	return s.addWell(ctx, page, f)
}

// addWell fills the page with integrations that need no attention.
func (s *Service) addWell(ctx context.Context, page integration.Page, f integration.Filter) (integration.Page, error) {
	most := f.Limit
	for len(page.Integrations) < most {
		f.Limit = most - len(page.Integrations)
		more, err := s.Store.List(ctx, f)
		if err != nil {
			return page, err
		}
		for _, it := range more.Integrations {
			if len(it.Attention.Needs) == 0 {
				page.Integrations = append(page.Integrations, it)
			}
		}
		if f.Cursor = more.Next; f.Cursor == "" {
			return page, nil
		}
	}
	page.Next = wellCursor + f.Cursor
	return page, nil
}

func badCursor(err error) error {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, integration.ErrInvalid) {
		return invalid("cursor", "This cursor is not one of ours. Take the one that the page before answered, or none.")
	}
	return fmt.Errorf("listing: %w", err)
}

func (s *Service) get(ctx context.Context, c call) (reply, error) {
	if err := c.query(); err != nil {
		return reply{}, err
	}
	it, err := s.Store.Integration(ctx, c.id)
	if err != nil {
		return reply{}, err
	}
	view, err := s.detail(ctx, c, it)
	return reply{status: http.StatusOK, body: view, version: it.Version}, err
}

// detail is an integration with its contacts, as far as the role may see them.
func (s *Service) detail(ctx context.Context, c call, it integration.Integration) (Integration, error) {
	view := viewIntegration(it, s.Now())
	contacts, err := s.Store.Contacts(ctx, it.ID)
	if err != nil {
		return view, fmt.Errorf("reading contacts: %w", err)
	}
	slices.SortStableFunc(contacts, func(a, b integration.Contact) int { return a.CreatedAt.Compare(b.CreatedAt) })
	for _, contact := range contacts {
		view.Contacts = append(view.Contacts, viewContact(contact, c.by.role))
	}
	return view, s.correspondence(ctx, c, it, &view)
}

// shown bounds the uploads and e-mails in one integration's answer; all are
// under …/uploads and …/notices.
const shown = 20

// correspondence adds what came from the customer and what was sent.
func (s *Service) correspondence(ctx context.Context, c call, it integration.Integration, view *Integration) error {
	ns, err := s.Store.Notices(ctx, it.ID)
	if err != nil {
		return fmt.Errorf("reading notices: %w", err)
	}
	view.Words.Told = wording.NewMails(ns, recipientOf(view.Contacts), when, s.Now()).Told(it)
	if c.by.role != Support {
		return nil
	}
	us, err := s.Store.Uploads(ctx, it.ID)
	if err != nil {
		return fmt.Errorf("reading uploads: %w", err)
	}
	view.Uploads, view.Notices = newestUploads(us, s.Now()), newestNotices(ns, s.Now())
	view.Uploads, view.Notices = view.Uploads[:min(len(us), shown)], view.Notices[:min(len(ns), shown)]
	return nil
}

// recipientOf names whom an e-mail went to, as far as the caller may see
// names, else by ID.
func recipientOf(contacts []Contact) func(integration.Notice) string {
	return func(n integration.Notice) string {
		i := slices.IndexFunc(contacts, func(c Contact) bool { return c.ID == string(n.SentTo) && c.Name != "" })
		if i < 0 {
			return string(n.SentTo)
		}
		return contacts[i].Name
	}
}

// find looks an integration up by what the body names, so that addresses stay
// out of URLs.
func (s *Service) find(ctx context.Context, c call) (reply, error) {
	var search Search
	if err := errors.Join(c.query(), c.decode(&search)); err != nil {
		return reply{}, err
	}
	if c.by.role != Support && search != (Search{Reference: search.Reference}) {
		return reply{}, problem(http.StatusForbidden, CodeForbidden, "Your role looks integrations up by reference only.")
	}
	ids, err := s.candidates(ctx, search)
	if err != nil {
		return reply{}, err
	}
	out := List{Integrations: []Integration{}}
	for _, id := range ids[:min(len(ids), 200)] {
		it, err := s.Store.Integration(ctx, id)
		if errors.Is(err, integration.ErrNotFound) {
			continue // the look-up lags behind
		}
		if err != nil {
			return reply{}, fmt.Errorf("reading what was found: %w", err)
		}
		out.Integrations = append(out.Integrations, viewIntegration(it, s.Now()))
	}
	return ok(out)
}

func (s *Service) candidates(ctx context.Context, search Search) ([]integration.ID, error) {
	if search.ID != "" && search == (Search{ID: search.ID}) {
		if !idForm.MatchString(search.ID) {
			return nil, nil
		}
		return []integration.ID{integration.ID(search.ID)}, nil
	}
	key, err := search.lookup()
	if err != nil {
		return nil, err
	}
	ids, err := s.Store.Find(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("looking up: %w", err)
	}
	return ids, nil
}

// lookup is the one look-up key that the search names.
func (q Search) lookup() (string, error) {
	var keys []string
	for _, by := range []struct {
		value string
		key   func(string) string
	}{
		{q.Reference, integration.ByReference}, {q.TeamID, integration.ByTeam}, {q.KeyID, integration.ByKeyID},
		{q.BundleID, integration.ByBundleID}, {q.Address, integration.ByAddress},
	} {
		if by.value != "" {
			keys = append(keys, by.key(by.value))
		}
	}
	if len(keys) != 1 || q.ID != "" {
		return "", invalid("", "Name exactly one of id, reference, team_id, key_id, bundle_id and address.")
	}
	return keys[0], nil
}

func (s *Service) accessLevels(_ context.Context, c call) (reply, error) {
	if err := c.query(); err != nil {
		return reply{}, err
	}
	return ok(AccessLevels{AccessLevels: each(s.Levels, viewLevel)})
}
