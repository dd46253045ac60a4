// Package mailaddress reads e-mail addresses as people type them, into the form
// in which Amazon SES takes them.
package mailaddress

import (
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// An Error is a sentence for whoever typed the address. It does not repeat it.
type Error string

func (e Error) Error() string { return string(e) }

// What can be wrong with an address.
const (
	ErrNoAddress Error = "This is not an e-mail address. Enter one such as root@example.com, without a name around it."
	ErrLiteral   Error = "The part after the @ is an IP address. Enter an address with a domain name, such as root@example.com."
	ErrDomain    Error = "The part after the @ is not a domain name that mail can reach. Check it for typing mistakes."
	ErrLocalPart Error = "The part before the @ has characters that our mail service can't deliver to. Enter another address."
	ErrTooLong   Error = "This address is too long: 64 characters before the @ and 254 in all are the most that mail servers accept."
)

var (
	// dotAtom is RFC 5322's, in ASCII: SES does not support SMTPUTF8, so the local
	// part cannot have other letters [AWS: SES Developer Guide, "Email address format"].
	dotAtom = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	// hostname is RFC 1123's, of two labels or more; the last one is no number.
	hostname = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// Parse returns the address with its domain in lower case and ASCII: a domain
// with other letters, such as müller.example, becomes Punycode
// (xn--mller-kva.example), as SES wants it. The local part stays as it is. The
// error is one of this package's.
func Parse(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 || strings.ContainsAny(address, " \t\r\n<>\",;") {
		return "", ErrNoAddress
	}
	local, domain := address[:at], address[at+1:]
	switch {
	case strings.HasPrefix(domain, "["):
		return "", ErrLiteral
	case strings.Contains(local, "@"):
		return "", ErrNoAddress
	case !dotAtom.MatchString(local):
		return "", ErrLocalPart
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	ascii = strings.ToLower(ascii)
	again, unstable := idna.Lookup.ToASCII(ascii) // what is no fixed point is no name that is registered
	switch {
	case err != nil || unstable != nil || again != ascii || !hostname.MatchString(ascii):
		return "", ErrDomain
	case len(local) > 64 || len(local)+1+len(ascii) > 254:
		return "", ErrTooLong
	}
	return local + "@" + ascii, nil
}
