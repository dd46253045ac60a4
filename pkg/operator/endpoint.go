package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"keyward/pkg/integration"
)

// A route is one thing that the API does, and who may ask for it.
type route struct {
	method, path string
	roles        []Role
	serve        func(context.Context, call) (reply, error)
}

// A call is a request by somebody who may make it.
type call struct {
	*http.Request
	by   caller
	id   integration.ID // of the path, if it has one; integration.Fleet for acts on the fleet
	body []byte
}

// A reply is an answer that is no problem.
type reply struct {
	status  int
	body    any
	version int64 // of the integration in the body; 0: no ETag
}

func ok(body any) (reply, error) { return reply{status: http.StatusOK, body: body}, nil }

// ofFleet begins the paths whose calls have their history with the fleet's.
const ofFleet = "/v1/fleet/"

func (s *Service) routes() []route {
	support, reading := []Role{Support}, []Role{Support, Export}
	const one = "/v1/integrations/{id}"
	return []route{
		{"POST", "/v1/integrations", support, s.create},
		{"GET", "/v1/integrations", reading, s.list},
		{"POST", "/v1/find", []Role{Support, Automation}, s.find},
		{"GET", one, reading, s.get},
		{"PATCH", one, support, s.patch},
		{"GET", one + "/history", reading, s.history},
		{"GET", one + "/notices", support, s.notices},
		{"GET", one + "/notices/{notice}", support, s.notice},
		{"GET", one + "/uploads", support, s.uploads},
		{"GET", one + "/certificates", support, s.certificates},
		{"PUT", one + "/certificates/pin", support, s.pin},
		{"POST", one + "/contacts", support, s.addContact},
		{"PATCH", one + "/contacts/{contact}", support, s.changeContact},
		{"DELETE", one + "/contacts/{contact}", support, s.eraseContact},
		{"POST", one + "/links", support, s.issueLink},
		{"DELETE", one + "/links", support, s.revokeLinks},
		{"POST", one + "/team-move", support, s.allowTeamMove},
		{"DELETE", one + "/team-move", support, s.withdrawTeamMove},
		{"POST", one + "/checks", support, s.checkNow},
		{"POST", one + "/disconnect", support, s.disconnect},
		{"POST", one + "/token", []Role{Automation}, s.token},
		{"GET", "/v1/fleet", support, s.fleet},
		{"GET", ofFleet + "history", support, s.entries},
		{"POST", ofFleet + "end-hold", support, s.endHold},
		{"GET", "/v1/access-levels", support, s.accessLevels},
	}
}

var idForm = regexp.MustCompile(`^int_[0-9a-z]{26}$`)

// endpoint is what all routes share: who calls, may they, what do they send.
func (s *Service) endpoint(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, err := s.answer(w, r, rt)
		if err != nil {
			s.problemOf(err, r).write(w, requestID(r))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if answer.version > 0 {
			w.Header().Set("ETag", etag(answer.version))
		}
		w.WriteHeader(answer.status)
		_ = json.NewEncoder(w).Encode(answer.body) // the caller has gone
	})
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, rt route) (reply, error) {
	c := call{Request: r, by: s.directory.lookUp(s.Caller(r))}
	if id := r.PathValue("id"); idForm.MatchString(id) {
		c.id = integration.ID(id)
	}
	if strings.HasPrefix(rt.path, ofFleet) {
		c.id = integration.Fleet
	}
	if err := s.admit(c, rt); err != nil {
		return reply{}, err
	}
	if c.id == "" && r.PathValue("id") != "" {
		return reply{}, notFound()
	}
	var err error
	if c.body, err = readBody(w, r); err != nil {
		return reply{}, err
	}
	return rt.serve(r.Context(), c)
}

// admit lets a role do what it may, and records what it may not.
func (s *Service) admit(c call, rt route) error {
	if slices.Contains(rt.roles, c.by.role) {
		return nil
	}
	if c.by == (caller{}) {
		return problem(http.StatusUnauthorized, CodeUnauthenticated, "It is not known who you are. Please sign the request.")
	}
	what := rt.method + " " + rt.path
	s.Logger.WarnContext(c.Context(), "operator refused", "route", what, "role", string(c.by.role), "request", requestID(c.Request))
	if c.id != "" {
		s.recordDenial(c, what)
	}
	return denied(rt.roles)
}

func denied(roles []Role) *Problem {
	return problem(http.StatusForbidden, CodeForbidden, "Your role does not allow this. It takes the role %s.", either(roles))
}

func either(roles []Role) string {
	text := string(roles[0])
	for _, r := range roles[1:] {
		text += " or " + string(r)
	}
	return text
}

// problemOf finds the words for an error. What is not known is our fault, and
// is logged instead of told.
func (s *Service) problemOf(err error, r *http.Request) *Problem {
	var p *Problem
	var transition *integration.TransitionError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &transition):
		return problem(http.StatusConflict, CodeWrongState,
			"An integration that is %s cannot do this. Look at it to see what it can do.", plainState(transition.State))
	case errors.Is(err, integration.ErrNotFound):
		return notFound()
	case errors.Is(err, integration.ErrConflict), errors.Is(err, integration.ErrThrottled):
		return busy()
	}
	s.Logger.ErrorContext(r.Context(), "operator failed", "route", r.Pattern, "request", requestID(r), "error", err)
	return internal()
}

func etag(version int64) string { return fmt.Sprintf(`"%d"`, version) }
