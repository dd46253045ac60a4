package dynamo_test

import (
	"context"
	"encoding/json"
	"testing"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/dynamo"
	"keyward/pkg/integration"
)

// TestReadsAreStronglyConsistent looks at the requests: what decides, or is
// compared and written back, must not be read from a replica that is behind. An
// emulator of one node cannot show it. Indexes offer eventual reads only.
func TestReadsAreStronglyConsistent(t *testing.T) {
	answer := awstest.Answer{Status: 200, Body: `{"Items":[],"Responses":{}}`}
	type ctx = context.Context
	for name, read := range map[string]func(ctx, *dynamo.Store) (any, error){
		"integration":  func(ctx ctx, s *dynamo.Store) (any, error) { return s.Integration(ctx, "int_1") },
		"upload":       func(ctx ctx, s *dynamo.Store) (any, error) { return s.Upload(ctx, "int_1", "upl_1") },
		"notice":       func(ctx ctx, s *dynamo.Store) (any, error) { return s.Notice(ctx, "int_1", "n") },
		"owner":        func(ctx ctx, s *dynamo.Store) (any, error) { return s.Owner(ctx, "fp") },
		"link":         func(ctx ctx, s *dynamo.Store) (any, error) { return s.Link(ctx, "hash") },
		"fleet":        func(ctx ctx, s *dynamo.Store) (any, error) { return s.Fleet(ctx) },
		"contacts":     func(ctx ctx, s *dynamo.Store) (any, error) { return s.Contacts(ctx, "int_1") },
		"uploads":      func(ctx ctx, s *dynamo.Store) (any, error) { return s.Uploads(ctx, "int_1") },
		"certificates": func(ctx ctx, s *dynamo.Store) (any, error) { return s.Certificates(ctx, "int_1") },
		"notices":      func(ctx ctx, s *dynamo.Store) (any, error) { return s.Notices(ctx, "int_1") },
		"marks":        func(ctx ctx, s *dynamo.Store) (any, error) { return s.Marks(ctx, integration.MarkedRejected, 10) },
		"by reference": func(ctx ctx, s *dynamo.Store) (any, error) { return s.Find(ctx, "REF#acme") },
		"by team":      func(ctx ctx, s *dynamo.Store) (any, error) { return s.Find(ctx, "TEAM#T") },
	} {
		t.Run(name, func(t *testing.T) {
			script := awstest.NewScript(answer)
			_, _ = read(t.Context(), storeOn(t, script.Once())) // nothing is there
			requests := script.Requests()
			if len(requests) == 0 {
				t.Fatal("nothing was read")
			}
			for _, r := range requests {
				target := r.Header.Get("X-Amz-Target")
				var in struct {
					IndexName      string
					ConsistentRead bool
				}
				if err := json.Unmarshal([]byte(r.Body), &in); err != nil {
					t.Fatal(err)
				}
				if in.IndexName == "" && !in.ConsistentRead {
					t.Errorf("eventually consistent read: %s without ConsistentRead", target)
				}
			}
		})
	}
}
