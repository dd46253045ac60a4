package e2e

import (
	"testing"
	"time"
)

func TestSchedulesAreDue(t *testing.T) {
	began := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for expression, want := range map[string]string{"rate(1 minute)": "09:01", "rate(5 minutes)": "09:05", "rate(12 hours)": "21:00", "rate(1 day)": "09:00"} {
		every, err := parseRate(expression)
		if err != nil {
			t.Fatal(err)
		}
		if got := (timer{every: every}).next(began, began.Add(30*time.Second)).Format("15:04"); got != want {
			t.Errorf("%s: %s, not %s", expression, got, want)
		}
	}
	for _, expression := range []string{
		"", "rate()", "rate(1 minutes)", "rate(15 minute)", "rate(0 minutes)", "rate(1.5 hours)", "rate(5  minutes)", "every(1 minute)", "cron(0 0 * * ? *)",
	} {
		if _, err := parseRate(expression); err == nil {
			t.Errorf("%q was read", expression)
		}
	}
}
