package appstoreconnect

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"keyward/pkg/integration"
)

var certEnd = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// mustDER makes a certificate whose subject has the organisational units.
func mustDER(t *testing.T, units ...string) []byte {
	t.Helper()
	key := mustKey(t).Signer()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0xABCDEF), NotBefore: certEnd.AddDate(-1, 0, 0), NotAfter: certEnd,
		Subject: pkix.Name{CommonName: "Apple Distribution: " + secretName, OrganizationalUnit: units},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func certificateList(t *testing.T, attrs ...map[string]any) string {
	t.Helper()
	data := []any{}
	for _, a := range attrs {
		data = append(data, map[string]any{"type": "certificates", "id": "C1", "attributes": a})
	}
	body, err := json.Marshal(map[string]any{"data": data, "links": map[string]string{"self": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestCertificates(t *testing.T) {
	der := mustDER(t, "not a team", "A1B2C3D4E5")
	sum := sha256.Sum256(der)
	content := base64.StdEncoding.EncodeToString(der)
	good := func(changes map[string]any) map[string]any {
		m := map[string]any{"name": "Apple Distribution: X", "displayName": "X", "certificateType": "DISTRIBUTION",
			"serialNumber": "00abCDEF", "platform": nil, "expirationDate": "2027-03-01T12:00:00.000+0000",
			"certificateContent": content, "activated": false}
		for k, v := range changes {
			m[k] = v
		}
		return m
	}
	base := Certificate{ID: "C1", Type: "DISTRIBUTION", Serial: "ABCDEF", Name: "Apple Distribution: X", DisplayName: "X",
		NotAfter: certEnd, TeamID: "A1B2C3D4E5", SHA256: hex.EncodeToString(sum[:])}
	for name, tc := range map[string]struct {
		attrs map[string]any
		want  func(*Certificate)
	}{
		"as documented":          {good(nil), func(*Certificate) {}},
		"offset with a colon":    {good(map[string]any{"expirationDate": "2027-03-01T13:00:00+01:00"}), func(*Certificate) {}},
		"unknown type":           {good(map[string]any{"certificateType": "HOLOGRAM"}), func(c *Certificate) { c.Type = "HOLOGRAM" }},
		"broken into lines":      {good(map[string]any{"certificateContent": content[:64] + "\r\n" + content[64:]}), func(*Certificate) {}},
		"no serial":              {good(map[string]any{"serialNumber": nil}), func(*Certificate) {}},
		"no expirationDate":      {good(map[string]any{"expirationDate": nil}), func(*Certificate) {}},
		"dates a minute apart":   {good(map[string]any{"expirationDate": "2027-03-01T12:01:00Z"}), func(*Certificate) {}},
		"dates further apart":    {good(map[string]any{"expirationDate": "2027-03-01T11:58:59Z"}), func(c *Certificate) { c.DatesDiffer = true }},
		"dates differ":           {good(map[string]any{"expirationDate": "2026-03-01T12:00:00Z"}), func(c *Certificate) { c.DatesDiffer = true }},
		"content not base64":     {good(map[string]any{"certificateContent": "%%%"}), func(c *Certificate) { c.TeamID, c.SHA256 = "", "" }},
		"content no certificate": {good(map[string]any{"certificateContent": "AAAA"}), func(c *Certificate) { c.TeamID, c.SHA256 = "", "" }},
		"attributes of other types": {good(map[string]any{"certificateContent": 7, "displayName": []int{1}}),
			func(c *Certificate) { c.TeamID, c.SHA256, c.DisplayName = "", "", "" }},
		"nothing": {map[string]any{}, func(c *Certificate) { *c = Certificate{ID: "C1"} }},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: handlers{"*": says(200, certificateList(t, tc.attrs))}}
			got, err := clientOf(s).Certificates(t.Context(), teamCreds(t))
			want := base
			tc.want(&want)
			if diff := cmp.Diff([]Certificate{want}, got); diff != "" || err != nil {
				t.Errorf("certificates (-want +got), %v:\n%s", err, diff)
			}
		})
	}
}

func TestCertificatesErrorsAreExplained(t *testing.T) {
	for body, want := range map[string]integration.Reason{noAgreement: integration.Agreement, roleTooLow: integration.Role} {
		c := clientOf(&script{answers: handlers{"*": says(403, body)}})
		_, err := c.Certificates(t.Context(), teamCreds(t))
		if o := c.Explain(err); o.Verdict != integration.Blocked || o.Reason != want || !strings.HasPrefix(err.Error(), "listing certificates: ") {
			t.Errorf("got %s, %s from %v", o.Verdict, o.Reason, err)
		}
	}
}

func TestTeamEvidence(t *testing.T) {
	content := func(units ...string) map[string]any {
		return map[string]any{"certificateContent": base64.StdEncoding.EncodeToString(mustDER(t, units...))}
	}
	list := certificateList(t, content("ZZZZZZZZZZ"), content("A1B2C3D4E5"), content(), content("ZZZZZZZZZZ"),
		content("too short"), map[string]any{"certificateContent": "AAAA"})
	s := &script{answers: handlers{"/v1/certificates": says(200, list), "/v1/apps": says(200, oneApp)}}
	o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: level("apps", "certificates"), Depth: Full})
	if diff := cmp.Diff([]string{"A1B2C3D4E5", "ZZZZZZZZZZ"}, o.TeamIDs); diff != "" {
		t.Errorf("team IDs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]integration.App{{ID: "1234567890", BundleID: "com.example.one", Name: "One"}}, o.Apps); diff != "" {
		t.Errorf("apps (-want +got):\n%s", diff)
	}
}

func TestBundleIDEvidence(t *testing.T) {
	list := `{"data":[{"id":"1","attributes":{"identifier":"com.example.two","seedId":"ZZZZZZZZZZ"}},{"id":"2","attributes":{"seedId":"A1B2C3D4E5"}},
		{"id":"3","attributes":{"identifier":"com.example.one","seedId":"ZZZZZZZZZZ"}},{"id":"4","attributes":{"identifier":7,"seedId":"none"}}]}`
	s := &script{answers: handlers{"/v1/bundleIds": says(200, list), "/v1/apps": says(200, oneApp)}}
	o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: level("apps", "bundle_ids"), Depth: Full})
	if diff := cmp.Diff([]string{"com.example.two", "com.example.one"}, o.BundleIDs); diff != "" {
		t.Errorf("bundle IDs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"A1B2C3D4E5", "ZZZZZZZZZZ"}, o.SeedIDs); diff != "" {
		t.Errorf("team IDs (-want +got):\n%s", diff)
	}
}

func TestAppsAreBoundedAndPlain(t *testing.T) {
	many := strings.Repeat(`{"id":"1"},`, 200)
	s := &script{answers: handlers{"/v1/apps": says(200, `{"data":[{"id":"../../evil?x"},{"id":7},`+strings.TrimRight(many, ",")+`]}`)}}
	o := clientOf(s).Check(t.Context(), teamCreds(t), Plan{Level: level("apps", "reviews"), Depth: Full})
	if len(o.Apps) != integration.MaxApps || o.Apps[0].ID != "1" {
		t.Errorf("%d apps, the first %q", len(o.Apps), o.Apps[0].ID)
	}
	if got := s.paths()[1]; got != "/v1/apps/1/customerReviews" {
		t.Errorf("asked for %s", got)
	}
}
