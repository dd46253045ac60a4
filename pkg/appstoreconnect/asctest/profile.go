package asctest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"
)

// createProfile makes a provisioning profile: a property list that is not
// signed, which is all that clients read of it without the system's tools.
func (c *call) createProfile(e entity) (*resource, error) {
	kind := e.text("profileType")
	if strings.HasSuffix(kind, "_STORE") && len(e.rels["devices"]) > 0 {
		return nil, errRelationship(".INVALID", "devices", "A profile of this type cannot have devices")
	}
	return c.server.newProfile(c.key.TeamID, e.text("name"), kind, e.rels), nil
}

func (s *Server) newProfile(teamID, name, kind string, rels map[string][]ref) *resource {
	uuid, now := s.randomUUID(), s.Now()
	expires := now.Add(year)
	return newResource("profiles", s.randomID(10), map[string]any{
		"name": name, "profileType": kind, "profileState": "ACTIVE", "uuid": uuid,
		"platform": profilePlatform(kind), "createdDate": appleTime(now), "expirationDate": appleTime(expires),
		"profileContent": base64.StdEncoding.EncodeToString(profilePlist(name, uuid, teamID, now, expires)),
	}, rels)
}

// IssueProfile makes a profile of a type such as IOS_APP_STORE for a bundle ID
// of the team, with all of the team's distribution certificates.
func (s *Server) IssueProfile(teamID, name, profileType, bundleID string) error {
	if !oneOf(profileType, s.shapes.Schemas["Profile"].Properties["attributes"].Properties["profileType"].Enum) {
		return fmt.Errorf("asctest: no profile type %q", profileType)
	}
	p := s.newProfile(teamID, name, profileType, nil)
	s.mu.Lock()
	found := false
	if tm := s.teams[teamID]; tm != nil {
		rels := map[string][]ref{"certificates": {}}
		for _, c := range tm.all("certificates") {
			if strings.HasSuffix(c.text("certificateType"), "DISTRIBUTION") {
				rels["certificates"] = append(rels["certificates"], c.ref)
			}
		}
		for _, b := range tm.all("bundleIds") {
			if b.text("identifier") == bundleID {
				rels["bundleId"], found = []ref{b.ref}, true
				tm.put(p.with(nil, rels))
			}
		}
	}
	s.mu.Unlock()
	if !found {
		return fmt.Errorf("asctest: no bundle ID %q in team %q", bundleID, teamID)
	}
	s.changed()
	return nil
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

func profilePlist(name, uuid, teamID string, from, to time.Time) []byte {
	escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	return fmt.Appendf(nil, `<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>Name</key><string>%s</string>
<key>UUID</key><string>%s</string>
<key>TeamIdentifier</key><array><string>%s</string></array>
<key>CreationDate</key><date>%s</date>
<key>ExpirationDate</key><date>%s</date>
<key>Version</key><integer>1</integer>
</dict></plist>
`, escape.Replace(name), uuid, teamID, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
}
