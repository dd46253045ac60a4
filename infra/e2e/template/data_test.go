package template_test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/aws/dynamo"
	"keyward/pkg/integration"
)

// checkTable compares the table with the one that the adapter is tested on.
func checkTable(w *world) problems {
	var p problems
	t, want := w.prod.Resources["Table"], dynamo.TableInput("keyward-prod")
	p.is("TableName", at(t, "TableName"), "keyward-prod")
	p.is("BillingMode", at(t, "BillingMode"), string(want.BillingMode))
	var attrs []map[string]string
	for _, a := range want.AttributeDefinitions {
		attrs = append(attrs, map[string]string{"AttributeName": aws.ToString(a.AttributeName), "AttributeType": string(a.AttributeType)})
	}
	p.is("AttributeDefinitions", at(t, "AttributeDefinitions"), attrs)
	p.is("KeySchema", at(t, "KeySchema"), schema(want.KeySchema))
	var indexes []map[string]any
	for _, i := range want.GlobalSecondaryIndexes {
		indexes = append(indexes, map[string]any{
			"IndexName": aws.ToString(i.IndexName), "KeySchema": schema(i.KeySchema),
			"Projection": map[string]string{"ProjectionType": string(i.Projection.ProjectionType)},
		})
	}
	p.is("GlobalSecondaryIndexes", at(t, "GlobalSecondaryIndexes"), indexes)
	p.is("StreamSpecification", at(t, "StreamSpecification"), map[string]string{"StreamViewType": string(want.StreamSpecification.StreamViewType)})
	p.is("TimeToLiveSpecification", at(t, "TimeToLiveSpecification"), map[string]any{"AttributeName": dynamo.TTLAttribute, "Enabled": true})
	p.is("point-in-time recovery", at(t, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"), true)
	p.is("SSESpecification", at(t, "SSESpecification"), map[string]any{"SSEEnabled": true, "SSEType": "KMS"})
	p.is("deletion protection in prod", at(t, "DeletionProtectionEnabled"), true)
	p.is("deletion protection in dev", at(w.dev.Resources["Table"], "DeletionProtectionEnabled"), false)
	return p
}

func schema(all []types.KeySchemaElement) []map[string]string {
	var out []map[string]string
	for _, k := range all {
		out = append(out, map[string]string{"AttributeName": aws.ToString(k.AttributeName), "KeyType": string(k.KeyType)})
	}
	return out
}

func checkBucket(w *world) problems {
	var p problems
	b := w.prod.Resources["UploadBucket"]
	p.is("public access block", at(b, "PublicAccessBlockConfiguration"), map[string]bool{
		"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
	})
	p.is("encryption", at(b, "BucketEncryption", "ServerSideEncryptionConfiguration"), []any{map[string]any{
		"BucketKeyEnabled":              true,
		"ServerSideEncryptionByDefault": map[string]string{"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": w.prod.Resources["UploadKey"].ARN},
	}})
	rules := lst(at(b, "LifecycleConfiguration", "Rules"))
	if len(rules) != 1 {
		p.addf("%d lifecycle rules", len(rules))
		return p
	}
	rule := obj(rules[0])
	p.is("lifecycle", rule["Status"], "Enabled")
	p.is("files live, in days", rule["ExpirationInDays"], 2)
	p.is("a lifecycle for some files", rule["Prefix"], nil)
	p.is("unfinished uploads", rule["AbortIncompleteMultipartUpload"], map[string]int{"DaysAfterInitiation": 1})
	p.is("events", at(b, "NotificationConfiguration"), map[string]any{"EventBridgeConfiguration": map[string]bool{"EventBridgeEnabled": true}})
	p.is("versioning", at(b, "VersioningConfiguration"), nil)
	p.is("ownership", at(b, "OwnershipControls"), map[string]any{"Rules": []map[string]string{{"ObjectOwnership": "BucketOwnerEnforced"}}})
	return p
}

func checkKeys(w *world) problems {
	var p problems
	keys := w.prod.OfType("AWS::KMS::Key")
	p.is("the number of keys", len(keys), 2)
	for _, k := range keys {
		p.is(k.ID+" rotation", at(k, "EnableKeyRotation"), true)
		p.is(k.ID+" waits before it is deleted, in days", at(k, "PendingWindowInDays"), 30)
	}
	p.is("the files' key, as the portal knows it", at(w.prod.Resources["PortalFunction"], "Environment", "Variables", "UPLOAD_KEY_ID"), w.prod.Resources["UploadKey"].ARN)
	p.is("the vault's key, as intake knows it", at(w.prod.Resources["IntakeFunction"], "Environment", "Variables", "VAULT_KEY_ID"), w.prod.Resources["VaultKey"].ARN)
	return p
}

// checkKeeps: what holds data outlives the stack, except after a creation that
// failed, which leaves nothing worth keeping.
func checkKeeps(w *world) problems {
	var p problems
	for _, r := range w.prod.Resources {
		switch r.Type {
		case "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Logs::LogGroup":
			p.is(r.ID+" DeletionPolicy", r.Deletion, "RetainExceptOnCreate")
			p.is(r.ID+" UpdateReplacePolicy", r.Replace, "Retain")
		}
	}
	if prefix := str(at(w.prod.Resources["SweepFunction"], "Environment", "Variables", "VAULT_PREFIX")); prefix != "keyward/prod" {
		p.addf("the vault's prefix is %q, which policies do not know", prefix)
	}
	if !strings.HasSuffix(integration.ObjectPrefix, "/") {
		p.addf("files are below %q", integration.ObjectPrefix)
	}
	return p
}
