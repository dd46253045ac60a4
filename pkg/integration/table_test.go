package integration

import (
	"errors"
	"testing"
	"time"
)

// in brings an integration of a big fleet into the state, with the cause.
func in(t *testing.T, s State, why Reason) *life {
	t.Helper()
	l := newLife(t, "publish")
	switch s {
	case AwaitingKey:
		l.notices = nil
		return l
	case Active:
		l.accept(fine)
	case Suspect:
		l.accept(fine)
		l.now = l.it.Check.DueAt
		l.check(outcomeOf(why))
	case ActionRequired, Deactivated:
		l.accept(fine)
		if why == Reauthorisation {
			l.it.Access.Reauthorise = Reauthorise{Every: 20 * day, Enforce: true}
			l.now = l.it.ConfirmedAt.Add(19 * day)
			l.do(Tick{Fleet: big})
			l.now = l.it.ConfirmedAt.Add(20 * day)
			l.do(Tick{Fleet: big})
		} else {
			l.untilState(s, outcomeOf(why))
		}
	case Disconnected:
		l.accept(fine)
		l.do(DisconnectRequested{By: "support"})
	}
	l.inState(s, why)
	l.notices = nil
	return l
}

func outcomeOf(why Reason) Outcome {
	switch why {
	case NotAuthorized:
		return unauthorized
	case Agreement:
		return noAgreement
	default:
		return noMembership
	}
}

// repeated answers with the outcome at every due time for a day and a half,
// so that whatever can be confirmed is.
func (l *life) repeated(o Outcome) {
	end := l.now.Add(36 * time.Hour)
	for !l.it.Check.DueAt.IsZero() && l.it.Check.DueAt.Before(end) {
		l.now = l.it.Check.DueAt
		l.check(o)
	}
}

// TestStateTable is the design's table, cell by cell. Confirmed cells repeat
// the answer until it is believed.
func TestStateTable(t *testing.T) {
	const refused, absorbedBy = State("refused"), State("absorbed")
	for _, row := range []struct {
		state                                                                 State
		why                                                                   Reason
		accepted, acceptedBlocked, ok, rejected, blocked, rejected4, blocked3 State
	}{
		{AwaitingKey, "", Active, ActionRequired, refused, refused, refused, refused, refused},
		{Active, "", Active, ActionRequired, Active, Suspect, Suspect, Deactivated, ActionRequired},
		{Suspect, NotAuthorized, Active, ActionRequired, Active, Suspect, Suspect, Deactivated, ActionRequired},
		{Suspect, Agreement, Active, ActionRequired, Active, Suspect, Suspect, Deactivated, ActionRequired},
		{ActionRequired, Agreement, Active, ActionRequired, Active, ActionRequired, ActionRequired, Deactivated, ActionRequired},
		{ActionRequired, Membership, Active, ActionRequired, Active, ActionRequired, ActionRequired, Deactivated, ActionRequired},
		{Deactivated, NotAuthorized, Active, ActionRequired, Active, Deactivated, Deactivated, Deactivated, ActionRequired},
		{Deactivated, Reauthorisation, Active, ActionRequired, Deactivated, Deactivated, Deactivated, Deactivated, Deactivated},
		{Disconnected, "", refused, refused, absorbedBy, absorbedBy, absorbedBy, absorbedBy, absorbedBy},
	} {
		cells := []struct {
			name string
			want State
			run  func(l *life) error
		}{
			{"key accepted", row.accepted, func(l *life) error { return l.try(l.newKey(fine)) }},
			{"key accepted, agreement missing", row.acceptedBlocked, func(l *life) error { return l.try(l.newKey(noAgreement)) }},
			{"ok", row.ok, func(l *life) error { return l.tryCheck(fine) }},
			{"rejected", row.rejected, func(l *life) error { return l.tryCheck(unauthorized) }},
			{"blocked", row.blocked, func(l *life) error { return l.tryCheck(noAgreement) }},
			{"rejected, confirmed", row.rejected4, func(l *life) error { return l.tryRepeated(unauthorized) }},
			{"blocked, confirmed", row.blocked3, func(l *life) error { return l.tryRepeated(noAgreement) }},
		}
		for _, cell := range cells {
			t.Run(string(row.state)+" "+string(row.why)+"/"+cell.name, func(t *testing.T) {
				l := in(t, row.state, row.why)
				before := l.it
				err := cell.run(l)
				var te *TransitionError
				switch cell.want {
				case refused:
					if !errors.As(err, &te) || te.State != before.State {
						t.Fatalf("error is %v, want a TransitionError", err)
					}
				case absorbedBy:
					if err != nil || l.it.State != before.State || len(l.notices) > 0 {
						t.Fatalf("%v, state %s, notices %q", err, l.it.State, kinds(l.notices))
					}
				default:
					if err != nil || l.it.State != cell.want {
						t.Fatalf("state %s, error %v; want %s", l.it.State, err, cell.want)
					}
				}
			})
		}
		t.Run(string(row.state)+" "+string(row.why)+"/disconnect", func(t *testing.T) {
			l := in(t, row.state, row.why)
			l.do(DisconnectRequested{By: "support"})
			l.inState(Disconnected, "")
		})
		t.Run(string(row.state)+" "+string(row.why)+"/inconclusive", func(t *testing.T) {
			if row.state == AwaitingKey || row.state == Disconnected {
				return
			}
			l := in(t, row.state, row.why)
			l.repeated(outage)
			l.inState(row.state, row.why)
		})
	}
}

func (l *life) newKey(o Outcome) KeyAccepted {
	return KeyAccepted{Key: Key{Upload: "upl_new", KeyID: "NEWKEY0001"}, Outcome: o, Epoch: l.it.LinkEpoch}
}

func (l *life) try(ev Event) error {
	next, ns, err := Apply(l.it, ev, l.now)
	if err == nil {
		l.it, l.notices = next, append(l.notices, ns...)
	}
	return err
}

// tryCheck is a check as validate would do it, whatever the state.
func (l *life) tryCheck(o Outcome) error {
	var used UploadID
	if l.it.Key != nil {
		used = l.it.Key.Upload
		if err := l.try(CheckLeased{Check: "chk_try", Until: l.now.Add(time.Minute)}); err != nil {
			return err
		}
	}
	return l.try(Checked{Check: "chk_try", Used: used, Outcome: o, Fleet: l.fleet})
}

func (l *life) tryRepeated(o Outcome) error {
	if err := l.tryCheck(o); err != nil {
		return err
	}
	if l.it.Key != nil {
		l.repeated(o)
	}
	return nil
}

// TestEveryEventInEveryState: each pair is either taken or refused with a
// *TransitionError, and never panics, whatever the event carries.
func TestEveryEventInEveryState(t *testing.T) {
	events := []Event{
		Invited{}, LinksRevoked{}, KeyAccepted{}, WrongFile{}, KeyHeldElsewhere{}, UploadGivenUp{}, UploadWaits{}, CheckLeased{},
		CheckRequested{}, Checked{}, CertificatesLeased{}, CertificatesListed{}, CertificatesUnlisted{},
		CertificatePinned{}, Reauthorised{}, DisconnectRequested{}, Emptied{}, Tick{},
		KeyOfOtherTeam{}, TeamMoveAllowed{}, TeamMoveWithdrawn{},
	}
	// y: taken; -: a TransitionError; v: the link is void.
	want := map[State]string{
		Active:         "yyvyyyyyyyyyyyyyyyyyy",
		Suspect:        "yyvyyyyyyyyyyyyyyyyyy",
		ActionRequired: "yyvyyyyyyyyyyyyyyyyyy",
		Deactivated:    "yyvyyyyyyyyyyyyyyyyyy",
		Disconnected:   "-y-yyyy--y-yy--yyyy--",
	}
	want[AwaitingKey] = "yyyyyyy------y-yyyyyy"
	for _, s := range States() {
		why := map[State]Reason{Suspect: NotAuthorized, ActionRequired: Agreement, Deactivated: NotAuthorized}[s]
		for i, ev := range events {
			_, _, err := Apply(in(t, s, why).it, ev, start.Add(300*day))
			got := byte('y')
			if te := (*TransitionError)(nil); errors.As(err, &te) {
				got = '-'
			} else if errors.Is(err, ErrLinkVoid) {
				got = 'v'
			} else if err != nil {
				t.Errorf("%s in %s: %v", ev.event(), s, err)
			}
			if got != want[s][i] {
				t.Errorf("%s in %s: %c, want %c", ev.event(), s, got, want[s][i])
			}
		}
	}
}
