package portal

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/pages"
)

type uploadPage struct {
	Vendor    Vendor
	Upload    integration.Upload
	Form      integration.Form
	FormToken string
	Expires   time.Time
	Now       time.Time
	Judged    time.Time // when the last file was judged, as the page was made
	Minutes   int       // left
	Expired   bool      // the form cannot be sent any more
	MaxFile   int
	Again     bool // a file was refused before
}

// uploadID is the shape of integration.NewUploadID's texts.
var uploadID = regexp.MustCompile(`^upl_[0-9a-z]{32}$`)

// uploadOf is the upload that the path names. One of another integration is
// not found, nor is one of another link once the session's own is used up.
func (s *Service) uploadOf(r *http.Request, p session) (integration.Upload, error) {
	id := r.PathValue("id")
	if !uploadID.MatchString(id) {
		return integration.Upload{}, integration.ErrNotFound
	}
	u, err := s.Store.Upload(r.Context(), p.it.ID, integration.UploadID(id))
	if err != nil {
		return integration.Upload{}, fmt.Errorf("reading an upload: %w", err)
	}
	own := subtle.ConstantTimeCompare([]byte(u.LinkHash), []byte(p.link.Hash)) == 1
	if u.Integration != p.it.ID || (!own && !p.opens) {
		return integration.Upload{}, integration.ErrNotFound
	}
	return u, nil
}

// sendable tells whether another file may be sent for the upload.
func sendable(u integration.Upload) bool {
	return u.State == integration.UploadOpen || u.State == integration.UploadRefused
}

// showUpload is the page with the presigned form.
func (s *Service) showUpload(w http.ResponseWriter, r *http.Request, p session) {
	u, err := s.uploadOf(r, p)
	if err != nil {
		s.failWith(w, r, err)
		return
	}
	if !sendable(u) {
		http.Redirect(w, r, uploadPath(u.ID)+"/status", http.StatusSeeOther)
		return
	}
	data := uploadPage{
		Vendor: s.Vendor, Upload: u, FormToken: p.formToken(), Expires: u.FormExpires, MaxFile: MaxFile,
		Again: u.State == integration.UploadRefused,
	}
	last, _ := latest(u)
	data.Judged = last.At
	if left := u.FormExpires.Sub(s.Now()); left > 0 {
		data.Minutes = int((left + time.Minute - 1) / time.Minute)
		data.Form, err = s.Forms.Presign(r.Context(), integration.FormRequest{
			Key: u.ObjectKey(), Expires: u.FormExpires, MaxBytes: MaxForm, Redirect: s.origin(r) + uploadPath(u.ID) + "/status",
		})
		if err != nil {
			s.failWith(w, r, fmt.Errorf("making an upload form: %w", err))
			return
		}
		pages.AllowFormTo(w, data.Form.URL)
		data.Now = s.Now()
	} else {
		data.Expired = true
	}
	s.page(w, http.StatusOK, "upload", pages.Page{Title: "Upload the key file", Scripts: []string{"portal.js"}, Data: data})
}

// renewUpload gives the form another FormLife.
func (s *Service) renewUpload(w http.ResponseWriter, r *http.Request, p session) {
	err := integration.Retry(r.Context(), func() error {
		u, err := s.uploadOf(r, p)
		if err != nil || !sendable(u) {
			return err
		}
		next := u
		next.FormExpires = s.Now().Add(s.FormLife)
		return s.Store.Commit(r.Context(), integration.Change{
			Uploads: []integration.Edit[integration.Upload]{integration.Put(u, next)},
		})
	})
	if err != nil {
		s.failWith(w, r, fmt.Errorf("renewing an upload form: %w", err))
		return
	}
	http.Redirect(w, r, "/uploads/"+r.PathValue("id"), http.StatusSeeOther)
}
