package asctest

import (
	"strings"
	"time"
)

// populate makes the resources that a team description asks for.
func (s *Server) populate(t Team) *team {
	tm := &team{sets: map[string]*set{}}
	now := s.Now()
	for _, a := range t.Apps {
		s.populateApp(tm, t, a, now)
	}
	for _, u := range t.Users {
		id := u.ID
		if id == "" {
			id = s.randomUUID()
		}
		tm.put(newResource("users", id, personAttrs("username", u.Username, u.FirstName, u.LastName, u.Roles, u.Provisioning), nil))
	}
	for _, i := range t.Invitations {
		attrs := personAttrs("email", i.Email, i.FirstName, i.LastName, i.Roles, i.Provisioning)
		attrs["expirationDate"] = appleTime(now.Add(3 * 24 * time.Hour))
		tm.put(newResource("userInvitations", s.randomUUID(), attrs, nil))
	}
	for _, d := range t.Devices {
		tm.put(s.newDevice(d.Name, "IOS", d.UDID, d.Model, now))
	}
	return tm
}

func personAttrs(addressName, address, first, last string, roles []Role, provisioning bool) map[string]any {
	names := make([]string, len(roles))
	for i, r := range roles {
		names[i] = string(r)
	}
	return map[string]any{
		addressName: address, "firstName": first, "lastName": last, "roles": names,
		"allAppsVisible": true, "provisioningAllowed": provisioning,
	}
}

// populateApp adds an app with its bundle ID, one version, one build and one
// review, so that every endpoint has something to show.
func (s *Server) populateApp(tm *team, t Team, a App, now time.Time) {
	if a.ID == "" {
		a.ID = "6" + s.randomDigits(9)
	}
	if a.SKU == "" {
		a.SKU = strings.ToUpper(strings.NewReplacer(".", "-", "_", "-").Replace(a.BundleID))
	}
	if a.Locale == "" {
		a.Locale = "en-US"
	}
	app := map[string][]ref{"app": {{"apps", a.ID}}}
	tm.put(newResource("apps", a.ID, map[string]any{
		"name": a.Name, "bundleId": a.BundleID, "sku": a.SKU, "primaryLocale": a.Locale,
		"isOrEverWasMadeForKids": false, "contentRightsDeclaration": "DOES_NOT_USE_THIRD_PARTY_CONTENT",
	}, nil))
	s.populateBundleID(tm, t, a)
	s.populateVersion(tm, app, now)
	tm.put(newResource("betaGroups", s.randomUUID(), map[string]any{
		"name": "App Store Connect Users", "createdDate": appleTime(now.Add(-200 * 24 * time.Hour)),
		"isInternalGroup": true, "hasAccessToAllBuilds": true, "publicLinkEnabled": false,
		"publicLinkLimitEnabled": false, "feedbackEnabled": true,
		"iosBuildsAvailableForAppleSiliconMac": true, "iosBuildsAvailableForAppleVision": false,
	}, app))
	tm.put(newResource("customerReviews", s.randomUUID(), map[string]any{
		"rating": 5, "title": "Does what it says", "body": "Works well on my phone.",
		"reviewerNickname": "a reader", "territory": "USA", "createdDate": appleTime(now.Add(-9 * 24 * time.Hour)),
	}, app))
}

// populateBundleID adds the app's bundle ID, unless it has outlived another app.
func (s *Server) populateBundleID(tm *team, t Team, a App) {
	for _, b := range tm.all("bundleIds") {
		if b.text("identifier") == a.BundleID {
			return
		}
	}
	tm.put(newResource("bundleIds", s.randomID(10), map[string]any{
		"name": appIDName(a.Name), "identifier": a.BundleID, "platform": "IOS", "seedId": t.TeamID,
	}, nil))
}

func (s *Server) populateVersion(tm *team, app map[string][]ref, now time.Time) {
	uploaded := now.Add(-20 * 24 * time.Hour)
	pre := newResource("preReleaseVersions", s.randomUUID(), map[string]any{"version": "1.4.0", "platform": "IOS"}, app)
	build := newResource("builds", s.randomUUID(), map[string]any{
		"version": "42", "uploadedDate": appleTime(uploaded), "expirationDate": appleTime(uploaded.Add(90 * 24 * time.Hour)),
		"expired": false, "minOsVersion": "17.0", "processingState": "VALID",
		"buildAudienceType": "APP_STORE_ELIGIBLE", "usesNonExemptEncryption": false,
	}, map[string][]ref{"app": app["app"], "preReleaseVersion": {pre.ref}})
	version := newResource("appStoreVersions", s.randomUUID(), map[string]any{
		"platform": "IOS", "versionString": "1.4.0", "appStoreState": "READY_FOR_SALE",
		"appVersionState": "READY_FOR_DISTRIBUTION", "copyright": "2026", "reviewType": "APP_STORE",
		"releaseType": "AFTER_APPROVAL", "downloadable": true, "createdDate": appleTime(uploaded),
	}, map[string][]ref{"app": app["app"], "build": {build.ref}})
	info := newResource("appInfos", s.randomUUID(), map[string]any{
		"appStoreState": "READY_FOR_SALE", "state": "READY_FOR_DISTRIBUTION", "appStoreAgeRating": "FOUR_PLUS",
	}, app)
	for _, r := range []*resource{pre, build, version, info} {
		tm.put(r)
	}
}

func (s *Server) newDevice(name, platform, udid, model string, now time.Time) *resource {
	class := deviceClass(platform, model)
	attrs := map[string]any{
		"name": name, "platform": platform, "udid": udid, "deviceClass": class, "status": "ENABLED",
		"addedDate": appleTime(now),
	}
	if model != "" {
		attrs["model"] = model
	}
	return newResource("devices", s.randomID(10), attrs, nil)
}

// deviceClass derives a device's class. At Apple the UDID decides, which says
// nothing here.
func deviceClass(platform, model string) string {
	for prefix, class := range map[string]string{
		"iPad": "IPAD", "iPod": "IPOD", "Apple TV": "APPLE_TV", "Apple Watch": "APPLE_WATCH", "Apple Vision": "APPLE_VISION_PRO",
	} {
		if strings.HasPrefix(model, prefix) {
			return class
		}
	}
	if platform == "MAC_OS" {
		return "MAC"
	}
	return "IPHONE"
}

// view is the team as Team and Teams show it.
func (t *team) view() Team {
	v := t.info
	for _, a := range t.all("apps") {
		v.Apps = append(v.Apps, App{
			ID: a.id, BundleID: a.text("bundleId"), Name: a.text("name"), SKU: a.text("sku"), Locale: a.text("primaryLocale"),
		})
	}
	for _, u := range t.all("users") {
		p, _ := u.attrs["provisioningAllowed"].(bool)
		v.Users = append(v.Users, User{
			ID: u.id, Username: u.text("username"), FirstName: u.text("firstName"), LastName: u.text("lastName"),
			Roles: rolesOf(u), Provisioning: p,
		})
	}
	for _, i := range t.all("userInvitations") {
		p, _ := i.attrs["provisioningAllowed"].(bool)
		v.Invitations = append(v.Invitations, Invitation{
			Email: i.text("email"), FirstName: i.text("firstName"), LastName: i.text("lastName"),
			Roles: rolesOf(i), Provisioning: p,
		})
	}
	for _, d := range t.all("devices") {
		v.Devices = append(v.Devices, Device{Name: d.text("name"), UDID: d.text("udid"), Model: d.text("model")})
	}
	return v
}

func rolesOf(r *resource) []Role {
	var roles []Role
	for _, n := range r.strings("roles") {
		roles = append(roles, Role(n))
	}
	return roles
}
