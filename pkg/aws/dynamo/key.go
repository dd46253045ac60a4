package dynamo

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"keyward/pkg/integration"
)

// DynamoDB's limits on a key's parts, in bytes.
const (
	maxPK = 2048
	maxSK = 1024
)

const meta = "META"

// skCustomer is the item that puts an integration into the index list under
// its customer.
const skCustomer = "CUS"

// skAttention is the item that puts an integration which needs attention into
// the index list, by urgency.
const skAttention = "ATT"

const listPKAttention = "attention"

// pkFleet is where the status of all integrations together is.
const pkFleet = "FLT#status"

func pkIntegration(id integration.ID) string   { return "INT#" + string(id) }
func pkLink(hash string) string                { return "LNK#" + hash }
func pkOwner(fingerprint string) string        { return "KEY#" + fingerprint }
func pkMarks(set integration.MarkSet) string   { return "FLT#" + string(set) }
func skUpload(u integration.UploadID) string   { return "UPL#" + string(u) }
func skContact(c integration.ContactID) string { return "CON#" + string(c) }
func skNotice(dedupe string) string            { return "NTC#" + dedupe }
func skCertificate(serial string) string       { return "CRT#" + serial }
func skMember(id integration.ID) string        { return "INT#" + string(id) }
func skEntry(e integration.Entry) string       { return "EVT#" + sortable(e.At) + "#" + e.Seq }
func duePK(shard int) string                   { return fmt.Sprintf("work#%d", shard) }
func listPKState(s integration.State) string   { return "state#" + string(s) }
func listPKCustomer(customer string) string    { return "customer#" + customer }
func skContactOf(c integration.Contact) string {
	return skMember(c.Integration) + "#" + skContact(c.ID)
}

// memberID reads "INT#id", and "INT#id#CON#contact".
func memberID(sk string) integration.ID {
	id, _, _ := strings.Cut(strings.TrimPrefix(sk, skMember("")), "#")
	return integration.ID(id)
}

const sortableLayout = "2006-01-02T15:04:05.000000000Z"

// sortable writes a time so that texts sort as the times do, in years of four
// digits; what is later counts as the last of them.
func sortable(t time.Time) string {
	if t = t.UTC(); t.Year() > 9999 {
		t = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	}
	return t.Format(sortableLayout)
}

// validKey is ErrInvalid for a key that DynamoDB would not take, and for one
// with a NUL, which no name of Keyward's has.
func validKey(pk, sk string) error {
	if len(pk) > maxPK || len(sk) > maxSK {
		return fmt.Errorf("%w: a name is too long", integration.ErrInvalid)
	}
	for _, part := range []string{pk, sk} {
		if strings.Contains(part, "\x00") || !utf8.ValidString(part) {
			return fmt.Errorf("%w: a name is not text", integration.ErrInvalid)
		}
	}
	return nil
}
