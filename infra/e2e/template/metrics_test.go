package template_test

import (
	"encoding/json"
	"slices"
	"strings"

	"keyward/infra/e2e/template"
	"keyward/infra/e2e/template/templatetest"
)

// A metric that somebody looks at: by an alarm, or on the dashboard.
type metric struct {
	where, namespace, name string
	dimensions             map[string]string
}

func watched(s *template.Stack, p *problems) []metric {
	var out []metric
	for _, a := range s.OfType("AWS::CloudWatch::Alarm") {
		add := func(m map[string]any) {
			dims := map[string]string{}
			for _, d := range lst(m["Dimensions"]) {
				dims[str(obj(d)["Name"])] = str(obj(d)["Value"])
			}
			out = append(out, metric{a.ID, str(m["Namespace"]), str(m["MetricName"]), dims})
		}
		if a.Properties["MetricName"] != nil {
			add(a.Properties)
		}
		for _, m := range lst(at(a, "Metrics")) {
			if stat := obj(obj(m)["MetricStat"]); stat != nil {
				add(obj(stat["Metric"]))
			}
		}
	}
	return append(out, onDashboard(s, p)...)
}

func onDashboard(s *template.Stack, p *problems) []metric {
	var body struct {
		Widgets []struct {
			Properties struct{ Metrics [][]any }
		}
	}
	if err := json.Unmarshal([]byte(str(at(s.Resources["Dashboard"], "DashboardBody"))), &body); err != nil {
		p.addf("the dashboard is not JSON: %v", err)
	}
	var out []metric
	for _, w := range body.Widgets {
		for _, m := range w.Properties.Metrics {
			dims := map[string]string{}
			for i := 2; i+1 < len(m); i += 2 {
				dims[str(m[i])] = str(m[i+1])
			}
			out = append(out, metric{"Dashboard", str(m[0]), str(m[1]), dims})
		}
	}
	return out
}

// checkMetrics: whatever is watched is there, by its right name. An alarm on a
// queue of another name is quiet for ever.
func checkMetrics(w *world) problems {
	var p problems
	code := ""
	for _, file := range []string{"watch/watch", "boot/start", "boot/metrics"} {
		code += templatetest.MustReadFile(templatetest.Root() + "/functions/internal/" + file + ".go")
	}
	names := map[string][]string{"FunctionName": {}, "QueueName": {}, "TableName": {}, "Stage": {"prod"}}
	for _, r := range w.prod.Resources {
		switch r.Type {
		case "AWS::Lambda::Function":
			names["FunctionName"] = append(names["FunctionName"], r.Ref)
		case "AWS::SQS::Queue":
			names["QueueName"] = append(names["QueueName"], str(at(r, "QueueName")))
		case "AWS::DynamoDB::Table":
			names["TableName"] = append(names["TableName"], r.Ref)
		}
	}
	all := watched(w.alarms, &p)
	for _, m := range all {
		for dim, v := range m.dimensions {
			if !slices.Contains(names[dim], v) {
				p.addf("%s looks at %s with %s %q, which is not there", m.where, m.name, dim, v)
			}
		}
		if m.namespace == "Keyward" && (!strings.Contains(code, `"`+m.name+`"`) || m.dimensions["Stage"] == "") {
			p.addf("%s looks at %s, which no function emits so", m.where, m.name)
		}
	}
	return append(p, everyOneWatched(all, names)...)
}

// everyOneWatched: no function's errors go unseen.
func everyOneWatched(all []metric, names map[string][]string) problems {
	var p problems
	sees := func(alarm, v string) bool {
		return slices.ContainsFunc(all, func(m metric) bool { return m.where == alarm && m.dimensions["FunctionName"] == v })
	}
	for _, f := range names["FunctionName"] {
		if !sees("FunctionErrors", f) || !sees("FunctionThrottles", f) {
			p.addf("nobody sees the errors of %s", f)
		}
	}
	return p
}
