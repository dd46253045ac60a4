package template_test

import (
	"maps"
	"slices"
	"strings"

	"keyward/infra/e2e/template"
	"keyward/infra/e2e/template/templatetest"
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

// globalName are the properties that name a resource in the whole account, by
// type: a stack in another region must be able to stand beside this one.
var globalName = map[string][]string{
	"AWS::CloudFront::Function":              {"Name"},
	"AWS::CloudFront::KeyValueStore":         {"Name"},
	"AWS::CloudFront::CachePolicy":           {"CachePolicyConfig", "Name"},
	"AWS::CloudFront::OriginRequestPolicy":   {"OriginRequestPolicyConfig", "Name"},
	"AWS::CloudFront::ResponseHeadersPolicy": {"ResponseHeadersPolicyConfig", "Name"},
	"AWS::CloudFront::OriginAccessControl":   {"OriginAccessControlConfig", "Name"},
	"AWS::CloudWatch::Dashboard":             {"DashboardName"},
	"AWS::IAM::Role":                         {"RoleName"},
	"AWS::IAM::ManagedPolicy":                {"ManagedPolicyName"},
	"AWS::IAM::User":                         {"UserName"},
	"AWS::IAM::Group":                        {"GroupName"},
	"AWS::IAM::InstanceProfile":              {"InstanceProfileName"},
	"AWS::S3::Bucket":                        {"BucketName"},
}

func checkNames(w *world) problems {
	var p problems
	for _, s := range []*template.Stack{w.prod, w.alarms, w.domain} {
		for id, r := range s.Resources {
			if path, global := globalName[r.Type]; global {
				if name := str(at(r, path...)); name != "" && !strings.Contains(name, templatetest.Region) {
					p.addf("%s is called %s in every region: a second stack in this account cannot be", id, name)
				}
			}
		}
	}
	return p
}
