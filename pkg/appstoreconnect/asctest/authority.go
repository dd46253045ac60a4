package asctest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// An authority signs certificates. It is modelled on Apple's WWDR G3 (RSA
// 2048, SHA-256) and made when the first certificate is asked for.
type authority struct {
	mu   sync.Mutex
	key  *rsa.PrivateKey
	cert *x509.Certificate
	own  *rsa.PrivateKey // of certificates that nobody brought a request for
}

// ready gives the authority's key and certificate, and makes them at need.
func (a *authority) ready(now time.Time) (*rsa.PrivateKey, *x509.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.key != nil {
		return a.key, a.cert, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("asctest: making the authority's key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject: pkix.Name{
			CommonName:         "Apple Worldwide Developer Relations Certification Authority",
			OrganizationalUnit: []string{"G3"}, Organization: []string{"Simulated Apple Inc."}, Country: []string{"US"},
		},
		NotBefore: now.AddDate(-5, 0, 0), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, fmt.Errorf("asctest: making the authority's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, nil, fmt.Errorf("asctest: reading the authority's certificate back: %w", err)
	}
	a.key, a.cert = key, cert
	return key, cert, nil
}

// ownKey is the public key of certificates that nobody brought a request for.
// There is one for all of them, since making one takes a while.
func (a *authority) ownKey() (*rsa.PublicKey, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.own == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, fmt.Errorf("asctest: making a key: %w", err)
		}
		a.own = key
	}
	return &a.own.PublicKey, nil
}

// sign issues a leaf with Apple's extensions for its type.
func (s *Server) sign(subject []byte, pub any, from, to time.Time, certType string) ([]byte, error) {
	key, ca, err := s.ca.ready(s.Now())
	if err != nil {
		return nil, err
	}
	serial := s.bytes(16)
	serial[0] = serial[0]&0x7f | 0x10 // positive, and as long as Apple's
	critical, _ := asn1.Marshal(asn1.RawValue{Tag: asn1.TagNull})
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial), RawSubject: subject,
		NotBefore: from, NotAfter: to, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
		ExtraExtensions: []pkix.Extension{{Id: marker(certType), Critical: true, Value: critical}},
	}
	if s.cfg.OCSPURL != "" {
		template.OCSPServer = []string{s.cfg.OCSPURL}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, pub, key)
	if err != nil {
		return nil, fmt.Errorf("asctest: signing a certificate: %w", err)
	}
	return der, nil
}

// marker is Apple's object identifier of what a certificate may sign: 6.1.4
// for iPhone distribution, 6.1.7 for Mac distribution, 6.1.2 for development.
func marker(certType string) asn1.ObjectIdentifier {
	apple := asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 6, 1}
	switch certType {
	case "DISTRIBUTION", "IOS_DISTRIBUTION":
		return append(apple, 4)
	case "MAC_APP_DISTRIBUTION", "MAC_INSTALLER_DISTRIBUTION":
		return append(apple, 7)
	case "DEVELOPER_ID_APPLICATION", "DEVELOPER_ID_APPLICATION_G2":
		return append(apple, 13)
	}
	return append(apple, 2)
}

// subjectOf is a subject such as Apple's: UID, CN, OU (the team ID), O, C, in
// that order.
func subjectOf(uid, name, teamID, teamName string) []byte {
	uidType := asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
	var seq pkix.RDNSequence
	for _, a := range []pkix.AttributeTypeAndValue{
		{Type: uidType, Value: uid},
		{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: name},
		{Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: teamID},
		{Type: asn1.ObjectIdentifier{2, 5, 4, 10}, Value: teamName},
		{Type: asn1.ObjectIdentifier{2, 5, 4, 6}, Value: "US"},
	} {
		seq = append(seq, pkix.RelativeDistinguishedNameSET{a})
	}
	der, err := asn1.Marshal(seq)
	if err != nil {
		panic("asctest: a subject: " + err.Error()) // only names of teams get here
	}
	return der
}
