package template_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"keyward/infra/e2e/template"
)

// An alarm that somebody has to hear of, as it was reviewed.
type alarm struct {
	metric, statistic string
	threshold         string // in words, as its description and its page in infra/runbooks have it
}

var mustHave = map[string]alarm{
	"sweep-dead":         {"SweepEnded", "Sum", "below 1, in 3 of 3 periods of 5 minutes"},
	"checks-late":        {"OldestDueSeconds", "Maximum", "above 30 minutes, in 8 of 10 periods of 1 minute"},
	"function-errors":    {"Errors", "Sum", "above 2, in 2 of 3 periods of 5 minutes"},
	"function-throttles": {"Throttles", "Sum", "above 5, in 3 of 3 periods of 5 minutes"},
	"web-errors":         {"Url5xxCount", "Sum", "above 2, in 2 of 3 periods of 5 minutes"},
	"items-failing":      {"ItemsFailed", "Sum", "above 20, in 3 of 3 periods of 5 minutes"},
	"dead-letters":       {"DeadLettersStuck", "Maximum", "above 0, in 1 of 1 periods of 10 minutes"},
	"stream-gave-up":     {"NumberOfMessagesSent", "Sum", "above 0, in 1 of 1 periods of 5 minutes"},
	"stream-lag":         {"IteratorAge", "Maximum", "above 5 minutes, in 3 of 5 periods of 1 minute"},
	"objects-left":       {"ObjectsLeft", "Maximum", "above 0, in 3 of 5 periods of 1 minute"},
	"fleet-hold":         {"FleetHold", "Maximum", "above 0, in 3 of 5 periods of 1 minute"},
	"mails-not-sent":     {"MailsNotSent", "Sum", "above 0, in 3 of 3 periods of 10 minutes"},
	"mail-bounces":       {"Reputation.BounceRate", "Maximum", "above 4 %, in 1 of 1 periods of 60 minutes"},
	"mail-complaints":    {"Reputation.ComplaintRate", "Maximum", "above 0.08 %, in 1 of 1 periods of 60 minutes"},
}

// endsUnseen are the alarms on what is new: they end by themselves, whether or
// not somebody has looked.
var endsUnseen = []string{"dead-letters", "stream-gave-up"}

func checkAlarms(w *world) problems {
	var p problems
	var names []string
	topic := w.alarms.Resources["Topic"].Ref
	for _, a := range w.alarms.OfType("AWS::CloudWatch::Alarm") {
		name := strings.TrimPrefix(str(at(a, "AlarmName")), "keyward-prod-")
		names = append(names, name)
		p = append(p, checkAlarm(a, name)...)
		p.is("alarm "+name+" pages", at(a, "AlarmActions"), []string{topic})
		if !slices.Contains(endsUnseen, name) {
			p.is("the end of alarm "+name+" is told", at(a, "OKActions"), []string{topic})
		} else if at(a, "OKActions") != nil {
			p.addf("the end of alarm %s means nothing, and is told", name)
		}
	}
	slices.Sort(names)
	p.is("alarms", names, slices.Sorted(maps.Keys(mustHave)))
	if len(w.alarms.OfType("AWS::CloudWatch::CompositeAlarm")) > 0 {
		p.addf("a composite alarm pages once, and hides what breaks while it is on")
	}
	p.is("the topic's key", at(w.alarms.Resources["Topic"], "KmsMasterKeyId"), w.alarms.Resources["TopicKey"].Ref)
	p.is("who is told", at(w.alarms.Resources["TopicSubscription"], "Endpoint"), "oncall@vendor.example")
	return p
}

// checkAlarm holds one alarm's numbers to the words of its description.
func checkAlarm(a template.Resource, name string) problems {
	var p problems
	want, stats := mustHave[name], statsOf(a)
	if at(a, "ActionsEnabled") != nil {
		p.addf("alarm %s may be switched off", name)
	}
	p.is("alarm "+name+" without data", at(a, "TreatMissingData"), map[bool]string{true: "breaching", false: "notBreaching"}[name == "sweep-dead"])
	m := thresholdWords.FindStringSubmatch(str(at(a, "AlarmDescription")))
	if m == nil {
		p.addf("alarm %s does not say its threshold: %s", name, at(a, "AlarmDescription"))
		return p
	}
	p.is("alarm "+name+" says", m[1], want.threshold)
	p.is("the page of alarm "+name, m[7], name)
	p.is("alarm "+name+" compares", at(a, "ComparisonOperator"), map[string]string{"above": "GreaterThanThreshold", "below": "LessThanThreshold"}[m[2]])
	for _, s := range stats {
		p.is("alarm "+name+" looks at", []string{s.metric, s.statistic}, []string{want.metric, want.statistic})
		p.is("alarm "+name+" period, in minutes", s.period/60, number(m[6]))
		p.is("alarm "+name+" threshold", at(a, "Threshold"), inUnit(m[3], want.metric))
	}
	p.is("alarm "+name+" periods", []any{at(a, "DatapointsToAlarm"), at(a, "EvaluationPeriods")}, []any{number(m[4]), number(m[5])})
	if e := expressionOf(a); len(stats) > 1 && e != "SUM(FILL(METRICS(), 0))" {
		p.addf("alarm %s counts nothing while one of its metrics has no value: %s", name, e)
	}
	if len(stats) == 0 {
		p.addf("alarm %s looks at nothing", name)
	}
	return p
}

var thresholdWords = regexp.MustCompile(`Threshold: ((above|below) ([\d.]+(?: minutes| %)?), in (\d+) of (\d+) periods of (\d+) minutes?)\. See infra/runbooks/([a-z-]+)\.md\.$`)

func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return -1
	}
	return f
}

// inUnit is a threshold in the unit of the metric.
func inUnit(words, metric string) float64 {
	n, unit, _ := strings.Cut(words, " ")
	v := number(n)
	switch {
	case unit == "%":
		return v / 100
	case unit == "minutes" && metric == "IteratorAge": // milliseconds
		return v * 60 * 1000
	case unit == "minutes":
		return v * 60
	}
	return v
}

// A stat is one metric that an alarm looks at.
type stat struct {
	metric, statistic string
	period            float64 // seconds
}

func statsOf(a template.Resource) []stat {
	if a.Properties["MetricName"] != nil {
		return []stat{{str(at(a, "MetricName")), str(at(a, "Statistic")), num(at(a, "Period"))}}
	}
	var out []stat
	for _, m := range lst(at(a, "Metrics")) {
		if s := obj(obj(m)["MetricStat"]); s != nil {
			out = append(out, stat{str(obj(s["Metric"])["MetricName"]), str(s["Stat"]), num(s["Period"])})
		}
	}
	return out
}

// expressionOf is what an alarm on several metrics compares.
func expressionOf(a template.Resource) string {
	for _, m := range lst(at(a, "Metrics")) {
		if e := obj(m); e["ReturnData"] == true {
			return str(e["Expression"])
		}
	}
	return ""
}

// checkQueueAlarms: every queue of dead letters is watched, and by what is new
// in it. What lies there stays for 14 days, and an alarm on it would, too.
func checkQueueAlarms(w *world) problems {
	var p problems
	all := watched(w.alarms, &p)
	redriven := fmt.Sprint(at(w.prod.Resources["SweepFunction"], "Environment", "Variables"))
	for _, q := range w.prod.OfType("AWS::SQS::Queue") {
		name := str(at(q, "QueueName"))
		if !strings.HasSuffix(name, "-dead") {
			continue
		}
		sent := slices.ContainsFunc(all, func(m metric) bool {
			return m.where == "StreamGaveUp" && m.name == "NumberOfMessagesSent" && m.dimensions["QueueName"] == name
		})
		// Runs of the sweep that could not be started: the alarm on the sweep notices.
		if !sent && !strings.Contains(redriven, q.Ref) && q.ID != "ScheduleDeadLetters" {
			p.addf("nobody sees what is in %s", name)
		}
	}
	for _, m := range all {
		if m.where != "Dashboard" && strings.HasSuffix(m.dimensions["QueueName"], "-dead") && m.name != "NumberOfMessagesSent" {
			p.addf("%s stays on for as long as anything lies in %s", m.where, m.dimensions["QueueName"])
		}
	}
	if e := expressionOf(w.alarms.Resources["DeadLetters"]); e != "DIFF(stuck)" {
		p.addf("dead letters that nobody has cleared hide the next ones: %s", e)
	}
	return p
}
