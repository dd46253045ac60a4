package secrets_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/secrets"
	"keyward/pkg/conformance"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

const (
	id     = integration.ID("int_1")
	upload = integration.UploadID("upl_0123456789abcdefghjkmnpqrstvwxyz")
)

func vaultOn(t *testing.T, script *awstest.Script) *secrets.Vault {
	t.Helper()
	v, err := secrets.NewVault(secrets.Config{
		Client: secretsmanager.NewFromConfig(script.Once()), Prefix: "keyward/test", KMSKeyID: "alias/vault",
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

var sentinels = []error{
	integration.ErrConflict, integration.ErrInvalid, integration.ErrThrottled, integration.ErrNotFound,
}

func wantOnly(t *testing.T, err, want error) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %v", want)
	}
	for _, s := range sentinels {
		if got := errors.Is(err, s); got != (s == want) {
			t.Errorf("errors.Is(%q, %q) is %t", err, s, got)
		}
	}
	if awstest.Leaks(err) {
		t.Errorf("the error quotes AWS's text: %v", err)
	}
}

func TestErrors(t *testing.T) {
	k := conformance.NewKey(t)
	calls := map[string]func(context.Context, *secrets.Vault) error{
		"Put":    func(ctx context.Context, v *secrets.Vault) error { return v.Put(ctx, id, upload, k) },
		"Get":    func(ctx context.Context, v *secrets.Vault) error { _, err := v.Get(ctx, id, upload); return err },
		"Delete": func(ctx context.Context, v *secrets.Vault) error { return v.Delete(ctx, id, upload) },
	}
	for _, c := range []struct {
		call, code string
		want       error
	}{
		{"Put", "ThrottlingException", integration.ErrThrottled}, {"Get", "ThrottlingException", integration.ErrThrottled},
		{"Delete", "ThrottlingException", integration.ErrThrottled},
		{"Put", "InvalidParameterException", integration.ErrInvalid},
		{"Put", "InvalidRequestException", nil}, // the name is still being deleted
		{"Put", "LimitExceededException", nil}, {"Put", "EncryptionFailure", nil}, {"Put", "AccessDeniedException", nil},
		{"Get", "ResourceNotFoundException", integration.ErrNotFound},
		{"Get", "InvalidRequestException", integration.ErrNotFound}, // marked for deletion
		{"Get", "DecryptionFailure", nil}, {"Get", "InternalServiceError", nil}, {"Get", "AccessDeniedException", nil},
		{"Delete", "InvalidRequestException", nil}, {"Delete", "InternalServiceError", nil},
	} {
		t.Run(c.call+" "+c.code, func(t *testing.T) {
			wantOnly(t, calls[c.call](t.Context(), vaultOn(t, awstest.NewScript(awstest.Refused(400, c.code)))), c.want)
		})
	}
	t.Run("a lost answer", func(t *testing.T) {
		for _, call := range calls {
			wantOnly(t, call(t.Context(), vaultOn(t, awstest.NewScript(awstest.Answer{Lost: true}))), nil)
		}
	})
	t.Run("deleting what is not there", func(t *testing.T) {
		if err := vaultOn(t, awstest.NewScript(awstest.Refused(400, "ResourceNotFoundException"))).Delete(t.Context(), id, upload); err != nil {
			t.Error(err)
		}
	})
}

// secret is the answer with a secret's text.
func secret(text string) awstest.Answer {
	b, _ := json.Marshal(map[string]string{"SecretString": text})
	return awstest.Answer{Status: 200, Body: string(b)}
}

func TestPutComparesWhatIsThere(t *testing.T) {
	k, other := conformance.NewKey(t), conformance.NewKey(t)
	exists := awstest.Refused(400, "ResourceExistsException")
	if err := vaultOn(t, awstest.NewScript(exists, secret(string(k.PEM())))).Put(t.Context(), id, upload, k); err != nil {
		t.Errorf("the same key: %v", err)
	}
	wantOnly(t, vaultOn(t, awstest.NewScript(exists, secret(string(other.PEM())))).Put(t.Context(), id, upload, k), integration.ErrConflict)
	// It exists, and yet it cannot be read so soon: nothing is known.
	wantOnly(t, vaultOn(t, awstest.NewScript(exists, awstest.Refused(400, "ResourceNotFoundException"))).Put(t.Context(), id, upload, k), nil)
}

func TestASecretsNameTokenAndTags(t *testing.T) {
	script := awstest.NewScript(awstest.Answer{Status: 200, Body: "{}"})
	k := conformance.NewKey(t)
	if err := vaultOn(t, script).Put(t.Context(), id, upload, k); err != nil {
		t.Fatal(err)
	}
	var in struct {
		Name, ClientRequestToken, KmsKeyID, SecretString string
		Tags                                             []struct{ Key, Value string }
	}
	if err := json.Unmarshal([]byte(script.Requests()[0].Body), &in); err != nil {
		t.Fatal(err)
	}
	if in.Name != "keyward/test/int_1/"+string(upload) || in.ClientRequestToken != string(upload) || in.KmsKeyID != "alias/vault" {
		t.Errorf("name %s, token %s, KMS key %s", in.Name, in.ClientRequestToken, in.KmsKeyID)
	}
	if fmt.Sprint(in.Tags) != "[{integration int_1} {upload "+string(upload)+"}]" {
		t.Errorf("tags %v", in.Tags)
	}
	if in.SecretString != string(k.PEM()) {
		t.Error("the secret is not the key's PEM")
	}
}

func TestNamesThatNothingCanBeUnder(t *testing.T) {
	v := vaultOn(t, awstest.NewScript(awstest.Answer{Status: 500}))
	for _, bad := range []integration.ID{"", "int 1", "../int_1", "int_1/x", "*"} {
		wantOnly(t, v.Put(t.Context(), bad, upload, conformance.NewKey(t)), integration.ErrInvalid)
		_, err := v.Get(t.Context(), bad, upload)
		wantOnly(t, err, integration.ErrNotFound)
		if err := v.Delete(t.Context(), bad, upload); err != nil {
			t.Error(err)
		}
	}
	wantOnly(t, v.Put(t.Context(), id, upload, keyfile.PrivateKey{}), integration.ErrInvalid)
}

func TestWhatIsNoKeyIsNotQuoted(t *testing.T) {
	_, err := vaultOn(t, awstest.NewScript(secret("-----BEGIN PRIVATE KEY-----\n"+awstest.Quote))).Get(t.Context(), id, upload)
	wantOnly(t, err, nil)
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "BEGIN") {
		t.Error("the error quotes the secret")
	}
}

func TestConfig(t *testing.T) {
	if _, err := secrets.NewVault(secrets.Config{}); err == nil || !strings.Contains(err.Error(), "Client") || !strings.Contains(err.Error(), "Prefix") {
		t.Errorf("NewVault: %v", err)
	}
}
