package asctest

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strconv"
	"time"
)

// instead tells whether the fault takes the place of the answer.
func (f *Fault) instead() bool {
	return oneOf(f.Effect, []Effect{Spurious401, Forbid403, Limit429, Outage, HTMLError, EmptyBody, HugeBody, OtherJSON, EmptyList})
}

// response is the answer of a fault that takes its place.
func (f *Fault) response(c *call) response {
	switch f.Effect {
	case Spurious401:
		return c.failure(errNotAuthorized())
	case Forbid403:
		return c.failure(errForbidden())
	case Limit429:
		return f.retryAfter(c.failure(errRateLimit()))
	case HTMLError:
		status := f.statusOr(http.StatusServiceUnavailable)
		return response{status: status, contentType: "text/html; charset=utf-8", body: htmlError(status)}
	case EmptyBody:
		return response{status: f.statusOr(http.StatusBadGateway)}
	case OtherJSON:
		return response{status: f.statusOr(http.StatusForbidden), body: []byte(`{"message":"Forbidden"}`)}
	case EmptyList:
		return response{status: http.StatusOK, body: []byte(`{"data":[],"links":{"self":"x"},"meta":{"paging":{"total":0,"limit":200}}}`)}
	case HugeBody:
		return response{status: http.StatusOK, body: hugeBody()}
	}
	status := f.statusOr(http.StatusServiceUnavailable)
	return f.retryAfter(c.failure(&apiError{status: status, code: outageCode(status),
		title: http.StatusText(status), detail: "The server cannot answer this request now. Try again later."}))
}

func (f *Fault) statusOr(other int) int {
	if f.Status != 0 {
		return f.Status
	}
	return other
}

func (f *Fault) retryAfter(r response) response {
	if f.RetryAfter > 0 {
		seconds := int(math.Ceil(f.RetryAfter.Seconds()))
		r.header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	}
	return r
}

func outageCode(status int) string {
	if status == http.StatusServiceUnavailable {
		return "SERVICE_UNAVAILABLE"
	}
	return "UNEXPECTED_ERROR"
}

// htmlError is a page such as a proxy before Apple's servers sends.
func htmlError(status int) []byte {
	line := strconv.Itoa(status) + " " + http.StatusText(status)
	return []byte("<html>\r\n<head><title>" + line + "</title></head>\r\n<body>\r\n<center><h1>" + line +
		"</h1></center>\r\n<hr><center>Apple</center>\r\n</body>\r\n</html>\r\n")
}

func hugeBody() []byte {
	var b bytes.Buffer
	b.WriteString(`{"data":["`)
	b.Write(bytes.Repeat([]byte("x"), 64<<20))
	b.WriteString(`"],"links":{"self":"/"}}`)
	return b.Bytes()
}

// mangle spoils an answer that took place.
func (f *Fault) mangle(c *call, r response) response {
	switch f.Effect {
	case Truncated:
		r.body = r.body[:len(r.body)/2]
	case WrongContentType:
		r.contentType = "text/html"
	case HostileNext:
		r.body = nextPage(r.body, "https://"+f.NextHost+"/v1/apps?cursor=Mg")
	case BadCursor:
		if c.query.Has("cursor") {
			return c.failure(errInvalidParam("cursor", c.query.Get("cursor")))
		}
		r.body = nextPage(r.body, c.prefix+c.path+"?cursor=Mg")
	case ShortList:
		r.body = edit(r.body, func(doc *listDocument) { doc.Data = doc.Data[:max(0, len(doc.Data)-1)] })
	case RepeatedList:
		r.body = edit(r.body, func(doc *listDocument) { doc.Data = append(doc.Data, doc.Data...) })
	}
	return r
}

// A listDocument is a list as far as faults change it.
type listDocument struct {
	Data     []json.RawMessage `json:"data"`
	Included json.RawMessage   `json:"included,omitempty"`
	Links    map[string]string `json:"links"`
	Meta     json.RawMessage   `json:"meta,omitempty"`
}

// edit changes a list. What is none stays as it is.
func edit(body []byte, change func(*listDocument)) []byte {
	var doc listDocument
	if json.Unmarshal(body, &doc) != nil || doc.Links == nil || doc.Data == nil {
		return body
	}
	change(&doc)
	out, err := json.Marshal(doc)
	if err != nil {
		return body
	}
	return out
}

// nextPage makes a list go on at the URL, on the last page too.
func nextPage(body []byte, url string) []byte {
	return edit(body, func(doc *listDocument) { doc.Links["next"] = url })
}

// closeMidBody sends half of what was announced and breaks the connection.
func (f *Fault) closeMidBody(w http.ResponseWriter, body []byte) {
	w.Write(body[:len(body)/2])
	_ = http.NewResponseController(w).Flush() // without it the client sees even less
	time.Sleep(time.Millisecond)              // let the half leave before the reset overtakes it
	panic(http.ErrAbortHandler)
}
