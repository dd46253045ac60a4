package integration

import "time"

// Apply …
func Apply(it Integration, ev Event, now time.Time) (Integration, []Notice, error) {
	return it, nil, nil
}
