package asctest

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// actions are what can be done by hand, by path.
func (s *Server) actions() map[string]action {
	return map[string]action{
		"teams":                                   s.doAddTeam,
		"teams/{team}/agreement":                  s.doAgreement,
		"teams/{team}/membership":                 s.doMembership,
		"teams/{team}/keys":                       s.doNewKey,
		"teams/{team}/keys/register":              s.doRegister,
		"teams/{team}/apps":                       s.doAddApp,
		"teams/{team}/apps/{app}/remove":          s.doRemoveApp,
		"teams/{team}/certificates":               s.doIssue,
		"teams/{team}/certificates/{cert}/revoke": s.doRevokeCertificate,
		"keys/{key}/revoke":                       s.doRevokeKey,
		"keys/{key}/roles":                        s.doRoles,
		"faults":                                  s.doFail,
		"faults/clear":                            s.doClear,
		"faults/{fault}/clear":                    s.doClear,
		"clock":                                   s.doClock,
	}
}

func teamPage(path func(string) string) string { return "/teams/" + url.PathEscape(path("team")) }

func (s *Server) doAddTeam(_ func(string) string, in url.Values) (any, string, error) {
	id := strings.TrimSpace(in.Get("team_id"))
	if id != "" && !keyIDShape.MatchString(id) {
		return nil, "", errors.New("a team ID is ten of A–Z and 0–9")
	}
	if _, taken := s.Team(id); taken {
		return nil, "", fmt.Errorf("there is a team %s already", id)
	}
	t := Team{TeamID: id, Name: strings.TrimSpace(in.Get("name")), Program: programOf(in.Get("program"))}
	switch apps := in.Get("apps"); apps {
	case "", "one": // the default
	case "none":
		t.Apps = []App{}
	default:
		return nil, "", fmt.Errorf("apps must be one or none, not %q", apps)
	}
	t = s.AddTeam(t)
	return t, "/teams/" + t.TeamID, nil
}

func (s *Server) doAddApp(path func(string) string, in url.Values) (any, string, error) {
	return nil, teamPage(path), s.AddApp(path("team"), App{
		BundleID: strings.TrimSpace(in.Get("bundle_id")), Name: strings.TrimSpace(in.Get("name")),
	})
}

func (s *Server) doRemoveApp(path func(string) string, _ url.Values) (any, string, error) {
	return nil, teamPage(path), s.RemoveApp(path("team"), path("app"))
}

func programOf(name string) Program {
	if name == string(Enterprise) {
		return Enterprise
	}
	return Standard
}

func (s *Server) doAgreement(path func(string) string, in url.Values) (any, string, error) {
	return nil, teamPage(path), s.SetAgreement(path("team"), Agreement(in.Get("state")))
}

func (s *Server) doMembership(path func(string) string, in url.Values) (any, string, error) {
	return nil, teamPage(path), s.SetMembership(path("team"), Membership(in.Get("state")))
}

// doNewKey makes a key. Its answer has the private half, as Apple's download.
func (s *Server) doNewKey(path func(string) string, in url.Values) (any, string, error) {
	var k Key
	var err error
	switch KeyKind(in.Get("kind")) {
	case SubscriptionKey:
		k, err = s.NewSubscriptionKey(path("team"))
	case IndividualKey:
		k, err = s.NewIndividualKey(path("team"), in.Get("user"))
	default:
		k, err = s.NewKey(path("team"), rolesIn(in)...)
	}
	if err == nil && in.Get("name") != "" {
		err = s.NameKey(k.KeyID, in.Get("name"))
	}
	return keyView{Key: k, PEM: string(k.PEM)}, teamPage(path), err
}

func (s *Server) doRegister(path func(string) string, in url.Values) (any, string, error) {
	k, err := s.AddKey(path("team"), strings.TrimSpace(in.Get("key_id")), []byte(in.Get("pem")), rolesIn(in)...)
	return keyView{Key: k}, teamPage(path), err
}

func rolesIn(in url.Values) []Role {
	var roles []Role
	for _, r := range in["role"] {
		roles = append(roles, Role(r))
	}
	return roles
}

func (s *Server) doIssue(path func(string) string, in url.Values) (any, string, error) {
	days, err := number(in.Get("days"), 365)
	if err != nil {
		return nil, "", err
	}
	c, err := s.IssueCertificate(path("team"), in.Get("type"), []byte(in.Get("csr")), time.Duration(days)*24*time.Hour)
	return c, teamPage(path), err
}

func (s *Server) doRevokeCertificate(path func(string) string, _ url.Values) (any, string, error) {
	return nil, teamPage(path), s.RevokeCertificate(path("team"), path("cert"))
}

func (s *Server) doRevokeKey(path func(string) string, _ url.Values) (any, string, error) {
	k, _ := s.Key(path("key"))
	return nil, "/teams/" + k.TeamID, s.Revoke(path("key"))
}

func (s *Server) doRoles(path func(string) string, in url.Values) (any, string, error) {
	if len(in["role"]) == 0 {
		return nil, "", errors.New("name a role")
	}
	for _, r := range rolesIn(in) {
		if !oneOf(r, KeyRoles()) {
			return nil, "", fmt.Errorf("a key cannot have the role %q", r)
		}
	}
	k, _ := s.Key(path("key"))
	return nil, "/teams/" + k.TeamID, s.SetRoles(path("key"), rolesIn(in)...)
}

func (s *Server) doFail(_ func(string) string, in url.Values) (any, string, error) {
	f := Fault{
		TeamID: in.Get("team"), KeyID: strings.TrimSpace(in.Get("key")), Method: in.Get("method"),
		Path: strings.TrimSpace(in.Get("path")), Effect: Effect(in.Get("effect")), NextHost: in.Get("next_host"),
	}
	var percent, minutes, retry, latency, seed int
	for _, n := range []struct {
		name string
		to   *int
	}{
		{"count", &f.Count}, {"percent", &percent}, {"minutes", &minutes}, {"status", &f.Status},
		{"retry_after", &retry}, {"latency_ms", &latency}, {"seed", &seed},
	} {
		v, err := number(in.Get(n.name), 0)
		if err != nil || v < 0 {
			return nil, "", fmt.Errorf("%s must be a whole number that is not negative", n.name)
		}
		*n.to = v
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return nil, "", errors.New("status must be between 200 and 599")
	}
	f.Probability, f.Seed = min(float64(percent)/100, 1), uint64(seed)
	f.RetryAfter, f.Latency = time.Duration(retry)*time.Second, time.Duration(latency)*time.Millisecond
	if minutes > 0 {
		f.Until = s.Now().Add(time.Duration(minutes) * time.Minute)
	}
	id, err := s.Fail(f)
	return map[string]string{"id": id}, "/", err
}

// doClear ends the fault that the path names, or all.
func (s *Server) doClear(path func(string) string, _ url.Values) (any, string, error) {
	if id := path("fault"); id != "" {
		s.ClearFault(id)
	} else {
		s.ClearFaults()
	}
	return nil, "/", nil
}

// doClock moves the simulator's clock by minutes.
func (s *Server) doClock(_ func(string) string, in url.Values) (any, string, error) {
	n, err := number(in.Get("minutes"), 0)
	if err != nil {
		return nil, "", err
	}
	s.Advance(time.Duration(n) * time.Minute)
	return map[string]time.Time{"now": s.Now()}, "/", nil
}

func number(text string, other int) (int, error) {
	if text = strings.TrimSpace(text); text == "" {
		return other, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n > 1_000_000 || n < -1_000_000 {
		return 0, errors.New("not a whole number within a million")
	}
	return n, nil
}
