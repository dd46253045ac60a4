package operator

import (
	"strings"
	"testing"
	"time"

	"keyward/pkg/integration"
)

// TestEveryStateHasWords wants whole sentences for whatever can be.
func TestEveryStateHasWords(t *testing.T) {
	now := time.Date(2025, 11, 22, 9, 0, 0, 0, time.UTC)
	reasons := []integration.Reason{
		"", integration.NotAuthorized, integration.ForbiddenAtAll, integration.WrongProgram, integration.WrongKeyKind,
		integration.Reauthorisation, integration.Agreement, integration.Membership, integration.Role, integration.NoApps,
		integration.RateLimited, integration.Outage, integration.Timeout, integration.Nonsense, integration.VaultDown,
		integration.OurClock, integration.NotTheRole, "new_one",
	}
	for _, state := range integration.States() {
		for _, reason := range reasons {
			w := words(integration.Integration{State: state, Cause: reason, WrongFiles: 2, Told: integration.Told{Problem: reason, At: now, Reminded: 2}}, now)
			if w.State == "" || w.Tone == "" {
				t.Errorf("%s has no name or tone", state)
			}
			for _, sentence := range []string{w.Now, w.Next} {
				if !strings.HasSuffix(sentence, ".") || strings.Contains(sentence, "  ") {
					t.Errorf("%s, %s: %q", state, reason, sentence)
				}
			}
		}
	}
}

func TestWordsSayWhen(t *testing.T) {
	now := time.Date(2025, 11, 22, 9, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	for _, tt := range []struct {
		name, want string
		it         integration.Integration
	}{
		{"next check", "22 Nov 2025, 10:00 UTC", integration.Integration{State: integration.Active, Check: integration.CheckState{DueAt: later}}},
		{"check due", "due now", integration.Integration{State: integration.Active, Check: integration.CheckState{DueAt: now}}},
		{"link runs", "works until 22 Nov 2025, 10:00 UTC", integration.Integration{State: integration.AwaitingKey, Invitation: integration.Invitation{ExpiresAt: later}}},
		{"link ran out", "Issue a new one", integration.Integration{State: integration.AwaitingKey, Invitation: integration.Invitation{ExpiresAt: now}}},
		{"vault not empty", "One key is being deleted", integration.Integration{State: integration.Disconnected, Trash: []integration.Discarded{{KeyID: "ABCDE12345"}}}},
		{"two keys", "2 keys are being deleted", integration.Integration{State: integration.Disconnected, Trash: []integration.Discarded{{KeyID: "ABCDE12345"}, {KeyID: "ABCDE12346"}}}},
		{"a file may be under way", "in a few minutes", integration.Integration{State: integration.Disconnected, Trash: make([]integration.Discarded, 1)}},
		{"receipt owed", "receipt goes out", integration.Integration{State: integration.Disconnected, ReceiptOwed: true}},
		{"all done", "Nothing more happens", integration.Integration{State: integration.Disconnected}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := words(tt.it, now).Next; !strings.Contains(got, tt.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestHowFarAnUploadHasCome(t *testing.T) {
	now := time.Date(2025, 11, 22, 9, 0, 0, 0, time.UTC)
	tried := func(state integration.UploadState, diagnosis string) integration.Upload {
		return integration.Upload{State: state, Tries: 1, Attempts: []integration.Attempt{{At: now, State: state, Diagnosis: diagnosis}}}
	}
	waiting := tried(integration.UploadWaiting, "outage")
	again := waiting
	again.Tries, again.WaitFrom = 3, now.Add(-time.Hour)
	const outage = "Apple's servers don't work, or something in front of them answers."
	for _, tt := range []struct {
		want string
		u    integration.Upload
	}{
		{"No file has arrived. The form is open until 22 Nov 2025, 09:01 UTC.", integration.Upload{FormExpires: now.Add(time.Minute)}},
		{"No file arrived before the form ended on 22 Nov 2025, 09:00 UTC.", integration.Upload{FormExpires: now}},
		{"Waiting for Apple since 22 Nov 2025, 09:00 UTC; asked once. " + outage, waiting},
		{"Waiting for Apple since 22 Nov 2025, 08:00 UTC; asked 3 times. " + outage, again},
		{"Accepted on 22 Nov 2025, 09:00 UTC.", tried(integration.UploadAccepted, "")},
		{"Given up on 22 Nov 2025, 09:00 UTC: Apple gave no clear answer. " + outage, tried(integration.UploadExpired, "outage")},
		{"Refused on 22 Nov 2025, 09:00 UTC. The file's name shows another key ID than the one given.", tried(integration.UploadRefused, integration.RefusedName)},
	} {
		if got := uploadWords(tt.u, now); got != tt.want {
			t.Errorf("got  %q\nwant %q", got, tt.want)
		}
	}
}
