package operator

import (
	"slices"
	"testing"
	"time"

	"keyward/pkg/integration"
	"keyward/pkg/wording"
)

// TestHowFarAnEMailHasCome, as it stands in support's list.
func TestHowFarAnEMailHasCome(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	ada, bob := integration.ContactID("con_ada"), integration.ContactID("con_bob")
	for _, tt := range []struct {
		want string
		n    integration.Notice
	}{
		{"pending", integration.Notice{Status: integration.Pending}},
		{"pending", integration.Notice{Status: integration.Pending, NotBefore: now}},
		{"held_back", integration.Notice{Status: integration.Pending, NotBefore: now.Add(time.Second)}},
		{"pending", integration.Notice{Status: integration.Sending, SentTo: ada}},
		{"pending", integration.Notice{Status: integration.Pending, SentTo: ada, Tried: []integration.ContactID{ada}}}, // bob is next
		{"sent", integration.Notice{Status: integration.Sent, SentTo: ada}},
		{"sent", integration.Notice{Status: integration.Sent, SentTo: bob, Tried: []integration.ContactID{ada}}},
		{"sent", integration.Notice{Status: integration.Sent, Audience: integration.ToSupport, Tried: []integration.ContactID{ada}}},
		{"bounced", integration.Notice{Status: integration.Sent, SentTo: ada, Tried: []integration.ContactID{ada}}},
		{"bounced", integration.Notice{Status: integration.Dropped, SentTo: bob, Tried: []integration.ContactID{ada, bob}}},
		{"dropped", integration.Notice{Status: integration.Dropped}},
	} {
		if got := viewNotice(tt.n, now).Delivery; got != tt.want {
			t.Errorf("%s, sent to %q, tried %v, not before %v: %s, want %s", tt.n.Status, tt.n.SentTo, tt.n.Tried, tt.n.NotBefore, got, tt.want)
		}
	}
}

// TestFilesUnderWay: what has arrived is never passed over.
func TestFilesUnderWay(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	waiting := []integration.WaitingFile{{Since: at, Reason: integration.Outage}}
	refused := integration.Refusal{At: at, Diagnosis: integration.RefusedName}
	for _, tt := range []struct {
		name string
		it   integration.Integration
		want string
	}{
		{"nothing came", integration.Integration{State: integration.AwaitingKey}, "No key file has arrived yet."},
		{"one waits", integration.Integration{State: integration.AwaitingKey, Waiting: waiting, Refused: refused},
			"A key file has been waiting for Apple since 24 Nov 2026, 10:00 UTC. Apple's servers don't work, or something in front of them answers."},
		{"two wait", integration.Integration{State: integration.AwaitingKey, Waiting: slices.Repeat(waiting, 2)},
			"A key file has been waiting for Apple since 24 Nov 2026, 10:00 UTC. Apple's servers don't work, or something in front of them answers. Another one is waiting too."},
		{"three wait", integration.Integration{State: integration.AwaitingKey, Waiting: slices.Repeat(waiting, 3)},
			"A key file has been waiting for Apple since 24 Nov 2026, 10:00 UTC. Apple's servers don't work, or something in front of them answers. 2 others are waiting too."},
		{"refused", integration.Integration{State: integration.AwaitingKey, Refused: refused, WrongFiles: 3},
			"The last key file was refused on 24 Nov 2026, 10:00 UTC. The file's name shows another key ID than the one given. 3 files have been refused in all."},
		{"a new one for a key that works", integration.Integration{State: integration.Active, Waiting: waiting},
			"The key works. A key file has been waiting for Apple since 24 Nov 2026, 10:00 UTC. Apple's servers don't work, or something in front of them answers."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := words(tt.it, at).Now; got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestEveryNeedHasWords(t *testing.T) {
	for _, n := range integration.Needs() {
		if w := needWords(n); w == wording.PlainKind(integration.NoticeKind(n)) {
			t.Errorf("%s has no words", n)
		}
	}
}
