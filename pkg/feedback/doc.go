// Package feedback takes what the mail service reports of mails that were
// sent, and acts on those that did not arrive.
//
//	Bounce, Permanent        the contact is undeliverable, the next one's turn
//	Bounce, any other type   by the answer of the recipient's server:
//	  5.1.x, most other 5.x.x  as Permanent, whatever SES calls it
//	  4.x.x, mailbox full, …   this mail goes to the next contact, the address stays good
//	  no final answer          recorded only: an absence, a delay
//	Complaint                likewise: mail that is called spam harms all other mail
//	Complaint, not-spam      recorded only: a person took the complaint back
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
// alone. Addresses are in every event; they are neither kept nor logged.
package feedback
