package e2e

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"

	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/template"
)

// provision makes the stack's resources in moto. Types that moto has no use
// for are passed over; IAM is the gate's.
func provision(ctx context.Context, m *moto.Server, s *template.Stack) error {
	makers := []struct {
		kind string
		make func(context.Context, *moto.Server, template.Resource) error
	}{
		{"AWS::DynamoDB::Table", makeTable},
		{"AWS::SQS::Queue", makeQueue},
		{"AWS::SQS::Queue", redrive},
		{"AWS::S3::Bucket", makeBucket},
		{"AWS::SecretsManager::Secret", makeSecret},
		{"AWS::SES::EmailIdentity", makeIdentity},
		{"AWS::SES::ConfigurationSet", makeConfigurationSet},
	}
	for _, one := range makers {
		for _, r := range s.OfType(one.kind) {
			if err := one.make(ctx, m, r); err != nil {
				return fmt.Errorf("making %s in moto: %w", r.ID, err)
			}
		}
	}
	return nil
}

// pick takes some properties: those that CloudFormation and the API name
// alike.
func pick(from map[string]any, names ...string) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		if v, there := from[n]; there {
			out[n] = v
		}
	}
	return out
}

func makeTable(ctx context.Context, m *moto.Server, r template.Resource) error {
	in := pick(r.Properties, "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
	in["TableName"] = r.Ref
	if spec := object(r.Properties["StreamSpecification"]); spec != nil {
		in["StreamSpecification"] = map[string]any{"StreamEnabled": true, "StreamViewType": spec["StreamViewType"]}
	}
	return m.Call(ctx, "DynamoDB_20120810.CreateTable", in, nil)
}

// makeQueue leaves times out: they are held by package queues.
func makeQueue(ctx context.Context, m *moto.Server, r template.Resource) error {
	in := map[string]any{"QueueName": name(r.ARN), "Attributes": map[string]string{"MessageRetentionPeriod": strconv.Itoa(longRetention)}}
	return m.Call(ctx, "AmazonSQS.CreateQueue", in, nil)
}

// longRetention is SQS's limit, in seconds. Messages live by moto's clock.
const longRetention = 14 * 24 * 3600

// redrive comes when all queues are there.
func redrive(ctx context.Context, m *moto.Server, r template.Resource) error {
	policy := object(r.Properties["RedrivePolicy"])
	if policy == nil {
		return nil
	}
	text, err := json.Marshal(policy)
	if err != nil {
		return err
	}
	return m.Call(ctx, "AmazonSQS.SetQueueAttributes", map[string]any{
		"QueueUrl": r.Ref, "Attributes": map[string]string{"RedrivePolicy": string(text)},
	}, nil)
}

func makeBucket(ctx context.Context, m *moto.Server, r template.Resource) error {
	body, err := xml.Marshal(struct {
		XMLName            struct{} `xml:"CreateBucketConfiguration"`
		LocationConstraint string
	}{LocationConstraint: moto.Region})
	if err != nil {
		return err
	}
	_, err = m.Do(ctx, "s3", http.MethodPut, "/"+r.Ref, body, nil)
	return err
}

func makeSecret(ctx context.Context, m *moto.Server, r template.Resource) error {
	return m.Call(ctx, "secretsmanager.CreateSecret", map[string]any{
		"Name": r.ID, "SecretString": "made-by-the-harness", "ClientRequestToken": "11111111-1111-1111-1111-111111111111",
	}, nil)
}

func makeIdentity(ctx context.Context, m *moto.Server, r template.Resource) error {
	return post(ctx, m, "/v2/email/identities", map[string]any{"EmailIdentity": r.Properties["EmailIdentity"]})
}

func makeConfigurationSet(ctx context.Context, m *moto.Server, r template.Resource) error {
	return post(ctx, m, "/v2/email/configuration-sets", map[string]any{"ConfigurationSetName": r.Ref})
}

func post(ctx context.Context, m *moto.Server, path string, in any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	_, err = m.Do(ctx, "ses", http.MethodPost, path, body, map[string]string{"Content-Type": "application/json"})
	return err
}
