package asctest

import (
	"encoding/hex"
	"io"
	"maps"
	"slices"
	"strings"
)

// bytes reads n random bytes. It panics when there are none: there is no way
// to go on.
func (s *Server) bytes(n int) []byte {
	b := make([]byte, n)
	s.randMu.Lock()
	defer s.randMu.Unlock()
	if _, err := io.ReadFull(s.cfg.Random, b); err != nil {
		panic("asctest: no randomness: " + err.Error())
	}
	return b
}

// letters gives n characters of an alphabet of at most 256. The slight bias of
// the modulus does not matter for names.
func (s *Server) letters(n int, alphabet string) string {
	b := s.bytes(n)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}

// randomID is an ID such as Apple gives to keys, teams and provisioning
// resources.
func (s *Server) randomID(n int) string {
	return s.letters(n, "23456789ABCDEFGHJKLMNPQRSTUVWXYZ")
}

func (s *Server) randomDigits(n int) string { return s.letters(n, "0123456789") }

// randomUUID is shaped like the IDs of users, builds and issuers, which are
// not RFC 4122.
func (s *Server) randomUUID() string {
	h := hex.EncodeToString(s.bytes(16))
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func compareText(a, b string) int { return strings.Compare(a, b) }

func lower(s string) string { return strings.ToLower(s) }

func oneOf[T comparable](v T, all []T) bool { return slices.Contains(all, v) }
