package template_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"strings"
	"testing"

	"keyward/infra/e2e/template"
	"keyward/infra/e2e/template/templatetest"
)

func TestParametersThatMakeNoSenseAreRefused(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	a, err := tr.Translate(templatetest.MustRead(t, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		base          map[string]string
		change, value string
		want          string // in the refusal; "" is none
	}{
		"dev":                         {templatetest.Dev(), "", "", ""},
		"prod":                        {templatetest.Prod(), "", "", ""},
		"prod without a domain":       {templatetest.Prod(), "DomainName", "", "prod needs DomainName"},
		"prod without anybody awake":  {templatetest.Prod(), "AlarmAddress", "", "prod needs AlarmAddress"},
		"prod in the sandbox":         {templatetest.Prod(), "SesSandbox", "yes", "sandbox"},
		"prod with another Apple":     {templatetest.Prod(), "AppleUrl", "https://apple.example", "Apple alone"},
		"prod at another URL":         {templatetest.Prod(), "PublicUrl", "https://x.example", "DomainName"},
		"a domain uncertified":        {templatetest.Prod(), "CertificateArn", "", "needs CertificateArn"},
		"a certificate elsewhere":     {templatetest.Prod(), "CertificateArn", "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef", "us-east-1"},
		"a stage with a slash":        {templatetest.Dev(), "Stage", "a/b", "lower-case"},
		"a stage in capitals":         {templatetest.Dev(), "Stage", "Dev", "lower-case"},
		"a sender with a name":        {templatetest.Dev(), "SenderAddress", "Ada <ada@x.example>", "bare"},
		"a role that is none":         {templatetest.Dev(), "SupportRoleArn", "support", "ARN"},
		"a session for a role":        {templatetest.Dev(), "SupportRoleArn", "arn:aws:sts::123456789012:assumed-role/support/ada", "ARN"},
		"no support":                  {templatetest.Dev(), "SupportRoleArn", "", "ARN"},
		"a URL with a path":           {templatetest.Dev(), "PublicUrl", "https://x.example/keyward", "without a path"},
		"a URL in the clear":          {templatetest.Dev(), "PublicUrl", "http://x.example", "scheme"},
		"this machine's URL":          {templatetest.Dev(), "PublicUrl", "http://127.0.0.1:8080", ""},
		"one check at a time":         {templatetest.Dev(), "CheckConcurrency", "1", "range"},
		"a table without its stream":  {templatetest.Dev(), "RestoredTable", "keyward-restored", "needs RestoredTableStream"},
		"an ARN for a stream's label": {templatetest.Dev(), "RestoredTableStream", "arn:aws:dynamodb:us-east-1:123456789012:table/x/stream/2026-03-02T09:00:00.000", "label"},
		"a word that is not there":    {templatetest.Dev(), "Colour", "blue", "does not know"},
	} {
		t.Run(name, func(t *testing.T) {
			p := maps.Clone(c.base)
			if c.change != "" {
				p[c.change] = c.value
			}
			_, err := template.Resolve(a.Template, template.Options{Parameters: p})
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%v does not say %q", err, c.want)
			}
		})
	}
}

func TestARestoredTableTakesTheTablesPlace(t *testing.T) {
	a, err := templatetest.MustTranslator(t).Translate(templatetest.MustRead(t, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p := templatetest.Prod()
	p["RestoredTable"], p["RestoredTableStream"] = "keyward-restored", "2026-03-02T09:00:00.000"
	stack, err := template.Resolve(a.Template, template.Options{Parameters: p})
	if err != nil {
		t.Fatal(err)
	}
	old, uses := stack.Resources["Table"], 0
	for id, r := range stack.Resources {
		if id == "Table" {
			continue
		}
		text, err := json.Marshal(r.Properties)
		if err != nil {
			t.Fatal(err)
		}
		uses += strings.Count(string(text), "keyward-restored")
		for _, name := range []string{old.ARN, `"TABLE_NAME":"` + old.Ref + `"`, `"TableName":"` + old.Ref + `"`} {
			if strings.Contains(string(text), name) {
				t.Errorf("%s still uses %s", id, name)
			}
		}
	}
	if want := 8 + 8 + 3 + 3 + 1; uses != want { // variables, policies of tables, of indexes, of the stream with its mapping, the dashboard
		t.Errorf("the restored table is named %d times, want %d", uses, want)
	}
	if stream := stack.Resources["NotifyFunctionNotices"].Properties["EventSourceArn"]; stream != strings.Replace(old.ARN, old.Ref, "keyward-restored/stream/2026-03-02T09:00:00.000", 1) {
		t.Errorf("notify listens to %v", stream)
	}
}

// TestTheOriginSecretIsExchangedWithoutAGap: while CloudFront changes from one
// version to the next, which takes minutes, the portal accepts both.
func TestTheOriginSecretIsExchangedWithoutAGap(t *testing.T) {
	const first, second = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
	tr := templatetest.MustTranslator(t)
	domain, err := tr.Translate(templatetest.MustRead(t, "infra/domain.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ version, before, sent, accepted, acceptedToo string }{
		{"", "", "SecretString}}", "SecretString}}", ""},
		{second, first, second + "}}", second + "}}", first + "}}"},
		{second, "", second + "}}", second + "}}", ""},
	} {
		p := templatetest.Prod()
		p["OriginSecretVersion"], p["OriginSecretBefore"] = c.version, c.before
		s := templatetest.MustStack(t, tr, templatetest.MustRead(t, "template.yaml"), p)
		nested, err := template.Resolve(domain.Template, template.Options{Parameters: parametersOf(s.Resources["Domain"])})
		if err != nil {
			t.Fatal(err)
		}
		origin := obj(lst(at(nested.Resources["Distribution"], "DistributionConfig", "Origins"))[0])
		sent := str(obj(lst(origin["OriginCustomHeaders"])[0])["HeaderValue"])
		env := obj(at(s.Resources["PortalFunction"], "Environment", "Variables"))
		for what, got := range map[string][2]string{
			"sent": {sent, c.sent}, "accepted": {str(env["ORIGIN_SECRET"]), c.accepted}, "accepted too": {str(env["ORIGIN_SECRET_BEFORE"]), c.acceptedToo},
		} {
			if !strings.HasSuffix(got[0], got[1]) || (got[1] == "") != (got[0] == "") {
				t.Errorf("version %q, before %q: %s is %q, not …%s", c.version, c.before, what, got[0], got[1])
			}
		}
	}
}

var override = regexp.MustCompile(`(?m)^  "([A-Za-z]+)=(?:\\"(.*)\\"|(.*))",$`)

func TestSamconfigsParametersAreTaken(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	a, err := tr.Translate(templatetest.MustRead(t, "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := templatetest.MustRead(t, "samconfig.toml")
	if serial := strings.Count(text, ".build.parameters]\nbuild_in_source = true"); serial != 3 || strings.Count(text, "\nparallel = false") != serial {
		t.Error("a cold build compiles the same packages once for each function, all at once")
	}
	for _, stage := range []string{"dev", "prod"} {
		_, section, ok := strings.Cut(text, "["+stage+".deploy.parameters]")
		section, _, _ = strings.Cut(section, "\n[")
		p := map[string]string{}
		for _, m := range override.FindAllStringSubmatch(section, -1) {
			p[m[1]] = m[2] + m[3]
		}
		if _, err := template.Resolve(a.Template, template.Options{Parameters: p}); !ok || err != nil || p["Stage"] != stage {
			t.Errorf("%s: %v, %v", stage, p, err)
		}
		for _, must := range []string{`stack_name = "keyward-` + stage, "CAPABILITY_IAM CAPABILITY_AUTO_EXPAND", "resolve_s3 = true"} {
			if !strings.Contains(section, must) {
				t.Errorf("%s lacks %s", stage, must)
			}
		}
	}
}
