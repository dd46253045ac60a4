package intake

import (
	"testing"

	"keyward/pkg/integration"
)

// FuzzMessage reads bodies of messages: what is taken names an object.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		`{"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":"b"},"object":{"key":"incoming/int_a/upl_b","size":257,"etag":"e"}}}`,
		`{"detail-type":"Object Created","detail":{"object":{"key":"k","etag":"\"e\"","size":-1}}}`, `{"detail-type":"Object Deleted"}`, `null`, `[`, "\x00",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		ref, _, ok := parseMessage(body)
		switch {
		case ok && ref.Key == "":
			t.Error("an object without a key")
		case !ok && ref != (ObjectRef{}):
			t.Error("refused, and something comes of it all the same")
		}
		if id, upload, ok := integration.ParseObjectKey(ref.Key); ok && (id == "" || upload == "") {
			t.Error("an upload without an ID")
		}
	})
}
