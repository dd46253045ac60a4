package dynamo_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"keyward/pkg/aws/dynamo"
	"keyward/pkg/conformance"
	"keyward/pkg/integration"
	"keyward/pkg/table"
)

type keysAndAttributes = types.KeysAndAttributes

func commit(t *testing.T, s *table.Store, c integration.Change) {
	t.Helper()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// raw reads an item as it is in the table.
func raw(t *testing.T, client *dynamodb.Client, table, pk, sk string) map[string]types.AttributeValue {
	t.Helper()
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: map[string]types.AttributeValue{
		"PK": &types.AttributeValueMemberS{Value: pk}, "SK": &types.AttributeValueMemberS{Value: sk},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// show writes an attribute as text; "" is none.
func show(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	}
	return ""
}

var at = time.Date(2026, 3, 4, 5, 6, 7, 8, time.UTC)

func TestAttributesThatOthersLookAt(t *testing.T) {
	s, client, table := open(t)
	id := integration.ID("int_1")
	day := 24 * time.Hour
	unix := func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
	sent := integration.Notice{Integration: id, Dedupe: "sent", Status: integration.Sent, CreatedAt: at, SentAt: at.Add(time.Hour)}
	it := integration.Integration{ID: id, Reference: "r", Customer: "acme", State: integration.Active, Key: &integration.Key{}}
	it.Check.DueAt = at
	commit(t, s, integration.Change{
		Integration:  integration.Create(it),
		Uploads:      []integration.Edit[integration.Upload]{integration.Create(integration.Upload{Integration: id, ID: "u", CreatedAt: at, FormExpires: at.Add(time.Hour)})},
		Contacts:     []integration.Edit[integration.Contact]{integration.Create(integration.Contact{Integration: id, ID: "c", Address: "a@example.com"})},
		Sent:         []integration.Edit[integration.Notice]{integration.Create(sent)},
		Notices:      []integration.Notice{{Integration: id, Dedupe: "new", Status: integration.Pending, CreatedAt: at, DueAt: at}},
		Links:        []integration.Link{{Hash: "h", ExpiresAt: at}},
		Certificates: []integration.Certificate{{Integration: id, Serial: "here"}, {Integration: id, Serial: "gone", GoneAt: at}},
		History:      []integration.Entry{{Integration: id, At: at, Seq: "1"}},
	})
	shard := fmt.Sprintf("work#%d", id.Shard())
	due := "2026-03-04T05:06:07.000000008Z"
	for key, want := range map[[2]string]map[string]string{
		{"INT#int_1", "META"}:                                 {"DUE_PK": shard, "DUE_AT": due, "LIST_PK": "state#active", "LIST_SK": "int_1", "version": "1", "ttl": ""},
		{"INT#int_1", "CUS"}:                                  {"LIST_PK": "customer#acme", "LIST_SK": "int_1", "DUE_PK": "", "data": ""},
		{"INT#int_1", "NTC#new"}:                              {"DUE_PK": shard, "DUE_AT": due, "status": "pending", "ttl": "", "LIST_PK": ""},
		{"INT#int_1", "NTC#sent"}:                             {"DUE_PK": "", "DUE_AT": "", "status": "sent", "ttl": unix(sent.SentAt.Add(400 * day))},
		{"INT#int_1", "UPL#u"}:                                {"ttl": unix(at.Add(time.Hour + 90*day)), "DUE_PK": ""},
		{"INT#int_1", "CON#c"}:                                {"ttl": "", "version": "1"},
		{"INT#int_1", "CRT#here"}:                             {"ttl": ""},
		{"INT#int_1", "CRT#gone"}:                             {"ttl": unix(at.Add(400 * day))},
		{"INT#int_1", "EVT#2026-03-04T05:06:07.000000008Z#1"}: {"ttl": "", "format": "1"},
		{"LNK#h", "META"}:                                     {"ttl": unix(at.Add(30 * day))},
		{"REF#r", "META"}:                                     {"member": "INT#int_1", "ttl": "", "LIST_PK": ""},
		{integration.ByAddress("a@example.com"), "INT#int_1#CON#c"}: {"ttl": "", "data": ""},
	} {
		got := raw(t, client, table, key[0], key[1])
		if got == nil {
			t.Errorf("%v is not there", key)
		}
		for name, value := range want {
			if show(got[name]) != value {
				t.Errorf("%v has %s %q, want %q", key, name, show(got[name]), value)
			}
		}
	}
}

func TestARowOfANewerFormatIsRefused(t *testing.T) {
	s, client, table := open(t)
	commit(t, s, single())
	i := raw(t, client, table, "INT#int_1", "UPL#upl_1")
	i["format"] = &types.AttributeValueMemberN{Value: "2"}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: i}); err != nil {
		t.Fatal(err)
	}
	_, err := s.Upload(t.Context(), "int_1", "upl_1")
	wantOnly(t, err, nil)
}

func TestPagesOfOneAndUnreadKeys(t *testing.T) {
	conformanceOn := func(t *testing.T) conformance.Store {
		_, client, table := open(t)
		s, err := dynamo.NewStore(dynamo.Config{Client: slow{client}, Table: table})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := conformanceOn(t)
	var ids []integration.ID
	for i := range 6 {
		id := integration.ID(fmt.Sprint("int_", i))
		ids = append(ids, id)
		it := integration.Integration{ID: id, Reference: string(id), TeamID: "T", Customer: "c", State: integration.States()[i%2]}
		err := s.Commit(t.Context(), integration.Change{Integration: integration.Create(it), Notices: []integration.Notice{
			{Integration: "int_0", Dedupe: string(id), DueAt: at.Add(time.Duration(i))},
		}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Mark(t.Context(), integration.MarkedRejected, integration.Mark{Integration: id, At: at}); err != nil {
			t.Fatal(err)
		}
	}
	page, err := s.List(t.Context(), integration.Filter{Limit: 4})
	if err != nil || len(page.Integrations) != 4 || page.Next == "" {
		t.Errorf("List: %d integrations, error %v", len(page.Integrations), err)
	}
	counted, err := s.Count(t.Context(), integration.AwaitingKey)
	if err != nil || counted != 3 {
		t.Errorf("Count is %d, error %v; want 3", counted, err)
	}
	found, err := s.Find(t.Context(), integration.ByTeam("T"))
	if err != nil || !slices.Equal(found, ids) {
		t.Errorf("Find gives %v, error %v", found, err)
	}
	notices, err := s.Notices(t.Context(), "int_0")
	if err != nil || len(notices) != 6 {
		t.Errorf("%d notices, error %v; want 6", len(notices), err)
	}
	due, err := s.Due(t.Context(), integration.ID("int_0").Shard(), at.Add(time.Hour), 5)
	if err != nil || len(due) != 5 {
		t.Errorf("%d due, error %v; want 5", len(due), err)
	}
	marks, err := s.Marks(t.Context(), integration.MarkedRejected, 5)
	if err != nil || len(marks) != 5 {
		t.Errorf("%d marks, error %v; want 5", len(marks), err)
	}
}

// apps are so many, of other names than those of another prefix.
func apps(prefix string, n int) []integration.App {
	var all []integration.App
	for i := range n {
		all = append(all, integration.App{ID: strconv.Itoa(i), BundleID: fmt.Sprintf("com.%s.%d", prefix, i)})
	}
	return all
}

func TestAllAppsMayChangeAtOnce(t *testing.T) {
	s, _, _ := open(t)
	was := integration.Integration{ID: "int_1", Reference: "r", TeamID: "T", Apps: apps("old", integration.MaxApps)}
	commit(t, s, integration.Change{Integration: integration.Create(was)})
	was.Version = 1
	is := was
	is.TeamID, is.Apps = "U", apps("new", integration.MaxApps)
	commit(t, s, integration.Change{Integration: integration.Put(was, is), History: []integration.Entry{{Integration: "int_1", Seq: "1"}}})
	for _, app := range was.Apps {
		if ids, err := s.Find(t.Context(), integration.ByBundleID(app.BundleID)); err != nil || len(ids) != 0 {
			t.Errorf("under %s there is %v, error %v", app.BundleID, ids, err)
		}
	}
	for _, app := range is.Apps {
		if ids, err := s.Find(t.Context(), integration.ByBundleID(app.BundleID)); err != nil || len(ids) != 1 {
			t.Errorf("under %s there is %v, error %v", app.BundleID, ids, err)
		}
	}
}

func TestAChangeThatIsTooBigIsRefusedWhole(t *testing.T) {
	s, _, _ := open(t)
	var c integration.Change
	for i := range 101 {
		c.Certificates = append(c.Certificates, integration.Certificate{Integration: "int_1", Serial: strconv.Itoa(i)})
	}
	if err := s.Commit(t.Context(), c); !errors.Is(err, integration.ErrInvalid) {
		t.Errorf("Commit: %v", err)
	}
	c.Certificates = c.Certificates[1:]
	commit(t, s, c)
}

func TestThePresentDefinitionOfTheTable(t *testing.T) {
	in := dynamo.TableInput("t")
	if in.StreamSpecification == nil || !aws.ToBool(in.StreamSpecification.StreamEnabled) || in.BillingMode != types.BillingModePayPerRequest {
		t.Error("the table has no stream, or is not on demand")
	}
	if _, err := dynamo.NewStore(dynamo.Config{}); err == nil {
		t.Error("a store without client and table")
	}
}
