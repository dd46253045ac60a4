package operator

import (
	"context"
	"net/http"
)

// IssueLink sends a mail with a new upload link.
func (c *Client) IssueLink(ctx context.Context, id string) (out Done, err error) {
	err = c.call(ctx, http.MethodPost, path(id, "links"), nil, &out)
	return out, err
}

// RevokeLinks voids every upload link sent so far.
func (c *Client) RevokeLinks(ctx context.Context, id string) (out Done, err error) {
	err = c.call(ctx, http.MethodDelete, path(id, "links"), nil, &out)
	return out, err
}

// AllowTeamMove lets the next accepted key be of another team.
func (c *Client) AllowTeamMove(ctx context.Context, id string) (out Done, err error) {
	err = c.call(ctx, http.MethodPost, path(id, "team-move"), nil, &out)
	return out, err
}

// WithdrawTeamMove takes that back.
func (c *Client) WithdrawTeamMove(ctx context.Context, id string) (out Done, err error) {
	err = c.call(ctx, http.MethodDelete, path(id, "team-move"), nil, &out)
	return out, err
}

// CheckNow makes a check due.
func (c *Client) CheckNow(ctx context.Context, id string) (out Done, err error) {
	err = c.call(ctx, http.MethodPost, path(id, "checks"), nil, &out)
	return out, err
}

// Disconnect ends the integration. Nothing leads back.
func (c *Client) Disconnect(ctx context.Context, id string) (out Done, err error) {
	err = c.call(ctx, http.MethodPost, path(id, "disconnect"), nil, &out)
	return out, err
}

// EndHold ends a fleet hold that has lasted for 24 hours. Before, and without
// a hold, it is refused.
func (c *Client) EndHold(ctx context.Context) (out FleetDone, err error) {
	err = c.call(ctx, http.MethodPost, "/v1/fleet/end-hold", nil, &out)
	return out, err
}

// PinCertificate chooses the certificate to watch; an empty serial means the
// one that lasts longest.
func (c *Client) PinCertificate(ctx context.Context, id, serial string) (out Done, err error) {
	err = c.call(ctx, http.MethodPut, path(id, "certificates", "pin"), Pin{Serial: serial}, &out)
	return out, err
}

// AddContact adds a person to write to.
func (c *Client) AddContact(ctx context.Context, id string, n NewContact) (out ContactDone, err error) {
	err = c.call(ctx, http.MethodPost, path(id, "contacts"), n, &out)
	return out, err
}

// ChangeContact changes what the patch gives.
func (c *Client) ChangeContact(ctx context.Context, id, contact string, p ContactPatch) (out ContactDone, err error) {
	err = c.call(ctx, http.MethodPatch, path(id, "contacts", contact), p, &out)
	return out, err
}

// EraseContact removes a contact's name and address.
func (c *Client) EraseContact(ctx context.Context, id, contact string) (out ContactDone, err error) {
	err = c.call(ctx, http.MethodDelete, path(id, "contacts", contact), nil, &out)
	return out, err
}

// EraseLastAdmin is EraseContact where it is meant that nobody with the duty
// admin stays.
func (c *Client) EraseLastAdmin(ctx context.Context, id, contact string) (out ContactDone, err error) {
	err = c.call(ctx, http.MethodDelete, path(id, "contacts", contact)+"?last_admin=true", nil, &out)
	return out, err
}

// Token hands out a token for App Store Connect.
func (c *Client) Token(ctx context.Context, id string, r TokenRequest) (out TokenGrant, err error) {
	err = c.call(ctx, http.MethodPost, path(id, "token"), r, &out)
	return out, err
}
