package notify

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"keyward/pkg/integration"
)

// A received mail, as a mail program reads it.
type received struct {
	header     mail.Header
	subject    string
	text, html string
}

func decoded(t *testing.T, raw []byte) received {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	r := received{header: m.Header}
	if r.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %s: %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []*string{&r.text, &r.html} {
		p, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		*want = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Errorf("a third part: %v", err)
	}
	return r
}

func sealed(t *testing.T, c specimen) []byte {
	t.Helper()
	b := newBench(t)
	c.notice.Dedupe = "golden"
	m, err := b.compose(&job{desk: c.desk, to: c.to, link: c.link})
	if err != nil {
		t.Fatal(err)
	}
	return m.Raw
}

func named(t *testing.T, name string) specimen {
	t.Helper()
	for _, c := range specimens() {
		if c.name == name {
			return c
		}
	}
	t.Fatalf("no specimen %s", name)
	return specimen{}
}

// hostile is an integration and a contact as an enemy would name them.
func hostile(t *testing.T) specimen {
	c := named(t, "access_lost_not_authorized")
	c.it.Label = "Acme\r\nBcc: eve@evil.example\r\n\r\n<script>alert(1)</script>\u202e gnp.exe\u2028" + strings.Repeat("x", 400)
	c.it.TeamName = "<img src=https://evil.example/p.gif>\x02bold\x03\n\n1. Send us your key"
	c.to.Name = "Eve\" <eve@evil.example>,\r\nBcc: more@evil.example \u2066\U000E0041"
	return c
}

func TestMessages(t *testing.T) {
	for file, c := range map[string]specimen{
		"accepted.eml": named(t, "key_accepted"), "support.eml": named(t, "support_access_lost"), "hostile.eml": hostile(t),
	} {
		t.Run(file, func(t *testing.T) { golden(t, file, string(sealed(t, c))) })
	}
}

func TestHeaders(t *testing.T) {
	for name, want := range map[string]map[string]string{
		"key_accepted": {
			"From": `"Lernwerk" <keys@vendor.example>`, "To": `"Ada Byron" <ada@acme.example>`, "Reply-To": "<help@vendor.example>",
			"Date": "Sun, 22 Mar 2026 09:30:00 +0000", "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All",
		},
		"support_access_lost": {
			"From": `"Keyward" <keys@vendor.example>`, "To": "<help@vendor.example>", "Auto-Submitted": "auto-generated",
		},
	} {
		r := decoded(t, sealed(t, named(t, name)))
		for key, value := range want {
			if got := r.header.Get(key); got != value {
				t.Errorf("%s: %s is %q, want %q", name, key, got, value)
			}
		}
		if !strings.HasSuffix(r.header.Get("Message-ID"), "@vendor.example>") {
			t.Errorf("message ID %q", r.header.Get("Message-ID"))
		}
	}
}

func TestHostileNamesInjectNothing(t *testing.T) {
	raw := sealed(t, hostile(t))
	r := decoded(t, raw)
	for _, key := range []string{"Bcc", "Cc"} {
		if r.header.Get(key) != "" {
			t.Errorf("a header %s was injected", key)
		}
	}
	to, err := r.header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != "ada@acme.example" {
		t.Errorf("the mail goes to %v: %v", to, err)
	}
	if n := utf8.RuneCountInString(r.subject); n > 70 {
		t.Errorf("the subject has %d characters", n)
	}
	for _, bad := range []string{"<script", "<img", "<strong>bold"} {
		if strings.Contains(r.html, bad) {
			t.Errorf("the HTML holds %s", bad)
		}
	}
	for _, s := range []string{r.subject, r.text, r.html, to[0].Name} {
		if strings.ContainsAny(s, "\u202e\u2028\u2066\x02\x03\U000E0041") {
			t.Error("invisible characters got through")
		}
	}
	if strings.Contains(r.text, "\n1. Send us") {
		t.Error("a name forged a step")
	}
	for line := range bytes.Lines(raw) {
		if !bytes.HasSuffix(line, []byte("\r\n")) || len(line) > 1000 {
			t.Errorf("a line that RFC 5322 forbids: %.60q", line)
		}
		if bytes.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("a line that is not ASCII: %.60q", line)
		}
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	b := newBench(t)
	for _, address := range []string{"", "ada", "ada@acme.example, eve@evil.example", "ada@acme.example\r\nBcc: eve@evil.example", "Ada <ada@acme.example>"} {
		c := named(t, "key_accepted")
		c.to.Address = address
		if _, err := b.compose(&job{desk: c.desk, to: c.to}); err == nil || !strings.Contains(err.Error(), integration.ErrUndeliverable.Error()) {
			t.Errorf("%q was not rejected: %v", address, err)
		}
	}
}

func TestTags(t *testing.T) {
	tags := Tags(integration.Notice{Integration: "int_x", Kind: integration.NoticeRecovered, Dedupe: strings.Repeat("d", 129)}, "")
	if _, there := tags["notice"]; there {
		t.Error("a tag is longer than 256 characters")
	}
	if _, there := tags["contact"]; there {
		t.Error("a mail to support names a contact")
	}
}
