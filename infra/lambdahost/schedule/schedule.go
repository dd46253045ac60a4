// Package schedule reads EventBridge Scheduler's expressions: rate(…), cron(…)
// and at(…), and tells when they are due.
//
// Source: EventBridge Scheduler User Guide, "Schedule types" [AWS]. Of cron's
// wildcards L, W and # are refused: nothing in Keyward uses them.
package schedule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A Schedule is a parsed expression.
type Schedule struct {
	every time.Duration // rate
	at    time.Time     // at
	cron  *cron
}

// The singular goes with 1 only, as Scheduler insists.
var rate = regexp.MustCompile(`^rate\((?:1 (minute|hour|day)|([1-9][0-9]*) (minute|hour|day)s)\)$`)

var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// Parse reads an expression. Times are UTC.
func Parse(expression string) (Schedule, error) {
	kind, rest, ok := strings.Cut(strings.TrimSuffix(expression, ")"), "(")
	if !ok || !strings.HasSuffix(expression, ")") {
		return Schedule{}, fmt.Errorf("schedule %q: not of the form rate(…), cron(…) or at(…)", expression)
	}
	var s Schedule
	var err error
	switch kind {
	case "rate":
		s.every, err = parseRate(expression)
	case "at":
		s.at, err = time.Parse("2006-01-02T15:04:05", rest)
	case "cron":
		s.cron, err = parseCron(rest)
	default:
		err = fmt.Errorf("unknown kind %q", kind)
	}
	if err != nil {
		return Schedule{}, fmt.Errorf("schedule %q: %w", expression, err)
	}
	return s, nil
}

func parseRate(expression string) (time.Duration, error) {
	m := rate.FindStringSubmatch(expression)
	if m == nil {
		return 0, fmt.Errorf("a rate is a whole number and minute(s), hour(s) or day(s), in the singular for 1 only")
	}
	if m[1] != "" {
		return units[m[1]], nil
	}
	n, err := strconv.Atoi(m[2])
	if err == nil && n == 1 {
		err = fmt.Errorf("1 wants the singular")
	}
	return time.Duration(n) * units[m[3]], err
}

// horizon is how far ahead a cron expression is looked for.
const horizon = 5 * 366 * 24 * time.Hour

// Next is the first time after the given one at which the schedule is due, or
// zero when there is none. A rate counts from the beginning.
func (s Schedule) Next(beginning, after time.Time) time.Time {
	switch {
	case s.every > 0:
		if after.Before(beginning) {
			return beginning
		}
		return beginning.Add((after.Sub(beginning)/s.every + 1) * s.every)
	case s.cron != nil:
		return s.cron.next(after.UTC())
	case s.at.After(after):
		return s.at
	}
	return time.Time{}
}
