package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"keyward/infra/e2e/iam"
	"keyward/infra/e2e/template"
	"keyward/infra/e2e/template/templatetest"
)

// A variant is a statement with one thing changed. None of them may go
// unnoticed by the tables: what nothing depends on is too much, and what can
// grow unseen is not reviewed.
type variant struct {
	what string
	with *iam.Statement // nil: the statement is gone
}

func variants(s iam.Statement, key bool) []variant {
	var out []variant
	without := func(what string, n int, change func(*iam.Statement)) {
		v := variant{what: "without " + what}
		if n > 1 {
			c := s
			change(&c)
			v.with = &c
		}
		out = append(out, v)
	}
	for i, a := range s.Actions {
		without(a, len(s.Actions), func(c *iam.Statement) { c.Actions = drop(s.Actions, i) })
	}
	for i, r := range s.Resources {
		if !key {
			without(r, len(s.Resources), func(c *iam.Statement) { c.Resources = drop(s.Resources, i) })
		}
	}
	for i, c := range s.Conditions {
		without(c.Key, 2, func(m *iam.Statement) { m.Conditions = drop(s.Conditions, i) })
	}
	return append(out, wider(s, key)...)
}

// wider are those that allow more.
func wider(s iam.Statement, key bool) []variant {
	if s.Deny {
		return nil
	}
	var out []variant
	service, _, _ := strings.Cut(s.Actions[0], ":")
	w := s
	w.Actions = []string{service + ":*"}
	out = append(out, variant{"with " + service + ":*", &w})
	if !key && !slices.Equal(s.Resources, []string{"*"}) && s.Principals == nil {
		w := s
		w.Resources = []string{"*"}
		out = append(out, variant{"on *", &w})
	}
	return out
}

func drop[T any](of []T, i int) []T { return slices.Delete(slices.Clone(of), i, i+1) }

func TestEveryWordOfThePoliciesIsReviewed(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	s := templatetest.MustStack(t, tr, templatetest.MustRead(t, "template.yaml"), templatetest.Prod())
	a, every, n := mustAuthority(t, s), mustCells(t, names{s}), 0
	try := func(list []iam.Statement, key bool, put func([]iam.Statement), about func(cell) bool) {
		cells := slices.DeleteFunc(slices.Clone(every), func(c cell) bool { return !about(c) })
		for i, st := range list {
			for _, v := range variants(st, key) {
				n++
				changed := drop(list, i)
				if v.with != nil {
					changed = append(changed, *v.with)
				}
				put(changed)
				if !noticed(a, cells) {
					t.Errorf("no cell notices %s %s", st, v.what)
				}
			}
		}
		put(list)
	}
	for role, list := range a.Identity {
		try(list, false, func(l []iam.Statement) { a.Identity[role] = l }, func(c cell) bool { return c.caller == role })
	}
	for i, at := range a.Resource {
		try(at.Statements, at.Key, func(l []iam.Statement) { a.Resource[i].Statements = l },
			func(c cell) bool { return strings.HasPrefix(c.resource, at.ARN) })
	}
	t.Logf("%d variants", n)
}

func noticed(a *iam.Authority, cells []cell) bool {
	return len(broken(a)) > 0 || slices.ContainsFunc(cells, func(c cell) bool {
		return a.Evaluate(c.caller, c.action, c.resource, c.ctx).Allowed != c.allowed
	})
}

func TestTheSandboxMailsToVerifiedAddresses(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	p := templatetest.Dev()
	p["SesSandbox"] = "yes"
	a := mustAuthority(t, templatetest.MustStack(t, tr, templatetest.MustRead(t, "template.yaml"), p))
	for from, want := range map[string]bool{"keys@vendor.example": true, "ceo@vendor.example": false} {
		d := a.Evaluate("NotifyRole", "ses:SendRawEmail", "arn:aws:ses:eu-central-1:123456789012:identity/ada@acme.example", iam.Context{"ses:FromAddress": from})
		if d.Allowed != want {
			t.Errorf("from %s: allowed is %v (%s)", from, d.Allowed, d.Because)
		}
	}
}

// TestTheVaultsKeyIsForThoseWhoNeedIt: a role may be given whatever its own
// policies say; the key's policy still decides who decrypts.
func TestTheVaultsKeyIsForThoseWhoNeedIt(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	s := templatetest.MustStack(t, tr, templatetest.MustRead(t, "template.yaml"), templatetest.Prod())
	a := mustAuthority(t, s)
	need := map[string]bool{"OperatorRole": true, "IntakeRole": true, "ValidateRole": true, "CertificatesRole": true}
	callers := []string{iam.Admin, s.Parameters["SupportRoleArn"], s.Parameters["AutomationRoleArn"]}
	for _, f := range functions {
		callers = append(callers, roleOf(f))
	}
	for _, caller := range callers {
		a.Identity[caller] = []iam.Statement{{In: "test", Sid: "everything", Actions: []string{"*"}, Resources: []string{"*"}}}
		d := a.Evaluate(caller, "kms:Decrypt", s.Resources["VaultKey"].ARN, iam.Context{"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"})
		if d.Allowed != need[caller] || !d.Allowed && d.Because != "denied by VaultKey/DeniedToAllWhoNeedNoKey" {
			t.Errorf("%s: allowed is %v (%s)", caller, d.Allowed, d.Because)
		}
		if d := a.Evaluate(caller, "kms:PutKeyPolicy", s.Resources["VaultKey"].ARN, nil); !d.Allowed {
			t.Errorf("%s, who administers keys, is locked out (%s)", caller, d.Because)
		}
	}
}

func TestMistakesInPoliciesAreNoticed(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	text := templatetest.MustRead(t, "template.yaml")
	for _, m := range []templatetest.Mutation{
		{Name: "a permission removed", After: "VaultWriter:", Old: "kms:Decrypt, kms:GenerateDataKey", New: "kms:Decrypt"},
		{Name: "an action misspelt", After: "NotifyRole:", Old: "ses:SendRawEmail", New: "ses:SendRawEMails"},
		{Name: "a resource widened", After: "PortalRole:", Old: "${UploadBucket.Arn}/incoming/*", New: "${UploadBucket.Arn}/*"},
		{Name: "another's queue", After: "ValidateRole:", Old: "!GetAtt ValidateQueue.Arn", New: "!GetAtt IntakeQueue.Arn"},
		{Name: "a statement denied instead", After: "FeedbackRole:", Old: "Sid: Table\n                Effect: Allow", New: "Sid: Table\n                Effect: Deny"},
		{Name: "a prefix misspelt", After: "OperatorRole:", Old: "secret:keyward/${Stage}/*", New: "secret:keyword/${Stage}/*"},
		{Name: "the bucket readable", After: "ReadByIntakeAlone", Old: "!GetAtt IntakeRole.Arn", New: "!GetAtt SweepRole.Arn"},
		{Name: "TLS not asked for", After: "UploadBucketPolicy:", Old: `aws:SecureTransport: "false"`, New: `aws:SecureTransport: "true"`},
		{Name: "events from any rule", After: "ArrivalQueuePolicy:", Old: "Condition: { ArnEquals: { aws:SourceArn: !GetAtt ArrivalRule.Arn } }", New: ""},
		{Name: "the vault's key for all services", After: "UsedThroughSecretsManagerOnly", Old: "kms:ViaService: !Sub secretsmanager.${AWS::Region}.${AWS::URLSuffix}", New: "kms:KeySpec: SYMMETRIC_DEFAULT"},
		{Name: "the vault's key for an administrator", After: "DeniedToAllWhoNeedNoKey", Old: "kms:Decrypt, kms:GenerateDataKey", New: "kms:GenerateDataKey"},
		{Name: "the vault's key for no session", After: "DeniedToAllWhoNeedNoKey", Old: "ArnNotEquals", New: "ArnEquals"},
		{Name: "nobody administers the vault's key", After: "DeniedToAllWhoNeedNoKey", Old: "kms:Decrypt, kms:GenerateDataKey", New: "kms:Decrypt, kms:GenerateDataKey, kms:PutKeyPolicy"},
		{Name: "a new secret's key not tried", After: "VaultWriter:", Old: "                  - RequestToValidateKeyAccess\n", New: ""},
		{Name: "the readers' key not tried", After: "VaultReaders:", Old: "                  - RequestToValidateKeyAccess\n", New: ""},
		{Name: "the scheduler may not start", After: "ScheduleRole:", Old: "lambda:InvokeFunction", New: "lambda:InvokeAsync"},
		{Name: "anybody's schedule", After: "ScheduleRole:", Old: "schedule-group/keyward-${Stage}", New: "schedule-group/*"},
		{Name: "half of a function URL's permissions", After: "SupportMayInvokeOperator:", Old: "lambda:InvokeFunction", New: "lambda:GetFunction"},
		{Name: "the operator open to all", After: "SupportMayCallOperator:", Old: "Principal: !Ref SupportRoleArn", New: `Principal: "*"`},
		{Name: "the portal signed for", After: "PortalFunction:", Old: "AuthType: NONE", New: "AuthType: AWS_IAM"},
	} {
		t.Run(m.Name, func(t *testing.T) {
			why := mistakes(t, tr, m.MustApply(t, text))
			if t.Log(why); why == "" {
				t.Error("nothing notices it")
			}
		})
	}
}

// mistakes is what the tables say of a template; "" is nothing.
func mistakes(t *testing.T, tr *template.Translator, text string) string {
	t.Helper()
	s := templatetest.MustStack(t, tr, text, templatetest.Prod())
	a, err := iam.Read(s)
	if err != nil {
		return err.Error()
	}
	w := append(broken(a), wrong(a, mustCells(t, names{s}))...)
	if len(w) == 0 {
		return ""
	}
	return fmt.Sprintf("%d, such as: %s", len(w), w[0])
}
