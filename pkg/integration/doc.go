// Package integration is the domain of Keyward: what an integration is, what
// can happen to it, and what comes of that.
//
// Everything is decided by one pure function,
//
//	Apply(Integration, Event, now) (Integration, []Notice, error)
//
// which does no I/O, reads no clock and logs nothing. The states and the ways
// between them:
//
//	state           | key accepted              | ok        | rejected              | blocked
//	awaiting_key    | active or action_required | –         | –                     | –
//	active          | active                    | active    | suspect               | suspect
//	suspect         | active                    | active    | deactivated, once     | action_required, once
//	                |                           |           | confirmed             | confirmed
//	action_required | active                    | active    | deactivated, once     | again, if the reason
//	                |                           |           | confirmed             | changed
//	deactivated     | active                    | active *  | same                  | action_required, once
//	                |                           |           |                       | confirmed *
//	disconnected    | refused                   | absorbed  | absorbed              | absorbed
//
//	* where the cause was a rejection
//
// A key that is accepted while an agreement or the membership is missing leads
// to action_required from every state. Inconclusive answers change no state.
// A disconnect leads from every state to disconnected.
//
// What the contacts are told is reconciled with the state after every event
// (see tell): a problem is told once, when it is confirmed, and closed once.
//
// Around Apply, Decide puts an event's consequences into one Change, which a
// store writes as one transaction, and Retry runs read, decide and write again
// when somebody else wrote first.
package integration
