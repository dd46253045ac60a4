package keyfile

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// scalarSize is the number of bytes of a P-256 private key.
const scalarSize = 32

// inspectPKCS8 reads PrivateKeyInfo (RFC 5208) or OneAsymmetricKey (RFC
// 5958): version, algorithm, key, and perhaps attributes and public key.
// The algorithm is judged first, so that a wrong kind of key is named even
// where the rest is damaged.
func inspectPKCS8(list []element) (PrivateKey, Diagnosis) {
	if d := inspectAlgorithm(list[1]); d != "" {
		return PrivateKey{}, d
	}
	if !list[0].isInt(0) && !list[0].isInt(1) {
		return PrivateKey{}, Damaged
	}
	rest, inner := list[2].body, cryptobyte.String(nil)
	switch {
	case !rest.ReadASN1(&inner, asn1.SEQUENCE):
		return PrivateKey{}, Damaged
	case !rest.Empty():
		return PrivateKey{}, TrailingData
	}
	return inspectECKey(inner, publicKeyOf(list[3:]))
}

// publicKeyOf finds OneAsymmetricKey's public key: [1] IMPLICIT BIT STRING.
func publicKeyOf(list []element) [][]byte {
	for _, e := range list {
		if e.tag == tagImplicit1 || e.tag == tagExplicit1 {
			return [][]byte{bitString(e)}
		}
	}
	return nil
}

// inspectAlgorithm returns "" for an EC key on P-256.
func inspectAlgorithm(algorithm element) Diagnosis {
	list := algorithm.children()
	if len(list) == 0 || list[0].tag != asn1.OBJECT_IDENTIFIER {
		return Damaged
	}
	switch oid := string(list[0].body); {
	case oid == oidRSA, oid == oidRSAPSS:
		return RSAKey
	case strings.HasPrefix(oid, oidEdwards):
		return OtherCurve
	case strings.HasPrefix(oid, oidPBES), strings.HasPrefix(oid, oidPBEPKCS12):
		return EncryptedKey
	case oid == oidData, oid == oidSignedData:
		return PKCS12
	case oid != oidECPublicKey:
		return OtherKeyType
	}
	return inspectCurve(list[1:])
}

// inspectCurve returns "" for EC parameters that name P-256.
func inspectCurve(parameters []element) Diagnosis {
	switch {
	case len(parameters) != 1:
		return Damaged
	case parameters[0].tag == asn1.SEQUENCE:
		return ExplicitCurve
	case parameters[0].tag != asn1.OBJECT_IDENTIFIER:
		return Damaged
	case string(parameters[0].body) != oidP256:
		return OtherCurve
	}
	return ""
}

// inspectECKey reads ECPrivateKey (RFC 5915): version 1, the scalar, and
// perhaps the curve and the public key. Apple writes both, OpenSSL the public
// key only, Java neither. Each public key there is, here or in publics, must
// be the scalar's.
func inspectECKey(inner cryptobyte.String, publics [][]byte) (PrivateKey, Diagnosis) {
	list, whole := readAll(inner)
	if !whole || !shapeSEC1.MatchString(shape(list)) || !list[0].isInt(1) {
		return PrivateKey{}, Damaged
	}
	for _, e := range list[2:] {
		switch {
		case e.tag == tagExplicit1:
			publics = append(publics, explicitBits(e))
		case e.tag != tagExplicit0 || inspectCurve(e.children()) != "":
			return PrivateKey{}, Damaged
		}
	}
	key := scalarKey(list[1].body, len(publics) > 0)
	if key == nil {
		return PrivateKey{}, Damaged
	}
	for _, p := range publics {
		if !samePoint(key, p) {
			return PrivateKey{}, Damaged
		}
	}
	return seal(key), ""
}

// scalarKey makes the key of a big-endian scalar; nil when it is zero or not
// below the order of the curve. Some programs drop or add leading zeros; that
// is let through where a public key proves the scalar whole.
func scalarKey(scalar []byte, proven bool) *ecdsa.PrivateKey {
	if len(scalar) != scalarSize {
		scalar = bytes.TrimLeft(scalar, "\x00")
		if !proven || len(scalar) > scalarSize {
			return nil
		}
		scalar = append(make([]byte, scalarSize-len(scalar)), scalar...)
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		return nil
	}
	return key
}

// explicitBits returns the bits of a BIT STRING inside an explicit tag.
func explicitBits(e element) []byte {
	var bits []byte
	if e.body.ReadASN1BitStringAsBytes(&bits) && e.body.Empty() {
		return bits
	}
	return nil
}

// bitString returns the whole bytes of a BIT STRING; nil, which is no point,
// when some bits are unused.
func bitString(e element) []byte {
	if bits, whole := bytes.CutPrefix(e.body, []byte{0}); whole {
		return bits
	}
	return nil
}

// samePoint tells whether encoded is key's public key, in any of the forms
// that OpenSSL writes (-conv_form): 04 uncompressed, 02 or 03 compressed, 06
// or 07 hybrid. The last bit of the form is the parity of Y in the latter two.
func samePoint(key *ecdsa.PrivateKey, encoded []byte) bool {
	point, err := key.PublicKey.Bytes() // 04 X Y
	if err != nil {
		return false
	}
	parity := point[len(point)-1] & 1
	compressed := append([]byte{2 | parity}, point[1:1+scalarSize]...)
	hybrid := append([]byte{6 | parity}, point[1:]...)
	return bytes.Equal(encoded, point) || bytes.Equal(encoded, compressed) || bytes.Equal(encoded, hybrid)
}
