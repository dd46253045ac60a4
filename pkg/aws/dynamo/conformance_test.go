package dynamo_test

import (
	"crypto/rand"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/dynamo"
	"keyward/pkg/conformance"
	"keyward/pkg/table"
)

var moto awstest.Moto

func TestMain(m *testing.M) { os.Exit(moto.Run(m)) }

// open makes a table of its own, and a store on it.
func open(t *testing.T) (*table.Store, *dynamodb.Client, string) {
	t.Helper()
	client, table := dynamodb.NewFromConfig(moto.Reset(t)), "keyward-"+rand.Text()
	if _, err := client.CreateTable(t.Context(), dynamo.TableInput(table)); err != nil {
		t.Fatal(err)
	}
	s, err := dynamo.NewStore(dynamo.Config{Client: client, Table: table})
	if err != nil {
		t.Fatal(err)
	}
	return s, client, table
}

func TestStore(t *testing.T) {
	conformance.RunStore(t, func(t *testing.T) conformance.Store {
		s, _, _ := open(t)
		return s
	})
}
