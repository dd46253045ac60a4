package demo

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
)

// A keychain is where customers make certificate requests: it has an RSA key,
// which one of them takes for an API key. Making one takes a while, so there
// is one for all.
type keychain struct{ key *rsa.PrivateKey }

func newKeychain() (keychain, error) {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return keychain{}, fmt.Errorf("making an RSA key: %w", err)
	}
	return keychain{k}, nil
}

// file is the key as PKCS #8, in PEM.
func (k keychain) file() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.key)
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), err
}

// request is a certificate signing request, in PEM.
func (k keychain) request() ([]byte, error) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: "Distribution"}}, k.key)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), err
}
