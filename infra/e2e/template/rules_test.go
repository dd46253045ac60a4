package template_test

import (
	"encoding/json"
	"path/filepath"
	"strings"

	"keyward/infra/e2e/eventpattern"
	"keyward/infra/e2e/template"
	"keyward/infra/e2e/template/templatetest"
)

func checkRules(w *world) problems {
	var p problems
	for id, want := range map[string]struct{ queue, dead string }{
		"ArrivalRule": {"IntakeQueue", "ArrivalDeadLetters"}, "BounceRule": {"FeedbackQueue", "BounceDeadLetters"},
	} {
		r := w.dev.Resources[id]
		if state := at(r, "State"); state != nil && state != "ENABLED" {
			p.addf("%s is %v", id, state)
		}
		targets := lst(at(r, "Targets"))
		if len(targets) != 1 {
			p.addf("%s has %d targets", id, len(targets))
			continue
		}
		target := obj(targets[0])
		p.is(id+" Arn", target["Arn"], w.dev.Resources[want.queue].ARN)
		p.is(id+" DeadLetterConfig", target["DeadLetterConfig"], map[string]string{"Arn": w.dev.Resources[want.dead].ARN})
		p.is(id+" RetryPolicy", target["RetryPolicy"], map[string]int{"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185})
		if target["InputTransformer"] != nil || target["InputPath"] != nil || target["Input"] != nil {
			p.addf("%s changes events", id)
		}
	}
	p.is("the number of rules", len(w.dev.OfType("AWS::Events::Rule")), 2)
	return append(p, checkPatterns(w)...)
}

// checkPatterns tries the rules' patterns on the events of events/, and on
// those events changed so that they are none of ours.
func checkPatterns(w *world) problems {
	var p problems
	for id, c := range map[string]struct {
		files string
		count int
		not   []string // "old → new" within the event
	}{
		"ArrivalRule": {"intake-object-created.json", 1, []string{
			`"aws.s3" → "aws.ec2"`, `"Object Created" → "Object Deleted"`, `incoming/ → outgoing/`, `{bucket} → another-bucket`,
		}},
		"BounceRule": {"feedback-[a-m]*.json", 5, []string{
			`"aws.ses" → "aws.sns"`, `configuration-set/keyward-dev → configuration-set/another`,
		}},
	} {
		text, err := json.Marshal(w.dev.Resources[id].Properties["EventPattern"])
		if err != nil {
			p.addf("%s: %v", id, err)
			continue
		}
		f, err := eventpattern.Parse(text)
		if err != nil {
			p.addf("%s: %v", id, err)
			continue
		}
		files, err := filepath.Glob(filepath.Join(templatetest.Root(), "events", c.files))
		if err != nil || len(files) != c.count {
			p.addf("%s: %d files like %s, %v", id, len(files), c.files, err)
		}
		for _, file := range files {
			p = append(p, tryPattern(id, f, mine(w.dev, bodyOf(file)), c.not)...)
		}
	}
	return p
}

// mine puts the stack's bucket into an event of S3's.
func mine(s *template.Stack, body string) string {
	return strings.ReplaceAll(body, "keyward-dev-uploadbucket-1a2b3c4d5e6f", s.Resources["UploadBucket"].Ref)
}

// bodyOf is the event within the file's first message.
func bodyOf(file string) string {
	text := templatetest.MustReadFile(file)
	var e struct{ Records []struct{ Body string } }
	if json.Unmarshal([]byte(text), &e) != nil || len(e.Records) == 0 {
		return ""
	}
	return e.Records[0].Body
}

func tryPattern(id string, f eventpattern.Pattern, event string, not []string) problems {
	var p problems
	if ok, err := f.Match([]byte(event)); err != nil || !ok {
		p.addf("%s: an event of ours is not wanted: %v %.80s", id, err, event)
	}
	for _, change := range not {
		before, after, _ := strings.Cut(change, " → ")
		if before == "{bucket}" {
			var e struct {
				Detail struct{ Bucket struct{ Name string } }
			}
			_ = json.Unmarshal([]byte(event), &e)
			before = e.Detail.Bucket.Name
		}
		changed := strings.ReplaceAll(event, before, after)
		if ok, err := f.Match([]byte(changed)); changed == event || err != nil || ok {
			p.addf("%s: an event with %s is wanted: %v", id, change, err)
		}
	}
	return p
}

func checkMail(w *world) problems {
	var p problems
	set := w.prod.Resources["ConfigurationSet"]
	p.is("configuration set", set.Ref, "keyward-prod")
	p.is("mail goes by TLS", at(set, "DeliveryOptions", "TlsPolicy"), "REQUIRE")
	d := w.prod.Resources["MailEvents"]
	p.is("events of", at(d, "ConfigurationSetName"), "keyward-prod")
	p.is("mail events are on", at(d, "EventDestination", "Enabled"), true)
	p.is("mail events", at(d, "EventDestination", "MatchingEventTypes"), []string{"bounce", "complaint", "reject", "deliveryDelay", "renderingFailure"})
	p.is("mail events go to", at(d, "EventDestination", "EventBridgeDestination", "EventBusArn"), "arn:aws:events:eu-central-1:123456789012:event-bus/default")
	i := w.prod.Resources["SenderIdentity"]
	p.is("identity", at(i, "EmailIdentity"), "vendor.example")
	p.is("DKIM", at(i, "DkimAttributes", "SigningEnabled"), true)
	p.is("notify's configuration set", at(w.prod.Resources["NotifyFunction"], "Environment", "Variables", "CONFIGURATION_SET"), "keyward-prod")
	return p
}
