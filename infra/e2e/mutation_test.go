package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"keyward/infra/e2e/template"
)

// A mutation takes something out of the translated template, or spoils it.
type mutation func(t *testing.T, d template.Document)

// at walks to an object of the template.
func at(t *testing.T, d map[string]any, path ...string) map[string]any {
	t.Helper()
	for _, p := range path {
		next, ok := d[p].(map[string]any)
		if !ok {
			t.Fatalf("the template has no %q in %q", p, path)
		}
		d = next
	}
	return d
}

func without(path ...string) mutation {
	return func(t *testing.T, d template.Document) {
		parent, last := at(t, d, path[:len(path)-1]...), path[len(path)-1]
		if _, there := parent[last]; !there {
			t.Fatalf("the template has no %q", path)
		}
		delete(parent, last)
	}
}

func variable(function, name string) mutation {
	return without("Resources", function, "Properties", "Environment", "Variables", name)
}

func resource(id string) mutation { return without("Resources", id) }

func with(value any, path ...string) mutation {
	return func(t *testing.T, d template.Document) {
		at(t, d, path[:len(path)-1]...)[path[len(path)-1]] = value
	}
}

// spelt replaces text in a resource, wherever it is.
func spelt(id, old, new string) mutation {
	return func(t *testing.T, d template.Document) {
		text, err := json.Marshal(at(t, d, "Resources", id))
		if err != nil || !strings.Contains(string(text), old) {
			t.Fatalf("%s does not say %q", id, old)
		}
		var changed any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(string(text), old, new)), &changed); err != nil {
			t.Fatal(err)
		}
		at(t, d, "Resources")[id] = changed
	}
}

// action takes one action out of a role, of one of its statements, or of a
// policy that stands by itself.
func action(role, sid, name string) mutation {
	return func(t *testing.T, d template.Document) {
		found := false
		properties := at(t, d, "Resources", role, "Properties")
		for _, p := range append(list(properties["Policies"]), any(properties)) {
			document := object(object(p)["PolicyDocument"])
			if document == nil {
				continue
			}
			document["Statement"] = slices.DeleteFunc(list(document["Statement"]), func(s any) bool {
				if sid != "" && object(s)["Sid"] != sid {
					return false
				}
				actions, several := object(s)["Action"].([]any)
				if !several {
					actions = []any{object(s)["Action"]}
				}
				n := len(actions)
				actions = slices.DeleteFunc(actions, func(a any) bool { return a == name })
				found = found || len(actions) < n
				object(s)["Action"] = actions
				return len(actions) == 0
			})
		}
		if !found {
			t.Fatalf("%s may not %s anyway", role, name)
		}
	}
}

// TestWhatIsMissingIsMissed spoils the template, one thing at a time. Each must
// fail the story, where a person who reads it sees what is wrong.
func TestWhatIsMissingIsMissed(t *testing.T) {
	tests := map[string]struct {
		spoil mutation
		says  string // by the error, or by one of the troubles
	}{
		"variable of intake":          {variable("IntakeFunction", "VAULT_KEY_ID"), "VAULT_KEY_ID is missing"},
		"variable of sweep":           {variable("SweepFunction", "VALIDATE_QUEUE_URL"), "VALIDATE_QUEUE_URL is missing"},
		"variable of notify":          {variable("NotifyFunction", "SENDER"), "SENDER is missing"},
		"variable of all":             {variable("PortalFunction", "TABLE_NAME"), "TABLE_NAME is missing"},
		"a role's variable":           {variable("OperatorFunction", "SUPPORT_ROLE_ARN"), "SUPPORT_ROLE_ARN is missing"},
		"upload form":                 {action("PortalRole", "", "s3:PutObject"), "PortalRole may not s3:PutObject"},
		"key of the upload form":      {action("PortalRole", "", "kms:GenerateDataKey"), "PortalRole may not kms:GenerateDataKey"},
		"key of files":                {action("IntakeRole", "UploadKey", "kms:Decrypt"), "IntakeRole may not kms:Decrypt"},
		"making secrets":              {action("IntakeRole", "", "secretsmanager:CreateSecret"), "IntakeRole may not secretsmanager:CreateSecret"},
		"emptying the bucket":         {action("IntakeRole", "", "s3:DeleteObject"), "IntakeRole may not s3:DeleteObject"},
		"reading secrets":             {action("ValidateRole", "", "secretsmanager:GetSecretValue"), "ValidateRole may not secretsmanager:GetSecretValue"},
		"key of secrets":              {action("VaultReaders", "", "kms:Decrypt"), "CertificatesRole may not kms:Decrypt"},
		"key of new secrets":          {action("VaultWriter", "", "kms:GenerateDataKey"), "IntakeRole may not kms:GenerateDataKey"},
		"trying the key":              {spelt("VaultWriter", "RequestToValidateKeyAccess", "RequestToValidate"), "IntakeRole may not kms:GenerateDataKey"},
		"the vault's key, denied":     {spelt("VaultKey", "IntakeRole", "NotifyRole"), "IntakeRole may not kms:"},
		"index of due work":           {action("SweepRole", "Index", "dynamodb:Query"), "SweepRole may not dynamodb:Query"},
		"deleting secrets":            {action("SweepRole", "", "secretsmanager:DeleteSecret"), "SweepRole may not secretsmanager:DeleteSecret"},
		"queueing checks":             {action("SweepRole", "Send", "sqs:SendMessage"), "SweepRole may not sqs:SendMessage"},
		"sending mail":                {action("NotifyRole", "", "ses:SendRawEmail"), "NotifyRole may not ses:SendRawEmail"},
		"writing what bounced":        {action("FeedbackRole", "", "dynamodb:PutItem"), "FeedbackRole may not dynamodb:PutItem"},
		"starting the sweep":          {action("ScheduleRole", "", "lambda:InvokeFunction"), "ScheduleRole may not lambda:InvokeFunction"},
		"receiving":                   {action("IntakeRole", "", "sqs:ReceiveMessage"), "IntakeRole may not sqs:ReceiveMessage"},
		"reading the stream":          {action("NotifyRole", "", "dynamodb:GetRecords"), "NotifyRole may not dynamodb:GetRecords"},
		"mapping of intake":           {resource("IntakeFunctionQueue"), "5 awaiting_key"},
		"mapping of validate":         {resource("ValidateFunctionQueue"), "were not checked"},
		"mapping of certificates":     {resource("CertificatesFunctionQueue"), "are not watched"},
		"mapping of feedback":         {resource("FeedbackFunctionQueue"), "is not marked"},
		"mapping of the stream":       {resource("NotifyFunctionNotices"), "invitation"},
		"filter's value":              {spelt("NotifyFunctionNotices", `\"pending\"`, `\"pendng\"`), "invitation"},
		"filter's prefix":             {spelt("NotifyFunctionNotices", `NTC#`, `NCT#`), "invitation"},
		"filter's path":               {spelt("NotifyFunctionNotices", `NewImage`, `NewImages`), "invitation"},
		"filter's operator":           {spelt("NotifyFunctionNotices", `{\"prefix\"`, `{\"prefx\"`), "an operator other than prefix"},
		"rule for uploads":            {resource("ArrivalRule"), "ArrivalRule"},
		"prefix of uploads":           {spelt("ArrivalRule", "incoming/", "incomming/"), "5 awaiting_key"},
		"events of the bucket":        {without("Resources", "UploadBucket", "Properties", "NotificationConfiguration"), "5 awaiting_key"},
		"policy of intake's queue":    {resource("ArrivalQueuePolicy"), "ArrivalRule may not send"},
		"source in the policy":        {spelt("BounceQueuePolicy", "BounceRule", "ArrivalRule"), "BounceRule may not send"},
		"kind of bounces":             {spelt("BounceRule", "Email Bounced", "Email Bonced"), "is not marked"},
		"events of mails":             {resource("MailEvents"), "is not marked"},
		"schedule":                    {with("rate(15 minute)", "Resources", "SweepFunctionEveryMinute", "Properties", "ScheduleExpression"), "a rate is"},
		"schedule once a week":        {with("rate(7 days)", "Resources", "SweepFunctionEveryMinute", "Properties", "ScheduleExpression"), "were not checked"},
		"window of the schedule":      {without("Resources", "SweepFunctionEveryMinute", "Properties", "FlexibleTimeWindow", "MaximumWindowInMinutes"), "FlexibleTimeWindow"},
		"target of the schedule":      {spelt("SweepFunctionEveryMinute", "SweepFunction", "NotifyFunction"), "ScheduleRole may not"},
		"calling the operator":        {resource("SupportMayCallOperator"), "may not lambda:InvokeFunctionUrl"},
		"invoking by the URL":         {resource("SupportMayInvokeOperator"), "may not lambda:InvokeFunction on"},
		"the portal's permission":     {resource("PortalFunctionURLInvokeAllowPublicAccess"), "may not lambda:InvokeFunction on"},
		"streaming":                   {with("BUFFERED", "Resources", "OperatorFunctionUrl", "Properties", "InvokeMode"), "InvokeMode"},
		"stream of the table":         {without("Resources", "Table", "Properties", "StreamSpecification"), "has no stream"},
		"time to hide":                {with(float64(30), "Resources", "ValidateQueue", "Properties", "VisibilityTimeout"), "visibility timeout"},
		"index of the table":          {spelt("Table", `"due"`, `"deu"`), "SweepFunction"},
		"policy of a key":             {without("Resources", "UploadKey", "Properties", "KeyPolicy", "Statement"), "no statements"},
		"key's use through S3":        {spelt("UploadKey", "kms:ViaService", "kms:ViaServices"), "may not kms:GenerateDataKey"},
		"identity of the sender":      {with("other.example", "Resources", "SenderIdentity", "Properties", "EmailIdentity"), "NotifyFunction says"},
		"trust of a function's role":  {spelt("IntakeRole", "lambda.amazonaws.com", "lambda.amazonaws.org"), "does not trust Lambda"},
		"conditions of another stage": {spelt("SweepRole", "secret:keyward/", "secret:keywrd/"), "SweepRole may not"},
	}
	translated := mustKit(t).Template
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			d := clone(t, translated)
			tt.spoil(t, d)
			w, err := deploy(t, d)
			said := fmt.Sprint(err)
			if err == nil {
				err = smoke(t.Context(), w)
				said = fmt.Sprintf("%v\n%s", err, strings.Join(w.Troubles(), "\n"))
				w.Close()
			}
			if err == nil {
				t.Fatal("nobody noticed")
			}
			if !strings.Contains(said, tt.says) {
				t.Errorf("it says nothing of %q:\n%s", tt.says, said)
			}
		})
	}
}

func clone(t *testing.T, d template.Document) template.Document {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var out template.Document
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
