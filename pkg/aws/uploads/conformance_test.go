package uploads_test

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/uploads"
	"keyward/pkg/conformance"
)

var moto awstest.Moto

func TestMain(m *testing.M) { os.Exit(moto.Run(m)) }

const kmsKey = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"

// open makes an empty bucket. It does not reset the stand-in: resetting takes
// longer than a new bucket.
func open(t *testing.T) conformance.Objects {
	t.Helper()
	endpoint := moto.Start(t)
	cfg := awstest.Config(endpoint)
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	bucket := "uploads-" + strings.ToLower(rand.Text())
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket:                    &bucket,
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: awstest.Region},
	}); err != nil {
		t.Fatal(err)
	}
	o, err := uploads.New(uploads.Config{
		Client: client, Credentials: cfg.Credentials, Region: awstest.Region, Bucket: bucket,
		KMSKeyID: kmsKey, Endpoint: endpoint, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestObjects(t *testing.T) { conformance.RunObjects(t, open, conformance.Post) }

// The forms are judged by the gate before moto, which would take them all.
func TestForms(t *testing.T) { conformance.RunForms(t, open, conformance.Post) }
