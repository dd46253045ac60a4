package runtimeapi

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// An api is one environment's Runtime API.
type api struct {
	arn   string
	polls chan<- poll

	mu      sync.Mutex
	current *invocation
}

// maxAnswer is Lambda's limit for answers.
const maxAnswer = 6 << 20

// The trailers in which a stream's failure comes.
const (
	trailerType = "Lambda-Runtime-Function-Error-Type"
	trailerBody = "Lambda-Runtime-Function-Error-Body"
)

func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusAccepted) // the process ends by itself after it
	})
	return mux
}

func (a *api) next(w http.ResponseWriter, r *http.Request) {
	answer := make(chan *invocation, 1)
	select {
	case a.polls <- answer:
	case <-r.Context().Done():
		return
	}
	select {
	case inv := <-answer:
		a.mu.Lock()
		a.current = inv
		a.mu.Unlock()
		a.write(w, inv)
	case <-r.Context().Done():
	}
}

func (a *api) write(w http.ResponseWriter, inv *invocation) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", a.arn)
	h.Set("Lambda-Runtime-Trace-Id", "Root=1-"+hexOf(4)+"-"+hexOf(12)+";Parent="+hexOf(8)+";Sampled=1")
	_, _ = w.Write(inv.payload)
}

// response takes an answer, whole or as a stream
// (Lambda-Runtime-Function-Response-Mode: streaming), which may still fail at
// its end, by trailers.
func (a *api) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer+1))
	if err != nil {
		return // the process died while it answered
	}
	if len(body) > maxAnswer {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		a.finish(r, result{err: &Error{"Function.ResponseSizeTooLarge", "Response payload size exceeded maximum allowed payload size (6291456 bytes)."}})
		return
	}
	res := result{answer: body}
	if kind := r.Trailer.Get(trailerType); kind != "" {
		text, _ := base64.StdEncoding.DecodeString(r.Trailer.Get(trailerBody))
		res = result{err: readError(text, kind)}
	}
	a.accept(w, r, res)
}

func (a *api) failure(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAnswer))
	if err != nil {
		return
	}
	a.accept(w, r, result{err: readError(body, r.Header.Get(trailerType))})
}

func (a *api) accept(w http.ResponseWriter, r *http.Request, res result) {
	if !a.finish(r, res) {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(Error{"InvalidRequestID", "Invalid request ID"})
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// finish tells whether the request is about the event that is under way.
func (a *api) finish(r *http.Request, res result) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current == nil || a.current.id != r.PathValue("id") {
		return false
	}
	a.current.result <- res
	a.current = nil
	return true
}

func readError(text []byte, kind string) *Error {
	e := &Error{}
	if json.NewDecoder(bytes.NewReader(text)).Decode(e) != nil || e.Type == "" {
		e.Type = kind
	}
	if e.Type == "" {
		e.Type = "Unhandled"
	}
	return e
}

// requestID has the shape of AWS's request IDs.
func requestID() string {
	h := hexOf(16)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func hexOf(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
