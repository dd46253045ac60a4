package operator

import (
	"context"
	"errors"
	"net/http"
	"regexp"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// maxBundleIDs bounds the apps that an invitation names.
const maxBundleIDs = 50

var bundleIDForm = regexp.MustCompile(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// checkTeam reads what support says of the customer's team and apps.
func checkTeam(teamID string, bundleIDs []string) (string, []string, *Problem) {
	team := ""
	if teamID != "" {
		var err error
		if team, err = keyfile.CheckTeamID(teamID); err != nil {
			var fe *keyfile.FieldError
			if errors.As(err, &fe) {
				return "", nil, invalid("team_id", "%s", fe.Sentence())
			}
			return "", nil, invalid("team_id", "A team ID has ten letters and digits, such as A1B2C3D4E5.")
		}
	}
	if len(bundleIDs) > maxBundleIDs {
		return "", nil, invalid("bundle_ids", "An integration names at most %d bundle IDs.", maxBundleIDs)
	}
	for _, id := range bundleIDs {
		if len(id) > 155 || !bundleIDForm.MatchString(id) {
			return "", nil, invalid("bundle_ids", "A bundle ID has letters, digits, hyphens and dots, such as com.example.app.")
		}
	}
	return team, bundleIDs, nil
}

func (s *Service) allowTeamMove(ctx context.Context, c call) (reply, error) {
	if err := c.none(); err != nil {
		return reply{}, err
	}
	done, version, err := s.happens(ctx, c, always(integration.TeamMoveAllowed{By: c.by.actor()}))
	done.Next = "The next key that Apple accepts may be of another team or see other apps. It uses this up. " +
		"Ask the contact to upload the key; send a new link if none is open."
	return reply{status: http.StatusOK, body: done, version: version}, err
}

func (s *Service) withdrawTeamMove(ctx context.Context, c call) (reply, error) {
	if err := c.none(); err != nil {
		return reply{}, err
	}
	done, version, err := s.happens(ctx, c, always(integration.TeamMoveWithdrawn{By: c.by.actor()}))
	done.Next = "Keys of another team are refused again."
	return reply{status: http.StatusOK, body: done, version: version}, err
}

// setTeam is a patch of the team ID. What a certificate shows of the key in
// force is not to be contradicted by hand.
func setTeam(it integration.Integration, team string) (integration.Integration, *Problem) {
	switch {
	case it.Key != nil && team == "":
		return it, invalid("team_id", "The team of a key that is in force cannot be forgotten.")
	case it.Key != nil && it.Key.Team.From == integration.TeamProven && it.Key.Team.ID != team:
		return it, invalid("team_id", "The key in force belongs to the team %s, as a certificate at Apple shows. "+
			"To move to another team, allow it for one upload and ask for a key of that team.", it.Key.Team.ID)
	}
	it.TeamID, it.TeamFrom = team, integration.TeamInvitation
	if team == "" {
		it.TeamFrom = ""
	}
	return it, nil
}

func viewTeamMove(m integration.TeamMove) *TeamMove {
	if !m.Allowed() {
		return nil
	}
	return &TeamMove{AllowedAt: m.At, By: m.By}
}

// teamSource is where the team ID is known from. One that was stored before
// sources were kept was typed.
func teamSource(it integration.Integration) integration.TeamSource {
	if it.TeamID != "" && it.TeamFrom == "" {
		return integration.TeamEntered
	}
	return it.TeamFrom
}

func teamWords(it integration.Integration) string {
	switch teamSource(it) {
	case integration.TeamProven:
		return "A certificate at Apple shows the team ID."
	case integration.TeamSeedID:
		return "A bundle ID at Apple hints at the team ID."
	case integration.TeamInvitation:
		return "Support gave the team ID."
	case integration.TeamEntered:
		return "The customer entered the team ID; Apple shows nothing about it."
	}
	return ""
}
