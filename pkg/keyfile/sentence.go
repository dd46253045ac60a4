package keyfile

// What to do, in the words that most sentences end with.
const (
	uploadOriginal = "Please upload the file AuthKey_….p8 exactly as you downloaded it from App Store Connect."
	makeKey        = "Please make a key in App Store Connect under Users and Access, Integrations, App Store Connect API, " +
		"download it, and upload the file AuthKey_….p8."
	makeNew = "Apple lets you download a key only once: if you no longer have the original file, make a new key in " +
		"App Store Connect under Users and Access, Integrations, and upload that."
)

// sentences has one entry for each diagnosis, in the order of the constants.
var sentences = []struct {
	diagnosis Diagnosis
	text      string
}{
	{Empty, "This file is empty. The download may have failed. " + uploadOriginal + " " + makeNew},
	{TooLarge, "This file is far too large for an API key, which has about 250 characters. " + uploadOriginal},
	{Unknown, "This file is not an App Store Connect API key. " + uploadOriginal},

	{CertificateFile, "This is a certificate (.cer), not an API key. A certificate holds no private key. " + makeKey},
	{CertificatePEM, "This is a certificate in text form (PEM), not an API key. " + makeKey},
	{CertificateRequest, "This is a certificate signing request, which is for asking Apple for a certificate, not an API key. " + makeKey},
	{PublicKey, "This is a public key. We need the private key that Apple gave you. " + uploadOriginal},
	{ProvisioningProfile, "This is a provisioning profile (.mobileprovision), not an API key. " + makeKey},
	{App, "This is an app (.ipa), not an API key. " + makeKey},
	{Image, "This is a picture, not an API key. A screenshot of the key or of its page does not help. " + uploadOriginal},
	{PDFFile, "This is a PDF document, not an API key. " + uploadOriginal},
	{RTFFile, "This is a rich text file (RTF): a text editor such as TextEdit has saved the key in its own format. " + uploadOriginal + " " + makeNew},
	{Document, "This is an office document (such as Word or Pages), not an API key. Please do not copy the key into a document. " + uploadOriginal},
	{HTMLFile, "This is a web page, not an API key: probably the page was saved instead of the file. " + uploadOriginal + " " + makeNew},
	{JSONFile, "This is a JSON file, such as fastlane uses, not the key file itself. " + uploadOriginal},
	{ZippedKey, "This is a .zip archive with a key file in it. Please unpack it and upload the file AuthKey_….p8 alone."},
	{ZipFile, "This is a .zip archive, and we see no key file in it. If yours is in there, please unpack it and upload the file AuthKey_….p8 alone."},
	{GzipFile, "This is a compressed file (.gz). Please unpack it and upload the file AuthKey_….p8 alone."},
	{ArchiveFile, "This is an archive (such as .7z, .rar or .tar). Please unpack it and upload the file AuthKey_….p8 alone."},

	{InAppPurchaseKey, "This is an In-App Purchase key: its name begins with SubscriptionKey_. It cannot be used for App Store Connect. " +
		"Please make a key in App Store Connect under Users and Access, Integrations, App Store Connect API (not In-App Purchase), " +
		"and upload the file AuthKey_….p8."},
	{PKCS12, "This is a certificate with its private key (.p12 or .pfx), for signing apps, not an API key. Please keep it to yourself. " + makeKey},
	{RSAKey, "This is an RSA private key. Apple's API keys are of another kind (EC P-256), so it belongs to something else: please keep it to yourself. " + makeKey},
	{EncryptedKey, "This private key is locked with a passphrase. Apple's own file has none. " + uploadOriginal},
	{SEC1Key, "This is a private key in SEC1 format. Apple's files are in another format (PKCS#8), so another program made or converted this one. " +
		uploadOriginal + " If you converted it from Apple's file and no longer have that, this command turns it back: " +
		"openssl pkcs8 -topk8 -nocrypt -in yourfile -out AuthKey.p8 (with -inform DER if the file is not text)"},
	{SSHKey, "This is an SSH key, for logging in to servers, not an API key. Please keep it to yourself. " + makeKey},
	{OtherCurve, "This is a private key of another kind: Apple's API keys use the curve P-256, and this one uses a different curve. It cannot have come from Apple. " + makeKey},
	{ExplicitCurve, "This private key was written by another program, in a form that spells out its curve in numbers. Apple's files do not. " + uploadOriginal},
	{OtherKeyType, "This is a private key, but not of the kind that Apple issues (EC P-256). Please keep it to yourself. " + makeKey},

	{BinaryKey, "This key was converted to its binary form (DER). " + uploadOriginal + " " + makeNew},
	{BareBase64, "The first and last line of the key are missing (BEGIN PRIVATE KEY and END PRIVATE KEY). " + uploadOriginal},
	{Base64Wrapped, "The key in this file was encoded in base64 once more, as some build systems ask for it. " + uploadOriginal + " If you have only this file, decode it first: base64 --decode"},
	{EscapedNewlines, "The line breaks of this key were replaced by the characters \\n, as in a settings file. " + uploadOriginal},
	{Quoted, "There are quotation marks around the key. " + uploadOriginal},
	{TextAround, "There is other text before, after or in between the lines of the key. " + uploadOriginal},
	{Reflowed, "The line breaks of this key are missing or were replaced by blanks, as copy and paste does. " + uploadOriginal},
	{MarkersChanged, "This file was changed after it was downloaded. The key in it is there, but its first or last line is not as Apple wrote it: " +
		"BEGIN PRIVATE KEY and END PRIVATE KEY, with five hyphens on each side. Text editors, chats and e-mail programs do that. " +
		"Please look for the original AuthKey_….p8 in the downloads of whoever made the key, and upload it without opening it."},
	{SeveralKeys, "There is more than one private key in this file, and we cannot know which one you mean. Please upload one key, in the file that you downloaded from App Store Connect."},

	{Truncated, "This key is cut off: a part of it is missing. The download or a copy may have been interrupted. " + uploadOriginal + " " + makeNew},
	{TrailingData, "There is extra data behind the key in this file, so it was changed after the download. " + uploadOriginal + " " + makeNew},
	{Damaged, "This key is damaged: its contents do not fit together. " + uploadOriginal + " " + makeNew},
}
