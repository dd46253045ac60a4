package keyfile

import (
	"encoding/binary"
	"strings"
	"unicode"
	"unicode/utf16"
)

// decodeText makes UTF-8 with LF line ends of UTF-8 or UTF-16 with any line
// ends. Bytes that are neither stay as they are; no key has them.
func decodeText(data []byte) string {
	text := string(data)
	if order := utf16Order(data); order != nil {
		text = decodeUTF16(data, order)
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// utf16Order tells the byte order of UTF-16, or nil for text that is not
// UTF-16 or might not be.
func utf16Order(data []byte) binary.ByteOrder {
	switch {
	case len(data) < 2:
		return nil
	case data[0] == 0xff && data[1] == 0xfe:
		return binary.LittleEndian
	case data[0] == 0xfe && data[1] == 0xff:
		return binary.BigEndian
	case wideASCII(data, 0):
		return binary.LittleEndian
	case wideASCII(data, 1):
		return binary.BigEndian
	}
	return nil
}

// wideASCII tells whether data is pairs of a zero and an ASCII character,
// which stands at the given place in each pair. Nothing but UTF-16 is.
func wideASCII(data []byte, place int) bool {
	if len(data)%2 != 0 {
		return false
	}
	for i := 0; i < len(data); i += 2 {
		c := data[i+place]
		blank := c == '\t' || c == '\n' || c == '\r'
		if data[i+1-place] != 0 || c > '~' || (c < ' ' && !blank) {
			return false
		}
	}
	return true
}

// decodeUTF16 keeps an odd last byte as U+FFFD, so that it is not overlooked.
func decodeUTF16(data []byte, order binary.ByteOrder) string {
	var units []uint16
	for ; len(data) >= 2; data = data[2:] {
		units = append(units, order.Uint16(data))
	}
	if len(data) > 0 {
		units = append(units, unicode.ReplacementChar)
	}
	return string(utf16.Decode(units))
}

// isBlank tells whether people see nothing where r stands: white space,
// no-break spaces, byte order marks, zero-width characters.
func isBlank(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) }

// isInvisible tells whether r takes no room at all, such as a zero-width
// space, a soft hyphen or a mark of writing direction.
func isInvisible(r rune) bool { return unicode.Is(unicode.Cf, r) }

// isQuote tells whether r is a quotation mark of some language or keyboard.
func isQuote(r rune) bool {
	return strings.ContainsRune("\"'`´‘’‚‛“”„‟«»‹›′″「」『』＂＇", r)
}

func trimBlanks(s string) string { return strings.TrimFunc(s, isBlank) }

// dropBlanks removes all blanks, also those in between.
func dropBlanks(s string) string {
	return strings.Map(func(r rune) rune {
		if isBlank(r) {
			return -1
		}
		return r
	}, s)
}
