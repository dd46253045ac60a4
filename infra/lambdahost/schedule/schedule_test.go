package schedule

import (
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	const now = "2026-03-02T09:00:30Z" // a Monday
	tests := map[string]string{
		"rate(1 minute)":            "2026-03-02T09:01:00Z",
		"rate(5 minutes)":           "2026-03-02T09:05:00Z",
		"rate(1 day)":               "2026-03-03T09:00:00Z",
		"cron(0/15 * * * ? *)":      "2026-03-02T09:15:00Z",
		"cron(0 0 1 1 ? *)":         "2027-01-01T00:00:00Z",
		"cron(30 8 ? * MON-FRI *)":  "2026-03-03T08:30:00Z",
		"cron(0 10 ? * 1,SAT *)":    "2026-03-07T10:00:00Z",
		"cron(0 0 1 1 ? 2025)":      "0001-01-01T00:00:00Z",
		"at(2026-03-02T10:00:00)":   "2026-03-02T10:00:00Z",
		"at(2026-03-02T08:00:00)":   "0001-01-01T00:00:00Z",
		"cron(0 12 29 2 ? *)":       "2028-02-29T12:00:00Z",
		"cron(59 23 ? DEC SUN *)":   "2026-12-06T23:59:00Z",
		"cron(0 8-10/2 ? * 2 2026)": "2026-03-02T10:00:00Z",
	}
	at, _ := time.Parse(time.RFC3339, now)
	for expression, want := range tests {
		t.Run(expression, func(t *testing.T) {
			s, err := Parse(expression)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Next(at.Truncate(time.Minute), at).Format(time.RFC3339); got != want {
				t.Errorf("%s, not %s", got, want)
			}
		})
	}
}

func TestNotASchedule(t *testing.T) {
	for _, expression := range []string{
		"", "rate", "rate()", "rate(1 minutes)", "rate(15 minute)", "rate(0 minutes)", "rate(1.5 hours)", "rate(5  minutes)", "every(1 minute)",
		"cron(* * * * * *)", "cron(0 0 * * ?)", "cron(60 * * * ? *)", "cron(0 0 L * ? *)", "cron(5-1 * * * ? *)", "cron(*/0 * * * ? *)", "at(tomorrow)",
	} {
		if _, err := Parse(expression); err == nil {
			t.Errorf("%q was read", expression)
		}
	}
}
