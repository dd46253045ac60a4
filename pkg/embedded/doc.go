// Package embedded is every port of Keyward in one process, with its whole
// state in one file: the store, the vault, the object store for uploads, the
// queues and an inbox in the place of e-mail. It passes the same suites as
// AWS's adapters (package conformance), and keeps DynamoDB's layout of
// partition and sort keys, so that the two can be compared line by line.
//
//	items     PK 0x00 SK → version, due time, JSON
//	due       shard, time, item key → nothing      (the sparse GSI "due")
//	list      kind, value, ID → nothing            (the GSI "list")
//	stream    sequence number → what changed       (DynamoDB's stream, notices only)
//	vault, objects, messages, visible, mail, meta
//
// # Rows
//
// A row is the JSON of the domain type, without fields that are zero and with
// times in UTC, behind a short binary head. The domain
// types are thereby the schema: a field that a newer version added is zero in
// an old row, a field that it dropped is ignored, and one that is renamed
// needs a migration.
//
// # Durability
//
// A write is acknowledged after its fsync. Writers that come together share
// one: whoever comes first writes for all who wait, and nobody waits for more
// to come. The file survives kill -9 at any moment.
//
// # Secrets
//
// The file holds private keys in the clear. On one machine the file's mode
// (0600, in a directory of mode 0700) is the whole protection. Delete takes a
// key out of reach at once, but its bytes stay in freed pages of the file
// until those are used again. Who needs more than that runs Keyward in AWS.
package embedded
