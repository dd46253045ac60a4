// Package secrets keeps private keys in AWS Secrets Manager: one secret for
// each accepted upload, under a customer-managed key, named
// <prefix>/<integration>/<upload>.
//
// A key is never logged and never quoted: errors carry AWS's code alone. The
// client must not log request or response bodies (aws.ClientLogMode); its
// standard retryer is expected.
//
// What a role needs: Put secretsmanager:CreateSecret, TagResource (the secret
// has tags) and GetSecretValue, kms:GenerateDataKey and kms:Decrypt; Get
// GetSecretValue and kms:Decrypt; Delete DeleteSecret alone [AWS: the
// operations' required permissions].
package secrets

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"keyward/pkg/aws/internal/fault"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// Client is what the vault needs of Secrets Manager's client.
type Client interface {
	CreateSecret(context.Context, *secretsmanager.CreateSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.CreateSecretOutput, error)
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	DeleteSecret(context.Context, *secretsmanager.DeleteSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DeleteSecretOutput, error)
}

// Config is what a vault needs. A function that only deletes keys may do
// without KMSKeyID.
type Config struct {
	Client   Client // must
	Prefix   string // must; of all names, "keyward/<stage>"
	KMSKeyID string // must for Put; the customer-managed key's ID or ARN
}

// A Vault keeps private keys; see conformance.Vault for what its methods
// promise.
type Vault struct{ cfg Config }

// NewVault makes a vault. The error lists every field that is missing.
func NewVault(c Config) (*Vault, error) {
	var errs []error
	if c.Client == nil {
		errs = append(errs, errors.New("secrets: Config.Client is missing"))
	}
	if !plain.MatchString(c.Prefix) {
		errs = append(errs, errors.New("secrets: Config.Prefix is missing, or not a name of Secrets Manager"))
	}
	return &Vault{c}, errors.Join(errs...)
}

// plain is what Secrets Manager takes as a name.
// Source: its API reference, "CreateSecret", Name.
var plain = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,300}$`)

// part is an ID within a name.
var part = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// name is where the key is; false for IDs that no key can be under.
func (v *Vault) name(id integration.ID, u integration.UploadID) (string, bool) {
	ok := part.MatchString(string(id)) && part.MatchString(string(u))
	return v.cfg.Prefix + "/" + string(id) + "/" + string(u), ok
}

// meanings are of the error codes that say what is wrong with a call. A secret
// that is marked for deletion answers InvalidRequestException.
var (
	putMeanings = fault.Meanings{"InvalidParameterException": integration.ErrInvalid}
	getMeanings = fault.Meanings{
		"ResourceNotFoundException": integration.ErrNotFound, "InvalidRequestException": integration.ErrNotFound,
	}
)

// Put stores a key; ErrConflict when another is there. Secrets Manager takes
// the same key under the same name and client token, the upload's ID, as often
// as it is sent; what it refuses is compared.
func (v *Vault) Put(ctx context.Context, id integration.ID, u integration.UploadID, k keyfile.PrivateKey) error {
	const op = "secrets.Put"
	name, ok := v.name(id, u)
	if !ok || k.IsZero() || v.cfg.KMSKeyID == "" {
		return fmt.Errorf("%s: %w: it needs IDs, a key and Config.KMSKeyID", op, integration.ErrInvalid)
	}
	_, err := v.cfg.Client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
		Name: &name, ClientRequestToken: aws.String(string(u)), KmsKeyId: &v.cfg.KMSKeyID, SecretString: aws.String(string(k.PEM())),
		Tags: []types.Tag{tag("integration", string(id)), tag("upload", string(u))},
	})
	if !fault.Is(err, "ResourceExistsException") {
		return fault.New(op, err, putMeanings)
	}
	return v.compare(ctx, op, name, k)
}

func tag(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

// compare is nil when the key that is there is this one.
func (v *Vault) compare(ctx context.Context, op, name string, k keyfile.PrivateKey) error {
	there, err := v.get(ctx, op, name, nil)
	switch {
	case err != nil:
		return err
	case !there.Equal(k):
		return fmt.Errorf("%s: %w", op, integration.ErrConflict)
	}
	return nil
}

// Get gives the key, or ErrNotFound.
func (v *Vault) Get(ctx context.Context, id integration.ID, u integration.UploadID) (keyfile.PrivateKey, error) {
	const op = "secrets.Get"
	name, ok := v.name(id, u)
	if !ok {
		return keyfile.PrivateKey{}, fmt.Errorf("%s: %w", op, integration.ErrNotFound)
	}
	return v.get(ctx, op, name, getMeanings)
}

func (v *Vault) get(ctx context.Context, op, name string, meanings fault.Meanings) (keyfile.PrivateKey, error) {
	out, err := v.cfg.Client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		return keyfile.PrivateKey{}, fault.New(op, err, meanings)
	}
	k, err := keyfile.Parse([]byte(aws.ToString(out.SecretString)))
	if err != nil {
		return keyfile.PrivateKey{}, fmt.Errorf("%s: what is in the vault is not a private key", op)
	}
	return k, nil
}

// Delete takes the key away, without a recovery window. Secrets Manager does
// so within moments, and has no error for what is not there.
func (v *Vault) Delete(ctx context.Context, id integration.ID, u integration.UploadID) error {
	name, ok := v.name(id, u)
	if !ok {
		return nil
	}
	_, err := v.cfg.Client.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{
		SecretId: &name, ForceDeleteWithoutRecovery: aws.Bool(true),
	})
	if fault.Is(err, "ResourceNotFoundException") {
		return nil
	}
	return fault.New("secrets.Delete", err, nil)
}
