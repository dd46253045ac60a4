package portal

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"keyward/pkg/integration"
)

// takeSetup begins an upload, once for each page that was shown.
func (s *Service) takeSetup(w http.ResponseWriter, r *http.Request, p session) {
	t, fields, ok := readFields(r.PostForm, p.it.Access)
	ok = sameTeam(p.it, t.TeamID, fields) && ok
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
		s.keepCookie(w, r, s.cookieName(r)+uploadCookie, string(id), p.link.ExpiresAt)
		http.Redirect(w, r, uploadPath(id), http.StatusSeeOther)
	}
}

var errTooMany = errors.New("too many uploads by one link")

// begin writes the upload. When it is there already, with the same IDs, the
// form was sent twice; with others, it was corrected on a page gone back to,
// and becomes another upload.
func (s *Service) begin(r *http.Request, p session, id integration.UploadID, t integration.Entered) (integration.UploadID, error) {
	ctx := r.Context()
	uploads, err := s.Store.Uploads(ctx, p.it.ID)
	if err != nil {
		return "", fmt.Errorf("reading uploads: %w", err)
	}
	i := slices.IndexFunc(uploads, func(u integration.Upload) bool { return u.ID == id })
	switch {
	case i >= 0 && uploads[i].LinkHash == p.link.Hash && t == uploads[i].Entered() && uploads[i].State == integration.UploadOpen:
		return id, nil
	case i >= 0:
		id = integration.NewUploadID(s.Random)
	}
	if countOf(uploads, p.link.Hash) >= MaxUploads {
		return "", errTooMany
	}
	u := s.upload(p, id, t)
	err = s.Store.Commit(ctx, integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Create(u)}})
	if errors.Is(err, integration.ErrConflict) {
		return id, nil // the same form, sent twice at the same time
	}
	if err != nil {
		return "", fmt.Errorf("beginning an upload: %w", err)
	}
	s.Logger.InfoContext(ctx, "upload begun", "integration", p.it.ID, "upload", id)
	return id, nil
}

func (s *Service) upload(p session, id integration.UploadID, t integration.Entered) integration.Upload {
	now := s.Now()
	return integration.Upload{
		ID: id, Integration: p.it.ID, LinkHash: p.link.Hash, Epoch: p.link.Epoch, Contact: p.link.Contact,
		KeyID: t.KeyID, IssuerID: t.IssuerID, TeamID: t.TeamID, TeamName: t.TeamName,
		CreatedAt: now, FormExpires: now.Add(s.FormLife), State: integration.UploadOpen,
	}
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
