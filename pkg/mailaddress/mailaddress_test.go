package mailaddress_test

import (
	"errors"
	"strings"
	"testing"

	"keyward/pkg/mailaddress"
)

func TestParse(t *testing.T) {
	long := strings.Repeat("a", 65)
	for in, want := range map[string]string{
		"ada@acme.example":             "ada@acme.example",
		"Ada.Byron+keys@ACME.example":  "Ada.Byron+keys@acme.example",
		"joerg@müller.example":         "joerg@xn--mller-kva.example",
		"joerg@MÜLLER.example":         "joerg@xn--mller-kva.example",
		"joerg@xn--mller-kva.example":  "joerg@xn--mller-kva.example",
		"info@例え.テスト":                  "info@xn--r8jz45g.xn--zckzah",
		"a@b.c-d.example":              "a@b.c-d.example",
		"o'brien@acme.example":         "o'brien@acme.example",
		long[1:] + "@acme.example":     long[1:] + "@acme.example",
		"root@acme.example.":           "", // no mail server takes the final dot
		"a@" + long[2:] + ".example":   "a@" + long[2:] + ".example",
		"user@sub.domain.acme.example": "user@sub.domain.acme.example",
	} {
		got, err := mailaddress.Parse(in)
		if got != want || (want != "") != (err == nil) {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for in, want := range map[string]error{
		"":                                      mailaddress.ErrNoAddress,
		"ada":                                   mailaddress.ErrNoAddress,
		"@acme.example":                         mailaddress.ErrNoAddress,
		"ada@":                                  mailaddress.ErrNoAddress,
		"Ada <ada@acme.example>":                mailaddress.ErrNoAddress,
		"ada@acme.example, bob@acme.example":    mailaddress.ErrNoAddress,
		"ada@bob@acme.example":                  mailaddress.ErrNoAddress,
		"ada@acme.example\r\nBcc: x@y.example":  mailaddress.ErrNoAddress,
		"a@[192.0.2.1]":                         mailaddress.ErrLiteral,
		"a@[IPv6:2001:db8::1]":                  mailaddress.ErrLiteral,
		"a@192.0.2.1":                           mailaddress.ErrDomain,
		"a@-x.example":                          mailaddress.ErrDomain,
		"a@x-.example":                          mailaddress.ErrDomain,
		"a@localhost":                           mailaddress.ErrDomain,
		"a@acme..example":                       mailaddress.ErrDomain,
		"a@.example":                            mailaddress.ErrDomain,
		"a@acme_keys.example":                   mailaddress.ErrDomain,
		"a@" + strings.Repeat("x", 64) + ".com": mailaddress.ErrDomain,
		"jörg@acme.example":                     mailaddress.ErrLocalPart,
		".ada@acme.example":                     mailaddress.ErrLocalPart,
		"ada..b@acme.example":                   mailaddress.ErrLocalPart,
		strings.Repeat("a", 65) + "@x.example":  mailaddress.ErrTooLong,
	} {
		got, err := mailaddress.Parse(in)
		if !errors.Is(err, want) || got != "" {
			t.Errorf("%q: %q, %v; want %v", in, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"joerg@müller.example", "a@[192.0.2.1]", "a@-x.example", "\xff@x.y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := mailaddress.Parse(s)
		if err != nil {
			return
		}
		if again, err := mailaddress.Parse(got); err != nil || again != got {
			t.Errorf("%q is not stable: %q, %v", got, again, err)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return r <= ' ' || r >= 0x7f }) || len(got) > 254 {
			t.Errorf("%q is not ASCII", got)
		}
	})
}
