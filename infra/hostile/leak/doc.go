// Package leak looks for secrets where they must not be: in output, logs,
// errors, stored items and answers.
//
// A Scanner is told which secrets there are, and knows the forms in which
// they may turn up: pieces of 16 bytes and more, plain, in base64 at every
// alignment, in hex, and as the numbers of a byte slice; each of them also with
// the escapes of Go, JSON, URLs, HTML or quoted-printable. Looks needs to know
// no secret: it finds whatever looks like a private key, a token or an upload
// link, for output of programs whose secrets are nobody's to know.
//
// Findings name the secret and the form, never the text.
package leak
