package keyfile

import (
	"bytes"
	"regexp"
	"strings"

	"golang.org/x/crypto/cryptobyte"
)

// Object identifiers, as the bytes of their DER.
const (
	oidECPublicKey = "\x2a\x86\x48\xce\x3d\x02\x01"         // 1.2.840.10045.2.1
	oidP256        = "\x2a\x86\x48\xce\x3d\x03\x01\x07"     // 1.2.840.10045.3.1.7
	oidRSA         = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" // 1.2.840.113549.1.1.1
	oidRSAPSS      = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a" // 1.2.840.113549.1.1.10
	oidData        = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01" // 1.2.840.113549.1.7.1
	oidSignedData  = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" // 1.2.840.113549.1.7.2
	oidEdwards     = "\x2b\x65"                             // 1.3.101: X25519, X448, Ed25519, Ed448 are below it
	oidPBES        = "\x2a\x86\x48\x86\xf7\x0d\x01\x05"     // 1.2.840.113549.1.5
	oidPBEPKCS12   = "\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01" // 1.2.840.113549.1.12.1
	derHead        = 64                                     // bytes of a cut file that are searched for identifiers
)

// inspect reads DER of whatever kind and returns the key, or the diagnosis
// of what it is instead.
func inspect(der []byte) (PrivateKey, Diagnosis) {
	body, rest, state := readOuter(der)
	switch state {
	case derCut:
		return PrivateKey{}, inspectCut(der)
	case derBad:
		return PrivateKey{}, inspectBER(der)
	}
	key, d := inspectSequence(body)
	if !rest.Empty() && (d == "" || d == Unknown) {
		return PrivateKey{}, TrailingData
	}
	return key, d
}

// inspectCut says what the beginning of a cut file still shows. A new copy
// of an RSA key would not help the customer.
func inspectCut(der []byte) Diagnosis {
	if len(der) > 0 && !isSequence(der) {
		return Unknown
	}
	head := der[:min(len(der), derHead)]
	if bytes.Contains(head, []byte(oidPBES)) || bytes.Contains(head, []byte(oidPBEPKCS12)) {
		return EncryptedKey
	}
	if d := inspectBER(der); d != Unknown {
		return d
	}
	body, _, _ := readOuter(der)
	if list, _ := readAll(body); strings.HasPrefix(shape(list), "iS") {
		if d := inspectAlgorithm(list[1]); d != "" && d != Damaged {
			return d
		}
	}
	return Truncated
}

// inspectBER knows .p12 files and profiles whose lengths are not in DER's
// form, or cut, by their identifiers.
func inspectBER(der []byte) Diagnosis {
	head := der[:min(len(der), derHead)]
	switch {
	case !isSequence(der):
		return Unknown
	case bytes.Contains(head, []byte("\x02\x01\x03\x30")) && bytes.Contains(head, []byte(oidData)):
		return PKCS12
	case bytes.Contains(head, []byte(oidSignedData)):
		return inspectSigned(der)
	}
	return Unknown
}

// inspectSigned tells a provisioning profile, which is a signed property
// list, from a bundle of certificates.
func inspectSigned(der []byte) Diagnosis {
	if bytes.Contains(der, []byte("<plist")) {
		return ProvisioningProfile
	}
	return CertificateFile
}

// kinds tells what a SEQUENCE is by the shape of its elements. PKCS#8 and
// those that need a second look are not in it.
var kinds = []struct {
	shape     *regexp.Regexp
	diagnosis Diagnosis
}{
	{regexp.MustCompile(`^iSS?$`), PKCS12},
	{regexp.MustCompile(`^i{9}S?$`), RSAKey}, // PKCS#1; S: more than two primes
	{regexp.MustCompile(`^i{6}$`), OtherKeyType},
	{regexp.MustCompile(`^ii$`), PublicKey}, // RSA, PKCS#1
	{regexp.MustCompile(`^So$`), EncryptedKey},
	{regexp.MustCompile(`^SB$`), PublicKey},
}

var (
	shapePKCS8 = regexp.MustCompile(`^iSo0?1?$`)
	shapeSEC1  = regexp.MustCompile(`^io0?1?$`)
)

func inspectSequence(body cryptobyte.String) (PrivateKey, Diagnosis) {
	list, whole := readAll(body)
	s := shape(list)
	switch {
	case shapePKCS8.MatchString(s) && whole:
		return inspectPKCS8(list)
	case !whole && strings.HasPrefix(s, "iS"):
		return PrivateKey{}, inspectBroken(list[1])
	case shapeSEC1.MatchString(s):
		return PrivateKey{}, inspectSEC1(list)
	case s == "SSB":
		return PrivateKey{}, inspectCertified(list[0])
	case s == "O0" && string(list[0].body) == oidSignedData:
		return PrivateKey{}, inspectSigned(body)
	}
	for _, k := range kinds {
		if k.shape.MatchString(s) {
			return PrivateKey{}, k.diagnosis
		}
	}
	return PrivateKey{}, Unknown
}

// inspectBroken is for PKCS#8 that breaks off inside, after the algorithm.
func inspectBroken(algorithm element) Diagnosis {
	if d := inspectAlgorithm(algorithm); d != "" {
		return d
	}
	return Damaged
}

// inspectSEC1 looks at the curve as well: converting would not help a key on
// another one.
func inspectSEC1(list []element) Diagnosis {
	for _, e := range list {
		if e.tag != tagExplicit0 {
			continue
		}
		if d := inspectCurve(e.children()); d == OtherCurve {
			return OtherCurve
		}
	}
	return SEC1Key
}

// inspectCertified tells a certificate from a request for one: both are
// signed, but a request has fewer elements and no issuer.
func inspectCertified(body element) Diagnosis {
	list, _ := readAll(body.body)
	if s := shape(list); s == "iSS0" || s == "iSS" {
		return CertificateRequest
	}
	return CertificateFile
}

// diagnoseBinary knows a file that is DER, not text. It returns "" for all
// others, and for what only looks like DER: "0" in ASCII is a SEQUENCE.
func diagnoseBinary(data []byte) Diagnosis {
	if !isSequence(data) {
		return ""
	}
	_, d := inspect(data)
	switch d {
	case "":
		return BinaryKey
	case Unknown:
		return ""
	case Truncated, TrailingData, Damaged:
		if !bytes.Contains(data[:min(len(data), derHead)], []byte(oidECPublicKey)) {
			return ""
		}
	}
	return d
}
