package leak

import (
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
)

// Key makes a P-256 key, given as PKCS #8 in PEM, a secret: its PEM text as
// it is, its DER and its private number. What all such keys have in common is
// none, and neither is the public half, which cannot be told from the
// fingerprints and certificates made of it by mistake.
func (s *Scanner) Key(name string, text []byte) error {
	block, _ := pem.Decode(text)
	if block == nil {
		return errors.New("leak: no PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok {
		return errors.New("leak: no EC key")
	}
	scalar, err := key.Bytes()
	if err != nil {
		return errors.New("leak: no P-256 key")
	}
	s.Bytes(name+", private number", scalar)
	s.Bytes(name+", DER", secretPart(block.Bytes, scalar))
	s.Bytes(name+", PEM", []byte(secretLines(text)))
	s.add(name, "decimal", new(big.Int).SetBytes(scalar).String()) // as %v of an ecdsa.PrivateKey shows it
	return nil
}

// secretPart is the DER from shortly before the number to shortly after it.
func secretPart(der, scalar []byte) []byte {
	at := strings.Index(string(der), string(scalar))
	if at < 0 {
		return der
	}
	return der[max(0, at-4):min(len(der), at+len(scalar)+4)]
}

// secretLines is the part of the PEM text that the number is in: 48 bytes of
// DER are a line, and the number is in bytes 36 to 67.
func secretLines(text []byte) string {
	lines := strings.Split(strings.ReplaceAll(string(text), "\r", ""), "\n")
	if len(lines) < 3 || len(lines[1]) < 64 {
		return ""
	}
	return lines[1][48:] + "\n" + lines[2][:min(len(lines[2]), 24)]
}
