// Package conformance holds one suite for each port of Keyward, to be run
// against every adapter: the embedded one and AWS's alike. The interfaces here
// are the whole contract; use cases declare the small part that they consume.
package conformance

import (
	"context"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// A Store keeps integrations and all that belongs to them. Reads are
// consistent with every write acknowledged before them, unless said otherwise;
// writes are transactions; all methods may be called concurrently.
type Store interface {
	// Commit writes all of the change or nothing. ErrConflict: an item is not
	// at the version of its Before, or one to be created is there; a Before of
	// version 0 says, as nil does, that it is not there. ErrTaken: the
	// reference belongs to another integration. ErrInvalid: the change writes
	// one item twice, makes one item into another, or holds what cannot be
	// stored (an item over 400 KB, a name over 1 KB or with a NUL). None of
	// these wrote anything. Any other error leaves open whether the change was
	// written: read again before deciding. What the caller holds is not
	// changed: After gets its version in the store alone.
	Commit(ctx context.Context, c integration.Change) error

	// The single reads give ErrNotFound for what is not there.
	Integration(ctx context.Context, id integration.ID) (integration.Integration, error)
	Upload(ctx context.Context, id integration.ID, u integration.UploadID) (integration.Upload, error)
	Notice(ctx context.Context, id integration.ID, dedupe string) (integration.Notice, error)
	Link(ctx context.Context, hash string) (integration.Link, error)
	// Owner of a key that nobody holds is the zero Owner with the
	// fingerprint, without an error: it is what an Edit starts from, as
	// Before nil.
	Owner(ctx context.Context, fingerprint string) (integration.Owner, error)

	// The lists of one integration: empty when there is nothing.
	Uploads(ctx context.Context, id integration.ID) ([]integration.Upload, error)
	Contacts(ctx context.Context, id integration.ID) ([]integration.Contact, error)
	Certificates(ctx context.Context, id integration.ID) ([]integration.Certificate, error)
	Notices(ctx context.Context, id integration.ID) ([]integration.Notice, error)
	// History is newest first, at most limit entries. The cursor is the one
	// that the page before returned: empty for the first page, and returned
	// empty with the last. An entry that is written again, with its time and
	// Seq, is there once. A limit below 1 and a cursor that History did not
	// make are ErrInvalid.
	History(ctx context.Context, id integration.ID, cursor string, limit int) ([]integration.Entry, string, error)

	// Find returns the integrations that have the look-up key (see
	// integration.ByTeam and its kin), ordered by ID. It may lag behind
	// writes, except for references.
	Find(ctx context.Context, lookup string) ([]integration.ID, error)
	// List may lag behind writes. A cursor that List did not make for the same
	// state and customer is ErrInvalid, and so is a limit out of bounds.
	List(ctx context.Context, f integration.Filter) (integration.Page, error)
	// Due returns what is due in the shard by the time, oldest first, at most
	// limit (from 1). It may lag behind writes: what it names must be read
	// again.
	Due(ctx context.Context, shard int, by time.Time, limit int) ([]integration.Due, error)

	// Count is the number of integrations in the state; it may lag.
	Count(ctx context.Context, s integration.State) (int, error)
	// Fleet is the zero FleetStatus before the first SetFleet.
	Fleet(ctx context.Context) (integration.FleetStatus, error)
	// SetFleet is a compare-and-swap on before's version, which also writes
	// the notices (of the integration Fleet) in the same transaction.
	SetFleet(ctx context.Context, before, after integration.FleetStatus, ns []integration.Notice) error
	// Mark puts the integration into the set, or leaves it there with its
	// first time; Unmark takes it out, if it is in.
	Mark(ctx context.Context, set integration.MarkSet, m integration.Mark) error
	Unmark(ctx context.Context, set integration.MarkSet, id integration.ID) error
	// Marks lists the set, ordered by ID, at most limit. It may lag.
	Marks(ctx context.Context, set integration.MarkSet, limit int) ([]integration.Mark, error)
}

// A Vault keeps private keys, each under the upload that brought it.
type Vault interface {
	// Put stores a key. Putting the same again is no error and changes
	// nothing; another key under the same name is ErrConflict.
	Put(ctx context.Context, id integration.ID, u integration.UploadID, k keyfile.PrivateKey) error
	// Get gives ErrNotFound for what was never put, or was deleted.
	Get(ctx context.Context, id integration.ID, u integration.UploadID) (keyfile.PrivateKey, error)
	// Delete is final, at once; deleting what is not there is no error.
	Delete(ctx context.Context, id integration.ID, u integration.UploadID) error
}

// An Objects store takes uploads by presigned POST forms.
type Objects interface {
	Presign(ctx context.Context, r integration.FormRequest) (integration.Form, error)
	// Read gives ErrNotFound when nothing is there, and ErrChanged when the
	// ETag is another one. ETags are opaque, without quotes.
	Read(ctx context.Context, key, etag string) (integration.Object, error)
	// Delete of what is not there is no error. With an ETag it deletes only
	// the object that has it, else ErrChanged; with "" whatever is there.
	Delete(ctx context.Context, key, etag string) error
	// List returns objects that arrived before the time, oldest first, at
	// most limit.
	List(ctx context.Context, before time.Time, limit int) ([]integration.Object, error)
}

// A Queue carries messages to one consumer, at least once, in no order.
type Queue interface {
	// Send queues the JSON form of the message. It becomes visible after the
	// delay: 0 to 15 minutes, SQS's own limit; any other is ErrInvalid.
	Send(ctx context.Context, message any, delay time.Duration) error
}

// A Mailer hands mails to their transport.
type Mailer interface {
	// Send returns the transport's message ID. An error may mean that the
	// mail went out all the same.
	Send(ctx context.Context, m integration.Mail) (string, error)
}
