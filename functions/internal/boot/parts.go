package boot

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"keyward/pkg/app"
	"keyward/pkg/appstoreconnect"
	"keyward/pkg/aws/dynamo"
	"keyward/pkg/aws/email"
	"keyward/pkg/aws/queue"
	"keyward/pkg/aws/secrets"
	"keyward/pkg/aws/uploads"
	"keyward/pkg/table"
)

// Parts is what a function is built of. Adapters that cannot be made are noted,
// and keep the function from starting.
type Parts struct {
	Env     Env
	Now     func() time.Time // the clock of the domain
	Logger  *slog.Logger
	Metrics Metrics

	aws    aws.Config
	warm   atomic.Bool
	errors []error
}

// note keeps what went wrong with an adapter.
func note[T any](p *Parts, made T, err error) T {
	if err != nil {
		p.errors = append(p.errors, err)
	}
	return made
}

// Ports are those that every function has; mains add what theirs needs beside.
func (p *Parts) Ports() app.Ports { return app.Ports{Store: p.Store(), Now: p.Now, Logger: p.Logger} }

// Settings are the environment's.
func (p *Parts) Settings() app.Settings { return p.Env.Settings() }

// Store is the table.
func (p *Parts) Store() *table.Store {
	s, err := dynamo.NewStore(dynamo.Config{Client: dynamodb.NewFromConfig(p.aws), Table: p.Env.Table})
	return note(p, s, err)
}

// Vault keeps private keys.
func (p *Parts) Vault() *secrets.Vault {
	v, err := secrets.NewVault(secrets.Config{
		Client: secretsmanager.NewFromConfig(p.aws), Prefix: p.Env.VaultPrefix, KMSKeyID: p.Env.VaultKeyID,
	})
	return note(p, v, err)
}

// Uploads is the upload bucket, to read, list and delete.
func (p *Parts) Uploads() *uploads.Objects {
	client := s3.NewFromConfig(p.aws, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil // AWS_ENDPOINT_URL: a stand-in has one host name
	})
	o, err := uploads.New(uploads.Config{Client: client, Bucket: p.Env.UploadBucket, Region: p.aws.Region})
	return note(p, o, err)
}

// Forms makes upload forms. S3 judges them by its own clock, the wall's.
func (p *Parts) Forms() *uploads.Objects {
	o, err := uploads.New(uploads.Config{
		Credentials: p.aws.Credentials, Region: p.aws.Region, Bucket: p.Env.UploadBucket,
		KMSKeyID: p.Env.UploadKeyID, Endpoint: aws.ToString(p.aws.BaseEndpoint), Now: time.Now,
	})
	return note(p, o, err)
}

// Queue is the one of this URL.
func (p *Parts) Queue(url string) *queue.Queue {
	q, err := queue.New(queue.Config{Client: sqs.NewFromConfig(p.aws), URL: url})
	return note(p, q, err)
}

// DeadLetters are those of all queues and rules.
func (p *Parts) DeadLetters() *queue.DeadLetters {
	e := p.Env
	d, err := queue.NewDeadLetters(queue.LettersConfig{Client: sqs.NewFromConfig(p.aws), Pairs: []queue.Pair{
		{Dead: e.DeadIntake, Source: e.IntakeQueue}, {Dead: e.DeadArrivals, Source: e.IntakeQueue},
		{Dead: e.DeadValidate, Source: e.ValidateQueue}, {Dead: e.DeadCertificates, Source: e.CertificatesQueue},
		{Dead: e.DeadFeedback, Source: e.FeedbackQueue}, {Dead: e.DeadBounces, Source: e.FeedbackQueue},
	}})
	return note(p, d, err)
}

// Mailer hands mails to SES.
func (p *Parts) Mailer() Mailer {
	m, err := email.NewMailer(email.Config{Client: sesv2.NewFromConfig(p.aws), ConfigurationSet: p.Env.ConfigurationSet})
	return Mailer{note(p, m, err), p.Metrics}
}

// Apple is App Store Connect.
func (p *Parts) Apple() *appstoreconnect.Client {
	return appstoreconnect.New(appstoreconnect.Config{
		BaseURL: p.Env.AppleURL, EnterpriseURL: p.Env.AppleEnterpriseURL, Now: p.Now,
	})
}

// err is all that was noted.
func (p *Parts) err() error { return errors.Join(p.errors...) }

// invoke begins an invocation.
func (p *Parts) invoke(ctx context.Context) context.Context {
	return withInvocation(ctx, !p.warm.Swap(true))
}
