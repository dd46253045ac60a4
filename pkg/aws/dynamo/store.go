package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
	"keyward/pkg/required"
)

// Client is what the store needs of DynamoDB's client, which should have the
// SDK's standard retryer.
type Client interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Config is what a store needs.
type Config struct {
	Client Client    // must
	Table  string    // must; made as TableInput says
	Random io.Reader // may; names writes; default crypto/rand.Reader
}

// A Store keeps integrations in a table; see conformance.Store for what its
// methods promise.
type Store struct {
	client Client
	table  string
	random io.Reader
}

// NewStore makes a store. The error lists every field that is missing.
func NewStore(c Config) (*Store, error) {
	if c.Random == nil {
		c.Random = rand.Reader
	}
	return &Store{client: c.Client, table: c.Table, random: c.Random}, required.Check("dynamo",
		required.Field{Name: "Client", Absent: c.Client == nil},
		required.Field{Name: "Table", Absent: c.Table == ""},
	)
}

// meanings are of those error codes that say what is wrong with the call. That
// the table is missing (ResourceNotFoundException) is never ErrNotFound.
var meanings = fault.Meanings{
	"ValidationException":                      integration.ErrInvalid,
	"TransactionConflictException":             integration.ErrConflict,
	"ItemCollectionSizeLimitExceededException": integration.ErrInvalid,
}

func failed(op string, err error) error { return fault.New(op, err, meanings) }

// Integration reads one; ErrNotFound when it is not there.
func (s *Store) Integration(ctx context.Context, id integration.ID) (integration.Integration, error) {
	return get[integration.Integration](ctx, s, "dynamo.Integration", pkIntegration(id), meta)
}

// Upload reads one; ErrNotFound when it is not there.
func (s *Store) Upload(ctx context.Context, id integration.ID, u integration.UploadID) (integration.Upload, error) {
	return get[integration.Upload](ctx, s, "dynamo.Upload", pkIntegration(id), skUpload(u))
}

// Notice reads one; ErrNotFound when it is not there.
func (s *Store) Notice(ctx context.Context, id integration.ID, dedupe string) (integration.Notice, error) {
	return get[integration.Notice](ctx, s, "dynamo.Notice", pkIntegration(id), skNotice(dedupe))
}

// Link reads one; ErrNotFound when it is not there.
func (s *Store) Link(ctx context.Context, hash string) (integration.Link, error) {
	return get[integration.Link](ctx, s, "dynamo.Link", pkLink(hash), meta)
}

// Owner reads one; nobody's is the zero Owner with the fingerprint.
func (s *Store) Owner(ctx context.Context, fingerprint string) (integration.Owner, error) {
	o, err := get[integration.Owner](ctx, s, "dynamo.Owner", pkOwner(fingerprint), meta)
	if errors.Is(err, integration.ErrNotFound) {
		return integration.Owner{Fingerprint: fingerprint}, nil
	}
	return o, err
}

// Uploads lists an integration's uploads, ordered by ID.
func (s *Store) Uploads(ctx context.Context, id integration.ID) ([]integration.Upload, error) {
	return children[integration.Upload](ctx, s, "dynamo.Uploads", id, skUpload(""))
}

// Contacts lists an integration's contacts, ordered by ID.
func (s *Store) Contacts(ctx context.Context, id integration.ID) ([]integration.Contact, error) {
	return children[integration.Contact](ctx, s, "dynamo.Contacts", id, skContact(""))
}

// Certificates lists an integration's certificates, ordered by serial.
func (s *Store) Certificates(ctx context.Context, id integration.ID) ([]integration.Certificate, error) {
	return children[integration.Certificate](ctx, s, "dynamo.Certificates", id, skCertificate(""))
}

// Notices lists an integration's notices, ordered by dedupe key.
func (s *Store) Notices(ctx context.Context, id integration.ID) ([]integration.Notice, error) {
	return children[integration.Notice](ctx, s, "dynamo.Notices", id, skNotice(""))
}

// get reads one item as it is now. Under a key that DynamoDB would not take
// there is nothing.
func get[T any](ctx context.Context, s *Store, op, pk, sk string) (T, error) {
	var none T
	if validKey(pk, sk) != nil {
		return none, fmt.Errorf("%s: %w", op, integration.ErrNotFound)
	}
	consistent := true
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: keyOf(pk, sk), ConsistentRead: &consistent})
	if err != nil {
		return none, failed(op, err)
	}
	if out.Item == nil {
		return none, fmt.Errorf("%s: %w", op, integration.ErrNotFound)
	}
	v, err := decode[T](out.Item)
	if err != nil {
		return none, fmt.Errorf("%s: %w", op, err)
	}
	return v, nil
}

// children reads the items of an integration whose sort keys begin so.
func children[T any](ctx context.Context, s *Store, op string, id integration.ID, prefix string) ([]T, error) {
	return collect(s.query(ctx, op, within(pkIntegration(id), prefix)), op, decode[T])
}
