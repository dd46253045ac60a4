package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A cron has the minutes, hours, days and so on that it takes place at. The
// set of a field that does not matter is nil.
type cron struct{ minutes, hours, days, months, weekdays, years map[int]bool }

var (
	monthNames = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

// parseCron reads the six fields: minutes, hours, day of the month, month, day
// of the week, year.
func parseCron(text string) (*cron, error) {
	parts := strings.Fields(text)
	if len(parts) != 6 {
		return nil, fmt.Errorf("cron has six fields, not %d", len(parts))
	}
	if (parts[2] == "?") == (parts[4] == "?") {
		return nil, fmt.Errorf("one of the two fields for days, and not both, must be ?")
	}
	c := &cron{}
	for i, f := range []struct {
		into      *map[int]bool
		low, high int
		names     []string
	}{
		{&c.minutes, 0, 59, nil}, {&c.hours, 0, 23, nil}, {&c.days, 1, 31, nil}, {&c.months, 1, 12, monthNames},
		{&c.weekdays, 1, 7, dayNames}, {&c.years, 1970, 2199, nil},
	} {
		if parts[i] == "*" || (parts[i] == "?" && (i == 2 || i == 4)) {
			continue
		}
		set, err := parseField(parts[i], f.low, f.high, f.names)
		if err != nil {
			return nil, fmt.Errorf("field %d, %q: %w", i+1, parts[i], err)
		}
		*f.into = set
	}
	return c, nil
}

// parseField reads 1,2-5,0/15 and the like.
func parseField(text string, low, high int, names []string) (map[int]bool, error) {
	set := map[int]bool{}
	for part := range strings.SplitSeq(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("bad step")
			}
			step = n
		}
		first, last, ranged := strings.Cut(span, "-")
		from, err := number(first, low, names)
		if err != nil {
			return nil, err
		}
		to := from
		switch {
		case ranged:
			if to, err = number(last, low, names); err != nil {
				return nil, err
			}
		case stepped:
			to = high
		}
		if from < low || to > high || from > to {
			return nil, fmt.Errorf("outside of %d to %d", low, high)
		}
		for n := from; n <= to; n += step {
			set[n] = true
		}
	}
	return set, nil
}

func number(text string, low int, names []string) (int, error) {
	for i, n := range names {
		if strings.EqualFold(n, text) {
			return low + i, nil
		}
	}
	if text == "*" {
		return low, nil
	}
	return strconv.Atoi(text)
}

func in(set map[int]bool, n int) bool { return set == nil || set[n] }

func (c *cron) next(after time.Time) time.Time {
	t := after.Truncate(time.Minute).Add(time.Minute)
	for end := after.Add(horizon); t.Before(end); {
		switch {
		case !in(c.years, t.Year()) || !in(c.months, int(t.Month())) || !in(c.days, t.Day()) || !in(c.weekdays, int(t.Weekday())+1):
			t = t.Truncate(24 * time.Hour).Add(24 * time.Hour)
		case !in(c.hours, t.Hour()):
			t = t.Truncate(time.Hour).Add(time.Hour)
		case !in(c.minutes, t.Minute()):
			t = t.Add(time.Minute)
		default:
			return t
		}
	}
	return time.Time{}
}
