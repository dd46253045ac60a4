package keyfile_test

import (
	"errors"
	"strings"
	"testing"

	"keyward/pkg/keyfile"
)

func TestFromFilename(t *testing.T) {
	names := map[string]string{
		"AuthKey_ABC1234567.p8":                           "ABC1234567",
		"authkey_abc1234567.P8":                           "ABC1234567",
		"AuthKey_ABC1234567 (1).p8":                       "ABC1234567",
		"AuthKey_ABC1234567(2).p8":                        "ABC1234567",
		"AuthKey_ABC1234567-1.p8":                         "ABC1234567",
		"AuthKey_ABC1234567 copy.p8":                      "ABC1234567",
		"AuthKey_ABC1234567.p8.txt":                       "ABC1234567",
		"AuthKey_ABC1234567_new.p8":                       "ABC1234567",
		"AuthKey_ABC1234567":                              "ABC1234567",
		"Kopie von AuthKey_ABC1234567.p8":                 "ABC1234567",
		"Example Inc_AuthKey_ABC1234567.p8":               "ABC1234567",
		"ApiKey_ABC1234567.p8":                            "ABC1234567",
		"/home/ann/AuthKey_ABC1234567.p8":                 "ABC1234567",
		`C:\fakepath\AuthKey_ABC1234567.p8`:               "ABC1234567",
		`C:\SubscriptionKey_X\AuthKey_ABC1234567.p8`:      "ABC1234567",
		"AuthKey_ABC123456.p8":                            "",
		"AuthKey_ABC12345678.p8":                          "",
		"AuthKey_ABC123456é.p8":                           "",
		"AuthKey_.p8":                                     "",
		"MyAuthKey_ABC1234567.p8":                         "",
		"AuthKey_ABC1234567.p8/":                          "",
		"key.p8":                                          "",
		"ABC1234567.p8":                                   "",
		"":                                                "",
		"../../etc/passwd":                                "",
		"AuthKey_ABC1234567.p8\x00.exe":                   "ABC1234567",
		"\xff\xfeAuthKey_ABC1234567.p8":                   "ABC1234567",
		strings.Repeat("A", 2000) + "_AuthKey_ABC1234567": "",
		strings.Repeat("A", 1005) + "_AuthKey_ABC1234567": "ABC1234567", // 1024 bytes
		strings.Repeat("A", 1006) + "_AuthKey_ABC1234567": "",
	}
	for name, want := range names {
		t.Run(name, func(t *testing.T) {
			got, err := keyfile.FromFilename(name)
			if err != nil || got.KeyID != want {
				t.Errorf("got %q, %v; want %q", got.KeyID, err, want)
			}
		})
	}
}

func TestFromFilenameRefusesInAppPurchaseKeys(t *testing.T) {
	for _, name := range []string{
		"SubscriptionKey_ABC1234567.p8", "subscriptionkey_abc1234567 (1).p8", "SubscriptionKey_.p8", "SubscriptionKey_short.p8.txt",
		`C:\keys\SubscriptionKey_ABC1234567.p8`, "/tmp/Copy of SubscriptionKey_ABC1234567.p8",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := keyfile.FromFilename(name)
			var typed *keyfile.Error
			if !errors.As(err, &typed) || typed.Diagnosis != keyfile.InAppPurchaseKey || got.KeyID != "" {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
