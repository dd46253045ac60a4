package notify

import "keyward/pkg/integration"

// A userTask is what the customer has left to do about the vendor's user.
type userTask struct {
	Add           bool // there is none; otherwise rights are missing
	Invited       bool // of an invitation
	Address, Role string
	Rights        []string // to tick, marked as bold
}

// taskOf is nil where no user is asked for, or none needs anything of the
// customer as far as is known. An invitation asks for the user, too, where
// nobody has been able to look yet.
func taskOf(it integration.Integration, kind integration.NoticeKind) *userTask {
	asked, found := it.Access.User, it.User
	inviting := kind == integration.NoticeInvitation || kind == integration.NoticeInvitationReminder
	unseen := found.Access == integration.UserNotAsked || found.Access == integration.UserUnknown
	if !asked.Asked() || !found.Wanting() && !(inviting && unseen) {
		return nil
	}
	t := &userTask{
		Add: unseen || found.Access == integration.UserMissing, Invited: found.Access == integration.UserInvited,
		Address: name(asked.Address), Role: name(asked.Role),
	}
	rights := found.Missing
	if t.Add {
		rights = asked.Needs
	}
	for _, r := range rights {
		t.Rights = append(t.Rights, bold(name(r.Title())))
	}
	return t
}
