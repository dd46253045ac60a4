package asctest

import (
	"fmt"
	"strings"
	"time"
)

// plist is the property list inside a profile, with the keys that tools read.
// The keys and their values are those of profiles that people have published
// [FIELD]; keys that are about Xcode alone are left out.
func (p profileSpec) plist(uuid, teamID string, from, to time.Time) []byte {
	var b strings.Builder
	b.WriteString(plistHead)
	add := func(key, value string) { b.WriteString("<key>" + key + "</key>" + value + "\n") }
	add("AppIDName", plistText(p.bundleID.text("name")))
	add("ApplicationIdentifierPrefix", plistArray(teamID))
	add("CreationDate", plistDate(from))
	add("Platform", plistArray(p.platforms()...))
	var certs strings.Builder
	for _, c := range p.certificates {
		certs.WriteString("<data>" + c.text("certificateContent") + "</data>")
	}
	add("DeveloperCertificates", "<array>"+certs.String()+"</array>")
	add("Entitlements", "<dict>\n"+p.entitlements(teamID)+"</dict>")
	add("ExpirationDate", plistDate(to))
	add("Name", plistText(p.name))
	if p.needsDevices() {
		udids := make([]string, len(p.devices))
		for i, d := range p.devices {
			udids[i] = d.text("udid")
		}
		add("ProvisionedDevices", plistArray(udids...))
	}
	if strings.HasSuffix(p.kind, "INHOUSE") || strings.HasSuffix(p.kind, "DIRECT") {
		add("ProvisionsAllDevices", "<true/>")
	}
	add("TeamIdentifier", plistArray(teamID))
	add("TeamName", plistText(p.teamName))
	add("TimeToLive", "<integer>365</integer>")
	add("UUID", plistText(uuid))
	add("Version", "<integer>1</integer>")
	b.WriteString("</dict></plist>\n")
	return []byte(b.String())
}

// entitlements are what a profile allows an app. The Mac has names of its own
// for some. Only a profile for the App Store has beta-reports-active, which
// TestFlight wants.
func (p profileSpec) entitlements(teamID string) string {
	id, debug := "application-identifier", "get-task-allow"
	if strings.HasPrefix(p.kind, "MAC_") {
		id, debug = "com.apple.application-identifier", "com.apple.security.get-task-allow"
	}
	out := ""
	if strings.HasSuffix(p.kind, "_STORE") {
		out = "<key>beta-reports-active</key><true/>\n"
	}
	return out + fmt.Sprintf("<key>%s</key>%s\n<key>com.apple.developer.team-identifier</key>%s\n"+
		"<key>keychain-access-groups</key>%s\n<key>%s</key><%t/>\n",
		id, plistText(teamID+"."+p.bundleID.text("identifier")), plistText(teamID),
		plistArray(teamID+".*", "com.apple.token"), debug, strings.HasSuffix(p.kind, "DEVELOPMENT"))
}

// platforms are those of a profile as its property list names them.
func (p profileSpec) platforms() []string {
	switch profilePlatform(p.kind) {
	case "MAC_OS":
		return []string{"OSX"}
	case "TV_OS":
		return []string{"tvOS"}
	}
	return []string{"iOS", "xrOS", "visionOS"}
}

const plistHead = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
`

func plistText(s string) string {
	return "<string>" + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s) + "</string>"
}

func plistDate(t time.Time) string { return "<date>" + t.UTC().Format(time.RFC3339) + "</date>" }

func plistArray(items ...string) string {
	var b strings.Builder
	for _, i := range items {
		b.WriteString(plistText(i))
	}
	return "<array>" + b.String() + "</array>"
}
