package leak

import (
	"regexp"
	"sync"
)

// A Shape is what a kind of secret looks like, whoever's it is.
type Shape struct {
	Name string
	Form *regexp.Regexp
}

// Shapes are private keys in PEM, in base64 at every alignment and in hex (of
// P-256, by what all of them begin with), JWTs with their signature, upload
// links, and addresses in lines of slog's: elsewhere these may have a place.
var Shapes = sync.OnceValue(func() []Shape {
	return []Shape{
		{"private key, PEM", regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----(\s|\\n|\\r)+[A-Za-z0-9+/]{40}`)},
		{"private key, base64", regexp.MustCompile(`MIG[HT]AgEAMBMGByqGSM49|AgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG|IBADATBgcqhkjOPQIBBggqhkjOPQMBBw|CAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcE`)},
		{"private key, hex", regexp.MustCompile(`(?i)30\W?13\W?06\W?07\W?2a\W?86\W?48\W?ce\W?3d\W?02\W?01\W?06\W?08\W?2a\W?86\W?48\W?ce\W?3d\W?03\W?01\W?07\W?04\W?6d`)},
		{"token", regexp.MustCompile(`eyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{60,}`)},
		{"upload link", regexp.MustCompile(`/l/[A-Za-z0-9_-]{43}\b`)},
		{"address in a log", regexp.MustCompile(`(?m)(^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d |\blevel=|"level":")(DEBUG|INFO|WARN|ERROR)\b.*[\w.+-]@[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}`)},
	}
})

// Looks finds what has one of the shapes: at most one hit for each.
func Looks(data []byte) []Hit {
	var hits []Hit
	for _, s := range Shapes() {
		if at := s.Form.FindIndex(data); at != nil {
			hits = append(hits, Hit{s.Name, "shape", at[0]})
		}
	}
	return hits
}
