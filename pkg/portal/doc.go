// Package portal is what a customer sees: the pages behind an upload link.
//
// # Flow
//
//	GET  /l/{token}              the link in the mail: says who asks, looks nothing up, changes nothing
//	POST /continue               a person pressed Continue: the token goes into a strict cookie
//	GET  /setup                  how to make the key; asks for the IDs that go with it
//	POST /setup                  checks the IDs, begins an upload
//	GET  /uploads/{id}           the presigned form: the file goes straight to the object store
//	POST /uploads/{id}/renew     the form's 15 minutes were over
//	GET  /uploads/{id}/status    what became of the file; also as status.json, for the script
//	POST /reauthorise            a contact confirms that the vendor may go on
//	POST /link-request           asks for a new link, which goes to registered contacts only
//
// All of it works without JavaScript. The script checks the file before it is
// sent and looks after the status; nothing depends on it.
//
// # Links
//
// GET never looks a token up, so it cannot tell a good one from a bad one, and
// mail scanners can open it as often as they like. Continue does not use the
// link up either. A link that is unknown, used, expired or revoked gets one
// and the same answer, as does one from an address that tried too often: a
// guesser learns nothing, whatever the rate.
//
// The cookie holds the token itself, for the link's life. It is HttpOnly and
// SameSite=Strict, and named __Host-keyward where the portal has HTTPS. Every
// page looks the token's hash up again, so that a revoked link ends at once.
// What became of an upload can still be seen by the link that brought it,
// after the accepted key has used that link up.
//
// # POST
//
// Every POST must come from a page of ours: see pages.SameOrigin, which lets
// requests with neither Sec-Fetch-Site nor Origin pass, since no browser
// sends those. Behind the cookie each form also carries a token, the HMAC of
// its purpose under the link's token.
//
// Beginning an upload twice gives one upload: the form carries the upload's
// ID, made and signed when the page was shown.
//
// # Limits
//
// The limiter lives in memory. Of several Lambda instances each has its own,
// so the true limit is the configured one times their number: it is there
// against floods, not for counting. What must be counted is in the store: at
// most MaxUploads for each link, and one invitation an hour for each
// integration by request.
package portal
