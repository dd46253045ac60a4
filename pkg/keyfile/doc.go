// Package keyfile reads the private key that a customer uploads, and the
// three IDs that go with it. It is pure: no I/O, no clock, no logger.
//
// # Flow
//
// [Parse] looks at a file from the outside to the inside:
//
//  1. formats that begin with a signature of their own: archives, pictures,
//     documents, apps, and DER (.p12, .cer, profiles);
//  2. the size: more than [MaxSize] bytes cannot be a key;
//  3. the text: UTF-8 or UTF-16, byte order marks and line ends put right;
//  4. wrappers: RTF, HTML, JSON, line breaks written as backslash and n,
//     base64 around everything;
//  5. the PEM block and its label;
//  6. the DER inside: PKCS#8, P-256, the scalar, the embedded public key.
//
// What is inside counts first. An RSA key in quotes is an RSA key: taking
// the quotes away would not help the customer. Only a file whose inside is
// right is told about its wrapping.
//
// # Decisions
//
// Accepted: PKCS#8 PEM of a P-256 key, with or without the embedded public
// key, as Apple issues it and as OpenSSL makes it. Harmless disguises are
// accepted because they cannot change the key: CRLF, lone CR, byte order
// marks, blank lines, blanks at the ends of lines, lines of any length,
// UTF-16 with a byte order mark, and UTF-16 without one where every other
// byte is zero and the rest is ASCII. Everything else is refused with an
// [Error] that carries a [Diagnosis], even where the key could be dug out: a
// file that somebody has edited is a file that somebody has passed around,
// and the original is one download folder away.
//
// SEC1 (BEGIN EC PRIVATE KEY) is refused. Apple never issues it; nearly
// always it is a key that was made on the customer's machine, which Apple
// does not know. The diagnosis says both: upload Apple's file, or convert.
//
// An embedded public key must match the private key; otherwise the file is
// damaged. Files without one (Java makes such) are accepted: there a flipped
// bit gives another key, which only Apple can tell.
//
// No error holds any of the input: [Error] and [FieldError] consist of
// constants of this package.
package keyfile
