// Package dynamo keeps the items of package table in a DynamoDB table.
//
// # The table
//
// TableInput is the definition. Item's fields are attributes of the same
// names: PK, SK, DUE_PK, DUE_AT, LIST_PK, LIST_SK, version, format, data,
// status, member, correlation, ttl (TTLAttribute). One more is this package's
// own: write names the Commit that wrote the item last. The stream has
// NEW_IMAGE; notify wants SK prefix NTC# and NewImage.status "pending".
//
// # Writes
//
// A change of one item is a PutItem with a condition, half the price of a
// transaction: a healthy check writes META alone. All else is one
// TransactWriteItems of at most 100 items. Where only new notices were in the
// way, those that exist are dropped and the rest is written again. A hundred
// items are enough since an integration remembers few apps (MaxApps), and a
// list of certificates is bounded by its use case; more is ErrInvalid.
//
// # Answers that are lost
//
// The client's own retryer is expected (the SDK's standard mode). It repeats a
// transaction with the same ClientRequestToken, which DynamoDB answers as the
// first time [AWS: TransactWriteItems]. PutItem has no such token: there, the
// attribute write of the item that is in the way says whether the first try
// succeeded after all.
package dynamo
