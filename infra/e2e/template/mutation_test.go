package template_test

import (
	"maps"
	"testing"

	"keyward/infra/e2e/template/templatetest"
)

// mistakes are those that cfn-lint lets pass, or may.
var mistakes = map[string][]templatetest.Mutation{
	"template.yaml": {
		{Name: "schedule in the plural", Old: "rate(1 minute)", New: "rate(1 minutes)"},
		{Name: "schedule once an hour", Old: "rate(1 minute)", New: "rate(1 hour)"},
		{Name: "flexible without a window", Old: "{ Mode: FLEXIBLE, MaximumWindowInMinutes: 1 }", New: "{ Mode: FLEXIBLE }"},
		{Name: "schedule off", Old: "            ScheduleExpression:", New: "            State: DISABLED\n            ScheduleExpression:"},
		{Name: "schedule's input misspelt", Old: "scheduled_at", New: "scheduledAt"},
		{Name: "schedule in another group", Old: "GroupName: !Ref ScheduleGroup", New: "GroupName: default"},
		{Name: "no stream", Old: "      StreamSpecification: { StreamViewType: NEW_IMAGE }\n", New: ""},
		{Name: "stream of keys", Old: "StreamViewType: NEW_IMAGE", New: "StreamViewType: KEYS_ONLY"},
		{Name: "filter misspelt", Old: `"prefix":"NTC#"`, New: `"prefix":"NTC"`},
		{Name: "filter of another status", Old: `"S":["pending"]`, New: `"S":["Pending"]`},
		{Name: "filter without a type", Old: `"status":{"S":["pending"]}`, New: `"status":["pending"]`},
		{Name: "filter for new ones only", Old: `["INSERT","MODIFY"]`, New: `["INSERT"]`},
		{Name: "filter that is not JSON", Old: `'{"eventName":`, New: `'{eventName:`},
		{Name: "no bisecting", Old: "            BisectBatchOnFunctionError: true\n", New: ""},
		{Name: "retries for ever", Old: "            MaximumRetryAttempts: 2\n", New: ""},
		{Name: "no failure destination", Old: "            DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt StreamDeadLetters.Arn } }\n", New: ""},
		{Name: "new records only", Old: "TRIM_HORIZON", New: "LATEST"},
		{Name: "whole batches fail", After: "ValidateFunction:", Old: "            FunctionResponseTypes: [ReportBatchItemFailures]\n", New: ""},
		{Name: "a concurrency of one", After: "CertificatesFunction:", Old: "MaximumConcurrency: 2", New: "MaximumConcurrency: 1"},
		{Name: "queues mixed up", After: "ValidateFunction:", Old: "Queue: !GetAtt ValidateQueue.Arn", New: "Queue: !GetAtt CertificatesQueue.Arn"},
		{Name: "visibility below six time-outs", After: "IntakeQueue:", Old: "VisibilityTimeout: 360", New: "VisibilityTimeout: 60"},
		{Name: "time-out above what visibility allows", After: "FeedbackFunction:", Old: "Timeout: 30", New: "Timeout: 60"},
		{Name: "no dead letters", After: "ValidateQueue:", Old: "      RedrivePolicy: { deadLetterTargetArn: !GetAtt ValidateDeadLetters.Arn, maxReceiveCount: 5 }\n", New: ""},
		{Name: "another's dead letters", After: "ValidateQueue:", Old: "!GetAtt ValidateDeadLetters.Arn", New: "!GetAtt IntakeDeadLetters.Arn"},
		{Name: "a queue in the clear", After: "FeedbackQueue:", Old: "SqsManagedSseEnabled: true", New: "SqsManagedSseEnabled: false"},
		{Name: "a queue without TLS", After: "ValidateDeadLettersPolicy:", Old: "Effect: Deny", New: "Effect: Allow"},
		{Name: "a rule without dead letters", After: "ArrivalRule:", Old: "          DeadLetterConfig: { Arn: !GetAtt ArrivalDeadLetters.Arn }\n", New: ""},
		{Name: "a rule for another prefix", Old: "prefix: incoming/ }", New: "prefix: incomming/ }"},
		{Name: "a rule for another event", Old: "detail-type: [Object Created]", New: "detail-type: [ObjectCreated]"},
		{Name: "a rule for all buckets", Old: "bucket: { name: [!Ref UploadBucket] }", New: `bucket: { name: [{ prefix: "" }] }`},
		{Name: "complaints not listened to", Old: "Email Complaint Received", New: "Email Complaint"},
		{Name: "complaints not published", Old: "[bounce, complaint,", New: "[bounce,"},
		{Name: "a rule for all mail", Old: "configuration-set/${ConfigurationSet}\"]", New: "configuration-set/other\"]"},
		{Name: "no EventBridge on the bucket", Old: "EventBridgeEnabled: true", New: "EventBridgeEnabled: false"},
		{Name: "no TTL", Old: "TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }", New: "TimeToLiveSpecification: { AttributeName: ttl, Enabled: false }"},
		{Name: "TTL by another attribute", Old: "AttributeName: ttl", New: "AttributeName: expires"},
		{Name: "no recovery", Old: "PointInTimeRecoveryEnabled: true", New: "PointInTimeRecoveryEnabled: false"},
		{Name: "no encryption of the table", Old: "SSEEnabled: true", New: "SSEEnabled: false"},
		{Name: "prod unprotected", Old: "DeletionProtectionEnabled: !If [IsProduction, true, false]", New: "DeletionProtectionEnabled: !If [IsProduction, false, false]"},
		{Name: "an index gone", Old: "IndexName: due", New: "IndexName: duo"},
		{Name: "the table goes with the stack", After: "  Table:", Old: "DeletionPolicy: RetainExceptOnCreate", New: "DeletionPolicy: Delete"},
		{Name: "the vault's key goes with the stack", After: "  VaultKey:", Old: "DeletionPolicy: RetainExceptOnCreate", New: "DeletionPolicy: Delete"},
		{Name: "public access", Old: "BlockPublicPolicy: true", New: "BlockPublicPolicy: false"},
		{Name: "files stay", Old: "ExpirationInDays: 2", New: "ExpirationInDays: 200"},
		{Name: "lifecycle off", Old: "Status: Enabled", New: "Status: Disabled"},
		{Name: "files under S3's own key", Old: "SSEAlgorithm: aws:kms", New: "SSEAlgorithm: AES256"},
		{Name: "no rotation", After: "UploadKey:", Old: "EnableKeyRotation: true", New: "EnableKeyRotation: false"},
		{Name: "another architecture", Old: "Architectures: [arm64]", New: "Architectures: [x86_64]"},
		{Name: "another runtime", Old: "provided.al2023", New: "provided.al2"},
		{Name: "no traces", Old: "Tracing: Active", New: "Tracing: PassThrough"},
		{Name: "another's role", After: "PortalFunction:", Old: "Role: !GetAtt PortalRole.Arn", New: "Role: !GetAtt OperatorRole.Arn"},
		{Name: "the operator public", After: "OperatorFunction:", Old: "AuthType: AWS_IAM", New: "AuthType: NONE"},
		{Name: "the portal buffered", After: "PortalFunction:", Old: "InvokeMode: RESPONSE_STREAM", New: "InvokeMode: BUFFERED"},
		{Name: "logs for ever", After: "NotifyLogs:", Old: "      RetentionInDays: !Ref LogRetentionDays\n", New: ""},
		{Name: "concurrency reserved", Old: "!If [ReservesPortal, !Ref PortalReservedConcurrency, !Ref AWS::NoValue]", New: "10"},
		{Name: "another sender's identity", Old: `!Select [1, !Split ["@", !Ref SenderAddress]]`, New: `!Select [0, !Split ["@", !Ref SenderAddress]]`},
		{Name: "intake's waiting taken for a loop", Old: "      RecursiveLoop: Allow\n", New: ""},
		{Name: "a new loop", After: "ValidateRole:", Old: "Action: [sqs:ReceiveMessage,", New: "Action: [sqs:SendMessage, sqs:ReceiveMessage,"},
		{Name: "a loop allowed where there is none", After: "ValidateFunction:", Old: "      Timeout: 60\n", New: "      Timeout: 60\n      RecursiveLoop: Allow\n"},
		{Name: "a role with a name of its own", After: "  NotifyRole:", Old: "    Properties:\n", New: "    Properties:\n      RoleName: !Sub keyward-${Stage}-notify\n"},
		{Name: "alarms for another stage", After: "  Alarms:", Old: "Stage: !Ref Stage", New: "Stage: dev"},
		{Name: "a parameter not handed on", After: "  Alarms:", Old: "        AlarmAddress: !Ref AlarmAddress\n", New: ""},
		{Name: "alarms for another table", After: "  Alarms:", Old: "TableName: !If [IsRestored, !Ref RestoredTable, !Ref Table]", New: "TableName: !Ref Stage"},
	},
	"infra/alarms.yaml": {
		{Name: "a dead sweep without data is fine", After: "SweepDead:", Old: "TreatMissingData: breaching", New: "TreatMissingData: missing"},
		{Name: "an alarm that nobody hears of", After: "  FleetHold:", Old: "      AlarmActions: [!Ref Topic]\n", New: ""},
		{Name: "an alarm whose end nobody hears of", After: "  FleetHold:", Old: "      OKActions: [!Ref Topic]\n", New: ""},
		{Name: "another threshold than described", After: "  ChecksLate:", Old: "Threshold: 1800", New: "Threshold: 18000"},
		{Name: "another description than the threshold", After: "  ChecksLate:", Old: "above 30 minutes", New: "above 20 minutes"},
		{Name: "seconds for milliseconds", After: "  StreamLag:", Old: "Threshold: 300000", New: "Threshold: 300"},
		{Name: "per cent for a fraction", After: "  MailBounces:", Old: "Threshold: 0.04", New: "Threshold: 4"},
		{Name: "a longer period than described", After: "  MailsNotSent:", Old: "Period: 600", New: "Period: 3600"},
		{Name: "one period of many in ten", After: "  FunctionErrors:", Old: "Period: 300", New: "Period: 60"},
		{Name: "more periods than described", After: "  SweepDead:", Old: "EvaluationPeriods: 3", New: "EvaluationPeriods: 30"},
		{Name: "an average of a maximum", After: "  StreamLag:", Old: "Statistic: Maximum", New: "Statistic: Average"},
		{Name: "a comparison turned around", After: "  ItemsFailing:", Old: "GreaterThanThreshold", New: "LessThanThreshold"},
		{Name: "an alarm on what stays", After: "  DeadLetters:", Old: "DIFF(stuck)", New: "stuck"},
		{Name: "an alarm on what lies in a queue", After: "  StreamGaveUp:", Old: "NumberOfMessagesSent", New: "ApproximateNumberOfMessagesVisible"},
		{Name: "a sum with gaps", After: "  FunctionErrors:", Old: "SUM(FILL(METRICS(), 0))", New: "SUM(METRICS())"},
		{Name: "a dashboard for all regions", Old: "keyward-${Stage}-${AWS::Region} #", New: "keyward-${Stage} #"},
		{Name: "a metric that nobody emits", Old: "MetricName: ObjectsLeft", New: "MetricName: ObjectLeft"},
		{Name: "a queue that is not there", Old: "keyward-${Stage}-bounces-dead", New: "keyward-${Stage}-bounce-dead"},
		{Name: "a function that is not there", Old: "keyward-${Stage}-sweep\"", New: "keyward-${Stage}-sweeper\""},
		{Name: "a dashboard that is not JSON", Old: `{"widgets":[`, New: `{"widgets":[[`},
	},
	"infra/domain.yaml": {
		{Name: "a function for all regions", Old: "keyward-${Stage}-${AWS::Region}-viewer-address", New: "keyward-${Stage}-viewer-address"},
		{Name: "a header that the portal does not know", Old: "X-Keyward-Origin", New: "X-Keyward-Secret"},
		{Name: "pages cached", Old: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad", New: "658327ea-f89d-4fab-a63d-7e88639e58f6"},
		{Name: "forms cannot be posted", Old: "PUT, PATCH, POST, DELETE", New: "PUT, PATCH, DELETE"},
	},
}

func TestMistakesAreNoticed(t *testing.T) {
	tr, all := mustTranslator(t), mustTexts(t)
	for file, list := range mistakes {
		for _, m := range list {
			t.Run(m.Name, func(t *testing.T) {
				changed := maps.Clone(all)
				changed[file] = m.MustApply(t, all[file])
				said := found(tr, changed)
				if len(said) == 0 {
					t.Fatal("nothing notices it")
				}
				t.Log(said[0])
			})
		}
	}
}
