package template_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"keyward/infra/template"
	"keyward/infra/template/templatetest"
)

func checkNested(w *world) problems {
	var p problems
	for id, file := range map[string]string{"Alarms": "infra/alarms.yaml", "Domain": "infra/domain.yaml"} {
		r := w.prod.Resources[id]
		p.is(id+" TemplateURL", at(r, "TemplateURL"), file)
		p.is(id+" takes", slices.Sorted(maps.Keys(obj(w.nested[file]["Parameters"]))), slices.Sorted(maps.Keys(parametersOf(r))))
	}
	if _, ok := w.dev.Resources["Domain"]; ok {
		p.addf("dev has a domain")
	}
	p.is("the alarms' stage", parametersOf(w.prod.Resources["Alarms"])["Stage"], "prod")
	for _, out := range []string{"PortalUrl", "OperatorUrl", "TableName", "UploadBucketName", "AlarmTopicArn", "DashboardUrl", "DkimRecord1", "ConfigurationSetName"} {
		if w.dev.Outputs[out] == nil {
			p.addf("no output %s", out)
		}
	}
	p.is("output PortalUrl with a domain", w.prod.Outputs["PortalUrl"], "https://keys.vendor.example")
	return p
}

// checkDomain holds CloudFront to what the portal believes of it.
func checkDomain(w *world) problems {
	var p problems
	c := obj(at(w.domain.Resources["Distribution"], "DistributionConfig"))
	origins := lst(c["Origins"])
	if len(origins) != 1 {
		p.addf("%d origins", len(origins))
		return p
	}
	o := obj(origins[0])
	if o["OriginAccessControlId"] != nil || len(w.domain.OfType("AWS::CloudFront::OriginAccessControl")) > 0 {
		p.addf("origin access control breaks forms")
	}
	p.is("origin protocol", obj(o["CustomOriginConfig"])["OriginProtocolPolicy"], "https-only")
	headers := lst(o["OriginCustomHeaders"])
	code := templatetest.MustReadFile(templatetest.Root() + "/functions/internal/boot/web.go")
	if len(headers) != 1 || !strings.Contains(code, `"`+str(obj(headers[0])["HeaderName"])+`"`) {
		p.addf("the portal does not look for CloudFront's header %s", js(headers))
	} else {
		secret := str(obj(headers[0])["HeaderValue"])
		p.is("the secret, on both sides", secret, at(w.prod.Resources["PortalFunction"], "Environment", "Variables", "ORIGIN_SECRET"))
		if !strings.HasPrefix(secret, "{{resolve:secretsmanager:") || !strings.HasSuffix(secret, ":SecretString}}") {
			p.addf("the secret is not kept in Secrets Manager")
		}
	}
	if f := str(at(w.domain.Resources["ViewerAddress"], "FunctionCode")); !strings.Contains(f, "'x-keyward-viewer'") || !strings.Contains(strings.ToLower(code), `"x-keyward-viewer"`) {
		p.addf("the viewer's address goes by another name")
	}
	return append(p, checkBehavior(obj(c["DefaultCacheBehavior"]))...)
}

func checkBehavior(b map[string]any) problems {
	var p problems
	p.is("caching", b["CachePolicyId"], "4135ea2d-6df8-44a3-9df3-4b5a84be39ad")
	p.is("what goes to the portal", b["OriginRequestPolicyId"], "b689b0a8-53d0-40ab-baf2-68738e2966ac")
	p.is("viewers without TLS", b["ViewerProtocolPolicy"], "redirect-to-https")
	if !slices.Contains(lst(b["AllowedMethods"]), any("POST")) {
		p.addf("forms cannot be posted")
	}
	if a := lst(b["FunctionAssociations"]); len(a) != 1 || obj(a[0])["EventType"] != "viewer-request" {
		p.addf("the viewer's address is not passed on")
	}
	return p
}

// mustHave are the alarms that somebody has to hear of, with their metric.
var mustHave = map[string]string{
	"sweep-dead": "SweepEnded", "checks-late": "OldestDueSeconds", "function-errors": "Errors", "function-throttles": "Throttles",
	"web-errors": "Url5xxCount", "items-failing": "ItemsFailed", "dead-letters": "ApproximateNumberOfMessagesVisible",
	"stream-gave-up": "NumberOfMessagesSent", "stream-lag": "IteratorAge", "objects-left": "ObjectsLeft", "fleet-hold": "FleetHold",
	"mails-not-sent": "MailsNotSent", "mail-bounces": "Reputation.BounceRate", "mail-complaints": "Reputation.ComplaintRate",
}

func checkAlarms(w *world) problems {
	var p problems
	var names []string
	for _, a := range w.alarms.OfType("AWS::CloudWatch::Alarm") {
		name := strings.TrimPrefix(str(at(a, "AlarmName")), "keyward-prod-")
		names = append(names, name)
		if !slices.Contains(metricNames(a), mustHave[name]) {
			p.addf("alarm %s does not look at %s", name, mustHave[name])
		}
		if len(lst(at(a, "AlarmActions"))) > 0 {
			p.addf("alarm %s pages by itself", name)
		}
		p.is("alarm "+name+" without data", at(a, "TreatMissingData"), map[bool]string{true: "breaching", false: "notBreaching"}[name == "sweep-dead"])
	}
	slices.Sort(names)
	p.is("alarms", names, slices.Sorted(maps.Keys(mustHave)))
	if dead := w.alarms.Resources["SweepDead"]; num(at(dead, "Period"))*num(at(dead, "EvaluationPeriods")) != 15*60 {
		p.addf("a dead sweep is not noticed after 15 minutes")
	}
	return append(p, checkIncident(w, names)...)
}

func metricNames(a template.Resource) []string {
	out := []string{str(at(a, "MetricName"))}
	for _, m := range lst(at(a, "Metrics")) {
		out = append(out, str(obj(obj(obj(m)["MetricStat"])["Metric"])["MetricName"]))
	}
	return out
}

var alarmName = regexp.MustCompile(`ALARM\("keyward-prod-([a-z-]+)"\)`)

func checkIncident(w *world, names []string) problems {
	var p problems
	all := w.alarms.OfType("AWS::CloudWatch::CompositeAlarm")
	if len(all) != 1 {
		p.addf("%d composite alarms", len(all))
		return p
	}
	var in []string
	for _, m := range alarmName.FindAllStringSubmatch(str(at(all[0], "AlarmRule")), -1) {
		in = append(in, m[1])
	}
	slices.Sort(in)
	p.is("the incident is any of", in, names)
	topic := w.alarms.Resources["Topic"]
	p.is("an incident tells", at(all[0], "AlarmActions"), []string{topic.Ref})
	p.is("its end tells", at(all[0], "OKActions"), []string{topic.Ref})
	p.is("the topic's key", at(topic, "KmsMasterKeyId"), w.alarms.Resources["TopicKey"].Ref)
	p.is("who is told", at(w.alarms.Resources["TopicSubscription"], "Endpoint"), "oncall@vendor.example")
	return p
}
