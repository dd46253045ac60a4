package portal

import (
	"fmt"
	"net/http"
	"time"

	"keyward/pkg/integration"
)

// justNow is how long a confirmation is thanked for, and not asked for again.
const justNow = 10 * time.Minute

// confirm is where the integration's reauthorisation stands. A key that was
// accepted confirms as well, which is not the same as having pressed Confirm.
func confirm(it integration.Integration, now time.Time) confirmation {
	every := it.Access.Reauthorise.Every
	if every <= 0 || it.Key == nil {
		return confirmation{}
	}
	return confirmation{
		Asked: true, Due: it.ConfirmedAt.Add(every),
		Done: it.ConfirmedAt.After(it.Key.AcceptedAt) && now.Sub(it.ConfirmedAt) < justNow,
	}
}

// reauthorise takes a contact's word that the vendor may go on. It wants a
// tick beside the button: programs that press every button do not tick.
func (s *Service) reauthorise(w http.ResponseWriter, r *http.Request, p session) {
	if !confirm(p.it, s.Now()).Asked {
		s.fail(w, r, http.StatusNotFound)
		return
	}
	if r.PostForm.Get("agree") != "yes" {
		s.setup(w, r, p, http.StatusUnprocessableEntity, func(d *setupPage) {
			d.Confirm.Wrong = true
		})
		return
	}
	err := integration.Retry(r.Context(), func() error {
		it, err := s.Store.Integration(r.Context(), p.it.ID)
		if err != nil {
			return err
		}
		now := s.Now()
		if confirm(it, now).Done {
			return nil // pressed twice
		}
		ch, err := integration.Decide(it, integration.Reauthorised{Contact: p.link.Contact}, now)
		if err != nil || ch.Empty() {
			return err
		}
		return s.Store.Commit(r.Context(), ch)
	})
	if err != nil {
		s.failWith(w, r, fmt.Errorf("reauthorising: %w", err))
		return
	}
	http.Redirect(w, r, "/setup", http.StatusSeeOther)
}
