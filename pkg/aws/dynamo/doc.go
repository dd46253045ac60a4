// Package dynamo keeps integrations in one DynamoDB table.
//
// # The table
//
// Keys are strings: PK (hash) and SK (range). TableInput is the definition.
//
//	PK                SK                    what                     also has
//	INT#id            META                  integration              DUE_…, LIST_… (state#…)
//	INT#id            CUS                   its place by customer    LIST_… (customer#…)
//	INT#id            ATT                   its place by urgency     LIST_… (attention)
//	INT#id            EVT#time#seq          history
//	INT#id            NTC#dedupe            notice                   DUE_…, status, ttl
//	INT#id            CRT#serial            certificate              ttl
//	INT#id            CON#id                contact
//	INT#id            UPL#id                upload                   ttl
//	LNK#sha256        META                  upload link              ttl
//	KEY#fingerprint   META                  ownership of a key
//	REF#reference     META                  whose the reference is   member
//	TEAM#… KID#… BID# INT#id                look-ups
//	ADR#hash          INT#id#CON#id         look-up of an address
//	FLT#status        META                  status of the fleet
//	FLT#set           INT#id                mark                     ttl
//
// Two sparse indexes, both KEYS_ONLY, so that a write pays for an index only
// when its place there changes:
//
//	due    DUE_PK (S, hash) work#0 … work#15    DUE_AT (S, range) 2026-03-04T05:06:07.800000009Z
//	list   LIST_PK (S, hash) state#…, customer#…, attention    LIST_SK (S, range) the integration's ID,
//	                                           in attention behind its urgency and since when
//
// The other attributes: version (N, the optimistic lock), data (S, below),
// format (N, how data is written), write (S, names the Commit that wrote the
// item last), status (S, a notice's: the stream's filter looks at it), member
// (S, "INT#id"), ttl (N, epoch seconds; TTLAttribute). TTL only tidies: links
// and uploads 30 and 90 days after their end, notices 400 days after they were
// written and done with (a dedupe key must outlive whatever could repeat it),
// certificates 400 days after they went, marks after 90 days. The stream has
// NEW_IMAGE; notify wants SK prefix NTC# and NewImage.status "pending".
//
// # One attribute for the domain's value
//
// What keys, conditions, indexes, the stream's filter and TTL look at are
// attributes of their own. All else is JSON in data, zero fields left out,
// times in UTC: nothing queries it, a field added to the domain needs no code
// here, a row without it reads as zero, and numbers, nil and empty come back
// as they were. A new meaning of an old field needs a new format; a row whose
// format is newer than the program is refused, not guessed at. Rows are
// written whole, so a function that is older than a row's fields drops them:
// a field must be safe to lose until the roll-out that brought it is over.
//
// # Writes
//
// A Commit of one item is a PutItem with a condition, half the price of a
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
// attribute write of the item that is in the way tells whether the first try
// succeeded after all.
package dynamo
