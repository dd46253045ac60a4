package embedded

import (
	"encoding/xml"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// maxFields is S3's limit on all that comes before the file, in bytes.
	maxFields = 20 << 10
	// maxMetadata is S3's limit on an object's own metadata, in bytes.
	maxMetadata = 2 << 10
	// maxDrain is how much of a refused body is read, so that the browser
	// shows the answer instead of a broken connection.
	maxDrain = 32 << 20
)

// A PostGate takes browsers' presigned POST forms for a bucket in the way S3
// does, whatever keeps the objects behind it: the file comes last, and what
// follows it is ignored. Refusals are S3's XML.
type PostGate struct {
	Secrets func(accessKeyID string) (secret string, ok bool) // whose signatures count
	Now     func() time.Time                                  // by which forms expire
	// Store keeps the object, and returns its ETag without quotes.
	Store func(r *http.Request, p Post) (etag string, err error)
}

// A Post is a form that S3 would have taken.
type Post struct {
	Bucket, Key string
	Fields      map[string]string // by lower-case name, with ${filename} filled in
	Data        []byte
}

// IsForm reports whether the request is a browser's form for a bucket.
func IsForm(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.Method == http.MethodPost && kind == "multipart/form-data"
}

// Serve takes one form for the bucket.
func (g PostGate) Serve(w http.ResponseWriter, r *http.Request, bucket string) {
	target, err := g.accept(r, bucket)
	if err != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDrain))
		writeError(w, err)
		return
	}
	if target.redirect != "" {
		w.Header().Set("Location", target.redirect)
	}
	w.Header().Set("ETag", `"`+target.etag+`"`)
	w.WriteHeader(target.status)
}

// ServeHTTP takes one form.
func (s *Objects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.gate().Serve(w, r, s.cfg.Bucket)
}

func (s *Objects) gate() PostGate {
	secret := func(id string) (string, bool) { return s.secret, id == s.access }
	return PostGate{Secrets: secret, Now: s.db.now, Store: s.keep}
}

// accepted says how to answer an upload that was stored.
type accepted struct {
	status         int
	etag, redirect string
}

func (g PostGate) accept(r *http.Request, bucket string) (accepted, error) {
	if r.Method != http.MethodPost {
		return accepted{}, &s3Error{http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource."}
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return accepted{}, &s3Error{http.StatusPreconditionFailed, "PreconditionFailed", "Bucket POST must be of the enclosure-type multipart/form-data"}
	}
	fields, file, err := readFields(parts)
	if err != nil {
		return accepted{}, err
	}
	name := baseName(file)
	for k, v := range fields {
		fields[k] = strings.ReplaceAll(v, "${filename}", name)
	}
	p, err := g.judge(bucket, fields)
	if err != nil {
		return accepted{}, err
	}
	if len(fields[fieldFilename]) > maxMetadata {
		return accepted{}, badRequest("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
	}
	data, err := readFile(file, p)
	if err != nil {
		return accepted{}, err
	}
	etag, err := g.Store(r, Post{Bucket: bucket, Key: fields[fieldKey], Fields: fields, Data: data})
	if err != nil {
		return accepted{}, err
	}
	return answer(bucket, fields, etag), nil
}

// readFields reads up to the file, which it returns unread. Names count
// without their case; one that comes twice is refused.
func readFields(parts *multipart.Reader) (map[string]string, *multipart.Part, error) {
	fields := map[string]string{}
	left := int64(maxFields)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, nil, badRequest("InvalidArgument", "POST requires exactly one file upload per request.")
		}
		if err != nil {
			return nil, nil, badRequest("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
		}
		name := strings.ToLower(part.FormName())
		if name == "file" {
			return fields, part, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, left+1))
		if err != nil {
			return nil, nil, badRequest("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
		}
		if left -= int64(len(value)); left < 0 {
			return nil, nil, badRequest("MaxPostPreDataLengthExceeded", "Your POST request fields preceding the upload file were too large.")
		}
		if _, twice := fields[name]; twice {
			return nil, nil, badRequest("InvalidArgument", "POST must not contain a field twice.")
		}
		fields[name] = string(value)
	}
}

// baseName is what S3 puts for ${filename}: what follows the last slash or
// backslash of the browser's name for the file.
func baseName(file *multipart.Part) string {
	name := file.FileName()
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	return strings.ToValidUTF8(name, string(utf8.RuneError))
}

func readFile(file *multipart.Part, p parsedPolicy) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(file, min(p.max, 1<<30)+1))
	switch {
	case err != nil:
		return nil, badRequest("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.")
	case int64(len(data)) > p.max:
		return nil, badRequest("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
	case int64(len(data)) < p.min:
		return nil, badRequest("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
	}
	return data, nil
}

// answer is a redirect that says what was stored, or an empty success.
func answer(bucket string, fields map[string]string, etag string) accepted {
	to, err := url.Parse(fields[fieldRedirect])
	if fields[fieldRedirect] == "" || err != nil {
		return accepted{status: http.StatusNoContent, etag: etag}
	}
	query := url.Values{"bucket": {bucket}, "key": {fields[fieldKey]}, "etag": {`"` + etag + `"`}}.Encode()
	if to.RawQuery != "" {
		query = to.RawQuery + "&" + query
	}
	to.RawQuery = query
	return accepted{status: http.StatusSeeOther, etag: etag, redirect: to.String()}
}

func writeError(w http.ResponseWriter, err error) {
	var refusal *s3Error
	if !errors.As(err, &refusal) {
		refusal = &s3Error{http.StatusServiceUnavailable, "ServiceUnavailable", "Please reduce your request rate."}
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(refusal.Status)
	_, _ = io.WriteString(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName struct{} `xml:"Error"`
		Code    string
		Message string
	}{Code: refusal.Code, Message: refusal.Message})
}
