package asctest_test

import (
	"crypto/x509"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"keyward/pkg/appstoreconnect/asctest"
)

// request asks for a certificate.
func (w *world) request(certType, csr string) reply {
	w.t.Helper()
	return w.call(w.key, "POST", "/v1/certificates", mustJSON(w.t, map[string]any{"data": map[string]any{
		"type": "certificates", "attributes": map[string]string{"certificateType": certType, "csrContent": csr}}}))
}

func TestCertificateFromARequest(t *testing.T) {
	w := newWorld(t)
	csr := mustCSR(t, 2048)
	r := w.request("DISTRIBUTION", csr)
	if r.Status != 201 {
		t.Fatalf("got %d %s", r.Status, r.Body)
	}
	attrs := r.one(t).Attributes
	der := must(base64.StdEncoding.DecodeString(attrs["certificateContent"].(string)))(t)
	cert := must(x509.ParseCertificate(der))(t)
	want := "CN=Apple Distribution: Juniper Labs (K7WQ2M9TXA),OU=K7WQ2M9TXA,O=Juniper Labs,C=US"
	if got := cert.Subject.String(); !strings.Contains(got, "OU=K7WQ2M9TXA") || !strings.Contains(got, "O=Juniper Labs") ||
		cert.Subject.CommonName != "Apple Distribution: Juniper Labs (K7WQ2M9TXA)" {
		t.Errorf("the subject is %s, want something like %s", got, want)
	}
	if serial := strings.ToUpper(cert.SerialNumber.Text(16)); attrs["serialNumber"] != serial || strings.HasPrefix(serial, "0") {
		t.Errorf("serial %v, the certificate has %s", attrs["serialNumber"], serial)
	}
	if got := must(time.Parse(time.RFC3339, attrs["expirationDate"].(string)))(t); !got.Equal(cert.NotAfter) ||
		!got.Equal(w.now.AddDate(1, 0, 0)) {
		t.Errorf("expires %v, the certificate %v", got, cert.NotAfter)
	}
	if !strings.Contains(string(der), "G3") || cert.Issuer.OrganizationalUnit[0] != "G3" {
		t.Errorf("issued by %s", cert.Issuer)
	}
	again := w.get("/v1/certificates/" + r.one(t).ID).one(t)
	if again.Attributes["certificateContent"] != attrs["certificateContent"] {
		t.Error("read again, it is another certificate")
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	good := mustCSR(t, 2048)
	broken := strings.Replace(good, "MII", "MIJ", 1)
	for name, csr := range map[string]string{
		"not a request": "hello", "a key too long": mustCSR(t, 3072), "damaged": broken,
		"wrong signature": flipLast(t, good),
	} {
		if r := w.request("DISTRIBUTION", csr); r.Status != 409 || r.code() != "ENTITY_ERROR.ATTRIBUTE.INVALID" {
			t.Errorf("%s: %d %s", name, r.Status, r.code())
		}
	}
	bare := strings.ReplaceAll(strings.ReplaceAll(good, "-----BEGIN CERTIFICATE REQUEST-----", ""), "-----END CERTIFICATE REQUEST-----", "")
	if r := w.request("DISTRIBUTION", bare); r.Status != 201 {
		t.Errorf("base64 without its lines: %d %s", r.Status, r.code())
	}
}

// flipLast changes the last byte of a request's signature.
func flipLast(t *testing.T, csr string) string {
	t.Helper()
	body := strings.Join(strings.Fields(strings.Trim(strings.ReplaceAll(strings.ReplaceAll(csr,
		"-----BEGIN CERTIFICATE REQUEST-----", ""), "-----END CERTIFICATE REQUEST-----", ""), "\n")), "")
	der := must(base64.StdEncoding.DecodeString(body))(t)
	der[len(der)-1] ^= 1
	return base64.StdEncoding.EncodeToString(der)
}

func TestSlots(t *testing.T) {
	w := newWorld(t)
	csr := mustCSR(t, 2048)
	for range 3 {
		if r := w.request("DISTRIBUTION", csr); r.Status != 201 {
			t.Fatalf("got %d %s", r.Status, r.Body)
		}
	}
	r := w.request("DISTRIBUTION", csr)
	want := "You already have a current Apple Distribution certificate or a pending certificate request."
	if r.Status != 409 || r.code() != "ENTITY_ERROR" || r.Doc.Errors[0].Detail != want {
		t.Errorf("the fourth: %d %s", r.Status, r.Body)
	}
	if r := w.request("IOS_DISTRIBUTION", csr); r.Status != 201 {
		t.Errorf("of the other type, which is counted apart: %d %s", r.Status, r.code())
	}
	if r := w.request("DEVELOPMENT", csr); r.Status != 201 {
		t.Errorf("a development certificate: %d %s", r.Status, r.code())
	}
	id := w.Certificates(w.team.TeamID)[0].ID
	if r := w.call(w.key, "DELETE", "/v1/certificates/"+id, ""); r.Status != 204 || len(r.Body) > 0 {
		t.Errorf("revoking: %d %s", r.Status, r.Body)
	}
	if r := w.request("DISTRIBUTION", csr); r.Status != 201 {
		t.Errorf("after one was revoked: %d %s", r.Status, r.code())
	}
	if r := w.get("/v1/certificates/" + id); r.Status != 404 {
		t.Errorf("a revoked one is still there: %d", r.Status)
	}
}

func TestExpiredCertificatesTakeNoSlot(t *testing.T) {
	w := newWorld(t, func(c *asctest.Config) { c.SlotLimit = 1 })
	old := must(w.IssueCertificate(w.team.TeamID, "DISTRIBUTION", nil, -time.Hour))(t)
	if !old.NotAfter.Before(w.now) {
		t.Fatalf("it expires %v", old.NotAfter)
	}
	csr := mustCSR(t, 2048)
	if r := w.request("DISTRIBUTION", csr); r.Status != 201 {
		t.Errorf("got %d %s", r.Status, r.code())
	}
	if r := w.request("DISTRIBUTION", csr); r.Status != 409 {
		t.Errorf("the second: %d", r.Status)
	}
}

func TestRevocationInvalidatesProfiles(t *testing.T) {
	w := newWorld(t)
	cert := must(w.IssueCertificate(w.team.TeamID, "DISTRIBUTION", []byte(mustCSR(t, 2048)), 40*24*time.Hour))(t)
	if err := w.IssueProfile(w.team.TeamID, "Store", "IOS_APP_STORE", w.team.Apps[0].BundleID); err != nil {
		t.Fatal(err)
	}
	if err := w.RevokeCertificate(w.team.TeamID, cert.Serial); err != nil {
		t.Fatal(err)
	}
	if got := w.get("/v1/profiles").list(t)[0].Attributes["profileState"]; got != "INVALID" {
		t.Errorf("the profile is %v", got)
	}
	if w.RevokeCertificate(w.team.TeamID, cert.Serial) == nil {
		t.Error("revoking it again is no error")
	}
}

func issuerOf(t *testing.T, c asctest.Certificate) []byte {
	t.Helper()
	return must(x509.ParseCertificate(c.DER))(t).AuthorityKeyId
}
