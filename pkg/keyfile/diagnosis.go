package keyfile

// A Diagnosis says why a file is not accepted. Its value is stable: it is
// stored and counted. An unknown value has the Sentence of Unknown.
type Diagnosis string

const (
	// Not a file to read.

	Empty    Diagnosis = "empty"     // no bytes, or nothing but blanks
	TooLarge Diagnosis = "too_large" // more than MaxSize, and of no format that has a better diagnosis
	Unknown  Diagnosis = "unknown"   // none of the others

	// Another thing than a private key.

	CertificateFile     Diagnosis = "certificate_file"     // .cer, .crt or .p7b in DER
	CertificatePEM      Diagnosis = "certificate_pem"      // BEGIN CERTIFICATE
	CertificateRequest  Diagnosis = "certificate_request"  // .certSigningRequest, PEM or DER
	PublicKey           Diagnosis = "public_key"           // BEGIN PUBLIC KEY, its DER, or an SSH public key
	ProvisioningProfile Diagnosis = "provisioning_profile" // .mobileprovision or .provisionprofile
	App                 Diagnosis = "app"                  // .ipa
	Image               Diagnosis = "image"                // a picture, such as a screenshot of the key
	PDFFile             Diagnosis = "pdf"                  // a PDF document
	RTFFile             Diagnosis = "rtf"                  // rich text, as TextEdit saves it
	Document            Diagnosis = "document"             // Word, Pages, Excel, OpenDocument
	HTMLFile            Diagnosis = "html"                 // a web page, as a failed download leaves it
	JSONFile            Diagnosis = "json"                 // JSON, with the key inside (fastlane) or without
	ZippedKey           Diagnosis = "zipped_key"           // a .zip with a .p8 in it
	ZipFile             Diagnosis = "zip"                  // any other .zip
	GzipFile            Diagnosis = "gzip"                 // .gz, .tgz
	ArchiveFile         Diagnosis = "archive"              // .tar, .7z, .rar, .xz, .bz2

	// Another private key than Apple's.

	InAppPurchaseKey Diagnosis = "in_app_purchase_key" // SubscriptionKey_….p8; from the name only, the contents look alike
	PKCS12           Diagnosis = "pkcs12"              // .p12, .pfx
	RSAKey           Diagnosis = "rsa_key"             // RSA, PKCS#1 or PKCS#8
	EncryptedKey     Diagnosis = "encrypted_key"       // with a passphrase: PKCS#8, or the older Proc-Type header
	SEC1Key          Diagnosis = "sec1_key"            // BEGIN EC PRIVATE KEY
	SSHKey           Diagnosis = "ssh_key"             // OpenSSH or PuTTY
	OtherCurve       Diagnosis = "other_curve"         // P-384, P-521, secp256k1, Ed25519, X25519 …
	ExplicitCurve    Diagnosis = "explicit_curve"      // the curve is spelled out in numbers instead of named
	OtherKeyType     Diagnosis = "other_key_type"      // DSA, PGP, and what has yet to be invented

	// The right key, perhaps, in the wrong wrapping.

	BinaryKey       Diagnosis = "binary_key"       // the PKCS#8 key as bare DER
	BareBase64      Diagnosis = "bare_base64"      // the BEGIN and END lines are missing
	Base64Wrapped   Diagnosis = "base64_wrapped"   // the whole PEM text in base64 once more
	EscapedNewlines Diagnosis = "escaped_newlines" // backslash and n where lines should end
	Quoted          Diagnosis = "quoted"           // quotes around the key
	TextAround      Diagnosis = "text_around"      // words, a certificate, mail quoting around the key
	Reflowed        Diagnosis = "reflowed"         // line breaks lost or replaced by blanks
	MarkersChanged  Diagnosis = "markers_changed"  // a whole key whose BEGIN or END line is missing or not as Apple wrote it
	SeveralKeys     Diagnosis = "several_keys"     // two or more private keys in one file

	// The right kind of key, not whole.

	Truncated    Diagnosis = "truncated"     // cut off: no END line, cut base64, cut DER
	TrailingData Diagnosis = "trailing_data" // the DER goes on after the key
	Damaged      Diagnosis = "damaged"       // not base64, not PKCS#8, public key mismatch, scalar out of range
)

// An Error is the only error of Parse and FromFilename. Its text is made of
// the diagnosis alone, never of the file.
type Error struct {
	Diagnosis Diagnosis
}

// Error is for operators; show Diagnosis.Sentence to customers.
func (e *Error) Error() string { return "key file refused: " + string(e.Diagnosis) }

// Diagnoses lists every diagnosis, in the order of their constants.
func Diagnoses() []Diagnosis {
	list := make([]Diagnosis, len(sentences))
	for i, s := range sentences {
		list[i] = s.diagnosis
	}
	return list
}

// Sentence says, to a customer's administrator, what the file is and what to
// do now. It is plain text of one to four sentences.
func (d Diagnosis) Sentence() string {
	unknown := ""
	for _, s := range sentences {
		if s.diagnosis == d {
			return s.text
		}
		if s.diagnosis == Unknown {
			unknown = s.text
		}
	}
	return unknown
}

// aboutWrapping tells whether d says nothing about the key itself, so that a
// wrapping further out, which the customer sees first, is the better thing to
// name.
func (d Diagnosis) aboutWrapping() bool {
	switch d {
	case "", BinaryKey, BareBase64, Base64Wrapped, EscapedNewlines, Quoted, TextAround, Reflowed, MarkersChanged:
		return true
	}
	return false
}

// doubtsTheKey reports whether d may come from the BEGIN and END lines alone,
// while the key between them is whole: a label says what a file should hold,
// not what it holds.
func (d Diagnosis) doubtsTheKey() bool {
	switch d {
	case Unknown, Truncated, Damaged, RSAKey, SEC1Key, EncryptedKey, SSHKey, OtherKeyType,
		PublicKey, CertificatePEM, CertificateRequest:
		return true
	}
	return false
}

// wrapped is the diagnosis of a file in the wrapping outer whose inside has
// the diagnosis inner ("" for a good key).
func wrapped(outer, inner Diagnosis) Diagnosis {
	if inner.aboutWrapping() {
		return outer
	}
	return inner
}
