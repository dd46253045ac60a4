package asctest_test

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Tools read profiles with openssl or as it does.
func TestProfileIsASignedMessage(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("openssl is not installed")
	}
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	cert := must(w.IssueCertificate(w.team.TeamID, "DISTRIBUTION", nil, 0))(t)
	if err := w.IssueProfile(w.team.TeamID, "Store <&>", "IOS_APP_STORE", w.team.Apps[0].BundleID); err != nil {
		t.Fatal(err)
	}
	content := w.get("/v1/profiles").list(t)[0].Attributes["profileContent"].(string)
	file := filepath.Join(t.TempDir(), "store.mobileprovision")
	if err := os.WriteFile(file, must(base64.StdEncoding.DecodeString(content))(t), 0o600); err != nil {
		t.Fatal(err)
	}
	plist, err := exec.Command(openssl, "smime", "-inform", "der", "-verify", "-noverify", "-in", file).Output()
	if err != nil {
		t.Fatalf("openssl does not read it: %v", err)
	}
	for _, want := range []string{"Store &lt;&amp;&gt;", w.team.TeamID + "." + w.team.Apps[0].BundleID,
		base64.StdEncoding.EncodeToString(cert.DER)} {
		if !bytes.Contains(plist, []byte(want)) {
			t.Errorf("the property list does not have %q", want)
		}
	}
}
