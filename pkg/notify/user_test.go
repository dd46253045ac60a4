package notify

import (
	"strings"
	"testing"

	"keyward/pkg/integration"
)

// TestOnlyWhatTheCustomerMustDoIsSaid compares with the letter of an
// integration that asks for no user.
func TestOnlyWhatTheCustomerMustDoIsSaid(t *testing.T) {
	key := integration.Facts{KeyID: "2X9R4HXF34"}
	plain := mustRender(t, toCustomer("", integration.NoticeAccepted, "", key))
	for name, tc := range map[string]struct {
		change func(*integration.Integration)
		says   string // empty: the plain letter
	}{
		"active":         {userFound(integration.UserActive), ""},
		"invited":        {userFound(integration.UserInvited), ""},
		"unknown":        {userFound(integration.UserUnknown), ""},
		"no answer":      {userFound(integration.UserNotAsked), ""},
		"not asked":      {func(it *integration.Integration) { it.User.Access = integration.UserMissing }, ""},
		"missing":        {userFound(integration.UserMissing), "invite builds@vendor.example"},
		"incomplete":     {userFound(integration.UserIncomplete, integration.Provisioning), "choose builds@vendor.example"},
		"invited, lacks": {userFound(integration.UserInvited, integration.Provisioning), "choose builds@vendor.example"},
	} {
		t.Run(name, func(t *testing.T) {
			letter := mustRender(t, toCustomer("", integration.NoticeAccepted, "", key).with(tc.change))
			if tc.says == "" {
				if letter != plain {
					t.Error("the letter is not the plain one")
				}
				return
			}
			text := strings.Join(strings.Fields(letter.Text), " ")
			if !strings.Contains(text, tc.says) || !strings.Contains(text, integration.Provisioning.Title()) {
				t.Errorf("want %q in:\n%s", tc.says, letter.Text)
			}
		})
	}
}
