package e2e

import (
	"strings"
	"testing"

	"keyward/infra/e2e/queues"
)

func TestPartialAnswers(t *testing.T) {
	batch := []queues.Message{{ID: "a"}, {ID: "b"}}
	tests := map[string]struct {
		partial bool
		answer  string
		failed  string
		ok      bool
	}{
		"nothing failed":     {true, `{"batchItemFailures":[]}`, "", true},
		"no answer":          {true, ``, "", true},
		"null":               {true, `null`, "", true},
		"one failed":         {true, `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, "b", true},
		"not asked for":      {false, `{"batchItemFailures":[{"itemIdentifier":"b"}]}`, "", true},
		"an unknown message": {true, `{"batchItemFailures":[{"itemIdentifier":"c"}]}`, "", false},
		"an empty name":      {true, `{"batchItemFailures":[{"itemIdentifier":""}]}`, "", false},
		"not JSON":           {true, `oops`, "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := &queueMapping{partial: tt.partial}
			failed, ok := m.failures([]byte(tt.answer), batch)
			if strings.Join(failed, " ") != tt.failed || ok != tt.ok {
				t.Errorf("got %q, %v", failed, ok)
			}
		})
	}
}
