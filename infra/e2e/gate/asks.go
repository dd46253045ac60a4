package gate

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// asks are the permissions that a call needs.
// Source: Service Authorization Reference [AWS].
func (g *Gate) asks(c call) ([]Request, error) {
	switch c.service {
	case "dynamodb":
		return g.dynamoAsks(c)
	case "sqs":
		return g.queueAsks(c)
	case "secretsmanager":
		return g.secretAsks(c)
	case "s3":
		return g.objectAsks(c)
	case "ses":
		return g.mailAsks(c)
	}
	return nil, fmt.Errorf("service %q", c.service)
}

func (g *Gate) arn(service, path string) string {
	return "arn:aws:" + service + ":" + g.cfg.Region + ":" + g.cfg.Account + ":" + path
}

// A tableCall is what names tables in DynamoDB's requests.
type tableCall struct {
	TableName, IndexName string
	RequestItems         map[string]json.RawMessage
	TransactItems        []map[string]struct{ TableName string }
}

// itemActions are the actions of a transaction's items. Updates are none of
// Keyward's: rows are written whole.
var itemActions = map[string]string{"Put": "PutItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem", "Get": "GetItem"}

func (g *Gate) dynamoAsks(c call) ([]Request, error) {
	var t tableCall
	if err := json.Unmarshal(c.body, &t); err != nil {
		return nil, err
	}
	ask := func(op, table string) Request {
		return Request{Action: "dynamodb:" + op, Resource: g.arn("dynamodb", "table/"+table)}
	}
	switch c.op {
	case "GetItem", "PutItem", "DeleteItem", "DescribeTable":
		return []Request{ask(c.op, t.TableName)}, nil
	case "Query", "Scan":
		a := ask(c.op, t.TableName)
		if t.IndexName != "" {
			a.Resource += "/index/" + t.IndexName
		}
		return []Request{a}, nil
	case "BatchGetItem":
		var out []Request
		for table := range t.RequestItems {
			out = append(out, ask(c.op, table))
		}
		return out, nil
	case "TransactWriteItems", "TransactGetItems":
		var out []Request
		for _, item := range t.TransactItems {
			for kind, of := range item {
				if itemActions[kind] == "" {
					return nil, fmt.Errorf("a transaction's %s", kind)
				}
				out = append(out, ask(itemActions[kind], of.TableName))
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("operation %s", c.op)
}

func (g *Gate) queueAsks(c call) ([]Request, error) {
	var q struct{ QueueUrl, QueueName string }
	if err := json.Unmarshal(c.body, &q); err != nil {
		return nil, err
	}
	name := q.QueueUrl[strings.LastIndex(q.QueueUrl, "/")+1:]
	switch op := strings.TrimSuffix(c.op, "Batch"); op {
	case "SendMessage", "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes":
		return []Request{{Action: "sqs:" + op, Resource: g.arn("sqs", name)}}, nil
	case "GetQueueUrl":
		return []Request{{Action: "sqs:GetQueueUrl", Resource: g.arn("sqs", q.QueueName)}}, nil
	}
	return nil, fmt.Errorf("operation %s", c.op)
}

// secretAsks knows that a secret's key is used on the caller's behalf, and
// that Secrets Manager tries it first, when a secret is created.
func (g *Gate) secretAsks(c call) ([]Request, error) {
	var s struct {
		Name, SecretId, KmsKeyId string
		Tags                     []struct{ Key, Value string }
		ForceDelete              bool `json:"ForceDeleteWithoutRecovery"`
	}
	if err := json.Unmarshal(c.body, &s); err != nil {
		return nil, err
	}
	name := s.Name + s.SecretId // a call has one of them
	arn := g.arn("secretsmanager", "secret:"+name+"-a1B2c3")
	ask := Request{Action: "secretsmanager:" + c.op, Resource: arn, Context: map[string]string{"secretsmanager:Name": name}}
	key := func(action, secret string) Request {
		return g.keyAsk(action, g.secretKey(name, s.KmsKeyId), "secretsmanager", map[string]string{"kms:EncryptionContext:SecretARN": secret})
	}
	switch c.op {
	case "CreateSecret":
		out := []Request{ask}
		for _, secret := range []string{"RequestToValidateKeyAccess", arn} {
			out = append(out, key("kms:GenerateDataKey", secret), key("kms:Decrypt", secret))
		}
		if len(s.Tags) > 0 {
			out = append(out, Request{Action: "secretsmanager:TagResource", Resource: arn})
		}
		return out, nil
	case "GetSecretValue":
		if g.secretKey(name, "") == "" { // not there: no key is used
			return []Request{ask}, nil
		}
		return []Request{ask, key("kms:Decrypt", arn)}, nil
	case "DeleteSecret":
		ask.Context["secretsmanager:ForceDeleteWithoutRecovery"] = fmt.Sprint(s.ForceDelete)
		return []Request{ask}, nil
	}
	return nil, fmt.Errorf("operation %s", c.op)
}

// secretKey remembers which key a secret is encrypted with.
func (g *Gate) secretKey(name, given string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if given != "" {
		g.secrets[name] = given
	}
	return g.secrets[name]
}

// keyAsk is about a KMS key that a service uses for its caller.
func (g *Gate) keyAsk(action, key, service string, context map[string]string) Request {
	if !strings.HasPrefix(key, "arn:") {
		key = g.arn("kms", "key/"+key)
	}
	context["kms:ViaService"] = service + "." + g.cfg.Region + ".amazonaws.com"
	context["kms:CallerAccount"] = g.cfg.Account
	return Request{Action: action, Resource: key, Context: context}
}

// objectAsks are about a path /bucket or /bucket/key.
func (g *Gate) objectAsks(c call) ([]Request, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(c.URL.Path, "/"), "/")
	arn := "arn:aws:s3:::" + bucket
	object := func(action string) Request { return Request{Action: action, Resource: arn + "/" + key} }
	switch {
	case key == "" && c.Method == http.MethodGet && c.URL.Query().Get("list-type") == "2":
		return []Request{{Action: "s3:ListBucket", Resource: arn, Context: map[string]string{"s3:prefix": c.URL.Query().Get("prefix")}}}, nil
	case key != "" && (c.Method == http.MethodGet || c.Method == http.MethodHead):
		return []Request{object("s3:GetObject"), g.bucketKeyAsk("kms:Decrypt", bucket)}, nil
	case key != "" && c.Method == http.MethodDelete && c.Header.Get("If-Match") != "":
		return []Request{object("s3:DeleteObject"), object("s3:GetObject")}, nil
	case key != "" && c.Method == http.MethodDelete:
		return []Request{object("s3:DeleteObject")}, nil
	case key != "" && c.Method == http.MethodPut:
		return g.putAsks(bucket, key, c.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id")), nil
	}
	return nil, fmt.Errorf("%s of that path", c.Method)
}

// putAsks are what storing an object needs; without a header the bucket's own
// key is used.
func (g *Gate) putAsks(bucket, key, encryption string) []Request {
	put := Request{Action: "s3:PutObject", Resource: "arn:aws:s3:::" + bucket + "/" + key, Context: map[string]string{}}
	use := g.bucketKeyAsk("kms:GenerateDataKey", bucket)
	if encryption != "" {
		put.Context["s3:x-amz-server-side-encryption"] = "aws:kms"
		put.Context["s3:x-amz-server-side-encryption-aws-kms-key-id"] = encryption
		use = g.keyAsk("kms:GenerateDataKey", encryption, "s3", map[string]string{"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::" + bucket})
	}
	return []Request{put, use}
}

// bucketKeyAsk is about the bucket's own key. With a bucket key, S3's
// encryption context is the bucket's ARN.
func (g *Gate) bucketKeyAsk(action, bucket string) Request {
	return g.keyAsk(action, g.cfg.Keys[bucket], "s3", map[string]string{"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::" + bucket})
}
