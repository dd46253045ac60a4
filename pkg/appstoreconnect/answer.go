package appstoreconnect

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	maxErrorBody = 64 << 10 // a larger one is not read further
	maxBody      = 8 << 20  // 200 certificates are well below 1 MiB
	maxDrain     = 64 << 10 // what is read to keep a connection usable
	maxCodes     = 16
)

// readAnswer takes a response apart and closes it. Its error is an *APIError,
// or a transportError when the body broke off.
func readAnswer(resp *http.Response, now time.Time) ([]byte, error) {
	defer drain(resp.Body)
	limit := int64(maxErrorBody)
	if success(resp.StatusCode) {
		limit = maxBody
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, noAnswer(err)
	}
	skew := clockSkew(resp.Header.Get("Date"), now)
	e := &APIError{
		Status:     resp.StatusCode,
		RetryAfter: parseRetryAfter(resp.Header.Get("Retry-After"), now.Add(skew)),
		RateLimit:  parseRateLimit(resp.Header.Get("X-Rate-Limit")),
		form:       formOf(resp.Header.Get("Content-Type"), body),
		skew:       skew,
	}
	if int64(len(body)) > limit && e.form != formPage {
		e.form = formGarbled
	}
	if success(e.Status) && e.form == formErrors {
		return body, nil
	}
	if e.form == formErrors {
		e.decode(body)
	}
	return nil, e
}

func success(status int) bool { return status >= 200 && status < 300 }

// drain reads the little that may be left, so that the connection can be used
// again, and no more.
func drain(body io.ReadCloser) {
	_, _ = io.CopyN(io.Discard, body, maxDrain)
	_ = body.Close()
}

// formOf looks at what the body is. The content type counts only where it says
// HTML: other wrong types are common in front of good JSON.
func formOf(contentType string, body []byte) form {
	body = bytes.TrimSpace(body)
	media, _, _ := mime.ParseMediaType(contentType)
	switch {
	case len(body) == 0:
		return formEmpty
	case body[0] == '<', media == "text/html", media == "application/xhtml+xml":
		return formPage
	case body[0] != '{' && body[0] != '[':
		return formText
	case !json.Valid(body):
		return formGarbled
	}
	return formErrors
}

// decode reads the error objects, tolerantly: a member of the wrong type is as
// good as none. What makes an error object Apple's is a code, and the answer's
// own status as a string [SPEC: both are required]: other programs have
// "errors" in their JSON too. A body without any is not Apple's word.
func (e *APIError) decode(body []byte) {
	var doc struct {
		Errors []struct {
			Status lenient `json:"status"`
			Code   lenient `json:"code"`
			Detail lenient `json:"detail"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		e.form = formGarbled
		return
	}
	for _, o := range doc.Errors {
		code := string(o.Code)
		if string(o.Status) != strconv.Itoa(e.Status) || !codeForm.MatchString(code) {
			continue
		}
		if len(e.Codes) < maxCodes {
			e.Codes = append(e.Codes, code)
		}
		e.lapsed = e.lapsed || saysMembershipLapsed(e.Status, code, string(o.Detail))
	}
	if len(e.Codes) == 0 {
		e.form = formGarbled
	}
}

// codeForm is what a code may look like; anything else could be prose, which
// must not get into an error text.
var codeForm = regexp.MustCompile(`^[A-Za-z0-9_]{1,64}(\.[A-Za-z0-9_]{1,64}){0,4}$`)

// A lenient string decodes from any JSON value; what is not a string is empty.
type lenient string

// UnmarshalJSON never fails.
func (l *lenient) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*l = lenient(s)
	}
	return nil
}

// saysMembershipLapsed is the one place where Apple's prose is read, against
// Apple's own advice: a lapsed membership answers the same 403 FORBIDDEN_ERROR
// as a role that is too low, and only the detail, "… not associated with an
// active membership …", tells them apart [FIELD]. Should Apple reword it, the
// case shows as Role or ForbiddenAtAll. The text is compared and dropped.
func saysMembershipLapsed(status int, code, detail string) bool {
	if status != http.StatusForbidden || !strings.HasPrefix(code, "FORBIDDEN") {
		return false
	}
	words := strings.Join(strings.Fields(strings.ToLower(detail)), " ")
	return strings.Contains(words, "active membership")
}
