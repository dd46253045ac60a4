package e2e

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/template"
)

// A timer starts a function by a schedule of EventBridge Scheduler: a rate, the
// only kind that the template has.
type timer struct {
	id     string
	every  time.Duration // since the beginning
	window time.Duration // flexible: it may run so much later
	to     *function
	input  string
}

func (h *Host) newTimer(r template.Resource) (timer, error) {
	p := r.Properties
	if err := known(p, "Name", "GroupName", "Description", "ScheduleExpression", "FlexibleTimeWindow", "Target", "State"); err != nil {
		return timer{}, err
	}
	every, err := parseRate(str(p["ScheduleExpression"]))
	if err != nil {
		return timer{}, err
	}
	window, err := flexible(object(p["FlexibleTimeWindow"]))
	if err != nil {
		return timer{}, err
	}
	goal := object(p["Target"])
	to, err := h.functionOf(str(goal["Arn"]))
	if err != nil {
		return timer{}, err
	}
	return timer{r.ID, every, window, to, str(goal["Input"])}, h.trusts(str(goal["RoleArn"]), str(p["GroupName"]), to)
}

// The singular goes with 1 only, as Scheduler insists.
var rate = regexp.MustCompile(`^rate\((?:1 (minute|hour|day)|([2-9]|[1-9][0-9]+) (minute|hour|day)s)\)$`)

var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// parseRate reads how often a schedule is due.
// Source: EventBridge Scheduler User Guide, "Schedule types" [AWS].
func parseRate(expression string) (time.Duration, error) {
	m := rate.FindStringSubmatch(expression)
	if m == nil {
		return 0, fmt.Errorf("schedule %q: a rate is rate(1 minute), rate(5 minutes) or the like, with minute(s), hour(s) or day(s)", expression)
	}
	if m[1] != "" {
		return units[m[1]], nil
	}
	n, err := strconv.Atoi(m[2])
	return time.Duration(n) * units[m[3]], err
}

// next is the first time after the given one.
func (t timer) next(beginning, after time.Time) time.Time {
	if after.Before(beginning) {
		return beginning
	}
	return beginning.Add((after.Sub(beginning)/t.every + 1) * t.every)
}

func flexible(w map[string]any) (time.Duration, error) {
	minutes := number(w["MaximumWindowInMinutes"], 0)
	switch {
	case w["Mode"] == "OFF" && minutes == 0:
		return 0, nil
	case w["Mode"] == "FLEXIBLE" && minutes >= 1 && minutes <= 1440:
		return time.Duration(minutes) * time.Minute, nil
	}
	return 0, errors.New("FlexibleTimeWindow is OFF, or FLEXIBLE with 1 to 1440 minutes")
}

// trusts looks whether Scheduler may take the role, and the role may start the
// function.
func (h *Host) trusts(roleARN, group string, to *function) error {
	role, known := h.roleOf(roleARN)
	if !known {
		return fmt.Errorf("there is no role %q", roleARN)
	}
	source := "arn:aws:scheduler:" + moto.Region + ":" + moto.Account + ":schedule-group/" + group
	d := h.authority.Evaluate("scheduler.amazonaws.com", "sts:AssumeRole", roleARN, map[string]string{"aws:SourceArn": source, "aws:SourceAccount": moto.Account})
	if !d.Allowed {
		return fmt.Errorf("%s does not trust Scheduler: %s", role, d.Because)
	}
	return h.may(role, "lambda:InvokeFunction", to.arn)
}

// slot is the latest time of the schedule whose window the given time is in.
func (t timer) slot(beginning, now time.Time) (time.Time, bool) {
	at := t.next(beginning, now.Add(-t.window).Add(-time.Nanosecond))
	for next := t.next(beginning, at); !next.After(now); next = t.next(beginning, at) {
		at = next
	}
	return at, !at.After(now)
}

// from is the first time, not before the given one, at which it may run.
func (t timer) from(beginning, wanted time.Time) time.Time {
	if _, ok := t.slot(beginning, wanted); ok {
		return wanted
	}
	return t.next(beginning, wanted)
}

// run starts the function, if a window is open. EventBridge Scheduler invokes
// functions asynchronously: what fails is not repeated here, since the
// schedule's next time does that.
func (h *Host) run(ctx context.Context, t timer) error {
	at, open := t.slot(h.began, h.cfg.Clock.Now())
	if !open {
		return nil
	}
	input := strings.ReplaceAll(t.input, "<aws.scheduler.scheduled-time>", at.UTC().Format(time.RFC3339))
	if _, err := h.invoke(ctx, t.to, []byte(input)); err != nil {
		return ctx.Err()
	}
	return nil
}
