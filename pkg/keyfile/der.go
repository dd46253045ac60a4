package keyfile

import (
	"bytes"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// An element is one tag-length-value of DER.
type element struct {
	tag  asn1.Tag
	body cryptobyte.String
}

// A derState says how reading the outermost SEQUENCE ended.
type derState int

const (
	derWhole derState = iota
	derCut            // the length says more than there is
	derBad            // not the DER of a SEQUENCE
)

// maxUpload is how many bytes the upload form lets through.
const maxUpload = 64 << 10

// readOuter reads the SEQUENCE that der begins with. When it is cut, which is
// to say that it could be read with zeros behind it, body is what there is.
func readOuter(der []byte) (body, rest cryptobyte.String, state derState) {
	rest = der
	if rest.ReadASN1(&body, asn1.SEQUENCE) {
		return body, rest, derWhole
	}
	longer := slices.Concat(der, make([]byte, maxUpload))
	rest = longer
	if !rest.ReadASN1(&body, asn1.SEQUENCE) {
		return nil, nil, derBad
	}
	head := len(longer) - len(body) - len(rest)
	return der[min(head, len(der)):], nil, derCut
}

// isSequence reports whether der begins with the tag of a SEQUENCE.
func isSequence(der []byte) bool { return bytes.HasPrefix(der, []byte{byte(asn1.SEQUENCE)}) }

// readAll splits b into elements; whole is false when a rest cannot be read.
func readAll(b cryptobyte.String) (list []element, whole bool) {
	for !b.Empty() {
		var e element
		if !b.ReadAnyASN1(&e.body, &e.tag) {
			return list, false
		}
		list = append(list, e)
	}
	return list, true
}

// The context-specific tags that occur in keys and requests.
var (
	tagExplicit0 = asn1.Tag(0).ContextSpecific().Constructed()
	tagExplicit1 = asn1.Tag(1).ContextSpecific().Constructed()
	tagImplicit1 = asn1.Tag(1).ContextSpecific()
)

// shape writes the kinds of elements as one letter each, such as "iSo" for
// an INTEGER, a SEQUENCE and an OCTET STRING.
func shape(list []element) string {
	letters := map[asn1.Tag]byte{
		asn1.INTEGER: 'i', asn1.BIT_STRING: 'B', asn1.OCTET_STRING: 'o', asn1.OBJECT_IDENTIFIER: 'O', asn1.SEQUENCE: 'S',
		tagExplicit0: '0', tagExplicit1: '1', tagImplicit1: '1',
	}
	s := make([]byte, len(list))
	for i, e := range list {
		s[i] = '?'
		if l, ok := letters[e.tag]; ok {
			s[i] = l
		}
	}
	return string(s)
}

// isInt tells whether e is an INTEGER with the value, which is below 128.
func (e element) isInt(value byte) bool {
	return e.tag == asn1.INTEGER && bytes.Equal(e.body, []byte{value})
}

// children splits a SEQUENCE or an explicit tag; nil for anything that does
// not consist of whole elements.
func (e element) children() []element {
	list, whole := readAll(e.body)
	if !whole {
		return nil
	}
	return list
}
