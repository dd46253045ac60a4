package portal

import (
	"fmt"
	"net/http"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/pages"
	"keyward/pkg/wording"
)

type setupPage struct {
	Vendor    Vendor
	It        integration.Integration
	FormToken string
	Draft     string // the signed ID of the upload that the form begins
	Fields    []field
	Wrong     int    // how many fields are
	Replace   bool   // a key is in force
	KeySafe   string // a Reason that no new key would mend
	Confirm   confirmation
	Dead      bool                 // the key in force does not work, or is not used any more
	Refused   *wording.Explanation // of the file that was refused last; nil: none
	Pending   string               // path of an upload that is being looked at
	User      *userPart
}

// A confirmation is where the reauthorisation stands.
type confirmation struct {
	Asked bool // the access level asks for it, and a key is in force
	Due   time.Time
	Done  bool // just now
	Wrong bool // pressed without the tick
}

func (s *Service) showSetup(w http.ResponseWriter, r *http.Request, p session) {
	s.setup(w, r, p, http.StatusOK, func(*setupPage) {})
}

// filled are the inputs with what was typed last, with this link or for the
// upload that was refused last, else with what is known of the team.
func filled(p session, uploads []integration.Upload) []field {
	known := integration.Entered{TeamID: p.it.TeamID, TeamName: p.it.TeamName}
	if p.it.Key != nil {
		known.IssuerID = p.it.Key.IssuerID
	}
	if p.it.Refused.Entered.KeyID != "" {
		known = p.it.Refused.Entered
	}
	var latest time.Time
	for _, u := range uploads {
		if u.LinkHash == p.link.Hash && !u.CreatedAt.Before(latest) {
			latest, known = u.CreatedAt, u.Entered()
		}
	}
	fields := setupFields(p.it.Access)
	named(fields, "key_id").Value = known.KeyID
	named(fields, "issuer_id").Value = known.IssuerID
	named(fields, "team_id").Value = known.TeamID
	named(fields, "team_name").Value = known.TeamName
	return fields
}

// setup shows the page; more completes what it says.
func (s *Service) setup(w http.ResponseWriter, r *http.Request, p session, status int, more func(*setupPage)) {
	uploads, err := s.Store.Uploads(r.Context(), p.it.ID)
	if err != nil {
		s.failWith(w, r, fmt.Errorf("reading uploads: %w", err))
		return
	}
	data := setupPage{
		Vendor: s.Vendor, It: p.it, FormToken: p.formToken(), Draft: p.sign(integration.NewUploadID(s.Random)),
		Replace: p.it.Key != nil, KeySafe: mendedWithoutKey(p.it), Confirm: confirm(p.it, s.Now()), Pending: pending(uploads, p.link.Hash),
		User: userOf(s.Vendor, p.it), Fields: filled(p, uploads), Dead: p.it.State == integration.Deactivated,
	}
	if p.it.Refused.Diagnosis != "" {
		why := wording.Refusal(p.it.Refused, p.it.Access, s.Vendor.Name)
		data.Refused = &why
	}
	title := "Connect to App Store Connect"
	if data.Replace {
		title = "Replace your App Store Connect key"
	}
	more(&data)
	if data.Wrong > 0 {
		title = "Error: " + title
	}
	s.page(w, status, "setup", pages.Page{Title: title, Scripts: []string{"portal.js"}, Data: data})
}

// mendedWithoutKey is the open problem, if a new key would be of no use.
func mendedWithoutKey(it integration.Integration) string {
	if it.State != integration.ActionRequired {
		return ""
	}
	switch it.Cause {
	case integration.Agreement, integration.Membership, integration.NoApps:
		return string(it.Cause)
	}
	return ""
}

// pending is the path of the link's upload that Apple is being asked about.
func pending(uploads []integration.Upload, linkHash string) string {
	for _, u := range uploads {
		if u.LinkHash == linkHash && u.State == integration.UploadWaiting {
			return uploadPath(u.ID) + "/status"
		}
	}
	return ""
}

// latest is the attempt judged last: of two at the same instant, the later in
// the list.
func latest(u integration.Upload) (integration.Attempt, bool) {
	if len(u.Attempts) == 0 {
		return integration.Attempt{}, false
	}
	a := u.Attempts[0]
	for _, b := range u.Attempts[1:] {
		if !b.At.Before(a.At) {
			a = b
		}
	}
	return a, true
}
