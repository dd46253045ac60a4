package integration

import (
	"encoding/json"
	"testing"
	"time"
)

// TestOlderRowsKeepTheirStreaks: what an earlier version has stored under
// earlier names is read.
func TestOlderRowsKeepTheirStreaks(t *testing.T) {
	const stored = `{"ID":"int_a","Row":{"Verdict":"rejected","Reason":"not_authorized","Count":3,"Since":"2026-03-02T08:00:00Z",
		"Last":"2026-03-02T12:00:00Z","Unheard":3600000000000,"UnheardFrom":"2026-03-02T12:00:00Z"},"OtherRow":{"Verdict":"rejected","Count":2}}`
	var it Integration
	if err := json.Unmarshal([]byte(stored), &it); err != nil {
		t.Fatal(err)
	}
	s := it.Streak
	if s.Count != 3 || s.Paused != time.Hour || s.PausedFrom.Hour() != 12 || it.OtherStreak.Count != 2 {
		t.Errorf("read as %+v and %+v", s, it.OtherStreak)
	}
}
