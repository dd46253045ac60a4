// Package console is support's web pages, over the operator's client: what
// needs attention, one integration with all that is known of it, and what
// support does about it.
//
// Who reaches the pages acts as the client does; the pages ask for no
// password. They are meant for 127.0.0.1, or for a place behind a login of the
// vendor's own. Against other sites' pages in the same browser they guard
// themselves: requests must name a host that Config knows, and what changes
// something must come from a page of theirs.
//
// Every page works without scripts and on a phone. What cannot be taken back,
// or mails a customer, has a page of its own that asks once more.
package console
