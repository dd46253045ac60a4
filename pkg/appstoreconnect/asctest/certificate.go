package asctest

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"
)

// year is how long Apple's certificates live.
const year = 365 * 24 * time.Hour

// A Certificate is a signing certificate of a team.
type Certificate struct {
	ID       string
	TeamID   string
	Type     string // such as DISTRIBUTION
	Serial   string // upper-case hex without leading zeros
	Name     string
	NotAfter time.Time
	DER      []byte
}

// IssueCertificate issues a certificate, whatever the slot limit says. Without
// a request (PEM, RSA 2048) the certificate's private key is nobody's. It runs
// out after lifetime (default a year) and was issued a year before that, or
// now where it lives longer; a negative lifetime makes one that has expired.
func (s *Server) IssueCertificate(teamID, certType string, csrPEM []byte, lifetime time.Duration) (Certificate, error) {
	team, ok := s.Team(teamID)
	if !ok {
		return Certificate{}, fmt.Errorf("asctest: no team %q", teamID)
	}
	if !oneOf(certType, s.shapes.Schemas["CertificateType"].Enum) {
		return Certificate{}, fmt.Errorf("asctest: no certificate type %q", certType)
	}
	if lifetime == 0 {
		lifetime = year
	}
	var pub any
	var err error
	if len(csrPEM) == 0 {
		pub, err = s.ca.ownKey()
	} else {
		pub, err = parseRequest(string(csrPEM))
	}
	if err != nil {
		return Certificate{}, err
	}
	r, err := s.newCertificate(team, certType, pub, s.Now(), lifetime)
	if err != nil {
		return Certificate{}, err
	}
	s.mu.Lock()
	if tm := s.teams[teamID]; tm != nil {
		tm.put(r)
	}
	s.mu.Unlock()
	s.changed()
	return certificateOf(teamID, r), nil
}

// Certificates lists the certificates of a team, oldest first.
func (s *Server) Certificates(teamID string) []Certificate {
	s.mu.RLock()
	defer s.mu.RUnlock()
	tm := s.teams[teamID]
	if tm == nil {
		return nil
	}
	var out []Certificate
	for _, r := range tm.all("certificates") {
		out = append(out, certificateOf(teamID, r))
	}
	return out
}

// RevokeCertificate revokes a certificate, named by ID or serial number: it
// vanishes, and the profiles that hold it become invalid.
func (s *Server) RevokeCertificate(teamID, idOrSerial string) error {
	s.mu.Lock()
	found := false
	if tm := s.teams[teamID]; tm != nil {
		for _, r := range tm.all("certificates") {
			if r.id == idOrSerial || r.text("serialNumber") == idOrSerial {
				tm.drop(r)
				found = true
			}
		}
	}
	s.mu.Unlock()
	if !found {
		return errors.New("asctest: no such certificate in the team")
	}
	s.changed()
	return nil
}

// newCertificate signs and describes a certificate; it is in no set yet.
func (s *Server) newCertificate(team Team, certType string, pub any, now time.Time, lifetime time.Duration) (*resource, error) {
	from, to := now, now.Add(lifetime)
	if lifetime < year {
		from = to.Add(-year)
	}
	person := "Created via API (" + s.randomID(10) + ")"
	prefix, holder := nameOf(certType), team.Name+" ("+team.TeamID+")"
	if strings.Contains(certType, "DEVELOPMENT") || certType == "IOS_DEVELOPMENT" {
		holder = person
	}
	der, err := s.sign(subjectOf(team.TeamID, prefix+": "+holder, team.TeamID, team.Name), pub, from, to, certType)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("asctest: reading a certificate back: %w", err)
	}
	attrs := map[string]any{
		"name": prefix + ": " + team.Name, "displayName": team.Name, "certificateType": certType,
		"serialNumber":   strings.ToUpper(cert.SerialNumber.Text(16)),
		"expirationDate": appleTime(cert.NotAfter), "activated": true,
		"certificateContent": base64.StdEncoding.EncodeToString(der),
	}
	if p := platformOf(certType); p != "" {
		attrs["platform"] = p
	}
	return newResource("certificates", s.randomID(10), attrs, nil), nil
}

// nameOf is what Apple puts before the holder's name.
func nameOf(certType string) string {
	names := map[string]string{
		"DISTRIBUTION": "Apple Distribution", "IOS_DISTRIBUTION": "iPhone Distribution",
		"DEVELOPMENT": "Apple Development", "IOS_DEVELOPMENT": "iPhone Developer",
		"MAC_APP_DEVELOPMENT": "Mac Developer", "MAC_APP_DISTRIBUTION": "3rd Party Mac Developer Application",
		"MAC_INSTALLER_DISTRIBUTION": "3rd Party Mac Developer Installer",
		"DEVELOPER_ID_APPLICATION":   "Developer ID Application", "DEVELOPER_ID_APPLICATION_G2": "Developer ID Application",
	}
	if n, ok := names[certType]; ok {
		return n
	}
	return certType
}

func platformOf(certType string) string {
	switch {
	case strings.HasPrefix(certType, "IOS_"):
		return "IOS"
	case strings.HasPrefix(certType, "MAC_"):
		return "MAC_OS"
	}
	return ""
}

func certificateOf(teamID string, r *resource) Certificate {
	der, _ := base64.StdEncoding.DecodeString(r.text("certificateContent")) // our own encoding
	expires, _ := time.Parse(time.RFC3339, r.text("expirationDate"))
	return Certificate{
		ID: r.id, TeamID: teamID, Type: r.text("certificateType"), Serial: r.text("serialNumber"),
		Name: r.text("name"), NotAfter: expires, DER: der,
	}
}

// parseRequest takes the public key out of a certificate signing request: PEM,
// or the base64 of one without its lines [FIELD]. The signature must be right
// and the key RSA 2048.
func parseRequest(csr string) (*rsa.PublicKey, error) {
	var der []byte
	if block, _ := pem.Decode([]byte(csr)); block != nil && strings.HasSuffix(block.Type, "CERTIFICATE REQUEST") {
		der = block.Bytes
	} else if b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(csr), "")); err == nil {
		der = b
	}
	req, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, errors.New("asctest: not a certificate signing request")
	}
	if req.CheckSignature() != nil {
		return nil, errors.New("asctest: the request's signature is wrong")
	}
	pub, ok := req.PublicKey.(*rsa.PublicKey)
	if !ok || pub.N.BitLen() != 2048 {
		return nil, errors.New("asctest: the request's key is not RSA 2048")
	}
	return pub, nil
}

// createCertificate answers POST /v1/certificates.
func (c *call) createCertificate(e entity) (*resource, error) {
	pub, err := parseRequest(e.text("csrContent"))
	if err != nil {
		return nil, errAttribute("csrContent", "The certificate signing request is not valid. Provide one with an RSA key of 2048 bits.")
	}
	certType := e.text("certificateType")
	if strings.HasPrefix(certType, "PASS_TYPE_ID") && len(e.rels["passTypeId"]) == 0 {
		return nil, errRelationship(".REQUIRED", "passTypeId", "A certificate of this type needs a pass type ID")
	}
	team, ok := c.server.Team(c.key.TeamID)
	if !ok {
		return nil, errNotAuthorized()
	}
	return c.server.newCertificate(team, certType, pub, c.now, year)
}

// slotFree checks the number of certificates of the type that have not
// expired.
func (c *call) slotFree(tm *team, r *resource) error {
	certType, used := r.text("certificateType"), 0
	for _, o := range tm.all("certificates") {
		if o.text("certificateType") == certType && certificateOf("", o).NotAfter.After(c.now) {
			used++
		}
	}
	if !strings.HasSuffix(certType, "DISTRIBUTION") || used < c.server.cfg.SlotLimit {
		return nil
	}
	return errRefused(fmt.Sprintf("You already have a current %s certificate or a pending certificate request.", nameOf(certType)))
}

// drop removes a certificate; the profiles that hold it become invalid.
func (t *team) drop(cert *resource) {
	t.remove(cert.ref)
	for _, p := range t.all("profiles") {
		if p.has("certificates", cert.id) {
			t.put(p.with(map[string]any{"profileState": "INVALID"}, nil))
		}
	}
}
