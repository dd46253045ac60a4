package template

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// ref is what Ref gives.
func (r *resolver) ref(id string) (string, error) {
	if v, ok := r.pseudo(id); ok {
		return v, nil
	}
	if v, ok := r.parameters[id]; ok {
		return v, nil
	}
	if !r.wanted(id) {
		return "", fmt.Errorf("reference to %q, which is not there", id)
	}
	if v, ok := r.values[id]; ok {
		return v, nil
	}
	switch kind := r.kind(id); kind {
	case "AWS::SQS::Queue":
		return fmt.Sprintf("https://sqs.%s.amazonaws.com/%s/%s", r.region, r.account, r.name(id)), nil
	case "AWS::KMS::Key":
		h := made(id)
		return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:32], nil
	case "AWS::SNS::Topic", "AWS::SecretsManager::Secret", "AWS::CloudFormation::Stack":
		return r.arn(id), nil
	default:
		return r.name(id), nil
	}
}

func (r *resolver) pseudo(id string) (string, bool) {
	v, ok := map[string]string{
		"AWS::Region": r.region, "AWS::AccountId": r.account, "AWS::Partition": "aws",
		"AWS::URLSuffix": "amazonaws.com", "AWS::StackName": "keyward",
	}[id]
	return v, ok
}

func (r *resolver) kind(id string) string { return str(object(r.resources[id])["Type"]) }

// made is random-looking text of 64 characters, always the same.
func made(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// nameProperty is the property that names a resource of the type.
var nameProperty = map[string]string{
	"AWS::DynamoDB::Table":          "TableName",
	"AWS::SQS::Queue":               "QueueName",
	"AWS::Lambda::Function":         "FunctionName",
	"AWS::Logs::LogGroup":           "LogGroupName",
	"AWS::Scheduler::Schedule":      "Name",
	"AWS::SES::ConfigurationSet":    "Name",
	"AWS::SES::EmailIdentity":       "EmailIdentity",
	"AWS::CloudWatch::Dashboard":    "DashboardName",
	"AWS::Scheduler::ScheduleGroup": "Name",
}

// name is the resource's own, or one as CloudFormation makes them.
func (r *resolver) name(id string) string {
	if property, ok := nameProperty[r.kind(id)]; ok {
		if v, err := r.value(object(object(r.resources[id])["Properties"])[property]); err == nil && text(v) != "" {
			return text(v)
		}
	}
	name := "keyward-" + id + "-" + strings.ToUpper(made(id)[:12])
	if r.kind(id) == "AWS::S3::Bucket" {
		return strings.ToLower(name)
	}
	return name
}

// arn is the resource's, or "" for types whose ARN nobody asks for.
func (r *resolver) arn(id string) string {
	if v, ok := r.values[id+".Arn"]; ok {
		return v
	}
	in := func(service, path string) string {
		return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, r.region, r.account, path)
	}
	switch r.kind(id) {
	case "AWS::DynamoDB::Table":
		return in("dynamodb", "table/"+r.name(id))
	case "AWS::SQS::Queue":
		return in("sqs", r.name(id))
	case "AWS::Lambda::Function":
		return in("lambda", "function:"+r.name(id))
	case "AWS::KMS::Key":
		ref, _ := r.ref(id)
		return in("kms", "key/"+ref)
	case "AWS::S3::Bucket":
		return "arn:aws:s3:::" + r.name(id)
	case "AWS::IAM::Role":
		return fmt.Sprintf("arn:aws:iam::%s:role/%s", r.account, r.name(id))
	case "AWS::Logs::LogGroup":
		return in("logs", "log-group:"+r.name(id)+":*")
	case "AWS::Events::Rule":
		return in("events", "rule/"+r.name(id))
	case "AWS::SNS::Topic":
		return in("sns", r.name(id))
	case "AWS::SecretsManager::Secret":
		return in("secretsmanager", "secret:"+r.name(id)+"-"+made(id)[:6])
	case "AWS::CloudFormation::Stack":
		return in("cloudformation", "stack/"+r.name(id)+"/"+made(id)[:8])
	}
	return ""
}

// getAtt gives an attribute, by ["Table", "Arn"] or "Table.Arn".
func (r *resolver) getAtt(arg any) (any, error) {
	id, attribute, _ := strings.Cut(str(arg), ".")
	if l := list(arg); len(l) == 2 {
		id, attribute = str(l[0]), text(l[1])
	}
	if !r.wanted(id) {
		return nil, fmt.Errorf("attribute of %q, which is not there", id)
	}
	if v, ok := r.values[id+"."+attribute]; ok {
		return v, nil
	}
	kind := r.kind(id)
	switch {
	case attribute == "Arn" && r.arn(id) != "":
		return r.arn(id), nil
	case kind == "AWS::DynamoDB::Table" && attribute == "StreamArn":
		return r.streamARN(id)
	case kind == "AWS::Lambda::Url" && attribute == "FunctionUrl":
		return "https://" + made(id)[:32] + ".lambda-url." + r.region + ".on.aws/", nil
	case kind == "AWS::CloudFormation::Stack" && strings.HasPrefix(attribute, "Outputs."),
		kind == "AWS::SES::EmailIdentity" && strings.HasPrefix(attribute, "DkimDNSToken"),
		kind == "AWS::CloudFront::Distribution" && attribute == "DomainName",
		kind == "AWS::CloudFront::Function" && attribute == "FunctionARN":
		return made(id + attribute)[:20], nil
	}
	return nil, fmt.Errorf("%s has no attribute %q that this package knows", kind, attribute)
}

// streamARN is there only where the table has a stream.
func (r *resolver) streamARN(id string) (any, error) {
	spec := object(object(object(r.resources[id])["Properties"])["StreamSpecification"])
	if str(spec["StreamViewType"]) == "" {
		return nil, fmt.Errorf("table %s has no stream", id)
	}
	return r.arn(id) + "/stream/2026-01-01T00:00:00.000", nil
}
