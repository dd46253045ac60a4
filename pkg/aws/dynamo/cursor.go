package dynamo

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"keyward/pkg/integration"
)

// A place is what a cursor says: which listing, and the last key seen there.
type place struct {
	Of    string `json:"of"`
	After string `json:"after"`
}

func (p place) cursor() string {
	b, _ := json.Marshal(p) // two strings: cannot fail
	return base64.RawURLEncoding.EncodeToString(b)
}

// placeOf reads a cursor; ErrInvalid unless it is of the same listing, and
// what it was after begins so.
func placeOf(cursor, of, prefix string) (place, error) {
	var p place
	if cursor == "" {
		return place{Of: of}, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || json.Unmarshal(b, &p) != nil || p.Of != of || p.After == "" ||
		!strings.HasPrefix(p.After, prefix) || validKey("", p.After) != nil {
		return place{}, fmt.Errorf("%w: not a cursor of this listing", integration.ErrInvalid)
	}
	return p, nil
}
