package hostile

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// A tape keeps all that came out of a world.
type tape struct {
	mu    sync.Mutex
	logs  map[string]*bytes.Buffer
	on    bool // answers are kept
	reels []reel
}

// A reel is one answer over HTTP, and what it answered.
type reel struct {
	door, method, path string
	asked              http.Header
	status             int
	header             http.Header
	body               []byte
}

func (r reel) String() string {
	return fmt.Sprintf("%s %s %s, status %d", r.door, r.method, masked(r.path), r.status)
}

// text is the answer as it goes over the wire, cookies aside.
func (r reel) text() []byte {
	var b bytes.Buffer
	h := r.header.Clone()
	h.Del("Set-Cookie")
	h.Write(&b)
	return append(b.Bytes(), r.body...)
}

// masked hides what may be a token in a path.
func masked(path string) string {
	if strings.HasPrefix(path, "/l/") {
		return "/l/…"
	}
	return path
}

type tapeWriter struct {
	tape *tape
	name string
}

func (t *tape) writer(name string) io.Writer { return tapeWriter{t, name} }

func (w tapeWriter) Write(p []byte) (int, error) {
	w.tape.mu.Lock()
	defer w.tape.mu.Unlock()
	if w.tape.logs == nil {
		w.tape.logs = map[string]*bytes.Buffer{}
	}
	b := w.tape.logs[w.name]
	if b == nil {
		b = &bytes.Buffer{}
		w.tape.logs[w.name] = b
	}
	return b.Write(p)
}

// log is what was written under the name so far.
func (t *tape) log(name string) []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.logs[name] == nil {
		return nil
	}
	return bytes.Clone(t.logs[name].Bytes())
}

// record keeps answers from now on.
func (t *tape) record() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.on = true
}

func (t *tape) answers() []reel {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.reels)
}

// around keeps the answers of a handler, while the tape is on.
func (t *tape) around(door string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.mu.Lock()
		on := t.on
		t.mu.Unlock()
		if !on {
			next.ServeHTTP(w, r)
			return
		}
		copied := httptest.NewRecorder()
		next.ServeHTTP(copied, r)
		got := copied.Result()
		body := copied.Body.Bytes()
		for k, v := range got.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(got.StatusCode)
		w.Write(body)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.reels = append(t.reels, reel{door, r.Method, r.URL.Path, r.Header.Clone(), got.StatusCode, got.Header, bytes.Clone(body)})
	})
}
