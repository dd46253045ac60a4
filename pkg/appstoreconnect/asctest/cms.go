package asctest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
)

// The parts of a CMS signed message (RFC 5652) that a provisioning profile
// has: content inside, one signer, no signed attributes.
type (
	cmsMessage struct {
		Type    asn1.ObjectIdentifier
		Content cmsSignedData `asn1:"explicit,tag:0"`
	}
	cmsSignedData struct {
		Version      int
		Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
		Inside       cmsContent
		Certificates asn1.RawValue
		Signers      []cmsSigner `asn1:"set"`
	}
	cmsContent struct {
		Type asn1.ObjectIdentifier
		Data []byte `asn1:"explicit,tag:0"`
	}
	cmsSigner struct {
		Version   int
		Issuer    cmsIssuer
		Digest    pkix.AlgorithmIdentifier
		Algorithm pkix.AlgorithmIdentifier
		Signature []byte
	}
	cmsIssuer struct {
		Name   asn1.RawValue
		Serial *big.Int
	}
)

// signedMessage signs content with the authority's key.
func (s *Server) signedMessage(content []byte) ([]byte, error) {
	key, cert, err := s.ca.ready(s.Now())
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return nil, fmt.Errorf("asctest: signing a message: %w", err)
	}
	pkcs7 := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7}
	algorithm := func(id ...int) pkix.AlgorithmIdentifier {
		return pkix.AlgorithmIdentifier{Algorithm: id, Parameters: asn1.NullRawValue}
	}
	sha := algorithm(2, 16, 840, 1, 101, 3, 4, 2, 1)
	der, err := asn1.Marshal(cmsMessage{
		Type: append(pkcs7, 2),
		Content: cmsSignedData{
			Version: 1, Digests: []pkix.AlgorithmIdentifier{sha},
			Inside:       cmsContent{Type: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, Data: content},
			Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: cert.Raw},
			Signers: []cmsSigner{{
				Version: 1, Issuer: cmsIssuer{asn1.RawValue{FullBytes: cert.RawIssuer}, cert.SerialNumber},
				Digest: sha, Algorithm: algorithm(1, 2, 840, 113549, 1, 1, 1), Signature: signature,
			}},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("asctest: encoding a signed message: %w", err)
	}
	return der, nil
}
