package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keyward/pkg/aws/awstest"
	"keyward/pkg/aws/dynamo"
	"keyward/pkg/integration"
	"keyward/pkg/table"
)

// storeOn makes a store whose table is a script.
func storeOn(t *testing.T, cfg aws.Config) *table.Store {
	t.Helper()
	s, err := dynamo.NewStore(dynamo.Config{Client: dynamodb.NewFromConfig(cfg), Table: "table"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var sentinels = []error{
	integration.ErrConflict, integration.ErrTaken, integration.ErrInvalid, integration.ErrThrottled, integration.ErrNotFound,
}

// wantOnly fails the test unless err is that sentinel and no other; nil wants
// an error that is none of them.
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

func TestErrorsOfReads(t *testing.T) {
	for code, want := range map[string]error{
		"ProvisionedThroughputExceededException": integration.ErrThrottled, "ThrottlingException": integration.ErrThrottled,
		"RequestLimitExceeded": integration.ErrThrottled, "ValidationException": integration.ErrInvalid,
		"ResourceNotFoundException": nil, "AccessDeniedException": nil, "InternalServerError": nil,
	} {
		t.Run(code, func(t *testing.T) {
			s := storeOn(t, awstest.NewScript(awstest.Refused(400, code)).Once())
			calls := map[string]func(context.Context) error{
				"Integration": func(ctx context.Context) error { _, err := s.Integration(ctx, "int_1"); return err },
				"Owner":       func(ctx context.Context) error { _, err := s.Owner(ctx, "f"); return err },
				"Fleet":       func(ctx context.Context) error { _, err := s.Fleet(ctx); return err },
				"Notices":     func(ctx context.Context) error { _, err := s.Notices(ctx, "int_1"); return err },
				"List":        func(ctx context.Context) error { _, err := s.List(ctx, integration.Filter{}); return err },
				"Count":       func(ctx context.Context) error { _, err := s.Count(ctx, integration.Active); return err },
				"Due":         func(ctx context.Context) error { _, err := s.Due(ctx, 1, time.Now(), 1); return err },
				"Reference":   func(ctx context.Context) error { _, err := s.Find(ctx, integration.ByReference("r")); return err },
				"Team":        func(ctx context.Context) error { _, err := s.Find(ctx, integration.ByTeam("r")); return err },
				"Unmark":      func(ctx context.Context) error { return s.Unmark(ctx, integration.MarkedRejected, "int_1") },
			}
			for name, call := range calls {
				t.Run(name, func(t *testing.T) { wantOnly(t, call(t.Context()), want) })
			}
		})
	}
}

// single is a change of one item, double one of two.
func single() integration.Change {
	return integration.Change{Uploads: []integration.Edit[integration.Upload]{integration.Create(integration.Upload{Integration: "int_1", ID: "upl_1"})}}
}

func double() integration.Change {
	c := single()
	c.History = []integration.Entry{{Integration: "int_1", Seq: "1"}}
	return c
}

func TestErrorsOfSingleWrites(t *testing.T) {
	for code, want := range map[string]error{
		"ConditionalCheckFailedException": integration.ErrConflict, "TransactionConflictException": integration.ErrConflict,
		"ProvisionedThroughputExceededException": integration.ErrThrottled, "ThrottlingException": integration.ErrThrottled,
		"ItemCollectionSizeLimitExceededException": integration.ErrInvalid, "ValidationException": integration.ErrInvalid,
		"ResourceNotFoundException": nil, "InternalServerError": nil,
	} {
		t.Run(code, func(t *testing.T) {
			s := storeOn(t, awstest.NewScript(awstest.Refused(400, code)).Once())
			wantOnly(t, s.Commit(t.Context(), single()), want)
		})
	}
}

// cancelled is the answer to a transaction, with one reason for each item.
func cancelled(codes ...string) awstest.Answer {
	a := awstest.Refused(400, "TransactionCanceledException")
	var reasons []string
	for _, c := range codes {
		reasons = append(reasons, fmt.Sprintf(`{"Code":%q,"Message":%q}`, c, awstest.Quote))
	}
	a.Body = strings.TrimSuffix(a.Body, "}") + `,"CancellationReasons":[` + strings.Join(reasons, ",") + `]}`
	return a
}

func TestErrorsOfTransactions(t *testing.T) {
	const none, failed = "None", "ConditionalCheckFailed"
	it := integration.Integration{ID: "int_1", Reference: "r"} // META, its reference, and then a notice
	change := integration.Change{Integration: integration.Create(it), Notices: []integration.Notice{{Integration: "int_1", Dedupe: "n"}}}
	for name, c := range map[string]struct {
		reasons []string
		want    error
	}{
		"the version":                 {[]string{failed, none, none}, integration.ErrConflict},
		"the reference":               {[]string{none, failed, none}, integration.ErrTaken},
		"a conflict beats a name":     {[]string{failed, failed, failed}, integration.ErrConflict},
		"a name beats a throttle":     {[]string{"ThrottlingError", failed, none}, integration.ErrTaken},
		"another transaction":         {[]string{"TransactionConflict", none, none}, integration.ErrConflict},
		"throttled":                   {[]string{"ThrottlingError", none, none}, integration.ErrThrottled},
		"throughput":                  {[]string{none, none, "ProvisionedThroughputExceeded"}, integration.ErrThrottled},
		"throttled beside a notice":   {[]string{"ThrottlingError", none, failed}, integration.ErrThrottled},
		"an item that is too big":     {[]string{"ValidationError", none, none}, integration.ErrInvalid},
		"a collection that is full":   {[]string{"ItemCollectionSizeLimitExceeded", none, none}, integration.ErrInvalid},
		"a reason that nobody knows":  {[]string{"Whatever", none, none}, nil},
		"no reason":                   {nil, nil},
		"a clash beside a throttle":   {[]string{"TransactionConflict", "ThrottlingError", none}, integration.ErrThrottled},
		"a conflict beside a clash":   {[]string{failed, "TransactionConflict", none}, integration.ErrConflict},
		"unknown, beside one's there": {[]string{"Whatever", none, failed}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := storeOn(t, awstest.NewScript(cancelled(c.reasons...)).Once())
			wantOnly(t, s.Commit(t.Context(), change), c.want)
		})
	}
}

func TestATransactionsOtherErrors(t *testing.T) {
	for code, want := range map[string]error{
		"IdempotentParameterMismatchException": nil, "ThrottlingException": integration.ErrThrottled, "ValidationException": integration.ErrInvalid,
	} {
		t.Run(code, func(t *testing.T) {
			s := storeOn(t, awstest.NewScript(awstest.Refused(400, code)).Once())
			wantOnly(t, s.Commit(t.Context(), double()), want)
		})
	}
}

func TestAClashIsTriedAgain(t *testing.T) {
	script := awstest.NewScript(cancelled("TransactionConflict", "None"), cancelled("TransactionConflict", "None"), awstest.Answer{Status: 200, Body: "{}"})
	if err := storeOn(t, script.Once()).Commit(t.Context(), double()); err != nil {
		t.Errorf("Commit: %v", err)
	}
	if n := len(script.Requests()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}
