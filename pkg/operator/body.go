package operator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"unicode/utf8"
)

// maxBody bounds requests. The largest real one, with twenty contacts, is
// below 8 KiB.
const maxBody = 64 << 10

// readBody reads the body whole. One that is there must be UTF-8 JSON by its
// content type.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, problem(http.StatusRequestEntityTooLarge, CodeTooLarge, "The body is larger than %d bytes.", maxBody)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, problem(http.StatusRequestTimeout, CodeSlow, "The body did not arrive in time. Please send it again.")
	case err != nil:
		return nil, malformed("The body broke off. Please send it again.")
	case len(body) == 0:
		return nil, nil
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || media != "application/json" || (charset != "" && charset != "utf-8" && charset != "UTF-8") {
		return nil, problem(http.StatusUnsupportedMediaType, CodeContentType, "Please send JSON, with Content-Type: application/json.")
	}
	if !utf8.Valid(body) {
		return nil, malformed("The body is not UTF-8.")
	}
	return body, nil
}

func malformed(sentence string) *Problem {
	return problem(http.StatusBadRequest, CodeMalformed, "%s", sentence)
}

// decode reads the body into v, and refuses members that v does not have: a
// misspelt one would be ignored otherwise. What was sent is not echoed.
func (c call) decode(v any) error {
	if len(c.body) == 0 {
		return malformed("A JSON object is expected in the body.")
	}
	dec := json.NewDecoder(bytes.NewReader(c.body))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		p := malformed("A member of the body has the wrong type.")
		p.Field = kind.Field
		return p
	case err != nil:
		return malformed("The body is not the JSON object that is expected here: it is not JSON, or has a member that is not known.")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return malformed("There is more than one JSON value in the body.")
	}
	return nil
}

// none makes sure that nothing was sent where nothing is expected.
func (c call) none() error {
	if len(c.body) == 0 || string(bytes.TrimSpace(c.body)) == "{}" {
		return c.query()
	}
	return malformed("This takes no body.")
}

// query makes sure that the query has no parameter but those named: one that
// is misspelt would be ignored otherwise, and addresses do not belong there.
func (c call) query(names ...string) error {
	for name := range c.URL.Query() {
		if !slices.Contains(names, name) {
			return malformed("There is a parameter in the query that is not known here.")
		}
	}
	return nil
}

// paging reads limit and cursor.
func paging(q url.Values, fallback, most int) (limit int, cursor string, err error) {
	if q.Get("limit") == "" {
		return fallback, q.Get("cursor"), nil
	}
	limit, err = strconv.Atoi(q.Get("limit"))
	if err != nil || limit < 1 || limit > most {
		return 0, "", invalid("limit", "The limit must be a number from 1 to %d.", most)
	}
	return limit, q.Get("cursor"), nil
}
