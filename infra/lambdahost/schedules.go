package lambdahost

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"keyward/infra/lambdahost/moto"
	"keyward/infra/lambdahost/schedule"
	"keyward/infra/template"
)

// A timer starts a function by a schedule of EventBridge Scheduler.
type timer struct {
	id     string
	plan   schedule.Schedule
	window time.Duration // flexible: it may run so much later
	to     *function
	input  string
}

func (h *Host) newTimer(r template.Resource) (timer, error) {
	p := r.Properties
	if err := known(p, "Name", "GroupName", "Description", "ScheduleExpression", "FlexibleTimeWindow", "Target", "State"); err != nil {
		return timer{}, err
	}
	plan, err := schedule.Parse(str(p["ScheduleExpression"]))
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
	return timer{r.ID, plan, window, to, str(goal["Input"])}, h.trusts(str(goal["RoleArn"]), str(p["GroupName"]), to)
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
	at := t.plan.Next(beginning, now.Add(-t.window).Add(-time.Nanosecond))
	if at.IsZero() || at.After(now) {
		return time.Time{}, false
	}
	for next := t.plan.Next(beginning, at); !next.IsZero() && !next.After(now); next = t.plan.Next(beginning, at) {
		at = next
	}
	return at, true
}

// from is the first time, not before the given one, at which it may run.
func (t timer) from(beginning, wanted time.Time) time.Time {
	if _, ok := t.slot(beginning, wanted); ok {
		return wanted
	}
	return t.plan.Next(beginning, wanted)
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
