package secrets_test

import (
	"crypto/rand"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/secrets"
	"keyward/pkg/conformance"
)

var moto awstest.Moto

func TestMain(m *testing.M) { os.Exit(moto.Run(m)) }

func TestVault(t *testing.T) {
	conformance.RunVault(t, func(t *testing.T) conformance.Vault {
		client := secretsmanager.NewFromConfig(awstest.Config(moto.Start(t)))
		v, err := secrets.NewVault(secrets.Config{Client: client, Prefix: "keyward/" + rand.Text(), KMSKeyID: "alias/vault"})
		if err != nil {
			t.Fatal(err)
		}
		return v
	})
}
