package embedded

import (
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"keyward/pkg/integration"
)

// DynamoDB's limits on a key's parts, in bytes; the file keeps to them, so
// that nothing works here which fails there.
const (
	maxPK = 2048
	maxSK = 1024
)

const meta = "META"

func pkIntegration(id integration.ID) string         { return "INT#" + string(id) }
func pkLink(hash string) string                      { return "LNK#" + hash }
func pkOwner(fingerprint string) string              { return "KEY#" + fingerprint }
func pkMarks(set integration.MarkSet) string         { return "FLT#" + string(set) }
func skUpload(u integration.UploadID) string         { return "UPL#" + string(u) }
func skContact(c integration.ContactID) string       { return "CON#" + string(c) }
func skNotice(dedupe string) string                  { return "NTC#" + dedupe }
func skCertificate(c integration.Certificate) string { return "CRT#" + c.Serial }
func skMember(id integration.ID) string              { return "INT#" + string(id) }
func skEntry(e integration.Entry) string             { return "EVT#" + sortable(e.At) + "#" + e.Seq }
func skContactMember(c integration.Contact) string {
	return skMember(c.Integration) + "#" + skContact(c.ID)
}

// pkFleet is where the status of all integrations together is.
const pkFleet = "FLT#status"

// sortable writes a time so that texts sort as the times do.
func sortable(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// itemKey joins the parts of a key, which cannot hold the byte that parts
// them. ErrInvalid: DynamoDB would not take the key either.
func itemKey(pk, sk string) ([]byte, error) {
	if len(pk) > maxPK || len(sk) > maxSK {
		return nil, fmt.Errorf("%w: a name is too long", integration.ErrInvalid)
	}
	if strings.Contains(pk, "\x00") || strings.Contains(sk, "\x00") || !utf8.ValidString(pk) || !utf8.ValidString(sk) {
		return nil, fmt.Errorf("%w: a name is not text", integration.ErrInvalid)
	}
	return append(append(append(make([]byte, 0, len(pk)+len(sk)+1), pk...), 0), sk...), nil
}

// splitKey undoes itemKey.
func splitKey(key []byte) (pk, sk string) {
	pk, sk, _ = strings.Cut(string(key), "\x00")
	return pk, sk
}

// stamp is a time as eight bytes that sort as the times do, in nanoseconds;
// the zero time is zero. What int64 cannot hold is clamped.
func stamp(t time.Time) uint64 {
	switch {
	case t.IsZero():
		return 0
	case t.Year() < 1678:
		return 1
	case t.Year() > 2261:
		return 1<<64 - 1
	}
	return uint64(t.UnixNano()) ^ 1<<63
}

// unstamp undoes stamp.
func unstamp(n uint64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(n^1<<63)).UTC()
}

// dueKey is the place of an item in the index of due work.
func dueKey(shard int, due uint64, item []byte) []byte {
	return append(binary.BigEndian.AppendUint64([]byte{byte(shard)}, due), item...)
}

// splitDueKey undoes dueKey.
func splitDueKey(key []byte) (due uint64, item []byte) {
	return binary.BigEndian.Uint64(key[1:9]), key[9:]
}

func sequenceKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
