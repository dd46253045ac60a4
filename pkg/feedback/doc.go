// Package feedback takes what the mail service reports of mails that were
// sent, and acts on those that did not arrive.
//
//	Bounce, Permanent        the contact is undeliverable, the next one's turn
//	Complaint                likewise: mail that is called spam harms all other mail
//	Complaint, not-spam      recorded only: a person took the complaint back
//	Bounce, Transient        recorded only: a full mailbox, an absence, a server that is down
//	Bounce, Undetermined     recorded only
//	Reject, Rendering Failure  our own fault, logged as an error; the mail is not repeated
//	Delivery, DeliveryDelay, Send and all others   nothing
//
// What is acted on is decided by notify.Undelivered, which also serves mails
// that are refused at once. Events come at least once, late, and in any
// order: everything is decided by the contact's and the notice's present
// state, so that an event that comes again changes nothing.
//
// A mail to support has no next recipient. That it bounced is logged as an
// error, for an alarm to see, and never mailed: no loops.
//
// Which mail an event is about is said by the tags that notify gave it, IDs
// alone. Addresses are in every event; they are neither read nor logged.
package feedback
