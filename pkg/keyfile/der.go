package keyfile

import "bytes"

// An element is one tag-length-value of DER.
type element struct {
	tag  byte
	body []byte
}

// A derState says how reading an element ended.
type derState int

const (
	derWhole   derState = iota
	derCut              // the length says more than there is
	derBad              // not DER
	maxLenSize = 4      // bytes of a length: no file here is larger
)

// readElement takes the first element off b. When the element is cut, its
// body is what there is of it.
func readElement(b []byte) (e element, rest []byte, state derState) {
	if len(b) < 2 {
		return element{}, nil, derCut
	}
	if b[0]&0x1f == 0x1f { // tags above 30 occur in nothing that we read
		return element{}, nil, derBad
	}
	size, head, state := readLength(b[1:])
	if state != derWhole {
		return element{}, nil, state
	}
	e = element{tag: b[0], body: b[1+head:]}
	if size > len(e.body) {
		return e, nil, derCut
	}
	e.body, rest = e.body[:size], e.body[size:]
	return e, rest, derWhole
}

// readLength reads a length of at least one byte, in the only form that DER
// allows for it, and tells how many bytes it took.
func readLength(b []byte) (size, taken int, state derState) {
	if b[0] < 0x80 {
		return int(b[0]), 1, derWhole
	}
	n := int(b[0] & 0x7f)
	if n == 0 || n > maxLenSize {
		return 0, 0, derBad
	}
	if len(b) < 1+n {
		return 0, 0, derCut
	}
	var wide uint64
	for _, c := range b[1 : 1+n] {
		wide = wide<<8 | uint64(c)
	}
	if b[1] == 0 || wide < 0x80 || wide > 1<<30 {
		return 0, 0, derBad
	}
	return int(wide), 1 + n, derWhole
}

// readAll splits b into elements; whole is false when a rest cannot be read.
func readAll(b []byte) (list []element, whole bool) {
	for len(b) > 0 {
		e, rest, state := readElement(b)
		if state != derWhole {
			return list, false
		}
		list, b = append(list, e), rest
	}
	return list, true
}

// Tags, and the letter that each has in a shape.
const (
	tagInteger   = 0x02
	tagBitString = 0x03
	tagOctets    = 0x04
	tagOID       = 0x06
	tagSequence  = 0x30
	tagExplicit0 = 0xa0
	tagExplicit1 = 0xa1
	tagImplicit1 = 0x81
)

// shape writes the kinds of elements as one letter each, such as "iSo" for
// an INTEGER, a SEQUENCE and an OCTET STRING.
func shape(list []element) string {
	letters := map[byte]byte{
		tagInteger: 'i', tagBitString: 'B', tagOctets: 'o', tagOID: 'O', tagSequence: 'S',
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
	return e.tag == tagInteger && bytes.Equal(e.body, []byte{value})
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
