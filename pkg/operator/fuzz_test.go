package operator

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// FuzzARN reads who calls: only exactly configured principals have a role, and
// what comes into the history of a name is harmless.
func FuzzARN(f *testing.F) {
	const support = "arn:aws:iam::123456789012:role/path/Support"
	for _, s := range []string{
		support, "arn:aws:sts::123456789012:assumed-role/Support/jane@example.com", "arn:aws:iam::123456789012:user/Support", "arn:aws:sts::123456789012:assumed-role/Support/a/b",
		"arn:aws:sts::999999999999:assumed-role/Support/x", "arn:aws-cn:iam::123456789012:role/Support", "arn:aws:iam::123456789012:root", "", ":::::", "arn:aws:iam::123456789012:role/",
	} {
		f.Add(s)
	}
	dir, err := newDirectory(map[string]Role{support: Support})
	if err != nil {
		f.Fatal(err)
	}
	mine := regexp.MustCompile(`^arn:aws:(sts:[^:]*:123456789012:assumed-role/Support/[^/]+|iam:[^:]*:123456789012:role/(?s:.*/)?Support)$`)
	harmless := regexp.MustCompile(`^[a-zA-Z0-9._ -]{0,80}$`)
	f.Fuzz(func(t *testing.T, arn string) {
		c := dir.lookUp(arn)
		if c.role != "" && !mine.MatchString(arn) {
			t.Error("a stranger has a role")
		}
		if !harmless.MatchString(c.actor()) || strings.Contains(c.actor(), "@") {
			t.Error("the name of the caller is not harmless")
		}
	})
}

// FuzzQuery reads limits and cursors of listings.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"limit=1", "limit=-1", "limit=99999999999999999999", "cursor=abc&limit=", "limit=+5", "limit=0x10", "limit=１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		q, _ := url.ParseQuery(query)
		if limit, _, err := paging(q, 50, 200); err == nil && (limit < 1 || limit > 200) {
			t.Errorf("a limit of %d", limit)
		}
	})
}

// FuzzInput reads what support types: what is taken is one line that can be
// printed, and an address is nothing but that.
func FuzzInput(f *testing.F) {
	for _, s := range []string{"acme-ios", "int_x", "ann@customer.example", "a@b.c\r\nBcc: x@y.z", "Ann <a@b.example>", "\u202egro.live@a", "a@b,c@d.example", "日本", " x", "\x00", strings.Repeat("a", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, p := checkAddress("address", s); p == nil && (strings.ContainsAny(a, "\r\n\x00 <>,;\"") || strings.Count(a, "@") != 1 || len(a) > 254) {
			t.Error("takes what is no address")
		}
		if checkText("label", s, 120) == nil && strings.ContainsAny(s, "\r\n\x00\x1b\u202e") {
			t.Error("takes what is not one line")
		}
		if checkReference(s) == nil && strings.ContainsAny(s, " \r\n\t\x00") {
			t.Error("takes a reference with blanks")
		}
	})
}
