package appstoreconnect

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"keyward/pkg/integration"
)

// A probe is the request that shows whether a key has a capability. It asks
// for one resource and one attribute that is about no person, unless the
// answer is of use.
type probe struct {
	capability integration.Capability
	path       string
	ofApp      bool   // path is below an app
	fields     string // the resource type of fields[…]
	names      string // the attributes
	limit      int
}

// probes has one for each capability [SPEC for paths, fields and limits].
var probes = []probe{
	{integration.Apps, "/v1/apps", false, "apps", "bundleId,name", 200},
	{integration.BundleIDs, "/v1/bundleIds", false, "bundleIds", "identifier,seedId", 200},
	{integration.Certificates, "/v1/certificates", false, "certificates", "certificateContent", 200},
	{integration.Profiles, "/v1/profiles", false, "profiles", "profileState", 1},
	{integration.Users, "/v1/users", false, "users", "provisioningAllowed", 1},
	{integration.Builds, "/v1/builds", false, "builds", "processingState", 1},
	{integration.Reviews, "/customerReviews", true, "customerReviews", "rating", 1},
	{integration.Reports, "/analyticsReportRequests", true, "analyticsReportRequests", "accessType", 1},
}

func probeOf(c integration.Capability) (probe, bool) {
	i := slices.IndexFunc(probes, func(p probe) bool { return p.capability == c })
	if i < 0 {
		return probe{}, false
	}
	return probes[i], true
}

// quick is the same request in its cheapest form: does the key still work?
func (p probe) quick() probe {
	p.limit = 1
	switch p.capability {
	case integration.Apps:
		p.names = "bundleId"
	case integration.BundleIDs:
		p.names = "identifier"
	}
	return p
}

func (p probe) query() string {
	return url.Values{"fields[" + p.fields + "]": {p.names}, "limit": {strconv.Itoa(p.limit)}}.Encode()
}

func (p probe) target(c *Client, program integration.Program, app string) (*url.URL, error) {
	path := p.path
	if p.ofApp {
		path = "/v1/apps/" + app + p.path // the app has passed appID
	}
	return c.target(program, path, p.query())
}

// provisioning tells whether individual keys are shut out [APPLE].
func provisioning(c integration.Capability) bool {
	return c == integration.Certificates || c == integration.Profiles || c == integration.BundleIDs
}

// ofStore tells whether the capability is about the App Store, which the
// Enterprise Program does not have.
func ofStore(c integration.Capability) bool {
	switch c {
	case integration.Apps, integration.Builds, integration.Reviews, integration.Reports:
		return true
	}
	return false
}

// attributes are those of every resource that is probed, in one struct: a
// probe reads those that it asked for.
type attributes struct {
	BundleID           lenient `json:"bundleId"`
	Name               lenient `json:"name"`
	CertificateContent lenient `json:"certificateContent"`
	Identifier         lenient `json:"identifier"`
	SeedID             lenient `json:"seedId"`
}

// run makes the probe's request. It gives the page, for those that use it.
func (p probe) run(ctx context.Context, s *session, app string) (document[attributes], error) {
	u, err := p.target(s.client, s.creds.program(), app)
	if err != nil {
		return document[attributes]{}, err
	}
	return onePage[attributes](ctx, s, u)
}

// finding says what the answer to a probe found. In the Enterprise Program a
// missing endpoint of the App Store means that it does not apply [GUESS].
func (p probe) finding(s *session, err error) integration.Finding {
	verdict, reason := Classify(err)
	f := integration.Finding{Capability: p.capability, Verdict: verdict, Reason: reason}
	if s.creds.program() == integration.Enterprise && ofStore(p.capability) && answerIn(err).Status == http.StatusNotFound {
		f.Reason = integration.NoApps
	}
	return f
}

// appID is the form of Apple's IDs of apps; it becomes part of a path.
var appID = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// appsIn reads the apps of a page, those with a wanted bundle ID before the
// others; one without a usable ID is left out.
func appsIn(page []resource[attributes], wanted []string) []integration.App {
	var first, others []integration.App
	for _, r := range page {
		app := integration.App{ID: string(r.ID), BundleID: string(r.Attributes.BundleID), Name: string(r.Attributes.Name)}
		isApp := func(id string) bool { return strings.EqualFold(id, app.BundleID) }
		switch {
		case !appID.MatchString(app.ID):
		case slices.ContainsFunc(wanted, isApp):
			first = append(first, app)
		default:
			others = append(others, app)
		}
	}
	apps := append(first, others...)
	return slices.Clip(apps[:min(len(apps), integration.MaxApps)])
}

// bundleIDsIn reads the identifiers of a page, and the team IDs that their
// seedIds hint at, sorted, each once.
func bundleIDsIn(page []resource[attributes]) (ids, seeds []string) {
	for _, r := range page {
		if r.Attributes.Identifier != "" {
			ids = append(ids, string(r.Attributes.Identifier))
		}
		if teamID.MatchString(string(r.Attributes.SeedID)) {
			seeds = append(seeds, string(r.Attributes.SeedID))
		}
	}
	slices.Sort(seeds)
	return ids, slices.Compact(seeds)
}
