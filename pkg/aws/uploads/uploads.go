// Package uploads keeps customers' files in an S3 bucket, where browsers put
// them by presigned POST forms, until intake has judged them.
//
// Clients with the SDK's standard retryer are expected. What a role needs:
// Presign s3:PutObject and kms:GenerateDataKey, since a form acts with the
// credentials that signed it; Read s3:GetObject, kms:Decrypt and, on the
// bucket, s3:ListBucket (without it S3 answers 403, not 404, for what is not
// there); Delete s3:DeleteObject, and s3:GetObject where an ETag is given;
// List s3:ListBucket [AWS: S3 user guide, "Conditional deletes"; API
// reference, "GetObject", Permissions].
package uploads

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
)

// Client is what the bucket needs of S3's client.
type Client interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	DeleteObject(context.Context, *s3.DeleteObjectInput, ...func(*s3.Options)) (*s3.DeleteObjectOutput, error)
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

// Config is what the bucket needs. A function that makes no forms may do
// without Credentials, KMSKeyID and Now; one that only makes forms without
// Client.
type Config struct {
	Bucket      string                  // must
	Region      string                  // must
	Client      Client                  // must for Read, Delete and List
	Credentials aws.CredentialsProvider // must for Presign; sign the forms
	KMSKeyID    string                  // must for Presign; ID or ARN of the key that files are encrypted with
	Now         func() time.Time        // must for Presign: the time by which S3 judges the form
	Endpoint    string                  // may: another S3's URL, addressed by path; default AWS's in the region
}

// Objects is the bucket; see conformance.Objects for what its methods promise.
type Objects struct{ cfg Config }

// New makes one. The error lists every field that is missing.
func New(c Config) (*Objects, error) {
	var errs []error
	if c.Bucket == "" {
		errs = append(errs, errors.New("uploads: Config.Bucket is missing"))
	}
	if c.Region == "" {
		errs = append(errs, errors.New("uploads: Config.Region is missing"))
	}
	forms := c.Credentials != nil && c.KMSKeyID != "" && c.Now != nil
	if !forms && c.Client == nil {
		errs = append(errs, errors.New("uploads: Config needs Client, or Credentials, KMSKeyID and Now"))
	}
	return &Objects{c}, errors.Join(errs...)
}

// meanings are of the error codes that say something of the object. A HEAD
// has no body: its code is that of the status.
var meanings = fault.Meanings{
	"NoSuchKey": integration.ErrNotFound, "NotFound": integration.ErrNotFound,
	"PreconditionFailed": integration.ErrChanged,
}

// maxRead bounds what Read takes into memory, in bytes. Forms allow far less.
const maxRead = 1 << 20

// Read gives the object if its ETag is that one. Of a file beyond 1 MiB it
// gives the first MiB, with the true size.
func (o *Objects) Read(ctx context.Context, key, etag string) (integration.Object, error) {
	const op = "uploads.Read"
	out, err := o.cfg.Client.GetObject(ctx, &s3.GetObjectInput{Bucket: &o.cfg.Bucket, Key: &key, IfMatch: quoted(etag)})
	if err != nil {
		return integration.Object{}, fault.New(op, err, meanings)
	}
	defer out.Body.Close()
	data, err := io.ReadAll(io.LimitReader(out.Body, maxRead))
	if err != nil {
		return integration.Object{}, fault.New(op, err, nil)
	}
	return integration.Object{
		Key: key, ETag: unquoted(out.ETag), Size: aws.ToInt64(out.ContentLength), Data: data,
		Filename: filename(out.Metadata[metaFilename]), At: aws.ToTime(out.LastModified).UTC(),
	}, nil
}

// filename decodes metadata: S3 keeps what the browser sent, and returns what
// is not ASCII as an encoded word of RFC 2047.
// Source: S3's user guide, "Working with object metadata".
func filename(value string) string {
	decoded, err := new(mime.WordDecoder).DecodeHeader(value)
	if err != nil {
		decoded = value
	}
	return strings.ToValidUTF8(decoded, "\uFFFD")
}

func quoted(etag string) *string {
	etag = `"` + etag + `"`
	return &etag
}

func unquoted(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }

// Delete takes the object away if its ETag is that one, or whatever it is when
// none is given.
func (o *Objects) Delete(ctx context.Context, key, etag string) error {
	in := &s3.DeleteObjectInput{Bucket: &o.cfg.Bucket, Key: &key}
	if etag != "" {
		in.IfMatch = quoted(etag)
	}
	_, err := o.cfg.Client.DeleteObject(ctx, in)
	err = fault.New("uploads.Delete", err, meanings)
	if errors.Is(err, integration.ErrChanged) {
		err = o.changed(ctx, key, err)
	}
	if errors.Is(err, integration.ErrNotFound) {
		return nil
	}
	return err
}

// changed looks whether there is an object at all: what S3 answers to a
// condition about nothing is not documented.
func (o *Objects) changed(ctx context.Context, key string, changed error) error {
	_, err := o.cfg.Client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &o.cfg.Bucket, Key: &key})
	if err != nil {
		return fault.New("uploads.Delete", err, meanings)
	}
	return changed
}

// maxPages bounds List: 20,000 objects. Intake empties the bucket and its
// lifecycle does so after two days; who has more has another problem.
const maxPages = 20

// List returns objects that arrived before the time, oldest first. S3 lists by
// key, so all of the bucket is read.
func (o *Objects) List(ctx context.Context, before time.Time, limit int) ([]integration.Object, error) {
	const op = "uploads.List"
	if limit < 1 {
		return nil, fmt.Errorf("%s: %w: a limit of %d", op, integration.ErrInvalid, limit)
	}
	var all []integration.Object
	in := &s3.ListObjectsV2Input{Bucket: &o.cfg.Bucket, Prefix: aws.String(integration.ObjectPrefix)}
	for range maxPages {
		out, err := o.cfg.Client.ListObjectsV2(ctx, in)
		if err != nil {
			return nil, fault.New(op, err, nil)
		}
		all = append(all, arrived(out.Contents, before)...)
		if in.ContinuationToken = out.NextContinuationToken; in.ContinuationToken == nil {
			break
		}
	}
	slices.SortStableFunc(all, func(a, b integration.Object) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Key, b.Key))
	})
	return all[:min(limit, len(all))], nil
}

func arrived(contents []types.Object, before time.Time) []integration.Object {
	var all []integration.Object
	for _, c := range contents {
		if at := aws.ToTime(c.LastModified).UTC(); at.Before(before) {
			all = append(all, integration.Object{Key: aws.ToString(c.Key), ETag: unquoted(c.ETag), Size: aws.ToInt64(c.Size), At: at})
		}
	}
	return all
}
