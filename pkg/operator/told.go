package operator

import (
	"fmt"

	"keyward/pkg/integration"
	"keyward/pkg/wording"
)

// filesUnderWay says what became of the files that arrived since the last key
// was accepted.
func filesUnderWay(it integration.Integration) string {
	switch {
	case len(it.Waiting) > 0:
		w := it.Waiting[0]
		text := "A key file has been waiting for Apple since " + when(w.Since) + ". " + because(w.Reason)
		switch others := it.Waiting[1:]; len(others) {
		case 0:
			return text
		case 1:
			return text + " Another one is waiting too."
		default:
			return text + fmt.Sprintf(" %d others are waiting too.", len(others))
		}
	case !it.Refused.At.IsZero():
		return "The last key file was refused on " + when(it.Refused.At) + ". " + refusal(it.Refused.Diagnosis) + wrongFiles(it)
	}
	return ""
}

// needWords say why an integration needs attention.
func needWords(n integration.Need) string {
	switch n {
	case integration.NeedsNewKey:
		return "Access is lost"
	case integration.NeedsAction:
		return "Action required at Apple"
	case integration.NeedsWatching:
		return "Bad answer, not confirmed"
	case integration.CertificateEnded:
		return "Certificate has expired"
	case integration.CertificateGone:
		return "Certificate is gone"
	case integration.CertificateEnding:
		return "Certificate expires soon"
	case integration.CertificatesUnread:
		return "Certificates cannot be read"
	case integration.NoAnswer:
		return "No clear answer from Apple"
	case integration.NewKeyFails:
		return "New key failed, old one in use"
	case integration.ConfirmationOverdue:
		return "Confirmation is overdue"
	case integration.VendorUserIncomplete:
		return "Vendor's user is not complete"
	case integration.FileRefused:
		return "File refused, no new upload"
	case integration.FileWaits:
		return "File waits for Apple"
	case integration.NoLink:
		return "No key and no upload link"
	}
	return wording.PlainKind(integration.NoticeKind(n))
}

func viewNeed(n integration.Need) Need { return Need{Code: string(n), Text: needWords(n)} }
