package appstoreconnect

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// A Certificate is a signing certificate of the team's. Whether it is revoked
// the API does not say: one that is gone from the list is, or is not visible
// any more [FIELD].
type Certificate struct {
	ID          string // Apple's
	Type        string // such as DISTRIBUTION; unknown ones are passed on
	Serial      string // hexadecimal, upper case, no leading zeros
	Name        string
	DisplayName string
	Platform    string
	// NotAfter is the end of the certificate itself, or Apple's
	// expirationDate where the certificate cannot be decoded; zero when there
	// is neither.
	NotAfter time.Time
	// DatesDiffer says that expirationDate is more than a minute off the
	// certificate's own end.
	DatesDiffer bool
	TeamID      string // the subject's OU [FIELD]; empty when there is no evidence
	SHA256      string // of the DER, lower-case hex; empty when it cannot be decoded
}

// Certificates lists all certificates that the key can see, of every type and
// in Apple's order: filter[certificateType] refuses some of its own values
// [FIELD], so filtering is the caller's. Errors are of this package (see
// Explain) and wrapped; a list that cannot be read to its end is an error.
func (c *Client) Certificates(ctx context.Context, creds Credentials) ([]Certificate, error) {
	ctx, cancel := bound(ctx)
	defer cancel()
	query := url.Values{
		"fields[certificates]": {"name,displayName,certificateType,serialNumber,platform,expirationDate,certificateContent"},
		"limit":                {"200"},
	}
	first, err := c.target(creds.program(), "/v1/certificates", query.Encode())
	if err != nil {
		return nil, fmt.Errorf("listing certificates: %w", err)
	}
	items, err := allPages[certificateAttributes](ctx, c.session(creds, false), first)
	if err != nil {
		return nil, fmt.Errorf("listing certificates: %w", err)
	}
	list := make([]Certificate, 0, len(items))
	for _, item := range items {
		list = append(list, item.Attributes.certificate(string(item.ID)))
	}
	return list, nil
}

type certificateAttributes struct {
	Name               lenient `json:"name"`
	DisplayName        lenient `json:"displayName"`
	CertificateType    lenient `json:"certificateType"`
	SerialNumber       lenient `json:"serialNumber"`
	Platform           lenient `json:"platform"`
	ExpirationDate     lenient `json:"expirationDate"`
	CertificateContent lenient `json:"certificateContent"`
}

func (a certificateAttributes) certificate(id string) Certificate {
	c := Certificate{
		ID: id, Type: string(a.CertificateType), Serial: plainSerial(string(a.SerialNumber)),
		Name: string(a.Name), DisplayName: string(a.DisplayName), Platform: string(a.Platform),
	}
	said := parseDate(string(a.ExpirationDate))
	c.NotAfter = said
	der, err := decodeCertificate(string(a.CertificateContent))
	if err != nil {
		return c
	}
	c.NotAfter = der.NotAfter.UTC()
	c.DatesDiffer = !said.IsZero() && said.Sub(der.NotAfter).Abs() > time.Minute
	c.TeamID = teamOf(der)
	sum := sha256.Sum256(der.Raw)
	c.SHA256 = hex.EncodeToString(sum[:])
	if c.Serial == "" {
		c.Serial = plainSerial(der.SerialNumber.Text(16))
	}
	return c
}

// decodeCertificate reads base64 DER, with or without line breaks.
func decodeCertificate(content string) (*x509.Certificate, error) {
	content = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, content)
	der, err := base64.StdEncoding.DecodeString(content)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// plainSerial makes serials comparable, whoever wrote them.
func plainSerial(s string) string {
	return strings.TrimLeft(strings.ToUpper(strings.TrimSpace(s)), "0")
}

// parseDate reads Apple's date-times: with milliseconds, and an offset with or
// without a colon [FIELD]. What it cannot read is zero.
func parseDate(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700"} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// teamID is the form of Apple's team IDs.
var teamID = regexp.MustCompile(`^[A-Z0-9]{10}$`)

// teamOf reads the team ID from the subject's OU [FIELD].
func teamOf(c *x509.Certificate) string {
	for _, unit := range c.Subject.OrganizationalUnit {
		if teamID.MatchString(unit) {
			return unit
		}
	}
	return ""
}

// teamsIn gives the team IDs that a page of certificates shows, sorted, each
// once.
func teamsIn(page []resource[attributes]) []string {
	var teams []string
	for _, r := range page {
		der, err := decodeCertificate(string(r.Attributes.CertificateContent))
		if err != nil {
			continue
		}
		if team := teamOf(der); team != "" {
			teams = append(teams, team)
		}
	}
	slices.Sort(teams)
	return slices.Compact(teams)
}
