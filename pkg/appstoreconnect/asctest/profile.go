package asctest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// A profileSpec is what a provisioning profile is made of.
type profileSpec struct {
	name, kind   string
	bundleID     *resource
	certificates []*resource
	devices      []*resource
}

// IssueProfile makes a profile of a type such as IOS_APP_STORE for a bundle ID
// of the team, with all of the team's distribution certificates.
func (s *Server) IssueProfile(teamID, name, profileType, bundleID string) error {
	if !oneOf(profileType, s.shapes.Schemas["Profile"].Properties["attributes"].Properties["profileType"].Enum) {
		return fmt.Errorf("asctest: no profile type %q", profileType)
	}
	spec := profileSpec{name: name, kind: profileType}
	s.mu.RLock()
	if tm := s.teams[teamID]; tm != nil {
		for _, b := range tm.all("bundleIds") {
			if b.text("identifier") == bundleID {
				spec.bundleID = b
			}
		}
		for _, c := range tm.all("certificates") {
			if strings.HasSuffix(c.text("certificateType"), "DISTRIBUTION") {
				spec.certificates = append(spec.certificates, c)
			}
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

// createProfile answers POST /v1/profiles.
func (c *call) createProfile(e entity) (*resource, error) {
	spec := profileSpec{name: e.text("name"), kind: e.text("profileType")}
	if strings.HasSuffix(spec.kind, "_STORE") && len(e.rels["devices"]) > 0 {
		return nil, errRelationship(".INVALID", "devices", "A profile of this type cannot have devices")
	}
	if err := c.resolve(e, &spec); err != nil {
		return nil, err
	}
	return c.server.newProfile(c.key.TeamID, spec)
}

// resolve looks up what the request points at.
func (c *call) resolve(e entity, spec *profileSpec) error {
	c.server.mu.RLock()
	defer c.server.mu.RUnlock()
	tm := c.server.teams[c.key.TeamID]
	if err := e.exist(tm); err != nil {
		return err
	}
	spec.bundleID = tm.get(e.rels["bundleId"][0])
	for _, r := range e.rels["certificates"] {
		spec.certificates = append(spec.certificates, tm.get(r))
	}
	for _, r := range e.rels["devices"] {
		spec.devices = append(spec.devices, tm.get(r))
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

// plist is the property list inside a profile, with the keys that tools read.
func (p profileSpec) plist(uuid, teamID string, from, to time.Time) []byte {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace
	var certs, devices strings.Builder
	for _, c := range p.certificates {
		certs.WriteString("<data>" + c.text("certificateContent") + "</data>")
	}
	if len(p.devices) > 0 {
		devices.WriteString("<key>ProvisionedDevices</key><array>")
		for _, d := range p.devices {
			devices.WriteString("<string>" + escape(d.text("udid")) + "</string>")
		}
		devices.WriteString("</array>\n")
	}
	appID := teamID + "." + escape(p.bundleID.text("identifier"))
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>AppIDName</key><string>%s</string>
<key>ApplicationIdentifierPrefix</key><array><string>%s</string></array>
<key>CreationDate</key><date>%s</date>
<key>DeveloperCertificates</key><array>%s</array>
<key>Entitlements</key><dict>
<key>application-identifier</key><string>%s</string>
<key>com.apple.developer.team-identifier</key><string>%s</string>
<key>get-task-allow</key><%t/>
</dict>
<key>ExpirationDate</key><date>%s</date>
<key>Name</key><string>%s</string>
%s<key>TeamIdentifier</key><array><string>%s</string></array>
<key>TimeToLive</key><integer>365</integer>
<key>UUID</key><string>%s</string>
<key>Version</key><integer>1</integer>
</dict></plist>
`, escape(p.bundleID.text("name")), teamID, from.UTC().Format(time.RFC3339), certs.String(), appID, teamID,
		strings.HasSuffix(p.kind, "DEVELOPMENT"), to.UTC().Format(time.RFC3339), escape(p.name), devices.String(), teamID, uuid)
}
