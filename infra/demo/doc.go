// Package demo tells the life of integrations without a person: a customer is
// invited, sends wrong files and the right one, lets an agreement expire, loses
// the key, replaces it, lets a certificate end, lives through a day without
// Apple, and leaves; five others look on and must not be bothered.
//
// It is told on a virtual clock and over real HTTP: a Visitor follows the links
// in the mails, fills in the portal's forms and posts key files to the upload
// store. Everything else goes through a World, so that one story holds for all
// of Keyward in one process, and for its functions as Lambda runs them.
//
// A story is chapters of steps. A step does one thing, and says all that must
// be true then: what can be seen, and exactly which mails went out meanwhile,
// of all integrations. The first difference ends the story.
package demo
