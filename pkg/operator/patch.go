package operator

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"keyward/pkg/integration"
)

// patch changes what support may set by hand.
func (s *Service) patch(ctx context.Context, c call) (reply, error) {
	var req Patch
	if err := errors.Join(c.query(), c.decode(&req)); err != nil {
		return reply{}, err
	}
	if req.Label != nil {
		if p := checkText("label", *req.Label, 120); p != nil {
			return reply{}, p
		}
	}
	if p := checkTeamPatch(&req); p != nil {
		return reply{}, p
	}
	err := integration.Retry(ctx, func() error {
		before, err := s.Store.Integration(ctx, c.id)
		if err != nil {
			return err
		}
		if !matches(c.Header.Get("If-Match"), before.Version) {
			return problem(http.StatusPreconditionFailed, CodeChanged,
				"The integration has changed since you read it. Read it again, and change it then.")
		}
		ch, p := s.patchOf(c, before, req)
		if p != nil {
			return p
		}
		if ch.Empty() {
			return nil
		}
		return s.Store.Commit(ctx, ch)
	})
	if err != nil {
		return reply{}, err
	}
	done, version, err := s.done(ctx, c)
	return reply{status: http.StatusOK, body: done.Integration, version: version}, err
}

func (s *Service) patchOf(c call, before integration.Integration, req Patch) (integration.Change, *Problem) {
	after := before
	var lines []integration.Entry
	if req.Label != nil && *req.Label != before.Label {
		after.Label = *req.Label
		lines = append(lines, s.line(c, before.Version+1, integration.Entry{What: "label_changed"}))
	}
	if req.TeamID != nil && *req.TeamID != before.TeamID {
		var p *Problem
		if after, p = setTeam(after, *req.TeamID); p != nil {
			return integration.Change{}, p
		}
		lines = append(lines, s.line(c, before.Version+1, integration.Entry{What: "team_changed", Detail: after.TeamID}))
	}
	if req.BundleIDs != nil && !slices.Equal(*req.BundleIDs, before.BundleIDs) {
		after.BundleIDs = *req.BundleIDs
		lines = append(lines, s.line(c, before.Version+1, integration.Entry{What: "bundle_ids_changed", Detail: strings.Join(after.BundleIDs, " ")}))
	}
	if req.SharesKeys != nil && *req.SharesKeys != before.SharesKeys {
		after.SharesKeys = *req.SharesKeys
		detail := "withdrawn"
		if after.SharesKeys {
			detail = "given"
		}
		lines = append(lines, s.line(c, before.Version+1, integration.Entry{What: "sharing_consent", Detail: detail}))
	}
	if len(lines) == 0 {
		return integration.Change{}, nil
	}
	return integration.Change{Integration: integration.Put(before, after), History: lines}, nil
}

// checkTeamPatch checks the team and the bundle IDs, and writes the team ID as
// Apple does.
func checkTeamPatch(req *Patch) *Problem {
	var team string
	var bundles []string
	if req.TeamID != nil {
		team = *req.TeamID
	}
	if req.BundleIDs != nil {
		bundles = *req.BundleIDs
	}
	team, _, p := checkTeam(team, bundles)
	if req.TeamID != nil {
		req.TeamID = &team
	}
	return p
}

// matches reads If-Match. None, or *, matches every version.
func matches(header string, version int64) bool {
	if header == "" {
		return true
	}
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || tag == etag(version) {
			return true
		}
	}
	return false
}
