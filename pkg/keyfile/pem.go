package keyfile

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// labelPKCS8 is the label of what Apple issues.
const labelPKCS8 = "PRIVATE KEY"

// beginLine finds a PEM block's beginning, wherever it stands in a line.
var beginLine = regexp.MustCompile(`-----BEGIN ([A-Z0-9 ]{1,40})-----`)

// labels says what PEM blocks of other labels are. Other labels that end in
// PRIVATE KEY are OtherKeyType.
var labels = map[string]Diagnosis{
	"RSA PRIVATE KEY":         RSAKey,
	"EC PRIVATE KEY":          SEC1Key,
	"ENCRYPTED PRIVATE KEY":   EncryptedKey,
	"OPENSSH PRIVATE KEY":     SSHKey,
	"PUBLIC KEY":              PublicKey,
	"RSA PUBLIC KEY":          PublicKey,
	"EC PUBLIC KEY":           PublicKey,
	"CERTIFICATE":             CertificatePEM,
	"X509 CERTIFICATE":        CertificatePEM,
	"TRUSTED CERTIFICATE":     CertificatePEM,
	"PKCS7":                   CertificatePEM,
	"CMS":                     CertificatePEM,
	"CERTIFICATE REQUEST":     CertificateRequest,
	"NEW CERTIFICATE REQUEST": CertificateRequest,
	"PGP PUBLIC KEY BLOCK":    PublicKey,
	"PGP PRIVATE KEY BLOCK":   OtherKeyType,
}

// parsePEM reads text that has at least one beginning of a PEM block. The
// private key counts; what else is there is text around it.
func parsePEM(text string, begins [][]int) (PrivateKey, Diagnosis) {
	var private [][]int
	ours := false
	for _, b := range begins {
		if label := text[b[2]:b[3]]; strings.HasSuffix(label, labelPKCS8) {
			private, ours = append(private, b), ours || label == labelPKCS8
		}
	}
	switch {
	case len(private) == 0:
		return PrivateKey{}, labelled(text[begins[0][2]:begins[0][3]])
	case len(private) > 1 && ours:
		return PrivateKey{}, SeveralKeys
	}
	return parseBlock(text, private[0])
}

func labelled(label string) Diagnosis {
	if d, ok := labels[label]; ok {
		return d
	}
	if strings.HasSuffix(label, labelPKCS8) {
		return OtherKeyType
	}
	return Unknown
}

// parseBlock reads the private key that begins at begin, the indices of a
// match of beginLine.
func parseBlock(text string, begin []int) (PrivateKey, Diagnosis) {
	label, before, body := text[begin[2]:begin[3]], text[:begin[0]], text[begin[1]:]
	body, after, ended := strings.Cut(body, "-----END "+label+"-----")
	key, d := inspectBody(body)
	switch {
	case strings.Contains(body, "ENCRYPTED"): // Proc-Type: 4,ENCRYPTED
		return PrivateKey{}, EncryptedKey
	case label == "EC PRIVATE KEY" && d == OtherCurve:
		return PrivateKey{}, OtherCurve
	case label != labelPKCS8:
		return PrivateKey{}, labelled(label)
	case !ended:
		return PrivateKey{}, notEnded(body)
	}
	if w := wrapping(before, body, after); w != "" && (d == "" || d == Damaged) {
		return PrivateKey{}, w
	}
	return key, d
}

// notEnded names a wrong kind of key if it can still be seen in a block that
// has no END line. A key that is whole is parse's to find.
func notEnded(body string) Diagnosis {
	if _, d := inspectBody(strings.Join(unmarkedLines(body), "\n")); d != "" && d != Damaged {
		return d
	}
	return Truncated
}

// wholeKeyInside reports whether the text, its BEGIN and END lines left out in
// whatever form they have, is one whole key.
func wholeKeyInside(text string) bool {
	_, d := inspectBody(strings.Join(unmarkedLines(text), "\n"))
	return d == ""
}

// unmarkedLines are the lines of the text that are neither BEGIN nor END
// lines, nor what is left of one.
func unmarkedLines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), isMarker)
}

// hasMarker reports whether a line of the text names a private key as BEGIN
// and END lines do, in whatever form.
func hasMarker(text string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool {
		line = strings.ToUpper(dropBlanks(line))
		return isMarker(line) && (strings.Contains(line, "BEGIN") || strings.Contains(line, "END"))
	})
}

func isMarker(line string) bool {
	return strings.ContainsFunc(line, isHyphen) || markerWords.MatchString(dropBlanks(line))
}

// markerWords is a BEGIN or END line that has lost its hyphens; blanks are left out.
var markerWords = regexp.MustCompile(`(?i)^(BEGIN|END)[A-Z0-9]{0,20}KEY$`)

// isHyphen reports whether r is a hyphen or what text programs put in its place.
func isHyphen(r rune) bool {
	return r == '-' || unicode.Is(unicode.Pd, r) || r == '\u2212' || r == '\u00ad'
}

// inspectBody decodes what stands between the BEGIN and END lines.
func inspectBody(body string) (PrivateKey, Diagnosis) {
	compact := dropBlanks(body)
	if !isBase64(compact) {
		return PrivateKey{}, Damaged
	}
	if cut := len(compact) % 4; cut != 0 {
		der, _ := base64.RawStdEncoding.DecodeString(compact[:len(compact)-cut])
		return PrivateKey{}, inspectCut(der)
	}
	der, err := base64.StdEncoding.Strict().DecodeString(compact)
	if err != nil {
		return PrivateKey{}, Damaged
	}
	key, d := inspect(der)
	if d == Unknown {
		return PrivateKey{}, Damaged
	}
	return key, d
}

// wrapping says what is wrong around a block or with its lines, or "".
func wrapping(before, body, after string) Diagnosis {
	around := dropBlanks(before + after)
	switch {
	case strings.TrimFunc(around, isQuoting) != "":
		return TextAround
	case around != "":
		return Quoted
	case !isBase64(dropBlanks(body)):
		return foreign(body)
	case reflowed(body):
		return Reflowed
	}
	return ""
}

// foreign says what the characters that are not base64 come from, or "".
func foreign(body string) Diagnosis {
	switch {
	case strings.Contains(body, `\`):
		return EscapedNewlines
	case strings.ContainsAny(body, ":>"): // headers, or the marks of a quoted mail
		return TextAround
	}
	return ""
}

// isQuoting tells whether r belongs to how programs quote text.
func isQuoting(r rune) bool { return isQuote(r) || r == ',' || r == ';' }

// reflowed tells whether the BEGIN or END line is not on a line of its own,
// or a line of the body has blanks in between.
func reflowed(body string) bool {
	lines := strings.Split(body, "\n")
	if trimBlanks(lines[0]) != "" || trimBlanks(lines[len(lines)-1]) != "" {
		return true
	}
	for _, l := range lines {
		if strings.ContainsFunc(trimBlanks(l), isBlank) {
			return true
		}
	}
	return false
}

// isBase64 tells whether s has only characters of the standard alphabet and
// perhaps padding.
func isBase64(s string) bool {
	s = strings.TrimRight(s, "=")
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		upper, lower, digit := 'A' <= r && r <= 'Z', 'a' <= r && r <= 'z', '0' <= r && r <= '9'
		return !upper && !lower && !digit && r != '+' && r != '/'
	})
}
