package portal

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/pages"
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
	Pending   string // path of an upload that is being looked at
}

// A confirmation is where the reauthorisation stands.
type confirmation struct {
	Asked bool // the access level asks for it, and a key is in force
	Due   time.Time
	Done  bool // just now
	Wrong bool // pressed without the tick
}

func (s *Service) showSetup(w http.ResponseWriter, r *http.Request, p session) {
	s.setup(w, r, p, http.StatusOK, func(d *setupPage) { d.Fields = filled(p.it) })
}

// filled are the inputs with what is known of the team.
func filled(it integration.Integration) []field {
	fields := setupFields(it.Access)
	for i := range fields {
		switch fields[i].Name {
		case "team_id":
			fields[i].Value = it.TeamID
		case "team_name":
			fields[i].Value = it.TeamName
		case "issuer_id":
			if it.Key != nil {
				fields[i].Value = it.Key.IssuerID
			}
		}
	}
	return fields
}

// setup shows the page; more completes what it says.
func (s *Service) setup(w http.ResponseWriter, r *http.Request, p session, status int, more func(*setupPage)) {
	uploads, err := s.cfg.Store.Uploads(r.Context(), p.it.ID)
	if err != nil {
		s.failWith(w, r, fmt.Errorf("reading uploads: %w", err))
		return
	}
	data := setupPage{
		Vendor: s.cfg.Vendor, It: p.it, FormToken: p.formToken(), Draft: p.sign(integration.NewUploadID(s.cfg.Random)),
		Replace: p.it.Key != nil, KeySafe: mendedWithoutKey(p.it), Confirm: confirm(p.it, s.cfg.Now()), Pending: pending(uploads, p.link.Hash),
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

// takeSetup begins an upload, once for each page that was shown.
func (s *Service) takeSetup(w http.ResponseWriter, r *http.Request, p session) {
	t, fields, ok := readFields(r.PostForm, p.it.Access)
	if !ok {
		s.setup(w, r, p, http.StatusUnprocessableEntity, func(d *setupPage) {
			d.Fields = fields
			for _, f := range fields {
				if f.Error != "" {
					d.Wrong++
				}
			}
		})
		return
	}
	draft, ok := p.unsign(r.PostForm.Get("draft"))
	if !ok {
		s.fail(w, r, http.StatusForbidden)
		return
	}
	id, err := s.begin(r, p, draft, t)
	switch {
	case errors.Is(err, errTooMany):
		s.fail(w, r, http.StatusTooManyRequests)
	case err != nil:
		s.failWith(w, r, err)
	default:
		http.Redirect(w, r, uploadPath(id), http.StatusSeeOther)
	}
}

var errTooMany = errors.New("too many uploads by one link")

// begin writes the upload. When it is there already, with the same IDs, the
// form was sent twice; with others, it was corrected on a page gone back to,
// and becomes another upload.
func (s *Service) begin(r *http.Request, p session, id integration.UploadID, t typed) (integration.UploadID, error) {
	ctx := r.Context()
	uploads, err := s.cfg.Store.Uploads(ctx, p.it.ID)
	if err != nil {
		return "", fmt.Errorf("reading uploads: %w", err)
	}
	i := slices.IndexFunc(uploads, func(u integration.Upload) bool { return u.ID == id })
	switch {
	case i >= 0 && uploads[i].LinkHash == p.link.Hash && t.of(uploads[i]) && uploads[i].State == integration.UploadOpen:
		return id, nil
	case i >= 0:
		id = integration.NewUploadID(s.cfg.Random)
	}
	if countOf(uploads, p.link.Hash) >= MaxUploads {
		return "", errTooMany
	}
	u := s.upload(p, id, t)
	err = s.cfg.Store.Commit(ctx, integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Create(u)}})
	if errors.Is(err, integration.ErrConflict) {
		return id, nil // the same form, sent twice at the same time
	}
	if err != nil {
		return "", fmt.Errorf("beginning an upload: %w", err)
	}
	s.cfg.Log.InfoContext(ctx, "upload begun", "integration", p.it.ID, "upload", id)
	return id, nil
}

func (s *Service) upload(p session, id integration.UploadID, t typed) integration.Upload {
	now := s.cfg.Now()
	return integration.Upload{
		ID: id, Integration: p.it.ID, LinkHash: p.link.Hash, Epoch: p.link.Epoch, Contact: p.link.Contact,
		KeyID: t.keyID, IssuerID: t.issuerID, TeamID: t.teamID, TeamName: t.teamName,
		CreatedAt: now, FormExpires: now.Add(s.cfg.FormLife), State: integration.UploadOpen,
	}
}

// of tells whether the upload was begun with the same texts.
func (t typed) of(u integration.Upload) bool {
	return t == typed{keyID: u.KeyID, issuerID: u.IssuerID, teamID: u.TeamID, teamName: u.TeamName}
}

func countOf(uploads []integration.Upload, linkHash string) int {
	n := 0
	for _, u := range uploads {
		if u.LinkHash == linkHash {
			n++
		}
	}
	return n
}

// sign ties an upload's ID to the session: nobody chooses an ID.
func (p session) sign(id integration.UploadID) string {
	return string(id) + "." + p.mac("draft "+string(id))
}

func (p session) unsign(draft string) (integration.UploadID, bool) {
	id, _, _ := strings.Cut(draft, ".")
	ok := hmac.Equal([]byte(draft), []byte(p.sign(integration.UploadID(id))))
	return integration.UploadID(id), ok
}

func uploadPath(id integration.UploadID) string { return "/uploads/" + string(id) }

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
