package integration

// Invited asks a contact for a key: a first invitation, or a link issued
// anew. Links issued before stay usable until they expire; LinksRevoked
// voids them.
type Invited struct {
	By    string
	Asked bool // by a contact, who may only have opened an old link
}

func (Invited) event() string                      { return "invited" }
func (Invited) relevance(it Integration) relevance { return unlessDisconnected(it) }

func (e Invited) apply(c *change) error {
	c.invite(e.Asked)
	return nil
}

func (e Invited) record(_, _ Integration, line *Entry) bool {
	line.Actor = e.By
	return true
}

// LinksRevoked voids every upload link of the integration.
type LinksRevoked struct{ By string }

func (LinksRevoked) event() string                      { return "links_revoked" }
func (LinksRevoked) relevance(it Integration) relevance { return whileConnected(it) }

func (LinksRevoked) apply(c *change) error {
	c.voidLinks()
	return nil
}

func (e LinksRevoked) record(_, _ Integration, line *Entry) bool {
	line.Actor = e.By
	return true
}

// KeyAccepted is intake's verdict on an upload: Apple accepted the
// signature. Outcome is OK or Blocked.
type KeyAccepted struct {
	Key              Key
	TeamID, TeamName string // as the customer typed them
	Outcome          Outcome
	Contact          ContactID
	Epoch            int // of the link that brought it; a stale one is ErrLinkVoid
}

func (KeyAccepted) event() string                      { return "key_accepted" }
func (KeyAccepted) relevance(it Integration) relevance { return unlessDisconnected(it) }

func (e KeyAccepted) apply(c *change) error {
	return c.acceptKey(e)
}

func (e KeyAccepted) record(before, after Integration, line *Entry) bool {
	line.Actor, line.Verdict, line.Reason = "contact "+string(e.Contact), e.Outcome.Verdict, e.Outcome.Reason
	line.Detail = teamMoved(before, after)
	return true
}

// WrongFile is an upload that was refused.
type WrongFile struct {
	Refusal
	Contact ContactID
	Late    bool // nobody may be looking at the page any more: see Refusal
}

func (WrongFile) event() string                      { return "wrong_file" }
func (WrongFile) relevance(it Integration) relevance { return whileConnected(it) }

func (e WrongFile) apply(c *change) error {
	c.judged(e.Upload)
	c.countWrongFile(e.Diagnosis)
	c.refuse(e.Refusal, e.Contact, e.Late)
	return nil
}

func (e WrongFile) record(_, _ Integration, line *Entry) bool {
	if e.Diagnosis == RefusedLinkVoid {
		line.What = "upload_refused"
	}
	line.Actor, line.Upload, line.KeyID, line.Detail = "contact "+string(e.Contact), e.Upload, "", e.Diagnosis
	return true
}

// KeyHeldElsewhere is a key that another integration owns: the diagnosis
// is RefusedHeld or RefusedShared.
type KeyHeldElsewhere struct {
	Refusal
	Contact ContactID
	Late    bool
}

func (KeyHeldElsewhere) event() string                      { return "key_held_elsewhere" }
func (KeyHeldElsewhere) relevance(it Integration) relevance { return whileConnected(it) }

func (e KeyHeldElsewhere) apply(c *change) error {
	c.judged(e.Upload)
	c.notice(NoticeKeyHeld, ToSupport, string(e.Upload), Notice{Facts: Facts{Contact: e.Contact}})
	c.refuse(e.Refusal, e.Contact, e.Late)
	return nil
}

func (e KeyHeldElsewhere) record(_, _ Integration, line *Entry) bool {
	line.Actor, line.Upload, line.KeyID, line.Detail = "contact "+string(e.Contact), e.Upload, "", e.Diagnosis
	return true
}

// KeyOfOtherTeam is a key that was refused because of its team: see
// Integration.RefusesTeam.
type KeyOfOtherTeam struct {
	Refusal
	Contact ContactID
	Late    bool
}

func (KeyOfOtherTeam) event() string                      { return "key_of_other_team" }
func (KeyOfOtherTeam) relevance(it Integration) relevance { return whileConnected(it) }

func (e KeyOfOtherTeam) apply(c *change) error {
	c.judged(e.Upload)
	c.otherTeamsKey(e)
	c.refuse(e.Refusal, e.Contact, e.Late)
	return nil
}

func (e KeyOfOtherTeam) record(_, _ Integration, line *Entry) bool {
	line.Actor, line.Upload, line.KeyID, line.Detail = "contact "+string(e.Contact), e.Upload, e.Entered.KeyID, e.Diagnosis
	return true
}

// UploadWaits is an upload about which Apple has yet to say something
// conclusive.
type UploadWaits struct {
	Upload  UploadID
	Contact ContactID
	Reason  Reason
	Epoch   int  // of the link that brought it
	Stuck   bool // time alone may not change the reason: support hears of it, once for each upload
}

func (UploadWaits) event() string                      { return "upload_waits" }
func (UploadWaits) relevance(it Integration) relevance { return whileConnected(it) }

func (e UploadWaits) apply(c *change) error {
	c.waits(e)
	return nil
}

func (e UploadWaits) record(before, after Integration, line *Entry) bool {
	line.Actor, line.Upload, line.KeyID, line.Reason = "contact "+string(e.Contact), e.Upload, "", e.Reason
	return e.Stuck || len(after.Waiting) > len(before.Waiting)
}

// UploadGivenUp is an upload about which Apple said nothing conclusive for 20 h.
type UploadGivenUp struct {
	Upload  UploadID
	Contact ContactID
}

func (UploadGivenUp) event() string                      { return "upload_given_up" }
func (UploadGivenUp) relevance(it Integration) relevance { return whileConnected(it) }

func (e UploadGivenUp) apply(c *change) error {
	c.judged(e.Upload)
	c.notice(NoticeUploadAgain, ToAdmin, string(e.Upload), Notice{Link: true, Facts: Facts{Contact: e.Contact}})
	return nil
}

func (e UploadGivenUp) record(_, _ Integration, line *Entry) bool {
	line.Upload, line.KeyID = e.Upload, ""
	return true
}

// TeamMoveAllowed lets the next accepted key be of another team.
type TeamMoveAllowed struct{ By string }

func (TeamMoveAllowed) event() string                      { return "team_move_allowed" }
func (TeamMoveAllowed) relevance(it Integration) relevance { return unlessDisconnected(it) }

func (e TeamMoveAllowed) apply(c *change) error {
	c.allowTeamMove(e.By)
	return nil
}

func (e TeamMoveAllowed) record(before, after Integration, line *Entry) bool {
	line.Actor = e.By
	return before.TeamMove != after.TeamMove
}

// TeamMoveWithdrawn takes that back.
type TeamMoveWithdrawn struct{ By string }

func (TeamMoveWithdrawn) event() string                      { return "team_move_withdrawn" }
func (TeamMoveWithdrawn) relevance(it Integration) relevance { return unlessDisconnected(it) }

func (TeamMoveWithdrawn) apply(c *change) error {
	c.it.TeamMove = TeamMove{}
	return nil
}

func (e TeamMoveWithdrawn) record(before, after Integration, line *Entry) bool {
	line.Actor = e.By
	return before.TeamMove != after.TeamMove
}

// Reauthorised is a contact's word that the vendor may go on.
type Reauthorised struct{ Contact ContactID }

func (Reauthorised) event() string                      { return "reauthorised" }
func (Reauthorised) relevance(it Integration) relevance { return withKey(it) }

func (Reauthorised) apply(c *change) error {
	c.reauthorised()
	return nil
}

func (e Reauthorised) record(_, _ Integration, line *Entry) bool {
	line.Actor = "contact " + string(e.Contact)
	return true
}

// DisconnectRequested ends the integration. Uploads are those under way:
// a file of theirs may be on its way into the vault just now.
type DisconnectRequested struct {
	By      string
	Uploads []UploadID
}

func (DisconnectRequested) event() string                      { return "disconnect_requested" }
func (DisconnectRequested) relevance(it Integration) relevance { return whileConnected(it) }

func (e DisconnectRequested) apply(c *change) error {
	c.disconnect(e)
	return nil
}

func (e DisconnectRequested) record(_, _ Integration, line *Entry) bool {
	line.Actor = e.By
	return true
}

// Emptied tells of secrets that have left the vault.
type Emptied struct{ Uploads []UploadID }

func (Emptied) event() string                   { return "emptied" }
func (Emptied) relevance(Integration) relevance { return relevant }

func (e Emptied) apply(c *change) error {
	c.emptied(e)
	return nil
}

func (Emptied) record(_, _ Integration, _ *Entry) bool { return true }
