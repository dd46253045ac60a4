package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/dynamo"
	"keyward/pkg/integration"
)

func TestATransactionIsRepeatedUnderItsToken(t *testing.T) {
	ok := awstest.Answer{Status: 200, Body: "{}"}
	script := awstest.NewScript(awstest.Answer{Lost: true}, awstest.Refused(500, "InternalServerError"), ok)
	if err := storeOn(t, script.Retrying()).Commit(t.Context(), double()); err != nil {
		t.Fatal(err)
	}
	tokens := map[string]bool{}
	for _, r := range script.Requests() {
		var in struct{ ClientRequestToken string }
		if err := json.Unmarshal([]byte(r.Body), &in); err != nil || in.ClientRequestToken == "" {
			t.Fatalf("a request without a token, error %v", err)
		}
		tokens[in.ClientRequestToken] = true
	}
	if len(script.Requests()) != 3 || len(tokens) != 1 {
		t.Errorf("%d requests with %d tokens, want 3 with 1", len(script.Requests()), len(tokens))
	}
}

func TestWhatIsLeftWithoutANoticeIsAnotherTransaction(t *testing.T) {
	c := double()
	c.Notices = []integration.Notice{{Integration: "int_1", Dedupe: "n"}}
	script := awstest.NewScript(cancelled("None", "ConditionalCheckFailed", "None"), awstest.Answer{Status: 200, Body: "{}"})
	if err := storeOn(t, script.Once()).Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	tokens := map[string]bool{}
	for _, r := range script.Requests() {
		var in struct {
			ClientRequestToken string
			TransactItems      []json.RawMessage
		}
		if err := json.Unmarshal([]byte(r.Body), &in); err != nil {
			t.Fatal(err)
		}
		sizes, tokens[in.ClientRequestToken] = append(sizes, len(in.TransactItems)), true
	}
	if len(sizes) != 2 || sizes[0] != 3 || sizes[1] != 2 || len(tokens) != 2 {
		t.Errorf("transactions of %v items with %d tokens, want 3 and 2 with one each", sizes, len(tokens))
	}
}

// twice is a client whose put items arrive twice: the answer to the first was
// lost, and the SDK tried again.
type twice struct{ dynamo.Client }

func (c twice) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if _, err := c.Client.PutItem(ctx, in, opts...); err != nil {
		return nil, err
	}
	return c.Client.PutItem(ctx, in, opts...)
}

func TestASingleWriteWhoseAnswerWasLost(t *testing.T) {
	_, client, table := open(t)
	s, err := dynamo.NewStore(dynamo.Config{Client: twice{client}, Table: table})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), single()); err != nil {
		t.Errorf("creating: %v", err)
	}
	was, err := s.Upload(t.Context(), "int_1", "upl_1")
	if err != nil {
		t.Fatal(err)
	}
	is := was
	is.Tries = 7
	change := integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Put(was, is)}}
	if err := s.Commit(t.Context(), change); err != nil {
		t.Errorf("changing: %v", err)
	}
	got, err := s.Upload(t.Context(), "int_1", "upl_1")
	if err != nil || got.Version != 2 || got.Tries != 7 {
		t.Errorf("version %d, tries %d, error %v; want 2, 7", got.Version, got.Tries, err)
	}
	if err := s.Commit(t.Context(), change); !errors.Is(err, integration.ErrConflict) {
		t.Errorf("the same change once more: %v, want a conflict", err)
	}
}

func TestAHealthyCheckIsOnePut(t *testing.T) {
	script := awstest.NewScript(awstest.Answer{Status: 200, Body: "{}"})
	was := integration.Integration{ID: "int_1", Version: 3, Reference: "r", Customer: "c", TeamID: "T", State: integration.Active, Key: &integration.Key{KeyID: "K"}}
	is := was
	is.Check.LastID = "chk_1"
	if err := storeOn(t, script.Once()).Commit(t.Context(), integration.Change{Integration: integration.Put(was, is)}); err != nil {
		t.Fatal(err)
	}
	all := script.Requests()
	if len(all) != 1 || all[0].Header.Get("X-Amz-Target") != "DynamoDB_20120810.PutItem" {
		t.Errorf("%d requests, the first is %s", len(all), all[0].Header.Get("X-Amz-Target"))
	}
}

// slow is a client that gets one item with each page, and one of each batch.
type slow struct{ dynamo.Client }

func (c slow) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	in.Limit = aws.Int32(1)
	return c.Client.Query(ctx, in, opts...)
}

func (c slow) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	first, left := *in, map[string]keysAndAttributes{}
	first.RequestItems = map[string]keysAndAttributes{}
	for table, keys := range in.RequestItems {
		rest := keys
		if rest.Keys = keys.Keys[1:]; len(rest.Keys) > 0 {
			left[table] = rest
		}
		keys.Keys = keys.Keys[:1]
		first.RequestItems[table] = keys
	}
	out, err := c.Client.BatchGetItem(ctx, &first, opts...)
	if err == nil {
		out.UnprocessedKeys = left
	}
	return out, err
}
