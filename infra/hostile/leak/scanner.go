package leak

import (
	"fmt"
	"slices"
)

// A Hit is a piece of a secret that was found.
type Hit struct {
	Secret string // its name
	Form   string // such as "base64"
	Offset int    // in bytes; in what is left once the form's escapes are undone
}

func (h Hit) String() string { return fmt.Sprintf("%s as %s at byte %d", h.Secret, h.Form, h.Offset) }

// head is how many bytes of a piece lead to it.
const head = 8

// A piece is a text that must not turn up.
type piece struct {
	text, secret, form string
}

// A Scanner knows secrets. Add them before it scans; scans may then go on at
// the same time.
type Scanner struct {
	pieces map[[head]byte][]piece
	begins [1 << 16]bool // by the first two bytes, to pass over most places at once
	known  map[string]bool
}

// NewScanner knows no secret yet.
func NewScanner() *Scanner {
	return &Scanner{pieces: map[[head]byte][]piece{}, known: map[string]bool{}}
}

// Len is the number of pieces that are looked for.
func (s *Scanner) Len() int { return len(s.known) }

func (s *Scanner) add(secret, form, text string) {
	if len(text) < head || s.known[text] {
		return
	}
	s.known[text] = true
	k := [head]byte([]byte(text[:head]))
	s.pieces[k] = append(s.pieces[k], piece{text, secret, form})
	s.begins[int(text[0])<<8|int(text[1])] = true
}

// Scan finds all secrets in the data, escapes undone or not: the first hit of
// each form of each.
func (s *Scanner) Scan(data []byte) []Hit {
	hits := s.scan(data)
	for way, text := range plainly(data) {
		for _, h := range s.scan(text) {
			if !slices.ContainsFunc(hits, func(o Hit) bool { return o.Secret == h.Secret && o.Form == h.Form }) {
				h.Form += ", in " + way
				hits = append(hits, h)
			}
		}
	}
	return hits
}

func (s *Scanner) scan(data []byte) []Hit {
	var hits []Hit
	for i := 0; i+head <= len(data); i++ {
		if !s.begins[int(data[i])<<8|int(data[i+1])] {
			continue
		}
		for _, p := range s.pieces[[head]byte(data[i:i+head])] {
			if len(data)-i < len(p.text) || string(data[i:i+len(p.text)]) != p.text {
				continue
			}
			h := Hit{p.secret, p.form, i}
			if !slices.ContainsFunc(hits, func(o Hit) bool { return o.Secret == h.Secret && o.Form == h.Form }) {
				hits = append(hits, h)
			}
		}
	}
	return hits
}
