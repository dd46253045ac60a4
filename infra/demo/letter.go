package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"strings"

	"keyward/pkg/integration"
)

// A Letter is a mail as the story speaks of it: no addresses, no links.
type Letter struct {
	Of   string `json:"of"`   // the customer's reference, or "fleet"
	Kind string `json:"kind"` // see integration.NoticeKind
	To   string `json:"to"`   // a duty, or "support"
}

func (l Letter) String() string { return l.Of + ": " + l.Kind + " → " + l.To }

// letter reads the envelope: the address says whom it really goes to.
func (s *story) letter(m Mail) Letter {
	l := Letter{Of: "nobody", Kind: m.Tags["kind"], To: "a stranger"}
	if m.Tags["integration"] == string(integration.Fleet) {
		l.Of = string(integration.Fleet)
	}
	for _, c := range s.all() {
		if m.Tags["integration"] != c.id {
			continue
		}
		l.Of = c.reference
		if duty, known := c.people[m.To]; known {
			l.To = duty
		}
	}
	if m.To == s.world.SupportAddress() {
		l.To = string(integration.ToSupport)
	}
	return l
}

// uploadLink finds the upload link in a mail's text; it is empty where there
// is none.
func uploadLink(m Mail, portal string) (string, error) {
	text, err := plainText(m.Raw)
	if err != nil {
		return "", fmt.Errorf("reading a mail: %w", err)
	}
	return regexp.MustCompile(regexp.QuoteMeta(portal) + `/l/[A-Za-z0-9_-]+`).FindString(text), nil
}

// plainText is the text of a mail in text and HTML.
func plainText(raw []byte) (string, error) {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return "", err
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || !strings.HasPrefix(kind, "multipart/") {
		return "", errors.New("not in several parts")
	}
	for parts := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := parts.NextPart() // decodes quoted-printable
		if err != nil {
			return "", errors.New("no part in plain text")
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/plain") {
			text, err := io.ReadAll(p)
			return string(text), err
		}
	}
}
