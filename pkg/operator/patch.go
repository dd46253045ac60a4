package operator

import (
	"context"
	"errors"
	"net/http"
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
	err := integration.Retry(ctx, func() error {
		before, err := s.Store.Integration(ctx, c.id)
		if err != nil {
			return err
		}
		if !matches(c.Header.Get("If-Match"), before.Version) {
			return problem(http.StatusPreconditionFailed, CodeChanged,
				"The integration has changed since you read it. Read it again, and change it then.")
		}
		ch := s.patchOf(c, before, req)
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

func (s *Service) patchOf(c call, before integration.Integration, req Patch) integration.Change {
	after := before
	var lines []integration.Entry
	if req.Label != nil && *req.Label != before.Label {
		after.Label = *req.Label
		lines = append(lines, s.line(c, before.Version+1, integration.Entry{What: "label_changed"}))
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
		return integration.Change{}
	}
	return integration.Change{Integration: integration.Put(before, after), History: lines}
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
