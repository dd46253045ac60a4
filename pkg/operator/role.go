package operator

import (
	"errors"
	"fmt"
	"strings"
)

// A Role is what a caller may do.
type Role string

const (
	Support    Role = "support"    // everything but tokens
	Automation Role = "automation" // an integration by its reference, and tokens
	Export     Role = "export"     // lists, one integration and its history, without addresses
)

// A caller is who sent a request.
type caller struct {
	role Role   // empty: none
	name string // of the session or user, harmless in a history
}

// actor names the caller in a history, such as "support jane.doe".
func (c caller) actor() string {
	role := string(c.role)
	if role == "" {
		role = "unknown"
	}
	return strings.TrimSpace(role + " " + c.name)
}

// A principal is what two ARNs of the same role, assumed or not, share.
type principal struct{ partition, account, kind, name string }

// A directory knows roles by principal.
type directory map[principal]Role

func newDirectory(roles map[string]Role) (directory, error) {
	dir := make(directory, len(roles))
	var errs []error
	for arn, role := range roles {
		p, _, ok := parseARN(arn)
		held, taken := dir[p]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("field Roles: %q is not the ARN of an IAM role or user", arn))
		case role != Support && role != Automation && role != Export:
			errs = append(errs, fmt.Errorf("field Roles: no role %q", role))
		case taken && held != role:
			errs = append(errs, fmt.Errorf("field Roles: %q would be both %s and %s", arn, held, role))
		}
		dir[p] = role
	}
	return dir, errors.Join(errs...)
}

func (d directory) lookUp(arn string) caller {
	p, session, ok := parseARN(arn)
	if !ok {
		return caller{}
	}
	return caller{role: d[p], name: harmless(session)}
}

// parseARN reads arn:aws:sts::123:assumed-role/Name/session, which is what a
// function URL sees, and arn:aws:iam::123:role/path/Name, which is what people
// configure, as the same principal: role names are unique in an account
// whatever their path. Users are known by arn:aws:iam::123:user/path/Name.
func parseARN(arn string) (p principal, session string, ok bool) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[1] == "" || parts[4] == "" {
		return principal{}, "", false
	}
	path := strings.Split(parts[5], "/")
	last := path[len(path)-1]
	p = principal{partition: parts[1], account: parts[4], kind: path[0], name: last}
	switch {
	case parts[2] == "sts" && path[0] == "assumed-role" && len(path) == 3:
		p.kind, p.name = "role", path[1]
	case parts[2] == "iam" && (path[0] == "role" || path[0] == "user") && len(path) >= 2:
	default:
		return principal{}, "", false
	}
	return p, last, p.name != "" && last != ""
}

// harmless makes a session's name fit for a history. Single sign-on puts
// people's e-mail addresses there: what follows the at sign goes, so that no
// address is kept.
func harmless(session string) string {
	session, _, _ = strings.Cut(session, "@")
	session = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("._-", r):
			return r
		}
		return '-'
	}, session)
	return session[:min(len(session), 64)]
}
