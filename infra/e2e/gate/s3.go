package gate

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

func (g *Gate) s3(w http.ResponseWriter, c call) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(c.URL.Path, "/"), "/")
	switch {
	case key == "":
		g.list(w, c, bucket)
	case c.Method == http.MethodPut:
		g.store(w, c, bucket, key)
	case c.Method == http.MethodDelete && c.Header.Get("If-Match") != "":
		g.deleteIf(w, c)
	default:
		g.read(w, c, bucket)
	}
}

// read answers 403 for what is not there to callers that may not list the
// bucket, as S3 does.
func (g *Gate) read(w http.ResponseWriter, c call, bucket string) {
	resp, err := g.ask(c)
	if err != nil {
		refuse(w, "s3", http.StatusServiceUnavailable, "ServiceUnavailable", "moto did not answer")
		return
	}
	defer resp.Body.Close()
	may := Request{Action: "s3:ListBucket", Resource: "arn:aws:s3:::" + bucket}
	if resp.StatusCode == http.StatusNotFound && !g.allowed(c.caller, may) {
		refuseDenied(w, "s3", c.caller.Name, may)
		return
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		refuse(w, "s3", http.StatusServiceUnavailable, "ServiceUnavailable", "moto broke off")
		return
	}
	pass(w, resp, body)
}

// deleteIf keeps to If-Match, which moto ignores.
func (g *Gate) deleteIf(w http.ResponseWriter, c call) {
	head := c
	head.Request = c.Clone(c.Context())
	head.Method, head.Header = http.MethodHead, http.Header{"Authorization": c.Header["Authorization"]}
	resp, err := g.ask(head)
	if err == nil {
		resp.Body.Close()
		if etag := resp.Header.Get("ETag"); resp.StatusCode != http.StatusOK || etag != c.Header.Get("If-Match") {
			refuse(w, "s3", http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
			return
		}
	}
	g.forward(w, c)
}

// store puts an object, notes when, and tells.
func (g *Gate) store(w http.ResponseWriter, c call, bucket, key string) {
	resp, err := g.ask(c)
	if err != nil {
		refuse(w, "s3", http.StatusServiceUnavailable, "ServiceUnavailable", "moto did not answer")
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		pass(w, resp, body)
		return
	}
	etag := strings.Trim(resp.Header.Get("ETag"), `"`)
	g.mu.Lock()
	g.arrived[bucket+"/"+key] = g.cfg.Now()
	g.mu.Unlock()
	pass(w, resp, body)
	if g.cfg.Created != nil {
		g.cfg.Created(Object{Bucket: bucket, Key: key, ETag: etag, Size: int64(len(c.body))})
	}
}

var listed = regexp.MustCompile(`<Key>([^<]*)</Key><LastModified>[^<]*</LastModified>`)

// list shows the virtual times at which objects arrived: moto's are of the
// wall clock.
func (g *Gate) list(w http.ResponseWriter, c call, bucket string) {
	resp, err := g.ask(c)
	if err != nil {
		refuse(w, "s3", http.StatusServiceUnavailable, "ServiceUnavailable", "moto did not answer")
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	g.mu.Lock()
	defer g.mu.Unlock()
	body = listed.ReplaceAllFunc(compact(body), func(found []byte) []byte {
		key := string(listed.FindSubmatch(found)[1])
		at, known := g.arrived[bucket+"/"+key]
		if !known {
			return found
		}
		return []byte("<Key>" + key + "</Key><LastModified>" + at.UTC().Format("2006-01-02T15:04:05.000Z") + "</LastModified>")
	})
	resp.Header.Set("Content-Length", strconv.Itoa(len(body)))
	pass(w, resp, body)
}

var blanks = regexp.MustCompile(`>\s+<`)

// compact takes the line breaks between moto's elements away.
func compact(body []byte) []byte { return blanks.ReplaceAll(body, []byte("><")) }

// Arrived is when the object was stored, by the virtual clock.
func (g *Gate) Arrived(bucket, key string) time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.arrived[bucket+"/"+key]
}
