// Package embedded is every port of Keyward in one process, with its whole
// state in one file: the store, the vault, the object store for uploads, the
// queues and an inbox in the place of e-mail. It passes the same suites as
// AWS's adapters (package conformance), and keeps the items of package table,
// as DynamoDB does.
//
//	table          PK, SK → item                                  (see row.go)
//	table due      index PK, index SK, PK, SK → nothing           (the sparse index "due")
//	table list     index PK, index SK, PK, SK → nothing           (the index "list")
//	stream    sequence number → what changed       (DynamoDB's stream, notices only)
//	vault, objects, messages, visible, mail, meta
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
