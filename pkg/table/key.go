package table

import (
	"strconv"
	"strings"
	"time"

	"keyward/pkg/integration"
)

// The fixed parts of keys; the package comment shows the table.
const (
	meta              = "META"
	skCustomer        = "CUS"
	skAttention       = "ATT"
	pkFleet           = "FLT#status"
	listPKAttention   = "attention"
	prefixHistory     = "EVT#"
	prefixIntegration = "INT#"
	prefixNotice      = "NTC#"
)

func pkIntegration(id integration.ID) string   { return prefixIntegration + string(id) }
func pkLink(hash string) string                { return "LNK#" + hash }
func pkOwner(fingerprint string) string        { return "KEY#" + fingerprint }
func pkMarks(set integration.MarkSet) string   { return "FLT#" + string(set) }
func skUpload(u integration.UploadID) string   { return "UPL#" + string(u) }
func skContact(c integration.ContactID) string { return "CON#" + string(c) }
func skNotice(dedupe string) string            { return prefixNotice + dedupe }
func skCertificate(serial string) string       { return "CRT#" + serial }
func skMember(id integration.ID) string        { return prefixIntegration + string(id) }
func skEntry(e integration.Entry) string       { return prefixHistory + sortable(e.At) + "#" + e.Seq }
func duePK(shard int) string                   { return "work#" + strconv.Itoa(shard) }
func listPKState(s integration.State) string   { return "state#" + string(s) }
func listPKCustomer(customer string) string    { return "customer#" + customer }
func skContactOf(c integration.Contact) string {
	return skMember(c.Integration) + "#" + skContact(c.ID)
}

// memberID reads "INT#id", and "INT#id#CON#contact".
func memberID(sk string) integration.ID {
	id, _, _ := strings.Cut(strings.TrimPrefix(sk, prefixIntegration), "#")
	return integration.ID(id)
}

func isReference(lookup string) bool { return strings.HasPrefix(lookup, integration.ByReference("")) }

// IsNotice reports whether the item is a notice's.
func (k Key) IsNotice() bool { return strings.HasPrefix(k.SK, prefixNotice) }

const sortableLayout = "2006-01-02T15:04:05.000000000Z"

// sortable writes a time so that texts sort as the times do, in years of four
// digits; what is later counts as the last of them.
func sortable(t time.Time) string {
	if t = t.UTC(); t.Year() > 9999 {
		t = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	}
	return t.Format(sortableLayout)
}
