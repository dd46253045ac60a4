package portal

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/pages"
)

// showStatus says what became of the file. The object store's redirect leads
// here too. Some browsers count that navigation as another site's, and leave
// strict cookies out: the page then loads once more, by itself, and that
// second time is our own navigation.
func (s *Service) showStatus(w http.ResponseWriter, r *http.Request) {
	if !s.allowAddress(r, "page", s.Limits.PerAddress) {
		s.fail(w, r, http.StatusTooManyRequests)
		return
	}
	if s.comesFromElsewhere(r) {
		again := url.Values{"again": {"1"}}
		for _, name := range []string{"etag", "sent", "after"} {
			if v := r.URL.Query().Get(name); v != "" {
				again.Set(name, v)
			}
		}
		target := uploadPath(integration.UploadID(r.PathValue("id"))) + "/status?" + again.Encode()
		w.Header().Set("Refresh", "0; url="+target)
		s.page(w, http.StatusOK, "moment", pages.Page{Title: "One moment", Data: target})
		return
	}
	v, err := s.status(r)
	switch {
	case errors.Is(err, errNoLink):
		s.void(w)
	case err != nil:
		s.failWith(w, r, err)
	default:
		s.page(w, http.StatusOK, "status", pages.Page{
			Title: titles[v.Phase], Scripts: []string{"portal.js"}, Refresh: refreshAfter(v), Data: v,
		})
	}
}

// comesFromElsewhere tells whether the cookie is missing, and a navigation of
// our own may bring it. The path must be one of ours.
func (s *Service) comesFromElsewhere(r *http.Request) bool {
	_, err := r.Cookie(s.cookieName(r))
	return err != nil && r.Header.Get("Sec-Fetch-Site") != "same-origin" &&
		r.URL.Query().Get("again") == "" && uploadID.MatchString(r.PathValue("id"))
}

// sendStatus is showStatus for the script.
func (s *Service) sendStatus(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !s.allowAddress(r, "page", s.Limits.PerAddress) {
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	v, err := s.status(r)
	switch {
	case errors.Is(err, errNoLink), errors.Is(err, integration.ErrNotFound):
		w.WriteHeader(http.StatusNotFound)
		return
	case err != nil:
		s.Logger.ErrorContext(r.Context(), "portal status", "request", pages.RequestID(r.Context()), "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"phase": v.Phase, "version": v.Version, "final": v.Final, "title": titles[v.Phase],
	}) // the browser has gone: nobody is left to be told
}

func (s *Service) status(r *http.Request) (view, error) {
	p, err := s.current(r)
	if err != nil {
		return view{}, err
	}
	u, err := s.uploadOf(r, p)
	if err != nil {
		return view{}, err
	}
	etag := strings.Trim(r.URL.Query().Get("etag"), `"`)
	v := viewOf(s.Vendor, p, u, etag)
	if justSent(r.URL.Query(), v.Since, s.Now()) && u.State != integration.UploadAccepted {
		v.looking()
	}
	return v, nil
}

// justSent reports whether the script has sent a file within the last minute,
// by our clock, and the last verdict is still the one that the upload page knew
// of. The script cannot read the object store's answer, and so not tell the ETag.
func justSent(q url.Values, judged, now time.Time) bool {
	sent, err := strconv.ParseInt(q.Get("sent"), 10, 64)
	away := now.Sub(time.UnixMilli(sent)).Abs()
	return err == nil && away < time.Minute && q.Get("after") == strconv.FormatInt(judged.UnixMilli(), 10)
}

// titles are the headings of the status page.
var titles = map[phase]string{
	phaseNothing:  "We have not received a file yet",
	phaseLooking:  "We are looking at your file",
	phaseNewKey:   "We are waiting for Apple",
	phaseApple:    "We are waiting for Apple",
	phaseAccepted: "Your key works",
	phaseKeySafe:  "Your key is safe, and one thing is left to do",
	phaseLost:     "We can no longer reach your App Store Connect account",
	phaseReplaced: "This key has been replaced",
	phaseRefused:  "This file did not work",
	phaseExpired:  "Apple did not answer",
}

// refreshAfter is in how many seconds a browser without script looks again;
// 0 is never.
func refreshAfter(v view) int {
	switch v.Phase {
	case phaseLooking:
		return 4
	case phaseNothing, phaseNewKey:
		return 10
	case phaseApple:
		return 60
	}
	return 0
}
