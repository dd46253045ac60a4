package keyfile

import (
	"encoding/base64"
	"regexp"
	"strings"
)

var (
	// escapes are line breaks as settings files write them.
	escapes = regexp.MustCompile(`\\+[rn]`)
	// escapedMarker is a BEGIN or END line next to one: elsewhere it could be
	// part of a Windows path.
	escapedMarker = regexp.MustCompile(`-----\s*\\+[rn]|\\+[rn]\s*-----`)
)

// parseText takes wrappers off, from the outside to the inside.
func parseText(text string) (PrivateKey, Diagnosis) {
	if d := diagnoseMarkup(trimBlanks(text)); d != "" {
		return PrivateKey{}, d
	}
	begins := beginLine.FindAllStringSubmatchIndex(text, -1)
	if len(begins) == 0 {
		return PrivateKey{}, parseUnmarked(text)
	}
	if escapedMarker.MatchString(text) {
		_, d := parseText(escapes.ReplaceAllString(text, "\n"))
		return PrivateKey{}, wrapped(EscapedNewlines, d)
	}
	return parsePEM(text, begins)
}

// diagnoseMarkup knows text formats by how they begin; text has no blanks
// around it.
func diagnoseMarkup(text string) Diagnosis {
	head := strings.ToLower(text[:min(len(text), 512)])
	switch {
	case strings.HasPrefix(head, `{\rtf`):
		return RTFFile
	case strings.HasPrefix(head, "%pdf-"):
		return PDFFile
	case strings.HasPrefix(head, "<!doctype html"), strings.HasPrefix(head, "<html"), strings.HasPrefix(head, "<head"), strings.HasPrefix(head, "<body"):
		return HTMLFile
	case strings.HasPrefix(head, "<?xml"), strings.HasPrefix(head, "<!doctype"), strings.HasPrefix(head, "<plist"):
		return diagnoseXML(text, head)
	case strings.HasPrefix(head, "{"), strings.HasPrefix(head, "["):
		return diagnoseJSON(text)
	case strings.HasPrefix(head, "putty-user-key-file"):
		return SSHKey
	case strings.HasPrefix(head, "ssh-"), strings.HasPrefix(head, "ecdsa-sha2-"), strings.HasPrefix(head, "---- begin ssh2 public key"):
		return PublicKey
	}
	return ""
}

func diagnoseXML(text, head string) Diagnosis {
	switch {
	case strings.Contains(head, "<html"):
		return HTMLFile
	case strings.Contains(text, "application-identifier"), strings.Contains(text, "TeamIdentifier"):
		return ProvisioningProfile
	}
	return ""
}

// diagnoseJSON does not ask for valid JSON: people cut and join it.
func diagnoseJSON(text string) Diagnosis {
	inside := trimBlanks(text[1:])
	if strings.HasPrefix(inside, `"`) || strings.HasPrefix(inside, "{") || strings.HasPrefix(inside, "}") {
		return JSONFile
	}
	return ""
}

// parseUnmarked diagnoses text without the beginning of a PEM block.
func parseUnmarked(text string) Diagnosis {
	switch {
	case strings.HasPrefix("-----BEGIN "+labelPKCS8+"-----", trimBlanks(text)):
		return Truncated
	case hasMarker(text):
		return notEnded(text)
	}
	compact := strings.TrimFunc(dropBlanks(text), isQuoting)
	if len(compact) < minBase64 || !isBase64(compact) {
		return Unknown
	}
	return diagnoseBase64(compact)
}

// minBase64 is how many characters of base64 are worth a look: below, they
// are a word or an ID.
const minBase64 = 32

// diagnoseBase64 looks into base64 that stands alone, without blanks. It may
// be cut anywhere.
func diagnoseBase64(compact string) Diagnosis {
	compact = strings.TrimRight(compact, "=")
	if len(compact)%4 == 1 {
		compact = compact[:len(compact)-1]
	}
	data, err := base64.RawStdEncoding.DecodeString(compact)
	if err != nil {
		return Unknown
	}
	_, d := parse(data)
	switch {
	case d == BinaryKey:
		return BareBase64
	case d.aboutWrapping():
		return Base64Wrapped
	case d == Empty:
		return Unknown
	}
	return d
}
