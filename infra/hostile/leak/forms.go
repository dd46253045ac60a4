package leak

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// window is how much of a secret, in bytes, counts as a leak of it.
const window = 16

// Text makes a token or an address a secret. Shorter ones than 8 bytes are
// not looked for.
func (s *Scanner) Text(name, text string) {
	s.Bytes(name, []byte(text))
}

// Bytes makes every piece of 16 bytes a secret, or all if there are fewer.
func (s *Scanner) Bytes(name string, secret []byte) {
	n := min(window, len(secret))
	for i := 0; i+n <= len(secret); i++ {
		w := secret[i : i+n]
		s.add(name, "plain", string(w))
		for form, text := range spelled(w) {
			s.add(name, form, text)
		}
	}
	s.base64(name, secret)
}

// Plain is Bytes for secrets of which there are very many: only pieces that
// begin at every eighth byte, and only as they are.
func (s *Scanner) Plain(name, text string) {
	for i := 0; i+window <= len(text); i += 8 {
		s.add(name, "plain", text[i:i+window])
	}
}

// spelled is the window in the forms that write each byte by itself.
func spelled(w []byte) map[string]string {
	low := hex.EncodeToString(w)
	return map[string]string{
		"hex": low, "HEX": strings.ToUpper(low),
		"numbers": strings.TrimSpace(each(w, "%d ")), "commas": strings.TrimSuffix(each(w, "%d,"), ","),
		"Go bytes": strings.TrimSuffix(each(w, "0x%x, "), ", "), "spaced hex": strings.TrimSpace(each(w, "%02x ")), "colons": strings.TrimSuffix(each(w, "%02x:"), ":"),
		"backwards": backwards(w),
	}
}

func each(w []byte, format string) string {
	var b strings.Builder
	for _, c := range w {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func backwards(w []byte) string {
	b := make([]byte, len(w))
	for i, c := range w {
		b[len(w)-1-i] = c
	}
	return string(b)
}

// base64 adds the secret's pieces in both alphabets, wherever it begins in
// what is encoded. What the neighbouring bytes share is left off.
func (s *Scanner) base64(name string, secret []byte) {
	for shift := range 3 {
		padded := append(make([]byte, shift), secret...)
		whole := len(padded) / 3 * 3
		for form, enc := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			text := enc.EncodeToString(padded[:whole])
			if shift > 0 && len(text) >= 4 {
				text = text[4:]
			}
			n := min(window*4/3, len(text))
			for i := 0; i+n <= len(text); i++ {
				s.add(name, form, text[i:i+n])
			}
		}
	}
}
