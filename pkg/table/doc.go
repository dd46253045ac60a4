// Package table lays integrations out in one table of items with a partition
// key and a sort key, and reads them back. It is written for DynamoDB; an
// Engine puts the items into a real table (package dynamo) or into a file
// (package embedded).
//
// # The table
//
// Keys are strings: PK (partition) and SK (sort).
//
//	PK                SK                    what                     also has
//	INT#id            META                  integration              due, list (state#…)
//	INT#id            CUS                   entry by customer        list (customer#…)
//	INT#id            ATT                   entry by urgency         list (attention)
//	INT#id            EVT#time#seq          history
//	INT#id            NTC#dedupe            notice                   due, status, ttl
//	INT#id            CRT#serial            certificate              ttl
//	INT#id            CON#id                contact
//	INT#id            UPL#id                upload                   ttl
//	LNK#sha256        META                  upload link              ttl
//	KEY#fingerprint   META                  ownership of a key
//	REF#reference     META                  integration of the reference   member
//	TEAM#… KID#… BID# INT#id                lookups
//	ADR#hash          INT#id#CON#id         lookup by address
//	FLT#status        META                  status of the fleet
//	FLT#set           INT#id                mark                     ttl
//
// Two sparse indexes, both with the keys alone, so that a write pays for an
// index only when its place there changes:
//
//	due    PK work#0 … work#15               SK 2026-03-04T05:06:07.800000009Z
//	list   PK state#…, customer#…, attention SK the integration's ID; under attention its urgency, since when and ID
//
// # Data
//
// What keys, conditions, indexes, the stream's filter and TTL look at are
// fields of Item. Everything else is JSON in Data, zero fields left out, times
// in UTC: nothing queries it, a field added to the domain needs no code here,
// and a row without it reads as zero. A new meaning of an old field needs a
// new Format; an item whose format is newer than the program is refused. Items
// are written whole, so a function that is older than a field drops it: a
// field must be safe to lose until the roll-out that brought it is over.
//
// TTL only tidies: links and uploads 30 and 90 days after their end, notices
// 400 days after they were written and done with (a dedupe key must outlive
// whatever could repeat it), certificates 400 days after they went, marks
// after 90 days.
package table
