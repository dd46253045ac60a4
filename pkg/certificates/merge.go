package certificates

import (
	"maps"
	"slices"
	"strings"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

// convert makes items of Apple's list, one for each serial. A certificate
// without a serial cannot be told apart from others, and is left out.
func convert(id integration.ID, list []appstoreconnect.Certificate) []integration.Certificate {
	seen := map[string]bool{"": true}
	out := make([]integration.Certificate, 0, len(list))
	for _, c := range list {
		if seen[c.Serial] {
			continue
		}
		seen[c.Serial] = true
		name := c.Name
		if name == "" {
			name = c.DisplayName
		}
		out = append(out, integration.Certificate{
			Integration: id, Serial: c.Serial, AppleID: c.ID, Type: c.Type, Name: name, TeamID: c.TeamID, NotAfter: c.NotAfter,
		})
	}
	return out
}

// merge gives the items to write, ordered by serial: all that are listed, with
// the time when each was first seen, and those that were listed before and now
// are not.
func merge(known, listed []integration.Certificate, now time.Time) []integration.Certificate {
	missing := map[string]integration.Certificate{}
	for _, c := range known {
		missing[c.Serial] = c
	}
	write := make([]integration.Certificate, 0, len(listed))
	for _, c := range listed {
		c.FirstSeen, c.LastSeen = now, now
		if before, ok := missing[c.Serial]; ok {
			c.FirstSeen = before.FirstSeen
			delete(missing, c.Serial)
		}
		write = append(write, c)
	}
	for c := range maps.Values(missing) {
		if c.GoneAt.IsZero() {
			write = append(write, c.Missing(now))
		}
	}
	slices.SortFunc(write, func(a, b integration.Certificate) int { return strings.Compare(a.Serial, b.Serial) })
	return write
}
