package keyfile

import (
	"bytes"
	"encoding/base64"
)

// The parts of what PEM returns: two lines of 64 characters and one of 56
// between the markers, 138 bytes of DER.
const (
	canonicalBegin = "-----BEGIN " + labelPKCS8 + "-----\n"
	canonicalEnd   = "\n-----END " + labelPKCS8 + "-----\n"
	canonicalLine  = 64
	canonicalBody  = 184 + 2 // base64 and the line ends in between

	canonicalHead  = "\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07" + oidECPublicKey + "\x06\x08" + oidP256 + "\x04\x6d\x30\x6b\x02\x01\x01\x04\x20"
	canonicalPoint = "\xa1\x44\x03\x42\x00"
)

// parseCanonical reads what PEM returns, byte for byte, and nothing else. It
// finds out no more than parse does, in half the time: every check reads
// a key from the vault, and there all keys have this form.
func parseCanonical(data []byte) (PrivateKey, bool) {
	body, begins := bytes.CutPrefix(data, []byte(canonicalBegin))
	body, ends := bytes.CutSuffix(body, []byte(canonicalEnd))
	const second = 2*canonicalLine + 1
	if !begins || !ends || len(body) != canonicalBody || body[canonicalLine] != '\n' || body[second] != '\n' {
		return PrivateKey{}, false
	}
	text := append(append(append(make([]byte, 0, canonicalBody), body[:canonicalLine]...), body[canonicalLine+1:second]...), body[second+1:]...)
	der, err := base64.StdEncoding.Strict().AppendDecode(nil, text)
	if err != nil {
		return PrivateKey{}, false
	}
	inner, head := bytes.CutPrefix(der, []byte(canonicalHead))
	size := min(scalarSize, len(inner)) // the decoder skips line breaks: der may be short
	point, tail := bytes.CutPrefix(inner[size:], []byte(canonicalPoint))
	key := scalarKey(inner[:size], true)
	if !head || !tail || key == nil || !samePoint(key, point) {
		return PrivateKey{}, false
	}
	return seal(key), true
}
