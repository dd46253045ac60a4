package integration

import "time"

// A FormRequest says what a presigned upload form may do.
type FormRequest struct {
	Key      string    // the exact object key
	Expires  time.Time // after that the form is refused
	MaxBytes int64     // at most this many; an empty file passes, so that intake can say what is wrong with it
	Redirect string    // where the browser goes after success (303); absolute URL
}

// A Form is what a browser posts, as multipart/form-data, to send a file
// straight to the object store.
type Form struct {
	URL    string
	Fields []FormField // hidden fields, all of them, in order; the file field comes last and is named "file"
}

// A FormField is one hidden field of a Form.
type FormField struct{ Name, Value string }

// An Object is a file that arrived.
type Object struct {
	Key      string
	ETag     string // without quotes
	Size     int64
	Data     []byte // nil in listings
	Filename string // as the browser gave it: hostile input; empty when unknown and in listings
	At       time.Time
}

// A Mail is one message, complete with headers.
type Mail struct {
	From string            // bare address, the envelope's sender
	To   string            // bare address
	Raw  []byte            // RFC 5322, CRLF, text and HTML
	Tags map[string]string // names and values of A–Z a–z 0–9 _ -, at most 256 characters; feedback events bring them back
}
