package local

import (
	"bytes"
	"fmt"
	"mime"
	"regexp"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"keyward/pkg/embedded"
)

// A letter is a mail as a person reads it.
type letter struct {
	ID                string
	At                time.Time
	From, To, Subject string
	Text, HTML        string
	Links             []string // of the text, in order
}

func readLetter(m embedded.Received) (letter, error) {
	msg, err := mail.EMLToMsgFromReader(bytes.NewReader(m.Mail.Raw))
	if err != nil {
		return letter{}, fmt.Errorf("parsing a mail: %w", err)
	}
	l := letter{ID: m.ID, At: m.At, To: m.Mail.To}
	if s := msg.GetGenHeader(mail.HeaderSubject); len(s) > 0 {
		l.Subject = decodeWord(s[0])
	}
	if f := msg.GetFromString(); len(f) > 0 {
		l.From = f[0]
	}
	for _, p := range msg.GetParts() {
		content, err := p.GetContent()
		if err != nil {
			return letter{}, fmt.Errorf("decoding a part of a mail: %w", err)
		}
		switch p.GetContentType() {
		case mail.TypeTextPlain:
			l.Text = strings.ReplaceAll(string(content), "\r\n", "\n")
		case mail.TypeTextHTML:
			l.HTML = string(content)
		}
	}
	l.Links = urls.FindAllString(l.Text, -1)
	return l, nil
}

var urls = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:)]`)

// linksOutside makes a mail's links open outside its frame.
func linksOutside(html string) string {
	return strings.Replace(html, "<head>", `<head><base target="_blank">`, 1)
}

// decodeWord reads a header's RFC 2047 words.
func decodeWord(s string) string {
	out, err := new(mime.WordDecoder).DecodeHeader(s)
	if err != nil {
		return s
	}
	return out
}
