package keyfile_test

import (
	"os"
	"testing"

	"keyward/pkg/keyfile"
)

// madeByTools says what each file in testdata is. OpenSSL 3, OpenSSH and
// Java made them; all are test keys.
var madeByTools = map[string]keyfile.Diagnosis{
	"openssl-p256.p8":                 "", // ecparam -genkey | pkcs8 -topk8 -nocrypt
	"openssl-genpkey-p256.p8":         "",
	"openssl-p256-compressed.p8":      "",
	"openssl-p256-hybrid.p8":          "",
	"openssl-p256-nopublic.p8":        "",
	"java-p256.p8":                    "",
	"openssl-p256-explicit.p8":        keyfile.ExplicitCurve,
	"openssl-p256.der":                keyfile.BinaryKey,
	"openssl-p256-sec1.pem":           keyfile.SEC1Key,
	"openssl-p256-sec1.der":           keyfile.SEC1Key,
	"openssl-p256-sec1-encrypted.pem": keyfile.EncryptedKey,
	"openssl-p256-encrypted.p8":       keyfile.EncryptedKey,
	"openssl-p256-encrypted-pbe.der":  keyfile.EncryptedKey,
	"openssl-p256-public.pem":         keyfile.PublicKey,
	"openssl-p256-public.der":         keyfile.PublicKey,
	"openssl-p256-p12-as-text.pem":    keyfile.TextAround,
	"openssl-p384-sec1.pem":           keyfile.OtherCurve,
	"openssl-secp384r1.p8":            keyfile.OtherCurve,
	"openssl-secp521r1.p8":            keyfile.OtherCurve,
	"openssl-secp256k1.p8":            keyfile.OtherCurve,
	"openssl-ed25519.p8":              keyfile.OtherCurve,
	"openssl-x25519.p8":               keyfile.OtherCurve,
	"openssl-dsa.p8":                  keyfile.OtherKeyType,
	"openssl-rsa.p8":                  keyfile.RSAKey,
	"openssl-rsa.der":                 keyfile.RSAKey,
	"openssl-rsa-pkcs1.pem":           keyfile.RSAKey,
	"openssl-rsa-pkcs1.der":           keyfile.RSAKey,
	"openssl-rsa-pkcs1-encrypted.pem": keyfile.EncryptedKey,
	"openssl-rsa-public-pkcs1.pem":    keyfile.PublicKey,
	"openssl-rsa-p12-as-text.pem":     keyfile.RSAKey,
	"openssl-rsa.p12":                 keyfile.PKCS12,
	"java-rsa.p12":                    keyfile.PKCS12,
	"openssl-certificate.pem":         keyfile.CertificatePEM,
	"openssl-certificate.cer":         keyfile.CertificateFile,
	"openssl-certificates.p7b":        keyfile.CertificateFile,
	"openssl-request.pem":             keyfile.CertificateRequest,
	"openssl-request.der":             keyfile.CertificateRequest,
	"openssl-profile.mobileprovision": keyfile.ProvisioningProfile,
	"openssh-p256.pem":                keyfile.SSHKey,
	"openssh-p256.pub":                keyfile.PublicKey,
}

func TestParseFilesOfOtherTools(t *testing.T) {
	for name, want := range madeByTools {
		t.Run(name, func(t *testing.T) {
			if got := diagnosisOf(t, mustRead(t, name)); got != want {
				t.Errorf("diagnosed as %q, want %q", got, want)
			}
		})
	}
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, listed := madeByTools[e.Name()]; !listed && !e.IsDir() {
			t.Errorf("testdata/%s is not listed", e.Name())
		}
	}
}
