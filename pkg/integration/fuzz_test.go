package integration

import (
	"strings"
	"testing"
)

// FuzzObjectKey reads names of objects: what is taken has the two IDs that it
// was made of, and no folder beside them.
func FuzzObjectKey(f *testing.F) {
	for _, s := range []string{"incoming/int_a/upl_b", "incoming/int_a/upl_b/c", "incoming/../int_a/upl_b", "int_a/upl_b", "incoming//upl_", "incoming/int_/upl_", "incoming/int_a/upl_\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, key string) {
		id, upload, ok := ParseObjectKey(key)
		if !ok {
			if id != "" || upload != "" {
				t.Error("refused, and IDs come of it all the same")
			}
			return
		}
		if (Upload{Integration: id, ID: upload}).ObjectKey() != key || strings.ContainsRune(string(id)+string(upload), '/') {
			t.Error("does not come back")
		}
	})
}
