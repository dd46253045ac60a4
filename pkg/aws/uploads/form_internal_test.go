package uploads

import "testing"

// The example of S3's API reference, "Example: Browser-Based Upload using HTTP
// POST (Using AWS Signature Version 4)".
const examplePolicy = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9"

func TestTheSignatureOfAWSsExample(t *testing.T) {
	const want = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
	if got := sign("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "20151229", "us-east-1", examplePolicy); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFileNamesAreDecoded(t *testing.T) {
	for value, want := range map[string]string{
		"AuthKey_ABC.p8":                    "AuthKey_ABC.p8",
		"=?UTF-8?Q?=C3=9Cn=C3=AF.p8?=":      "Ünï.p8",
		"=?utf-8?b?5pel5pys6Kqe?=":          "日本語",
		"=?UTF-8?B?w5w=?= =?UTF-8?B?w5w=?=": "ÜÜ",
		"=?no-such?q?x?=":                   "=?no-such?q?x?=",
		"=?UTF-8?Q?broken":                  "=?UTF-8?Q?broken",
		"\xff.p8":                           "\uFFFD.p8",
		"":                                  "",
	} {
		if got := filename(value); got != want {
			t.Errorf("filename(%q) is %q, want %q", value, got, want)
		}
	}
}
