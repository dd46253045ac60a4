package keyfile

import (
	"bytes"
	"strings"
)

// MaxSize is the largest file, in bytes, that Parse looks into: 16 KiB.
// Apple's keys have about 257 bytes. The upload form lets 64 KiB through, so
// that a wrong file gets a diagnosis instead of the object store's error.
const MaxSize = 16 << 10

// Parse reads a key file as customers send it. What it accepts, and why, is
// in the package comment. Every error is an *Error. Data is not kept.
func Parse(data []byte) (PrivateKey, error) {
	if key, ok := parseCanonical(data); ok {
		return key, nil
	}
	key, d := parse(data)
	if d != "" {
		return PrivateKey{}, &Error{Diagnosis: d}
	}
	return key, nil
}

// parse is Parse with the diagnosis, or "" for a good key. It calls itself
// for what is wrapped in base64, which is shorter each time.
func parse(data []byte) (PrivateKey, Diagnosis) {
	if d := diagnoseSignature(data); d != "" {
		return PrivateKey{}, d
	}
	if len(data) > MaxSize {
		return PrivateKey{}, TooLarge
	}
	text := decodeText(data)
	if strings.Trim(trimBlanks(text), "\x00") == "" {
		return PrivateKey{}, Empty
	}
	key, d := parseText(text)
	if d.doubtsTheKey() && wholeKeyInside(text) {
		return PrivateKey{}, MarkersChanged
	}
	return key, d
}

// A signature is how files of one format begin.
type signature struct {
	offset    int
	bytes     string
	diagnosis Diagnosis
}

var signatures = []signature{
	{0, "\x1f\x8b", GzipFile},
	{0, "BZh", ArchiveFile},
	{0, "\xfd7zXZ\x00", ArchiveFile},
	{0, "7z\xbc\xaf\x27\x1c", ArchiveFile},
	{0, "Rar!\x1a\x07", ArchiveFile},
	{257, "ustar", ArchiveFile},
	{0, "%PDF-", PDFFile},
	{0, `{\rtf`, RTFFile},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Document}, // Word and Excel before 2007
	{0, "\x89PNG\r\n", Image},
	{0, "\xff\xd8\xff", Image},
	{0, "GIF8", Image},
	{0, "II*\x00", Image},
	{0, "MM\x00*", Image},
	{4, "ftyphei", Image}, // HEIC, as an iPhone takes it
	{4, "ftypmif1", Image},
	{8, "WEBP", Image},
}

// diagnoseSignature knows a file by its first bytes, whatever its size. It
// returns "" when they say nothing.
func diagnoseSignature(data []byte) Diagnosis {
	for _, s := range signatures {
		if bytes.HasPrefix(data[min(len(data), s.offset):], []byte(s.bytes)) {
			return s.diagnosis
		}
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06")) {
		return diagnoseZip(data)
	}
	return diagnoseBinary(data)
}

// diagnoseZip goes by the names in the archive, which are not compressed.
// Searching for them also works on archives that are cut off.
func diagnoseZip(data []byte) Diagnosis {
	has := func(name string) bool { return bytes.Contains(data, []byte(name)) }
	switch {
	case has("Payload/") && has(".app/"):
		return App
	case has("[Content_Types].xml"), has("mimetypeapplication/vnd.oasis"), has("Index/Document.iwa"):
		return Document
	case has("AuthKey_"), has(".p8"):
		return ZippedKey
	}
	return ZipFile
}
