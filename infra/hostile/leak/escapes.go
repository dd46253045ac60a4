package leak

import (
	"bytes"
	"html"
	"strconv"
	"unicode/utf8"
)

// plainly is the data with the escapes of each way of writing undone, by the
// way's name. Ways that change nothing are left out.
func plainly(data []byte) map[string][]byte {
	out := map[string][]byte{}
	for name, undo := range map[string]func([]byte) []byte{
		"backslashes": backslashes, "percent-encoding": hexAfter('%'), "quoted-printable": hexAfter('='), "HTML": entities,
	} {
		if text := undo(data); text != nil && !bytes.Equal(text, data) {
			out[name] = text
		}
	}
	return out
}

func entities(data []byte) []byte {
	if !bytes.ContainsRune(data, '&') {
		return nil
	}
	return []byte(html.UnescapeString(string(data)))
}

// hexAfter undoes two hex digits after a mark, and line breaks after it.
func hexAfter(mark byte) func([]byte) []byte {
	return func(data []byte) []byte {
		if bytes.IndexByte(data, mark) < 0 {
			return nil
		}
		out := make([]byte, 0, len(data))
		for i := 0; i < len(data); i++ {
			if data[i] != mark {
				out = append(out, data[i])
				continue
			}
			rest := data[i+1:]
			switch n, ok := number(rest, 2); {
			case ok:
				out = append(out, byte(n))
				i += 2
			case bytes.HasPrefix(rest, []byte("\r\n")):
				i += 2
			case bytes.HasPrefix(rest, []byte("\n")):
				i++
			default:
				out = append(out, mark)
			}
		}
		return out
	}
}

// number reads so many hex digits.
func number(text []byte, digits int) (uint64, bool) {
	if len(text) < digits {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[:digits]), 16, 32)
	return n, err == nil
}

// single are the escapes of one letter, in Go and JSON.
var single = map[byte]byte{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', '\\': '\\', '"': '"', '\'': '\'', '/': '/'}

// backslashes undoes what strconv.Quote and JSON write.
func backslashes(data []byte) []byte {
	if bytes.IndexByte(data, '\\') < 0 {
		return nil
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		if data[i] != '\\' || i+1 == len(data) {
			out = append(out, data[i])
			continue
		}
		i++
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[data[i]]
		n, ok := number(data[i+1:], digits)
		letter, known := single[data[i]]
		switch {
		case digits == 2 && ok:
			out = append(out, byte(n))
			i += digits
		case digits > 0 && ok:
			out = utf8.AppendRune(out, rune(n))
			i += digits
		case known:
			out = append(out, letter)
		default:
			out = append(out, '\\', data[i])
		}
	}
	return out
}
