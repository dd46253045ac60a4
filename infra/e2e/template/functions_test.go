package template_test

// timeouts are those of the functions, in seconds, as they are locally.
var timeouts = map[string]float64{
	"portal": 30, "operator": 30, "intake": 60, "sweep": 55, "validate": 60, "certificates": 60, "notify": 60, "feedback": 30,
}

func checkFunctions(w *world) problems {
	var p problems
	all := w.dev.OfType("AWS::Lambda::Function")
	p.is("the number of functions", len(all), len(timeouts))
	for _, f := range all {
		name := nameOfFunction(f.ID)
		p.is(f.ID+" Runtime", at(f, "Runtime"), "provided.al2023")
		p.is(f.ID+" Architectures", at(f, "Architectures"), []string{"arm64"})
		p.is(f.ID+" Handler", at(f, "Handler"), "bootstrap")
		p.is(f.ID+" FunctionName", at(f, "FunctionName"), "keyward-dev-"+name)
		p.is(f.ID+" Timeout", at(f, "Timeout"), timeouts[name])
		p.is(f.ID+" TracingConfig", at(f, "TracingConfig"), map[string]string{"Mode": "Active"})
		p.is(f.ID+" Role", at(f, "Role"), w.dev.Resources[f.ID[:len(f.ID)-len("Function")]+"Role"].ARN)
		if at(f, "ReservedConcurrentExecutions") != nil {
			p.addf("%s reserves concurrency, which new accounts cannot", f.ID)
		}
		meta := obj(obj(obj(w.source["Resources"])[f.ID])["Metadata"])
		p.is(f.ID+" BuildMethod", meta["BuildMethod"], "makefile")
	}
	for id, want := range map[string]float64{"PortalFunction": 20, "OperatorFunction": 5} {
		p.is(id+" reservation, when asked for", num(at(w.prod.Resources[id], "ReservedConcurrentExecutions")), want)
	}
	return p
}

func checkURLs(w *world) problems {
	var p problems
	for id, auth := range map[string]string{"PortalFunctionUrl": "NONE", "OperatorFunctionUrl": "AWS_IAM"} {
		u, ok := w.dev.Resources[id]
		if !ok {
			p.addf("%s is not there", id)
			continue
		}
		p.is(id+" AuthType", at(u, "AuthType"), auth)
		p.is(id+" InvokeMode", at(u, "InvokeMode"), "RESPONSE_STREAM")
	}
	p.is("the number of function URLs", len(w.dev.OfType("AWS::Lambda::Url")), 2)
	return p
}

func checkLogs(w *world) problems {
	var p problems
	for _, f := range w.dev.OfType("AWS::Lambda::Function") {
		group := "/aws/lambda/" + str(at(f, "FunctionName"))
		p.is(f.ID+" LoggingConfig", at(f, "LoggingConfig"), map[string]string{"LogFormat": "Text", "LogGroup": group})
		found := false
		for _, g := range w.dev.OfType("AWS::Logs::LogGroup") {
			if g.Ref == group {
				found = true
				p.is(g.ID+" RetentionInDays", num(at(g, "RetentionInDays")), 90)
			}
		}
		if !found {
			p.addf("%s has no log group with a retention", f.ID)
		}
	}
	return p
}

func str(v any) string { s, _ := v.(string); return s }
