package awstest

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"keyward/pkg/embedded"
)

// A PostGate takes S3's presigned POST forms before moto does, which stores
// whatever comes. Forms are held to their policies by the embedded object
// store's rules, and the file is stored by an ordinary PUT.
type PostGate struct {
	Moto    string                                            // URL of the server behind it
	Secrets func(accessKeyID string) (secret string, ok bool) // whose signatures count
	Now     func() time.Time                                  // by which forms expire
}

// ServeHTTP judges and stores; buckets are addressed by path.
func (g *PostGate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	embedded.PostGate{Secrets: g.Secrets, Now: g.Now, Store: g.store}.Serve(w, r, strings.Trim(r.URL.Path, "/"))
}

// store puts the file into moto, whose signatures nobody checks.
func (g *PostGate) store(r *http.Request, p embedded.Post) (etag string, err error) {
	to := g.Moto + "/" + p.Bucket + "/" + (&url.URL{Path: p.Key}).EscapedPath()
	put, err := http.NewRequestWithContext(r.Context(), http.MethodPut, to, bytes.NewReader(p.Data))
	if err != nil {
		return "", err
	}
	for k, v := range p.Fields {
		if strings.HasPrefix(k, "x-amz-meta-") || strings.HasPrefix(k, "x-amz-server-side-") {
			put.Header.Set(k, mime.QEncoding.Encode("utf-8", v))
		}
	}
	put.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+p.Fields["x-amz-credential"]+", SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(put)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("moto answers %d to a PUT", resp.StatusCode)
	}
	return strings.Trim(resp.Header.Get("ETag"), `"`), nil
}
