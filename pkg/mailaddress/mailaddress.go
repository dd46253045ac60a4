// Package mailaddress reads e-mail addresses as people type them, into the form
// in which Amazon SES takes them.
package mailaddress

import (
	"errors"
	"regexp"
	"strings"

	"golang.org/x/net/idna"
)

// What is wrong with an address, as a sentence for whoever typed it. No error
// repeats the address.
var (
	ErrNoAddress = errors.New("This is not an e-mail address. Enter one such as root@example.com, without a name around it.")               //nolint:staticcheck // sentences for people
	ErrLiteral   = errors.New("The part after the @ is an IP address. Enter an address with a domain name, such as root@example.com.")      //nolint:staticcheck
	ErrDomain    = errors.New("The part after the @ is not a domain name that mail can reach. Check it for typing mistakes.")               //nolint:staticcheck
	ErrLocalPart = errors.New("The part before the @ has characters that our mail service can't deliver to. Enter another address.")        //nolint:staticcheck
	ErrTooLong   = errors.New("This address is too long: 64 characters before the @ and 254 in all are the most that mail servers accept.") //nolint:staticcheck
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
	switch {
	case err != nil || !hostname.MatchString(ascii):
		return "", ErrDomain
	case len(local) > 64 || len(local)+1+len(ascii) > 254:
		return "", ErrTooLong
	}
	return local + "@" + ascii, nil
}
