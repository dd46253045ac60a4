package template_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"keyward/infra/e2e/eventpattern"
	"keyward/infra/e2e/template"
	"keyward/pkg/integration"
)

// consumers are the queues that functions work on.
var consumers = map[string]string{"IntakeQueue": "intake", "ValidateQueue": "validate", "CertificatesQueue": "certificates", "FeedbackQueue": "feedback"}

func checkQueues(w *world) problems {
	var p problems
	for _, q := range w.prod.OfType("AWS::SQS::Queue") {
		p.is(q.ID+" SqsManagedSseEnabled", at(q, "SqsManagedSseEnabled"), true)
		if !guarded(w.prod, q) {
			p.addf("%s can be reached without TLS", q.ID)
		}
		if function, works := consumers[q.ID]; works {
			p = append(p, checkWorkQueue(w.prod, q, function)...)
		} else {
			p.is(q.ID+" keeps messages, in seconds", at(q, "MessageRetentionPeriod"), 14*24*3600)
		}
	}
	return p
}

func checkWorkQueue(s *template.Stack, q template.Resource, function string) problems {
	var p problems
	p.is(q.ID+" VisibilityTimeout", at(q, "VisibilityTimeout"), 6*timeouts[function])
	dead := s.Resources[function2id(function)+"DeadLetters"]
	p.is(q.ID+" RedrivePolicy", at(q, "RedrivePolicy"), map[string]any{"deadLetterTargetArn": dead.ARN, "maxReceiveCount": 5})
	p.is(dead.ID+" RedriveAllowPolicy", at(dead, "RedriveAllowPolicy"), map[string]any{"redrivePermission": "byQueue", "sourceQueueArns": []string{q.ARN}})
	if num(at(q, "MessageRetentionPeriod")) >= num(at(dead, "MessageRetentionPeriod")) {
		p.addf("%s: a dead letter keeps its age, and would be gone before anybody looks", q.ID)
	}
	return p
}

func function2id(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// guarded tells whether a policy of the queue denies what comes without TLS.
func guarded(s *template.Stack, q template.Resource) bool {
	for _, r := range s.OfType("AWS::SQS::QueuePolicy") {
		if !slices.Contains(lst(r.Properties["Queues"]), any(q.Ref)) {
			continue
		}
		for _, st := range lst(at(r, "PolicyDocument", "Statement")) {
			if m := obj(st); m["Effect"] == "Deny" && js(m["Condition"]) == `{"Bool":{"aws:SecureTransport":"false"}}` && m["Action"] == "sqs:*" && m["Resource"] == q.ARN {
				return true
			}
		}
	}
	return false
}

func checkMappings(w *world) problems {
	var p problems
	mapped := map[string]string{}
	for _, m := range w.dev.OfType("AWS::Lambda::EventSourceMapping") {
		mapped[str(at(m, "EventSourceArn"))] = str(at(m, "FunctionName"))
		p.is(m.ID+" FunctionResponseTypes", at(m, "FunctionResponseTypes"), []string{"ReportBatchItemFailures"})
		if on := at(m, "Enabled"); on != nil && on != true {
			p.addf("%s is off", m.ID)
		}
		if strings.Contains(str(at(m, "EventSourceArn")), ":sqs:") {
			p.is(m.ID+" BatchSize", at(m, "BatchSize"), 10)
			if c := num(at(m, "ScalingConfig", "MaximumConcurrency")); c < 2 || c > 10 {
				p.addf("%s has a concurrency of at most %v", m.ID, c)
			}
			if window := at(m, "MaximumBatchingWindowInSeconds"); window != nil {
				p.addf("%s makes people wait", m.ID)
			}
		}
	}
	for q, function := range consumers {
		p.is("what works on "+q, mapped[w.dev.Resources[q].ARN], "keyward-dev-"+function)
	}
	p.is("the number of mappings", len(mapped), len(consumers)+1)
	return p
}

func checkStream(w *world) problems {
	var p problems
	m, ok := w.dev.Resources["NotifyFunctionNotices"]
	if !ok {
		p.addf("notify does not read the stream")
		return p
	}
	if !strings.HasPrefix(str(at(m, "EventSourceArn")), w.dev.Resources["Table"].ARN+"/stream/") {
		p.addf("notify reads another stream")
	}
	p.is("stream BatchSize", at(m, "BatchSize"), 25)
	p.is("stream StartingPosition", at(m, "StartingPosition"), "TRIM_HORIZON")
	p.is("stream BisectBatchOnFunctionError", at(m, "BisectBatchOnFunctionError"), true)
	p.is("stream MaximumRetryAttempts", at(m, "MaximumRetryAttempts"), 2)
	p.is("stream MaximumRecordAgeInSeconds", at(m, "MaximumRecordAgeInSeconds"), 3600)
	p.is("stream OnFailure", at(m, "DestinationConfig", "OnFailure", "Destination"), w.dev.Resources["StreamDeadLetters"].ARN)
	filters := lst(at(m, "FilterCriteria", "Filters"))
	if len(filters) != 1 {
		p.addf("%d filters", len(filters))
		return p
	}
	return append(p, checkFilter(str(obj(filters[0])["Pattern"]))...)
}

// checkFilter tries the filter on records of every kind of item.
func checkFilter(text string) problems {
	var p problems
	f, err := eventpattern.Parse([]byte(text))
	if err != nil {
		p.addf("the stream's filter: %v", err)
		return p
	}
	for _, c := range []struct {
		event, pk, sk, status string
		want                  bool
	}{
		{"INSERT", "INT#int_1", "NTC#invitation#admin#1", "pending", true},
		{"MODIFY", "INT#int_1", "NTC#invitation#admin#1", "pending", true},
		{"INSERT", "INT#" + string(integration.Fleet), "NTC#fleet_hold#1", "pending", true},
		{"MODIFY", "INT#int_1", "NTC#invitation#admin#1", "sending", false},
		{"MODIFY", "INT#int_1", "NTC#invitation#admin#1", "sent", false},
		{"MODIFY", "INT#int_1", "NTC#invitation#admin#1", "dropped", false},
		{"REMOVE", "INT#int_1", "NTC#invitation#admin#1", "pending", false},
		{"INSERT", "INT#int_1", "META", "", false},
		{"INSERT", "INT#int_1", "UPL#upl_1", "pending", false},
		{"INSERT", "INT#int_1", "NTCX", "pending", false},
		{"INSERT", "KEY#abc", "NTC#x", "pending", false},
	} {
		keys := map[string]any{"PK": map[string]string{"S": c.pk}, "SK": map[string]string{"S": c.sk}}
		image := map[string]any{"PK": keys["PK"], "SK": keys["SK"]}
		if c.status != "" {
			image["status"] = map[string]string{"S": c.status}
		}
		got, err := f.Match([]byte(js(map[string]any{"eventName": c.event, "dynamodb": map[string]any{"Keys": keys, "NewImage": image}})))
		if err != nil || got != c.want {
			p.addf("the stream's filter: %s of %s %s, status %q: wanted is %v, %v", c.event, c.pk, c.sk, c.status, got, err)
		}
	}
	return p
}

var rate = regexp.MustCompile(`^rate\(([1-9][0-9]*) (minutes?|hours?|days?)\)$`)

// validRate tells whether EventBridge Scheduler takes the expression, which
// wants the singular for 1 and the plural for all others.
func validRate(expression string) bool {
	m := rate.FindStringSubmatch(expression)
	if m == nil {
		return false
	}
	n, err := strconv.Atoi(m[1])
	return err == nil && (n == 1) != strings.HasSuffix(m[2], "s")
}

func checkSchedule(w *world) problems {
	var p problems
	all := w.dev.OfType("AWS::Scheduler::Schedule")
	if len(all) != 1 {
		p.addf("%d schedules", len(all))
		return p
	}
	s := all[0]
	p.is("ScheduleExpression", at(s, "ScheduleExpression"), "rate(1 minute)")
	if e := str(at(s, "ScheduleExpression")); !validRate(e) {
		p.addf("%q is no schedule", e)
	}
	p.is("FlexibleTimeWindow", at(s, "FlexibleTimeWindow"), map[string]any{"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 1})
	if state := at(s, "State"); state != nil && state != "ENABLED" {
		p.addf("the schedule is %v", state)
	}
	p.is("schedule's GroupName", at(s, "GroupName"), "keyward-dev") // the role trusts this group
	p.is("schedule's Arn", at(s, "Target", "Arn"), w.dev.Resources["SweepFunction"].ARN)
	p.is("schedule's RoleArn", at(s, "Target", "RoleArn"), w.dev.Resources["ScheduleRole"].ARN)
	p.is("schedule's Input", at(s, "Target", "Input"), `{"scheduled_at":"<aws.scheduler.scheduled-time>"}`)
	p.is("schedule's RetryPolicy", at(s, "Target", "RetryPolicy"), map[string]int{"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 2})
	p.is("schedule's DeadLetterConfig", at(s, "Target", "DeadLetterConfig", "Arn"), w.dev.Resources["ScheduleDeadLetters"].ARN)
	invoke := w.dev.Resources["SweepFunctionEventInvokeConfig"]
	p.is("a sweep that failed is repeated", at(invoke, "MaximumRetryAttempts"), 0)
	p.is("a sweep may wait, in seconds", at(invoke, "MaximumEventAgeInSeconds"), 60)
	return p
}
