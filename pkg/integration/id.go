package integration

import (
	"encoding/base32"
	"hash/fnv"
	"io"
)

// An ID names an integration: "int_" and 26 letters and digits.
type ID string

// A ContactID names a contact of one integration: "con_…".
type ContactID string

// An UploadID names one key file on its way in, and afterwards its secret in
// the vault: "upl_…", 36 characters, so that it can serve as an idempotency
// token of Secrets Manager (32 to 64 characters).
type UploadID string

// A NoticeID names a notice of one integration: "ntc_…"; see Notice.ID.
type NoticeID string

// A CheckID names one look at Apple: "chk_…".
type CheckID string

// idEncoding has no capitals, no padding and no letter that reads like a digit.
var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an integration ID of 128 random bits. It panics when random
// does, and when random has no more to give: there is no way to go on.
func NewID(random io.Reader) ID { return ID("int_" + randomText(random, 16)) }

// NewContactID makes a contact ID; see NewID.
func NewContactID(random io.Reader) ContactID { return ContactID("con_" + randomText(random, 16)) }

// NewUploadID makes an upload ID of 160 random bits; see NewID.
func NewUploadID(random io.Reader) UploadID { return UploadID("upl_" + randomText(random, 20)) }

// NewCheckID makes a check ID; see NewID.
func NewCheckID(random io.Reader) CheckID { return CheckID("chk_" + randomText(random, 16)) }

func randomText(random io.Reader, n int) string {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		panic("integration: no randomness: " + err.Error())
	}
	return idEncoding.EncodeToString(b)
}

// Shards is the number of partitions of the index of due work.
const Shards = 16

// Shard is the partition of the due index that the integration's work is in.
func (id ID) Shard() int { return int(id.hash() % Shards) }

// hash spreads IDs evenly; it is not a secret.
func (id ID) hash() uint64 {
	h := fnv.New64a()
	h.Write([]byte(id)) // never fails
	return h.Sum64()
}
