package demo

import (
	"context"
	"testing"
)

func TestTheStoryHoldsOnOneMachine(t *testing.T) {
	w, err := NewLocal(LocalConfig{Random: Seeded(1)})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r, err := Run(context.Background(), w, func(s Step) { t.Logf("%v %s: %s %v", s.At.Format("2 Jan 15:04"), s.Who, s.What, s.Mails) })
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", r.Integrations)
	t.Logf("%+v", r.Figures)
}
