package asctest

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

// keyView is a key in the JSON API: its private half only right after it was
// made.
type keyView struct {
	Key
	PEM string `json:"PEM,omitempty"`
}

// teamView is a team with its keys and certificates.
type teamView struct {
	Team
	Keys         []Key
	Certificates []Certificate
}

func (s *Server) viewOf(t Team) teamView {
	return teamView{Team: t, Keys: s.Keys(t.TeamID), Certificates: s.Certificates(t.TeamID)}
}

// InForce tells whether the key has not been revoked.
func (k Key) InForce() bool { return k.RevokedAt.IsZero() }

// Has tells whether the key has the role.
func (k Key) Has(r Role) bool { return oneOf(r, k.Roles) }

func (a *admin) overview(w http.ResponseWriter, r *http.Request) {
	var teams []teamView
	for _, t := range a.server.Teams() {
		teams = append(teams, a.server.viewOf(t))
	}
	requests := a.server.Requests()
	a.show(w, r, http.StatusOK, "overview.html", map[string]any{
		"Title": "Simulated App Store Connect", "Teams": teams, "Samples": a.server.Samples(),
		"Faults": a.server.Faults(), "Effects": Effects(), "Calls": a.server.Calls(),
		"Requests": requests[:min(10, len(requests))], "Ahead": a.server.ahead(),
	})
}

func (s *Server) ahead() time.Duration {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.offset
}

func (a *admin) team(w http.ResponseWriter, r *http.Request) {
	t, ok := a.server.Team(r.PathValue("team"))
	if !ok {
		a.missing(w, r)
		return
	}
	a.show(w, r, http.StatusOK, "team.html", map[string]any{
		"Title": t.Name, "Team": a.server.viewOf(t), "Agreements": Agreements(), "Roles": KeyRoles(),
		"Memberships": []Membership{MembershipActive, MembershipLapsed},
		"Types":       []string{"DISTRIBUTION", "IOS_DISTRIBUTION", "DEVELOPMENT", "IOS_DEVELOPMENT", "MAC_APP_DISTRIBUTION"},
	})
}

func (a *admin) requests(w http.ResponseWriter, r *http.Request) {
	a.show(w, r, http.StatusOK, "requests.html", map[string]any{
		"Title": "Requests", "Requests": a.server.Requests(), "Calls": a.server.Calls(),
	})
}

func (a *admin) missing(w http.ResponseWriter, r *http.Request) {
	a.show(w, r, http.StatusNotFound, "error.html", map[string]any{
		"Title": "Not found", "Error": "There is nothing under this address.",
	})
}

// keyFile downloads a private key, as often as one likes; at Apple it is once.
func (a *admin) keyFile(w http.ResponseWriter, r *http.Request) {
	k, ok := a.server.Key(r.PathValue("key"))
	if !ok || len(k.PEM) == 0 || k.FileName != r.PathValue("file") {
		a.missing(w, r)
		return
	}
	download(w, k.FileName, k.PEM)
}

func (a *admin) sampleFile(w http.ResponseWriter, r *http.Request) {
	for _, f := range a.server.Samples() {
		if f.Name == r.PathValue("file") {
			download(w, f.Name, f.Content)
			return
		}
	}
	a.missing(w, r)
}

func (a *admin) certificateFile(w http.ResponseWriter, r *http.Request) {
	id, _ := strings.CutSuffix(r.PathValue("file"), ".cer")
	for _, c := range a.server.Certificates(r.PathValue("team")) {
		if c.ID == id {
			download(w, c.ID+".cer", c.DER)
			return
		}
	}
	a.missing(w, r)
}

func download(w http.ResponseWriter, name string, content []byte) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", `attachment; filename="`+url.PathEscape(name)+`"`)
	_, _ = w.Write(content) // a client that is gone is no concern
}

// apiState tells everything but private keys.
func (a *admin) apiState(w http.ResponseWriter, _ *http.Request) {
	teams := []teamView{}
	for _, t := range a.server.Teams() {
		v := a.server.viewOf(t)
		for i := range v.Keys {
			v.Keys[i].PEM = nil
		}
		teams = append(teams, v)
	}
	writeJSON(w, http.StatusOK, struct {
		Now    time.Time
		Teams  []teamView
		Faults []Fault
		Counts Counts
	}{a.server.Now(), teams, a.server.Faults(), a.server.Counts()})
}
