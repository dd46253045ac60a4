package asctest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// A profileSpec is what a provisioning profile is made of.
type profileSpec struct {
	name, kind   string
	teamName     string
	bundleID     *resource
	certificates []*resource
	devices      []*resource
}

// IssueProfile makes a profile of a type such as IOS_APP_STORE for a bundle ID
// of the team, with all of the team's certificates and, where profiles of the
// type have devices, devices that fit.
func (s *Server) IssueProfile(teamID, name, profileType, bundleID string) error {
	if !oneOf(profileType, s.shapes.Schemas["Profile"].Properties["attributes"].Properties["profileType"].Enum) {
		return fmt.Errorf("asctest: no profile type %q", profileType)
	}
	spec := profileSpec{name: name, kind: profileType}
	s.mu.RLock()
	if tm := s.teams[teamID]; tm != nil {
		spec.teamName = tm.info.Name
		for _, b := range tm.all("bundleIds") {
			if b.text("identifier") == bundleID {
				spec.bundleID = b
			}
		}
		spec.certificates = only(tm.all("certificates"), spec.takesCertificate)
		if spec.needsDevices() {
			spec.devices = only(tm.all("devices"), spec.takesDevice)
		}
	}
	s.mu.RUnlock()
	if spec.bundleID == nil {
		return fmt.Errorf("asctest: no bundle ID %q in team %q", bundleID, teamID)
	}
	p, err := s.newProfile(teamID, spec)
	if err != nil {
		return err
	}
	s.mu.Lock()
	if tm := s.teams[teamID]; tm != nil {
		tm.put(p)
	}
	s.mu.Unlock()
	s.changed()
	return nil
}

func only(list []*resource, fits func(*resource) bool) []*resource {
	return slices.DeleteFunc(slices.Clone(list), func(r *resource) bool { return !fits(r) })
}

// createProfile answers POST /v1/profiles.
func (c *call) createProfile(e entity) (*resource, error) {
	spec := profileSpec{name: e.text("name"), kind: e.text("profileType")}
	switch devices := len(e.rels["devices"]); {
	case spec.needsDevices() && devices == 0:
		return nil, errEntity(".RELATIONSHIP.REQUIRED", "Relationship is required",
			"The relationship 'devices' is required but was not provided with this request.", "")
	case !spec.needsDevices() && devices > 0:
		return nil, errEntity(".RELATIONSHIP.NOT_ALLOWED", "A relationship in the provided entity is not allowed for this request",
			spec.noDevices(), "")
	}
	if err := c.resolve(e, &spec); err != nil {
		return nil, err
	}
	return c.server.newProfile(c.key.TeamID, spec)
}

// needsDevices reports whether profiles of the type name devices: those for
// development and ad hoc distribution must, all others must not [FIELD:
// codemagic-ci-cd/cli-tools#26 #78 #256 #377].
func (p profileSpec) needsDevices() bool {
	return strings.HasSuffix(p.kind, "DEVELOPMENT") || strings.HasSuffix(p.kind, "ADHOC")
}

// noDevices is recorded for the App Store; for other types it is a guess [GUESS].
func (p profileSpec) noDevices() string {
	if strings.HasSuffix(p.kind, "_STORE") {
		return "No devices can be associated to Provisioning Profiles for the App Store."
	}
	return "No devices can be associated to Provisioning Profiles of this type."
}

// takesCertificate reports whether a profile of the type can hold the
// certificate, going by the types that clients choose from [FIELD: codemagic's
// cli-tools, the command list-certificates].
func (p profileSpec) takesCertificate(c *resource) bool {
	mac := strings.HasPrefix(p.kind, "MAC_")
	switch c.text("certificateType") {
	case "DEVELOPMENT":
		return strings.HasSuffix(p.kind, "DEVELOPMENT")
	case "IOS_DEVELOPMENT":
		return strings.HasSuffix(p.kind, "DEVELOPMENT") && !mac
	case "MAC_APP_DEVELOPMENT":
		return strings.HasSuffix(p.kind, "DEVELOPMENT") && mac
	case "DISTRIBUTION":
		return !strings.HasSuffix(p.kind, "DEVELOPMENT") && !strings.HasSuffix(p.kind, "DIRECT")
	case "IOS_DISTRIBUTION":
		return !strings.HasSuffix(p.kind, "DEVELOPMENT") && !mac
	case "MAC_APP_DISTRIBUTION":
		return strings.HasSuffix(p.kind, "STORE") && mac
	case "DEVELOPER_ID_APPLICATION", "DEVELOPER_ID_APPLICATION_G2":
		return strings.HasSuffix(p.kind, "DIRECT")
	}
	return false
}

// takesDevice reports whether a profile of the type can hold the device: an
// Apple TV goes into tvOS profiles alone, and they into nothing else [FIELD:
// codemagic-ci-cd/cli-tools#200].
func (p profileSpec) takesDevice(d *resource) bool {
	return (d.text("deviceClass") == "APPLE_TV") == strings.HasPrefix(p.kind, "TVOS_")
}

// resolve looks up what the request points at. What is not there is not named
// by its ID, nor told apart from what cannot be used any more [FIELD: the texts
// of Apple's web page, which clients look for; that they are the same here, and
// that they are about certificates of another type too, is a guess].
func (c *call) resolve(e entity, spec *profileSpec) error {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	tm := c.server.teams[c.key.TeamID]
	spec.teamName = tm.info.Name
	if spec.bundleID = tm.get(e.rels["bundleId"][0]); spec.bundleID == nil {
		return errRefused("There is no App ID with ID '" + e.rels["bundleId"][0].id + "' on this team.")
	}
	for _, r := range e.rels["certificates"] {
		cert := tm.get(r)
		if cert == nil || !spec.takesCertificate(cert) || !certificateOf("", cert).NotAfter.After(c.now) {
			return errRefused("There are no current certificates on this team matching the provided certificate IDs.")
		}
		spec.certificates = append(spec.certificates, cert)
	}
	for _, r := range e.rels["devices"] {
		switch d := tm.get(r); {
		case d == nil, d.text("status") != "ENABLED":
			return errRefused("There are no current devices on this team matching the provided device IDs.")
		case !spec.takesDevice(d):
			return errRefused("Invalid deviceClass for profile type.")
		default:
			spec.devices = append(spec.devices, d)
		}
	}
	return nil
}

func (s *Server) newProfile(teamID string, spec profileSpec) (*resource, error) {
	uuid, now := s.randomUUID(), s.Now()
	expires := now.Add(year)
	content, err := s.signedMessage(spec.plist(uuid, teamID, now, expires))
	if err != nil {
		return nil, err
	}
	return newResource("profiles", s.randomID(10), map[string]any{
		"name": spec.name, "profileType": spec.kind, "profileState": "ACTIVE", "uuid": uuid,
		"platform": profilePlatform(spec.kind), "createdDate": appleTime(now), "expirationDate": appleTime(expires),
		"profileContent": base64.StdEncoding.EncodeToString(content),
	}, map[string][]ref{
		"bundleId": {spec.bundleID.ref}, "certificates": refsOf(spec.certificates), "devices": refsOf(spec.devices),
	}), nil
}

func refsOf(list []*resource) []ref {
	out := make([]ref, len(list))
	for i, r := range list {
		out[i] = r.ref
	}
	return out
}

func profilePlatform(kind string) string {
	switch {
	case strings.HasPrefix(kind, "MAC_"):
		return "MAC_OS"
	case strings.HasPrefix(kind, "TVOS_"):
		return "TV_OS"
	}
	return "IOS"
}
