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
	uuid := c.server.randomUUID()
	expires := c.now.Add(year)
	attrs := map[string]any{
		"name": e.text("name"), "profileType": kind, "profileState": "ACTIVE", "uuid": uuid,
		"platform": profilePlatform(kind), "createdDate": appleTime(c.now), "expirationDate": appleTime(expires),
		"profileContent": base64.StdEncoding.EncodeToString(profilePlist(e.text("name"), uuid, c.key.TeamID, c.now, expires)),
	}
	return newResource("profiles", c.server.randomID(10), attrs, e.rels), nil
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
