package asctest

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// post answers a POST: a new resource, or further ends of a relationship.
func (c *call) post(rt route) (response, error) {
	if rt.link {
		return c.relink(rt)
	}
	e, err := c.readEntity(rt)
	if err != nil {
		return response{}, err
	}
	r, err := c.create(e)
	if err != nil {
		return response{}, err
	}
	if err := c.insert(e, r); err != nil {
		return response{}, err
	}
	c.server.changed()
	return c.one(http.StatusCreated, r), nil
}

func (c *call) one(status int, r *resource) response {
	doc := document{data: []node{{resource: r}}}
	resp := response{status: status, body: c.encode(doc, query{})}
	if status == http.StatusCreated {
		resp.header = http.Header{"Location": {c.prefix + "/v1/" + r.kind + "/" + r.id}}
	}
	return resp
}

// create makes the resource; what takes long happens here, without a lock.
func (c *call) create(e entity) (*resource, error) {
	s := c.server
	switch e.Type {
	case "certificates":
		return c.createCertificate(e)
	case "profiles":
		return c.createProfile(e)
	case "devices":
		return s.newDevice(e.text("name"), e.text("platform"), e.text("udid"), "", c.now), nil
	case "bundleIds":
		if err := checkAppIDName(e); err != nil {
			return nil, err
		}
		if e.text("seedId") == "" {
			e.Attributes["seedId"] = c.key.TeamID
		}
		return newResource(e.Type, s.randomID(10), e.Attributes, e.rels), nil
	case "bundleIdCapabilities":
		id := e.rels["bundleId"][0].id + "_" + e.text("capabilityType")
		return newResource(e.Type, id, e.Attributes, e.rels), nil
	case "userInvitations":
		e.Attributes["expirationDate"] = appleTime(c.now.Add(3 * 24 * time.Hour))
		for _, flag := range []string{"allAppsVisible", "provisioningAllowed"} {
			if e.Attributes[flag] == nil {
				e.Attributes[flag] = false
			}
		}
	case "analyticsReportRequests":
		e.Attributes["stoppedDueToInactivity"] = false
	}
	return newResource(e.Type, s.randomUUID(), e.Attributes, e.rels), nil
}

// checkAppIDName refuses a bundle ID's name with anything but letters, digits
// and blanks [FIELD: Cap-go/capgo.app#2385]. Which letters beyond ASCII Apple
// takes is not known: none here [GUESS].
func checkAppIDName(e entity) error {
	name := e.text("name")
	if e.Type != "bundleIds" || name == appIDName(name) {
		return nil
	}
	return errAttribute("name", "'"+name+"' is not a valid name for an app id. "+
		"Please choose a name containing only alphanumeric characters and spaces.")
}

// appIDName makes such a name of any text, as App Store Connect does when it
// registers a bundle ID for an app [GUESS].
func appIDName(text string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, text)
}

// insert puts a new resource into the store, where nothing stands against it.
func (c *call) insert(e entity, r *resource) error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	tm := c.server.teams[c.key.TeamID]
	if err := e.exist(tm); err != nil {
		return err
	}
	if r.kind == "certificates" {
		if err := c.slotFree(tm, r); err != nil {
			return err
		}
	}
	if err := c.unique(tm, r); err != nil {
		return err
	}
	tm.put(r)
	if r.kind == "analyticsReportRequests" {
		tm.put(newResource("analyticsReports", r.id+"-1", map[string]any{
			"name": "App Store Discovery and Engagement Standard", "category": "APP_STORE_ENGAGEMENT",
		}, map[string][]ref{"request": {r.ref}}))
	}
	return nil
}

// unique refuses a second resource of the same name where Apple does. The
// texts about devices and profiles are recorded without a source and under the
// bare code [FIELD: fastlane#17429 #20551; bitrise's and other clients look for
// the one about profiles, with its two blanks].
func (c *call) unique(tm *team, r *resource) error {
	taken := func(attr string, normal func(string) string) bool {
		return slices.ContainsFunc(tm.all(r.kind), func(o *resource) bool { return normal(o.text(attr)) == normal(r.text(attr)) })
	}
	switch r.kind {
	case "bundleIds":
		if taken("identifier", lower) {
			return errAttribute("identifier", "An App ID with Identifier '"+r.text("identifier")+
				"' is not available. Please enter a different string.")
		}
	case "devices":
		if taken("udid", plainUDID) {
			return errRefused("A device with number '" + r.text("udid") + "' already exists on this team.")
		}
	case "profiles":
		if taken("name", lower) {
			return errRefused("Multiple profiles found with the name '" + r.text("name") +
				"'.  Please remove the duplicate profiles and try again.")
		}
	case "userInvitations":
		if taken("email", lower) {
			return errAttribute("email", "An invitation for '"+r.text("email")+"' is pending already.")
		}
	}
	return nil
}

// plainUDID is a UDID without what Apple does not compare: case and hyphens
// [FIELD: fastlane#17433 #20551].
func plainUDID(udid string) string { return strings.ReplaceAll(lower(udid), "-", "") }

// patch answers a PATCH of a resource or of a relationship.
func (c *call) patch(rt route) (response, error) {
	if rt.link {
		return c.relink(rt)
	}
	e, err := c.readEntity(rt)
	if err != nil {
		return response{}, err
	}
	if err := checkAppIDName(e); err != nil {
		return response{}, err
	}
	r, err := c.update(rt, e)
	if err != nil {
		return response{}, err
	}
	c.server.changed()
	return c.one(http.StatusOK, r), nil
}

func (c *call) update(rt route, e entity) (*resource, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	tm := c.server.teams[c.key.TeamID]
	old := tm.get(ref{rt.kind, rt.id})
	if old == nil {
		return nil, errNotFound(ref{rt.kind, rt.id})
	}
	if err := e.exist(tm); err != nil {
		return nil, err
	}
	r := old.with(e.Attributes, e.rels)
	tm.put(r)
	return r, nil
}

// delete answers a DELETE of a resource or of ends of a relationship.
func (c *call) delete(rt route) (response, error) {
	if rt.link {
		return c.relink(rt)
	}
	if err := c.erase(ref{rt.kind, rt.id}); err != nil {
		return response{}, err
	}
	c.server.changed()
	return response{status: http.StatusNoContent}, nil
}

func (c *call) erase(what ref) error {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	tm := c.server.teams[c.key.TeamID]
	r := tm.get(what)
	if r == nil {
		return errNotFound(what)
	}
	switch r.kind {
	case "certificates":
		tm.drop(r)
	case "bundleIds":
		if len(tm.appsOf(r.text("identifier"))) > 0 {
			return errRefused("The App ID '" + r.id + "' appears to be in use by the App Store, so it can not be removed at this time.")
		}
		for _, p := range tm.related(r, "profiles") {
			tm.put(p.with(map[string]any{"profileState": "INVALID"}, nil))
		}
	case "users":
		if oneOf(string(AccountHolder), r.strings("roles")) {
			return errRefused("The Account Holder cannot be removed.")
		}
	}
	tm.remove(what)
	return nil
}
