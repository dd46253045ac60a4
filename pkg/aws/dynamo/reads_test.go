package dynamo_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/integration"
	"keyward/pkg/table"
)

// A readRequest is what matters of a GetItem, a Query or a BatchGetItem as it
// goes to DynamoDB.
type readRequest struct {
	IndexName      string
	ConsistentRead bool
	RequestItems   map[string]struct{ ConsistentRead bool }
}

// TestReadsAreStronglyConsistent looks at the requests: DynamoDB may answer an
// eventually consistent read with what was there a second ago, and moto never
// does. An index takes no other reads: DynamoDB refuses the consistent ones.
func TestReadsAreStronglyConsistent(t *testing.T) {
	const get, query, batch = "GetItem", "Query", "BatchGetItem"
	found := awstest.Answer{Status: 200, Body: `{"Items":[{"PK":{"S":"INT#int_1"},"SK":{"S":"META"},"LIST_SK":{"S":"int_1"}}]}`}
	nothing := awstest.Answer{Status: 200, Body: `{}`}
	for name, c := range map[string]struct {
		read    func(context.Context, *table.Store) error
		answers []awstest.Answer
		want    []string // of the table itself, unless it names an index
	}{
		"Integration": {func(ctx context.Context, s *table.Store) error { _, err := s.Integration(ctx, "int_1"); return err }, nil, []string{get}},
		"Upload": {func(ctx context.Context, s *table.Store) error {
			_, err := s.Upload(ctx, "int_1", "upl_1")
			return err
		}, nil, []string{get}},
		"Notice":       {func(ctx context.Context, s *table.Store) error { _, err := s.Notice(ctx, "int_1", "n"); return err }, nil, []string{get}},
		"Link":         {func(ctx context.Context, s *table.Store) error { _, err := s.Link(ctx, "hash"); return err }, nil, []string{get}},
		"Owner":        {func(ctx context.Context, s *table.Store) error { _, err := s.Owner(ctx, "print"); return err }, nil, []string{get}},
		"Fleet":        {func(ctx context.Context, s *table.Store) error { _, err := s.Fleet(ctx); return err }, nil, []string{get}},
		"Uploads":      {func(ctx context.Context, s *table.Store) error { _, err := s.Uploads(ctx, "int_1"); return err }, nil, []string{query}},
		"Contacts":     {func(ctx context.Context, s *table.Store) error { _, err := s.Contacts(ctx, "int_1"); return err }, nil, []string{query}},
		"Certificates": {func(ctx context.Context, s *table.Store) error { _, err := s.Certificates(ctx, "int_1"); return err }, nil, []string{query}},
		"Notices":      {func(ctx context.Context, s *table.Store) error { _, err := s.Notices(ctx, "int_1"); return err }, nil, []string{query}},
		"Marks": {func(ctx context.Context, s *table.Store) error {
			_, err := s.Marks(ctx, integration.MarkedRejected, 5)
			return err
		}, nil, []string{query}},
		"History": {func(ctx context.Context, s *table.Store) error {
			_, _, err := s.History(ctx, "int_1", "", 5)
			return err
		}, nil, []string{query}},
		"a reference": {func(ctx context.Context, s *table.Store) error {
			_, err := s.Find(ctx, "REF#acme")
			return err
		}, nil, []string{get}},
		"a team":     {func(ctx context.Context, s *table.Store) error { _, err := s.Find(ctx, "TEAM#T1"); return err }, nil, []string{query}},
		"an address": {func(ctx context.Context, s *table.Store) error { _, err := s.Find(ctx, "ADR#a@b.example"); return err }, nil, []string{query}},
		"what is due": {func(ctx context.Context, s *table.Store) error {
			_, err := s.Due(ctx, 1, time.Now(), 5)
			return err
		}, nil, []string{query + " due"}},
		"a count": {func(ctx context.Context, s *table.Store) error {
			_, err := s.Count(ctx, integration.Active)
			return err
		}, nil, []string{query + " list"}},
		"a list": {func(ctx context.Context, s *table.Store) error {
			_, err := s.List(ctx, integration.Filter{State: integration.Active, Limit: 5})
			return err
		}, []awstest.Answer{found, nothing}, []string{query + " list", batch}},
	} {
		t.Run(name, func(t *testing.T) {
			script := awstest.NewScript(append(c.answers, nothing)...)
			_ = c.read(t.Context(), storeOn(t, script.Once())) // nothing is there: some call that an error
			requests := script.Requests()
			if len(requests) != len(c.want) {
				t.Fatalf("%d requests, want %q", len(requests), c.want)
			}
			for i, r := range requests {
				got, consistent := mustReadRequest(t, r)
				if got != c.want[i] {
					t.Errorf("request %d is a %s, want %s", i, got, c.want[i])
				}
				if ofTable := c.want[i] == get || c.want[i] == query || c.want[i] == batch; consistent != ofTable {
					t.Errorf("%s asks for a consistent read: %t, want %t", got, consistent, ofTable)
				}
			}
		})
	}
}

// mustReadRequest names the operation, with its index, and whether it reads
// what was last written.
func mustReadRequest(t *testing.T, r awstest.Request) (what string, consistent bool) {
	t.Helper()
	var in readRequest
	if err := json.Unmarshal([]byte(r.Body), &in); err != nil {
		t.Fatal(err)
	}
	what = r.Header.Get("X-Amz-Target")[len("DynamoDB_20120810."):]
	if in.IndexName != "" {
		what += " " + in.IndexName
	}
	return what, in.ConsistentRead || len(in.RequestItems) > 0 && in.RequestItems["table"].ConsistentRead
}
