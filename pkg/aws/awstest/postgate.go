package awstest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A PostGate takes S3's presigned POST forms before moto does, which stores
// whatever comes. It holds forms to their policies as S3 does, fills in
// ${filename}, and stores the file by an ordinary PUT.
type PostGate struct {
	Moto    string                                            // URL of the server behind it
	Secrets func(accessKeyID string) (secret string, ok bool) // whose signatures count
	Now     func() time.Time                                  // by which forms expire
}

// IsForm tells whether the request is a browser's form for a bucket.
func IsForm(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.Method == http.MethodPost && kind == "multipart/form-data"
}

// ServeHTTP judges and stores; buckets are addressed by path.
func (g *PostGate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bucket := strings.Trim(r.URL.Path, "/")
	f, err := readForm(r)
	if err == nil {
		err = g.judge(bucket, f)
	}
	var etag string
	if err == nil {
		etag, err = g.store(r, bucket, f)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	w.Header().Set("ETag", etag)
	to, err := url.Parse(f.fields["success_action_redirect"])
	if err != nil || to.String() == "" {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	q := to.Query()
	q.Set("bucket", bucket)
	q.Set("key", f.fields["key"])
	q.Set("etag", etag)
	to.RawQuery = q.Encode()
	w.Header().Set("Location", to.String())
	w.WriteHeader(http.StatusSeeOther)
}

// A form is what came: fields by lower-case name, and the file.
type form struct {
	fields map[string]string
	data   []byte
}

// readForm reads the fields up to the file; S3 ignores what follows it.
func readForm(r *http.Request) (form, error) {
	f := form{fields: map[string]string{}}
	parts, err := r.MultipartReader()
	if err != nil {
		return f, refusal{400, "MalformedPOSTRequest"}
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return f, refusal{400, "InvalidArgument"}
		}
		data, err := io.ReadAll(io.LimitReader(part, 8<<20))
		if err != nil {
			return f, refusal{400, "IncompleteBody"}
		}
		if name := strings.ToLower(part.FormName()); name != "file" {
			f.fields[name] = string(data)
			continue
		}
		f.data = data
		f.expand(part)
		return f, nil
	}
}

// expand fills in the file's name, as the browser gave it.
func (f *form) expand(file *multipart.Part) {
	name := file.FileName()
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	for k, v := range f.fields {
		if k != "policy" && k != "x-amz-signature" {
			f.fields[k] = strings.ReplaceAll(v, "${filename}", name)
		}
	}
}

// store puts the file into moto, whose signatures nobody checks.
func (g *PostGate) store(r *http.Request, bucket string, f form) (etag string, err error) {
	to := g.Moto + "/" + bucket + "/" + (&url.URL{Path: f.fields["key"]}).EscapedPath()
	put, err := http.NewRequestWithContext(r.Context(), http.MethodPut, to, bytes.NewReader(f.data))
	if err != nil {
		return "", err
	}
	for k, v := range f.fields {
		if strings.HasPrefix(k, "x-amz-meta-") || strings.HasPrefix(k, "x-amz-server-side-") {
			put.Header.Set(k, mime.QEncoding.Encode("utf-8", v))
		}
	}
	put.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+f.fields["x-amz-credential"]+", SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(put)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("moto answers %d to a PUT", resp.StatusCode)
	}
	return resp.Header.Get("ETag"), nil
}

// A refusal is one of S3's errors.
type refusal struct {
	Status int
	Code   string
}

func (r refusal) Error() string { return r.Code }

func refuse(w http.ResponseWriter, err error) {
	var r refusal
	if !errors.As(err, &r) {
		r = refusal{http.StatusBadGateway, "InternalError"}
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(r.Status)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName struct{} `xml:"Error"`
		Code    string
	}{Code: r.Code})
}
